"""What every source promises, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.integration.dataflow.conftest import World
from zhengtong.engines.dataflow.connectors.base import Phase, Source, Window, position
from zhengtong.engines.dataflow.connectors.files.reader import FileSource
from zhengtong.engines.dataflow.connectors.files.writer import FileWriter
from zhengtong.engines.dataflow.conversion import as_text
from zhengtong.engines.dataflow.errors import BadPlan, ExchangeFailure

ROWS = 250
KINDS = ("postgresql", "csv", "xlsx")


@dataclass
class Subject:
    """A source of ``ROWS`` rows, the order to read it in, and how to take it away."""

    source: Source
    order: tuple[str, ...]
    remove: Callable[[], object]


@pytest.fixture(params=KINDS)
def subject(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Subject:
    if request.param == "postgresql":
        world.fill(ROWS)
        return Subject(world.source, ("id",), lambda: world.sql("drop table dept.person"))
    path = tmp_path / f"person.{request.param}"
    frame = pl.DataFrame({"id": range(1, ROWS + 1)}).with_columns(
        name=pl.format("姓名{}", "id"), amount=pl.col("id") / 100, changed=pl.lit("2026-01-01")
    )
    with FileWriter(path, ["id", "name", "amount", "changed"]) as writer:
        writer.write(frame)
        writer.finish()
    source = FileSource.looked_at(path)
    return Subject(source, source.order, path.unlink)


def _read(subject: Subject, window: Window) -> pl.DataFrame | None:
    with subject.source.snapshot(subject.order) as snapshot:
        frames = list(snapshot.frames(window))
    return pl.concat(frames) if frames else None


def test_a_window_holds_every_row_once_and_in_order(subject: Subject) -> None:
    frame = _read(subject, Window())
    assert frame is not None
    assert frame.select(as_text(pl.col("id"), frame.schema["id"])).to_series().to_list() == [str(number) for number in range(1, ROWS + 1)]
    assert frame.get_column("name").to_list() == [f"姓名{number}" for number in range(1, ROWS + 1)]
    assert set(subject.source.columns) <= set(frame.columns)


@pytest.mark.parametrize("row", [0, 1, 99, ROWS - 2, ROWS - 1])
def test_reading_goes_on_strictly_after_any_place(subject: Subject, row: int) -> None:
    whole = _read(subject, Window())
    assert whole is not None
    rest = _read(subject, Window(after=position(whole, subject.order, row)))
    assert (0 if rest is None else rest.height) == ROWS - row - 1
    if rest is not None:
        assert rest.row(0) == whole.row(row + 1)


def test_the_count_is_that_of_the_rows(subject: Subject) -> None:
    with subject.source.snapshot(subject.order) as snapshot:
        for window in (Window(), Window(Phase.MISSING)):
            assert snapshot.count(window) == sum(frame.height for frame in snapshot.frames(window))


def test_an_unchanged_source_keeps_its_fingerprint(subject: Subject) -> None:
    prints = []
    for _ in range(2):
        with subject.source.snapshot(subject.order) as snapshot:
            prints.append(snapshot.fingerprint())
    assert prints[0] == prints[1]


def test_only_known_columns_can_order(subject: Subject) -> None:
    with pytest.raises(BadPlan):
        subject.source.snapshot(("nothing",))


def test_a_source_that_is_gone_is_a_failure_with_a_party(subject: Subject) -> None:
    subject.remove()
    with pytest.raises(ExchangeFailure) as failure:
        _read(subject, Window())
    assert (str(failure.value.party), bool(failure.value.remedy)) == ("provider", True)

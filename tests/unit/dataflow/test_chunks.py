"""Cutting loses nothing and parts no place; failures have a type and a party; counts add up."""

from __future__ import annotations

from itertools import pairwise

import adbc_driver_manager
import polars as pl
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.dataflow.chunks import cut
from zhengtong.engines.dataflow.errors import ExchangeFailure, NotReconciled, TerminalFailure, TransientFailure, classify
from zhengtong.engines.dataflow.reconcile import Counts, reconcile
from zhengtong.kernel.canonical import encode
from zhengtong.kernel.errors import Party


@given(st.lists(st.lists(st.integers(0, 6), max_size=12), max_size=8), st.integers(1, 9), st.integers(1, 200))
def test_cutting_loses_nothing_and_parts_no_place(batches: list[list[int]], rows: int, size: int) -> None:
    values = sorted(value for batch in batches for value in batch)
    frames, start = [], 0
    for batch in batches:
        frames.append(pl.DataFrame({"k": values[start : start + len(batch)]}, schema={"k": pl.Int64}))
        start += len(batch)
    pieces = [piece.get_column("k").to_list() for piece in cut(iter(frames), ["k"], rows=rows, size=size)]
    assert [value for piece in pieces for value in piece] == values
    assert all(left[-1] != right[0] for left, right in pairwise(pieces))
    assert all(pieces)


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(1, 9))
def test_without_places_a_piece_is_never_twice_too_long(heights: list[int], rows: int) -> None:
    frames = [pl.DataFrame({"k": range(height)}, schema={"k": pl.Int64}) for height in heights]
    pieces = list(cut(iter(frames), [], rows=rows, size=1 << 30))
    assert sum(piece.height for piece in pieces) == sum(heights)
    assert all(piece.height < 2 * rows for piece in pieces)


def test_a_frame_that_changes_a_column_to_text_is_joined() -> None:
    """A numeric column falls back to text where one value is not finite."""
    frames = [
        pl.DataFrame({"k": [1], "n": ["1.50"]}).with_columns(pl.col("n").cast(pl.Decimal(5, 2))),
        pl.DataFrame({"k": [2], "n": ["NaN"]}),
    ]
    (piece,) = cut(iter(frames), ["k"], rows=10, size=1 << 20)
    assert piece.get_column("n").to_list() == ["1.50", "NaN"]


def _adbc(state: str | None, kind: type[adbc_driver_manager.Error] = adbc_driver_manager.OperationalError) -> Exception:
    return kind("secret 110105", status_code=adbc_driver_manager.AdbcStatusCode.IO, sqlstate=state)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.SerializationFailure(), TransientFailure),
        (psycopg.errors.DeadlockDetected(), TransientFailure),
        (psycopg.errors.AdminShutdown(), TransientFailure),
        (psycopg.errors.QueryCanceled(), TransientFailure),
        (psycopg.errors.TooManyConnections(), TransientFailure),
        (psycopg.errors.DiskFull(), TransientFailure),
        (psycopg.errors.ReadOnlySqlTransaction(), TransientFailure),
        (psycopg.OperationalError("the connection is closed"), TransientFailure),
        (psycopg.OperationalError("FATAL:  the database system is starting up"), TransientFailure),
        (psycopg.OperationalError("FATAL:  sorry, too many clients already"), TransientFailure),
        (psycopg.OperationalError('FATAL:  password authentication failed for user "x"'), TerminalFailure),
        (psycopg.OperationalError('FATAL:  database "x" does not exist'), TerminalFailure),
        (psycopg.errors.UndefinedColumn(), TerminalFailure),
        (psycopg.errors.UndefinedTable(), TerminalFailure),
        (psycopg.errors.InsufficientPrivilege(), TerminalFailure),
        (psycopg.errors.UniqueViolation(), TerminalFailure),
        (psycopg.errors.InvalidTextRepresentation(), TerminalFailure),
        (psycopg.ProgrammingError("placeholder"), TerminalFailure),
        (_adbc(None), TransientFailure),
        (_adbc("40P01"), TransientFailure),
        (_adbc("42703", adbc_driver_manager.ProgrammingError), TerminalFailure),
        (_adbc("23505", adbc_driver_manager.IntegrityError), TerminalFailure),
    ],
    ids=lambda value: getattr(value, "sqlstate", None) or str(getattr(value, "__name__", value))[:40],
)
@pytest.mark.parametrize("party", list(Party))
def test_what_may_pass_by_itself_and_what_somebody_must_mend(error: Exception, kind: type[ExchangeFailure], party: Party) -> None:
    failure = classify(error, party)
    assert isinstance(failure, kind)
    assert failure.party is party
    assert failure.remedy
    assert "110105" not in f"{failure}{failure.as_dict()}"


def test_a_failure_stays_what_it_is() -> None:
    failure = NotReconciled("x")
    assert classify(failure, Party.CLIENT) is failure


def test_counts_that_differ_are_no_finished_run() -> None:
    good = Counts(read=5, inserted=1, updated=1, unchanged=1, quarantined=1, duplicates=1)
    reconcile(read=5, counted=5, journal=good, run=good)
    assert (good + good).read == 10
    for wrong in (
        {"read": 4, "counted": 5, "journal": good, "run": good},
        {"read": 5, "counted": 5, "journal": good + good, "run": good},
        {"read": 5, "counted": 5, "journal": Counts(read=1), "run": Counts(read=1)},
    ):
        with pytest.raises(NotReconciled):
            reconcile(**wrong)
    assert encode(good.as_dict())

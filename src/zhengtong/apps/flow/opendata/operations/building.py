"""
Read a dataset's rows at one snapshot, measure them, and make a version if they are to be published and changed.

The worker may be killed at any instant. Rows and files are made in a folder of the build's own; a version appears in the one transaction
that names its files, so until then the old one stands, and what a killed build left lies unnamed until the next build sweeps it away.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import structlog
from django.db import transaction
from django.db.models import F

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata.models import Build, Dataset
from zhengtong.apps.flow.opendata.operations import comparing, delivered, filing, outcomes, tabling
from zhengtong.apps.flow.opendata.operations.filing import Made
from zhengtong.apps.flow.opendata.rules import formats, gates
from zhengtong.apps.flow.opendata.rules import place as places
from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.geojson import MOST_AREAS, point, write_geojson
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import OPEN_BUILDS, ROW_FORMS, BuildKind, BuildState, Form
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import GrantedItem, Mask
from zhengtong.engines.rowquery.table import Table
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Party, Unavailable, ZhengtongError
from zhengtong.toolkit.locks import alone

log = structlog.get_logger()
#: how often a build that is at work says so; a small one is done before
_BEAT = timedelta(seconds=1)
#: reading and measuring count as much as this many forms
_READING, _MEASURING, _TABLING = 2, 1, 2


class BuildBroken(Unavailable):
    """平台出错,没有生成;已记录,数据再次归集后会重试。"""

    code = "build-broken"


class CountsDiffer(Unavailable):
    """各格式的行数不一致,没有发布。"""

    code = "counts-differ"
    party = Party.PLATFORM


def carry_out(build_id: uuid.UUID) -> BuildState:
    """Carry out a build in this process, unless another process is at work on the same dataset."""
    dataset_id = Build.objects.values_list("dataset_id", flat=True).get(pk=build_id)
    with alone(f"opendata:{dataset_id}") as mine:
        waiting = Build.objects.filter(pk=build_id, state__in=OPEN_BUILDS)
        if not mine:
            # whoever holds the lock lives, however long a step of theirs takes
            waiting.update(state=BuildState.RUNNING, beat_at=clock.now())
        elif waiting.update(
            state=BuildState.RUNNING, started_at=clock.now(), beat_at=clock.now(), attempts=F("attempts") + 1, progress=0, failure={}
        ):
            return _carried_out(build_id)
        return BuildState(Build.objects.values_list("state", flat=True).get(pk=build_id))


def _carried_out(build_id: uuid.UUID) -> BuildState:
    build = Build.objects.select_related("dataset__resource__office", "dataset__current").get(pk=build_id)
    try:
        with tempfile.TemporaryDirectory(prefix="opening-") as folder:
            return _build(build, Path(folder))
    except ZhengtongError as exc:
        return outcomes.failed(build, exc, now=clock.now())
    except Exception as exc:
        log.exception("build broke", build=str(build_id), error=type(exc).__name__)
        return outcomes.failed(build, BuildBroken(), now=clock.now())


def work_off(number: int) -> None:
    """Carry out the builds of a dataset that wait, in this process, for the command line."""
    for build_id in Build.objects.filter(dataset=number, state__in=OPEN_BUILDS).values_list("pk", flat=True):
        carry_out(build_id)


def _build(build: Build, folder: Path) -> BuildState:
    row = build.dataset
    _note_reading(row, build)
    steps = _READING + _MEASURING + (len(_forms(row)) + _TABLING if build.kind == BuildKind.PUBLISH else 0)
    reading = _read(build, folder, steps)
    updated_on, today = clock.local_date(reading.data_at), clock.local_date(clock.now())
    cycle = reading.resource.content.update_cycle
    declared = places.declared(row.place)
    found = gates.measure(reading.sheet, quasi=row.quasi, cycle=cycle, updated_on=updated_on, today=today, place=declared)
    if isinstance(declared, places.Area) and reading.sheet.rows:
        found += places.unknown_regions(reading.sheet, declared, reading.codes, organisations.known_regions(reading.codes))
    found += delivered.file_findings(row, reading.sheet)
    found += comparing.near_duplicates(row, reading.sheet, folder)
    found += delivered.fragments_of(row, reading.sheet)
    if build.kind == BuildKind.MEASURE:
        return outcomes.measured(build, reading.sheet.rows, found, reading.data_at, now=clock.now())
    if outcomes.holds(row, found):
        return outcomes.blocked(build, reading.sheet.rows, found, reading.data_at, now=clock.now())
    return _publish(build, reading, found, steps)


def _forms(row: Dataset) -> list[Form]:
    """The forms that a version of a dataset comes in."""
    return [form for form in ROW_FORMS if form is not Form.GEOJSON or row.place]


def _note_reading(row: Dataset, build: Build) -> None:
    with transaction.atomic(durable=True):
        security.record(
            "opendata:rows:read",
            at=clock.now(),
            actor="process:worker",
            office=row.resource.office.code,
            provider=row.resource.office.code,
            resource=row.resource.code or "",
            items=tuple(item["key"] for item in row.items),
            detail={"dataset": row.pk, "build": str(build.pk), "for": build.kind},
        )


def _beat(build: Build, before: int, weight: int, steps: int, *, expected: int) -> Callable[[int], None]:
    """What a step calls with the rows it has done: progress, and the sign of life, once in a while."""

    def told(rows: int) -> None:
        now = clock.now()
        if build.beat_at is not None and now - build.beat_at < _BEAT:
            return
        build.beat_at = now
        part = min(rows / expected, 1.0) if expected else 0.0
        done = int(1000 * (before + weight * part) / steps)
        Build.objects.filter(pk=build.pk).update(progress=min(done, 1000), beat_at=now)

    return told


def _read(build: Build, folder: Path, steps: int) -> Made:
    """The rows as Parquet, read in one statement."""
    row = build.dataset
    resource = catalog.resource(row.resource_id)
    items = tuple(GrantedItem(item["key"], Mask(item["mask"])) for item in row.items)
    snapshot = exchange.snapshot(resource, items)
    told = _beat(build, 0, _READING, steps, expected=snapshot.expected)
    place = folder / "data.parquet"
    rows = 0
    schema = pl.DataFrame(schema=snapshot.schema).to_arrow().schema
    with pq.ParquetWriter(place, schema, compression="zstd") as writer:
        for frame in snapshot.frames:
            writer.write_table(frame.to_arrow().cast(schema))
            rows += frame.height
            told(rows)
    content = {item.key: item for item in resource.content.items}
    columns = tuple(
        Column(
            key=item.key,
            name=content[item.key].name,
            data_type=content[item.key].data_type,
            length=content[item.key].length,
            is_key=item.key in snapshot.unique,
            sensitivity=content[item.key].sensitivity,
            mask=str(item.mask),
            description=content[item.key].description,
        )
        for item in items
    )
    sheet = Sheet(pl.scan_parquet(place), columns, rows)
    declared = places.declared(row.place)
    counted = places.codes(sheet, declared) if isinstance(declared, places.Area) else {}
    outlines = organisations.outlines_of(counted) if len(counted) <= places.MOST_CODES else {}
    return Made(folder, sheet, snapshot.unique, snapshot.landed_at, resource, {}, "", counted, outlines)


def _publish(build: Build, reading: Made, found: list[Finding], steps: int) -> BuildState:
    """CSV first: it decides whether the content changed at all."""
    before = _READING + _MEASURING
    _write(Form.CSV, build, reading, before, steps)
    content = filing.content_of(reading.sheet, reading.folder / "data.csv")
    current = build.dataset.current
    if current is not None and current.content == content and current.facts == filing.facts_of(build.dataset, reading.resource):
        table = None if hasattr(current, "table") else _tabled(build, reading, before + 1, steps)
        return outcomes.unchanged(build, reading.sheet.rows, found, reading.data_at, table, now=clock.now())
    reading.written[Form.PARQUET] = formats.Written(pq.read_metadata(reading.folder / "data.parquet").num_rows)
    for place, form in enumerate((one for one in _forms(build.dataset) if one not in {Form.CSV, Form.PARQUET}), start=1):
        _write(form, build, reading, before + place, steps)
    counts = {form: written.rows for form, written in reading.written.items()}
    if set(counts.values()) != {reading.sheet.rows}:
        log.error("counts differ", build=str(build.pk), counts={str(form): rows for form, rows in counts.items()})
        raise CountsDiffer
    table = _tabled(build, reading, steps - _TABLING, steps)
    return outcomes.published(build, replace(reading, content=content), found, table, now=clock.now())


def _tabled(build: Build, reading: Made, before: int, steps: int) -> Table:
    return tabling.loaded(build, reading, _beat(build, before, _TABLING, steps, expected=reading.sheet.rows))


def _write(form: Form, build: Build, reading: Made, before: int, steps: int) -> None:
    told = _beat(build, before, 1, steps, expected=reading.sheet.rows)
    path, declared = reading.folder / f"data.{form.value}", places.declared(build.dataset.place)
    if form is Form.GEOJSON and declared:
        reading.written[form] = write_geojson(reading.sheet, path, told, declared, _shapes(reading))
    else:
        reading.written[form] = formats.WRITERS[form](reading.sheet, path, told)


def _shapes(reading: Made) -> dict[str, str]:
    """The geometry of each code of a region as JSON text: its area, in a long file a point inside of it."""
    if reading.sheet.rows > MOST_AREAS:
        return {code: point(*one.middle) for code, one in reading.outlines.items()}
    return {code: json.dumps(one.drawn, separators=(",", ":")) for code, one in reading.outlines.items()}

"""The files of a version in the file store, with their manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.core.files.base import File
from django.core.files.storage import default_storage

from zhengtong.apps.flow.opendata.models import Build, Dataset, DatasetVersion, VersionFile
from zhengtong.apps.flow.opendata.queries import access
from zhengtong.apps.flow.opendata.rules import delta, formats, profiling
from zhengtong.apps.flow.opendata.rules.findings import Finding, Passed
from zhengtong.apps.flow.opendata.rules.geojson import MOST_AREAS
from zhengtong.apps.flow.opendata.rules.place import Area, declared, measured, measured_areas
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import FILE_NAMES, LICENCES, MEDIA_TYPES, ROW_FORMS, Form
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import canonical
from zhengtong.toolkit import csv_text

#: the folder of the file store that is ours alone
STORE = "opendata"
_DICTIONARY_HEAD = ("key", "name", "type", "length", "is_key", "mask", "description")
MANIFEST_FORMAT = "zhengtong-dataset/1"


@dataclass(frozen=True)
class Made:
    """Rows as they were read and written, in a folder that goes away."""

    folder: Path
    sheet: Sheet
    keys: tuple[str, ...]
    data_at: datetime
    resource: catalog.ResourceView
    written: dict[Form, formats.Written]
    content: str
    #: of rows that lie in regions: how many have each code, and where those regions are that have an outline
    codes: Mapping[str, int] = field(default_factory=dict)
    outlines: Mapping[str, organisations.OutlineView] = field(default_factory=dict)


@dataclass
class Filed:
    """A version and its files, not saved so far."""

    version: DatasetVersion
    rows: list[VersionFile] = field(default_factory=list)


def facts_of(row: Dataset, resource: catalog.ResourceView) -> dict[str, str]:
    """What a version says about itself besides its rows."""
    names = ("title", "summary", "theme", "licence", "attribution", "contact")
    own = {name: str(getattr(row, name)) for name in names}
    whose = {"office": resource.office, "office_name": resource.office_name, "region": resource.region}
    terms = {access.OPENNESS: access.CONDITIONAL} if row.conditional else {}
    return own | whose | terms | {"resource": resource.code, "update_cycle": resource.content.update_cycle, **row.place}


def content_of(sheet: Sheet, csv: Path) -> str:
    """SHA-256 of the rows as CSV and of what the columns are."""
    digest = hashlib.sha256(canonical.encode([asdict(column) for column in sheet.columns]))
    with csv.open("rb") as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def filed(build: Build, made: Made, passed: list[Passed], found: list[Finding], *, now: datetime) -> Filed:
    """Put every file of a new version into the store; nothing names them so far."""
    row, before = build.dataset, build.dataset.current
    _sweep(row)
    # what applicants alone may have is not told to everybody by the difference either
    shown = before if before is None or row.conditional or access.made_for_all(before.facts) else None
    counts = _delta(shown, made)
    _write_dictionary(made)
    version = DatasetVersion(
        dataset=row,
        number=(before.number if before else 0) + 1,
        made_at=now,
        data_at=made.data_at,
        rows=made.sheet.rows,
        content=made.content,
        facts=facts_of(row, made.resource),
        columns=[asdict(column) for column in made.sheet.columns],
        keys=list(made.keys),
        profile=profiling.profile(made.sheet),
        preview=profiling.preview(made.sheet),
        place=_placed(row, made),
        passed=_passed(found, passed),
        delta=counts,
    )
    result = Filed(version)
    for form in (*(one for one in ROW_FORMS if one in made.written), Form.DICTIONARY, *([Form.DELTA] if counts else [])):
        rows = made.written[form].rows if form in made.written else None
        result.rows.append(_stored(build, made.folder / FILE_NAMES[form], form, rows))
    manifest = made.folder / FILE_NAMES[Form.MANIFEST]
    manifest.write_text(json.dumps(_manifest(version, result.rows, made), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    result.rows.append(_stored(build, manifest, Form.MANIFEST, None))
    return result


def _placed(row: Dataset, made: Made) -> dict[str, Any]:
    """How many rows lie somewhere, and where; nothing where no place is declared."""
    place = declared(row.place)
    if isinstance(place, Area):
        return measured_areas(made.codes, {code: one.bbox for code, one in made.outlines.items()})
    return measured(made.sheet, place) if place else {}


def _passed(found: Iterable[Finding], passed: list[Passed]) -> list[dict[str, Any]]:
    kept = []
    for finding in found:
        one = next((two for two in passed if two.covers(finding)), None)
        if one is not None:
            kept.append({"gate": finding.gate, "column": finding.column, "count": finding.count, "reason": one.reason})
    return kept


def _stored(build: Build, path: Path, form: Form, rows: int | None) -> VersionFile:
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        name = default_storage.save(f"{STORE}/{build.dataset_id}/{build.pk}/{path.name}", File(source))
    return VersionFile(form=form, stored=name, size=path.stat().st_size, sha256=digest, rows=rows)


def _write_dictionary(made: Made) -> None:
    lines = [(one.key, one.name, one.data_type, one.length, one.is_key, one.mask, one.description) for one in made.sheet.columns]
    (made.folder / FILE_NAMES[Form.DICTIONARY]).write_bytes(csv_text.MARK + csv_text.encode([_DICTIONARY_HEAD, *lines]))


def _delta(before: DatasetVersion | None, made: Made) -> dict[str, int]:
    """What differs from the version before, as a file and as counts; nothing for the first version."""
    kept = before.files.filter(form=Form.PARQUET).first() if before else None
    if before is None or kept is None:
        return {}
    earlier = made.folder / "before.parquet"
    with default_storage.open(kept.stored, "rb") as source, earlier.open("wb") as out:
        shutil.copyfileobj(source, out)
    keys = made.keys if list(made.keys) == before.keys else ()
    counts = delta.write_delta(pl.scan_parquet(earlier), made.sheet.frame, keys, made.folder / FILE_NAMES[Form.DELTA])
    return asdict(counts)


def _manifest(version: DatasetVersion, files: list[VersionFile], made: Made) -> dict[str, Any]:
    licence = LICENCES[version.facts["licence"]]
    sheets = made.written[Form.XLSX].sheets
    notes = {
        Form.CSV: "text that begins like a formula has an apostrophe in front",
        Form.XLSX: "text that begins like a formula has an apostrophe in front"
        + (f"; the rows go on over {sheets} worksheets, because one holds {formats.SHEET_ROWS}" if sheets > 1 else ""),
        Form.JSON: "decimals are texts",
        Form.GEOJSON: "decimals are texts in properties; rows without a place have null geometry"
        + (f"; rows of a region have its outline, thinned out; above {MOST_AREAS} rows a point inside of it" if made.codes else ""),
    }
    return {
        "format": MANIFEST_FORMAT,
        "dataset": version.dataset_id,
        "version": version.number,
        "title": version.facts["title"],
        "publisher": {"code": version.facts["office"], "name": version.facts["office_name"]},
        "licence": {"name": licence.name, "url": licence.url},
        "attribution": version.facts["attribution"],
        "resource": version.facts["resource"],
        "made": version.made_at.isoformat(),
        "data": version.data_at.isoformat(),
        "rows": version.rows,
        "content": version.content,
        "key": version.keys,
        "delta": version.delta,
        **({"place": {**build_place, **_told(version)}} if (build_place := _declared(version)) else {}),
        "passed": version.passed,
        "files": [
            {
                "name": FILE_NAMES[Form(one.form)],
                "type": MEDIA_TYPES[Form(one.form)],
                "bytes": one.size,
                "sha256": one.sha256,
                **({"rows": one.rows} if one.rows is not None else {}),
                **({"note": notes[Form(one.form)]} if Form(one.form) in notes else {}),
            }
            for one in files
        ],
    }


def _declared(version: DatasetVersion) -> dict[str, str]:
    """The place that the version declares, in English for machines."""
    place = declared(version.facts)
    return place.document() if place else {}


def _told(version: DatasetVersion) -> dict[str, Any]:
    return {name: value for name, value in version.place.items() if name != "codes"}


def _sweep(row: Dataset) -> None:
    """Remove what killed builds left behind: folders that no file of a version lies in."""
    home = f"{STORE}/{row.pk}"
    if not default_storage.exists(home):
        return
    named = {stored.split("/")[2] for stored in VersionFile.objects.filter(version__dataset=row).values_list("stored", flat=True)}
    for folder in default_storage.listdir(home)[0]:
        if folder not in named:
            for name in default_storage.listdir(f"{home}/{folder}")[1]:
                default_storage.delete(f"{home}/{folder}/{name}")
            default_storage.delete(f"{home}/{folder}")

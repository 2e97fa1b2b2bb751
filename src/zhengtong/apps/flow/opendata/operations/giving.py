"""
The files of a grant: the granted columns of the present version, made for each taking, marked with the grant's number.

Nothing of them is kept, so that there is nothing to be forgotten when a grant ends. The trace is written before a byte leaves.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow.parquet as pq
from django.core.files.storage import default_storage
from django.db import transaction

from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion
from zhengtong.apps.flow.opendata.operations import counting, keys
from zhengtong.apps.flow.opendata.operations.keys import Admission
from zhengtong.apps.flow.opendata.queries.openings import DatasetUnknown
from zhengtong.apps.flow.opendata.rules import formats
from zhengtong.apps.flow.opendata.rules.sheet import BATCH, Column, Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import FILE_NAMES, MEDIA_TYPES, Form
from zhengtong.apps.foundation.security import api as security

#: what a holder may take
GRANTED_FORMS = (Form.CSV, Form.PARQUET, Form.MANIFEST)
_MARK = "\ufeff".encode()
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Given:
    """A file made for one taking: open, to be read and closed, of no name on the disk."""

    source: BinaryIO
    size: int
    name: str
    media_type: str


def give(*, key: str, number: int, name: str, now: datetime) -> Given:
    """
    A file of a dataset for whoever holds a key of a grant.

    :raises KeyRefused: if the key does not work here.
    :raises GrantStopped: if the grant does not hold now.
    :raises DatasetGone: if the dataset is not open now.
    :raises DatasetUnknown: if there is no such file.
    :raises TooMany: if the key was used up for today.
    """
    admitted = keys.admit(key, number, now=now)
    form = next((one for one in GRANTED_FORMS if FILE_NAMES[one] == name), None)
    row = Dataset.objects.select_related("current", "resource__office").get(pk=number)
    if form is None or row.current is None or not admitted.items:
        raise DatasetUnknown
    counting.spend(f"key:{admitted.key}", "download", now=now)
    _trace(row, row.current, admitted, form, now)
    with tempfile.TemporaryDirectory(prefix="granted-") as folder:
        path = _made(Path(folder), row.current, admitted, form)
        source = path.open("rb")
        return Given(source, path.stat().st_size, name, MEDIA_TYPES[form])


def _trace(row: Dataset, version: DatasetVersion, admitted: Admission, form: Form, now: datetime) -> None:
    with transaction.atomic(durable=True):
        security.record(
            "opendata:granted:read",
            at=now,
            actor=f"key:{admitted.key}",
            provider=row.resource.office.code,
            resource=row.resource.code or "",
            grant=admitted.grant,
            channel="download",
            items=admitted.items,
            rows=version.rows if form is not Form.MANIFEST else 0,
            detail={"dataset": row.pk, "version": version.number, "form": str(form)},
        )


def _made(folder: Path, version: DatasetVersion, admitted: Admission, form: Form) -> Path:
    stored = version.files.get(form=Form.PARQUET).stored
    whole = folder / "whole.parquet"
    with default_storage.open(stored, "rb") as source, whole.open("wb") as out:
        shutil.copyfileobj(source, out, _BLOCK)
    columns = tuple(Column(**one) for one in version.columns if one["key"] in admitted.items)
    sheet = Sheet(pl.scan_parquet(whole).select([one.key for one in columns]), columns, version.rows)
    wanted = [Form.CSV, Form.PARQUET] if form is Form.MANIFEST else [form]
    paths = {one: _written(folder, sheet, one, mark(admitted, version)) for one in wanted}
    return _manifest(folder, version, admitted, paths) if form is Form.MANIFEST else paths[form]


def mark(admitted: Admission, version: DatasetVersion) -> str:
    """The line by which a copy is known: whose grant it came from, and of what."""
    return f"zhengtong grant {admitted.grant}; dataset {version.dataset_id} v{version.number}; agreement {admitted.agreement_hash}"


def _written(folder: Path, sheet: Sheet, form: Form, line: str) -> Path:
    path = folder / FILE_NAMES[form]
    if form is Form.PARQUET:
        schema = pl.DataFrame(schema=sheet.frame.collect_schema()).to_arrow().schema
        marked = schema.with_metadata({b"zhengtong.grant": line.encode()})
        with pq.ParquetWriter(path, marked, compression="zstd") as writer:
            for batch in sheet.batches():
                writer.write_table(batch.to_arrow().cast(marked), row_group_size=BATCH)
        return path
    plain = folder / "plain.csv"
    formats.write_csv(sheet, plain, lambda _rows: None)
    with plain.open("rb") as source, path.open("wb") as out:
        head = source.read(len(_MARK))
        out.write(_MARK + f"# {line}\n".encode())
        out.write(b"" if head == _MARK else head)
        shutil.copyfileobj(source, out, _BLOCK)
    return path


def _manifest(folder: Path, version: DatasetVersion, admitted: Admission, paths: dict[Form, Path]) -> Path:
    files = []
    for form, path in paths.items():
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
        files.append({"name": path.name, "type": MEDIA_TYPES[form], "bytes": path.stat().st_size, "sha256": digest, "rows": version.rows})
    document = {
        "format": "zhengtong-granted/1",
        "grant": admitted.grant,
        "agreement": admitted.agreement_hash,
        "dataset": version.dataset_id,
        "version": version.number,
        "title": version.facts["title"],
        "items": list(admitted.items),
        "rows": version.rows,
        "mark": mark(admitted, version),
        "note": "the first line of the CSV file is a comment that names the grant",
        "files": files,
    }
    path = folder / FILE_NAMES[Form.MANIFEST]
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path

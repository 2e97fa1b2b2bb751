"""Compare rows that are to be opened with what is open already."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import structlog
from django.core.files.storage import default_storage

from zhengtong.apps.flow.opendata.models import Dataset
from zhengtong.apps.flow.opendata.rules import likeness
from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import Form, State

log = structlog.get_logger()
#: datasets of the same columns that are read, the newest first: a city has few
_MOST = 5


def near_duplicates(row: Dataset, sheet: Sheet, folder: Path) -> list[Finding]:
    """The open dataset with all of these columns that has most of these rows, if one has."""
    wanted = [{"name": column.name} for column in sheet.columns]
    others = Dataset.objects.filter(state=State.OPEN, current__columns__contains=wanted).exclude(pk=row.pk)
    best: tuple[int, str] = (0, "")
    for other in others.select_related("current").order_by("-published_at")[:_MOST]:
        version = other.current
        kept = version.files.filter(form=Form.PARQUET).first() if version else None
        if version is None or kept is None:
            continue
        there = {column["name"]: column["key"] for column in version.columns}
        path = folder / "other.parquet"
        try:
            with default_storage.open(kept.stored, "rb") as source, path.open("wb") as out:
                shutil.copyfileobj(source, out)
        except FileNotFoundError:
            # another dataset's lost file, which its score tells of, does not keep this one from being opened
            log.error("file of an open dataset is gone", dataset=other.pk, stored=kept.stored)  # noqa: TRY400 - nothing failed here
            continue
        names = {column.key: there[column.name] for column in sheet.columns}
        best = max(best, (likeness.alike(sheet, pl.scan_parquet(path), names), version.facts["title"]))
    found = likeness.finding(sheet, *best)
    return [found] if found else []

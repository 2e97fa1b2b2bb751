"""Count the rows of datasets by the regions they lie in, for the map of the region on the front page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl
from django.core.files.storage import default_storage
from django.db import transaction

from zhengtong.apps.flow.opendata.models import Dataset, DatasetRegion, VersionFile
from zhengtong.apps.flow.opendata.queries.access import open_rows
from zhengtong.apps.flow.opendata.rules.place import MOST_CODES, Area, Place, codes, declared, placed
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import Form
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.geography import outlines

_BATCH = 100_000


def counted(frame: pl.LazyFrame, facts: Mapping[str, Any]) -> dict[str, int]:
    """
    How many rows lie in each region that has an outline, by its code; a row counts for its region and for those above it.

    :param facts: what the dataset says of its place, as ``rules.place.declared`` reads it.
    """
    place = declared(facts)
    if isinstance(place, Area):
        return _by_code(codes(Sheet(frame, (), 0), place))
    return _by_point(frame, place) if place else {}


def _by_code(by_code: Mapping[str, int]) -> dict[str, int]:
    if len(by_code) > MOST_CODES:
        return {}
    found = Counter[str]()
    for level in organisations.outline_levels():
        for code, outline in organisations.outlines_of(by_code, level=level).items():
            found[outline.code] += by_code[code]
    return dict(found)


def _by_point(frame: pl.LazyFrame, place: Place) -> dict[str, int]:
    there = frame.filter(placed(place)).select(x=pl.col(place.longitude).cast(pl.Float64), y=pl.col(place.latitude).cast(pl.Float64))
    box = there.select(pl.col("x").min(), pl.col("y").min(), b=pl.col("x").max(), c=pl.col("y").max()).collect().row(0)
    if box[0] is None:
        return {}
    views = [one for level in organisations.outline_levels() for one in organisations.outlines_at(level, within=box)]
    areas = {one.code: outlines.area_of(one.drawn) for one in views}
    found = Counter[str]()
    points = there.collect()
    for start in range(0, points.height, _BATCH):
        part = points[start : start + _BATCH]
        found.update(dict(outlines.lying(areas, part["x"].to_numpy(), part["y"].to_numpy())))
    return dict(found)


def keep(row: Dataset, regions: Mapping[str, int]) -> None:
    """Write down where the rows of a dataset lie, in the caller's transaction; nothing for one whose rows go to applicants alone."""
    DatasetRegion.objects.filter(dataset=row).delete()
    levels = organisations.region_levels(regions)
    DatasetRegion.objects.bulk_create(
        [DatasetRegion(dataset=row, region_id=code, level=levels[code], rows=rows) for code, rows in regions.items() if code in levels]
    )


def relocate_all() -> int:
    """Count anew for every dataset open to all that has a place, after outlines changed; returns how many."""
    done = 0
    for number in open_rows().exclude(place={}).values_list("pk", flat=True):
        done += _relocated(number)
    return done


def _relocated(number: int) -> bool:
    row = open_rows().select_related("current").filter(pk=number).first()
    kept = VersionFile.objects.filter(version=row.current, form=Form.PARQUET).first() if row else None
    if row is None or kept is None or row.current is None:
        return False
    with default_storage.open(kept.stored, "rb") as source:
        regions = counted(pl.scan_parquet(source), row.current.facts)
    with transaction.atomic():
        # a version that was made meanwhile has counted for itself
        locked = open_rows().select_for_update(of=("self",)).filter(pk=number, current=row.current_id).first()
        if locked is None:
            return False
        keep(locked, regions)
    return True

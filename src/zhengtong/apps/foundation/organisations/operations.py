"""Writes of regions and offices; every one stands in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.organisations import rules
from zhengtong.apps.foundation.organisations.models import (
    Office,
    OfficeName,
    OutlineLoad,
    RefusedOutline,
    RefusedRegion,
    Region,
    RegionLoad,
    RegionOutline,
)
from zhengtong.apps.foundation.organisations.queries import OfficeUnknown, OfficeView
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.geography import outlines
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outbox import api as outbox

#: Told to the outbox with ``{"office": code}`` in the transaction that changed the office's names, end or successor.
OFFICE_CHANGED = "organisations:office-changed"
#: Told to the outbox with ``{"load": id}`` in the transaction that changed outlines of regions.
OUTLINES_CHANGED = "organisations:outlines-changed"
_BATCH = 2000


class OfficeExists(Conflict):
    """该统一社会信用代码的单位已经登记。"""

    code = "office-exists"


@transaction.atomic
def load_regions(rows: Iterable[tuple[str, str]], *, actor: Actor | str, now: datetime) -> int:
    """
    Add or rename divisions from (code, name) pairs, parents before children; returns how many rows were given.

    :raises Invalid: for a code of another length or without its parent.
    :raises NotRegistrar: if an official without the duty tries.
    """
    label = rules.registrar(actor)
    known = set(Region.objects.values_list("code", flat=True))
    batch: list[Region] = []
    count = 0
    for code, name in rows:
        level, parent = rules.LEVEL_OF_LENGTH.get(len(code)), rules.parent_code(code)
        if level is None or not code.isdigit():
            raise Invalid(say("区划代码 {code} 不是 2、4、6、9 或 12 位数字", code=code), field="code")
        if parent and parent not in known:
            raise Invalid(say("区划 {code} 的上级 {parent} 不存在", code=code, parent=parent), field="code", remedy="先导入上级区划")
        known.add(code)
        batch.append(Region(code=code, name=name, level=level, parent_id=parent or None))
        count += 1
        if len(batch) >= _BATCH:
            _upsert_regions(batch)
            batch = []
    _upsert_regions(batch)
    security.record("organisations:regions:loaded", at=now, actor=label, rows=count)
    return count


@transaction.atomic
def take_regions(rows: Iterable[tuple[int, str, str]], *, actor: Actor | str, now: datetime) -> int:
    """
    Add or rename divisions from (line, code, name) rows of a file, keep those that break a rule in quarantine; returns the load's id.

    :raises NotRegistrar: if an official without the duty tries.
    """
    label = rules.registrar(actor)
    known = dict(Region.objects.values_list("code", "name"))
    taken, refused = rules.sift_regions(rows, set(known))
    changed = {code: name for code, name in taken.items() if known.get(code) != name}
    regions = [
        Region(code=code, name=name, level=rules.LEVEL_OF_LENGTH[len(code)], parent_id=rules.parent_code(code) or None)
        for code, name in changed.items()
    ]
    for start in range(0, len(regions), _BATCH):
        _upsert_regions(regions[start : start + _BATCH])
    load = RegionLoad.objects.create(
        at=now,
        by=label,
        given=len(taken) + len(refused),
        written=len(changed),
        unchanged=len(taken) - len(changed),
        refused=len(refused),
    )
    RefusedRegion.objects.bulk_create(
        [RefusedRegion(load=load, line=one.line, code=one.code, name=one.name, rule=one.rule) for one in refused], batch_size=_BATCH
    )
    security.record(
        "organisations:regions:loaded", at=now, actor=label, rows=len(changed), detail={"load": load.pk, "refused": len(refused)}
    )
    return load.pk


@transaction.atomic
def take_outlines(content: bytes, *, prop: str = "", actor: Actor | str, now: datetime) -> int:
    """
    Add or replace the outlines of regions from a GeoJSON file, keep features that break a rule in quarantine; returns the load's id.

    :param prop: the property that holds the code; empty: the usual names are tried.
    :raises Invalid: if the file is no GeoJSON FeatureCollection in degrees.
    :raises NotRegistrar: if an official without the duty tries.
    """
    label = rules.registrar(actor)
    levels = dict(Region.objects.values_list("code", "level"))
    found, refused = outlines.sift(content, known=levels.keys(), prop=prop.strip())
    shapes = {one.code: outlines.geojson(one.shape) for one in found}
    there = dict(RegionOutline.objects.filter(region__in=shapes).values_list("region_id", "shape"))
    changed = {code: shape for code, shape in shapes.items() if there.get(code) != shape}
    rows = [_outlined(one, shapes[one.code], levels[one.code]) for one in found if one.code in changed]
    names = ["shape", "drawn", "west", "south", "east", "north", "x", "y"]
    RegionOutline.objects.bulk_create(rows, batch_size=_BATCH, update_conflicts=True, unique_fields=["region"], update_fields=names)
    for level in sorted({row.level for row in rows}):
        _draw(level)
    load = OutlineLoad.objects.create(
        at=now,
        by=label,
        given=len(found) + len(refused),
        written=len(changed),
        unchanged=len(found) - len(changed),
        refused=len(refused),
    )
    RefusedOutline.objects.bulk_create(
        [RefusedOutline(load=load, place=one.place, code=one.code, rule=one.fault.value, where=one.where[:100]) for one in refused],
        batch_size=_BATCH,
    )
    detail = {"load": load.pk, "refused": len(refused)}
    security.record("organisations:outlines:loaded", at=now, actor=label, rows=len(changed), detail=detail)
    if changed:
        outbox.publish(OUTLINES_CHANGED, {"load": load.pk}, at=now)
    return load.pk


def _outlined(one: outlines.Outline, shape: dict[str, Any], level: int) -> RegionOutline:
    west, south, east, north = one.shape.bounds
    x, y = outlines.middle(one.shape)
    return RegionOutline(
        region_id=one.code, level=level, shape=shape, drawn=shape, west=west, south=south, east=east, north=north, x=x, y=y
    )


def _draw(level: int) -> None:
    """Thin out all outlines of a level together, so that borders that two share stay shared."""
    rows = list(RegionOutline.objects.filter(level=level).only("region_id", "shape"))
    for row, area in zip(rows, outlines.drawn([outlines.area_of(row.shape) for row in rows]), strict=True):
        row.drawn = outlines.geojson(area)
    RegionOutline.objects.bulk_update(rows, ["drawn"], batch_size=_BATCH)


def _upsert_regions(batch: list[Region]) -> None:
    Region.objects.bulk_create(batch, update_conflicts=True, unique_fields=["code"], update_fields=["name"])


@transaction.atomic
def add_office(
    *,
    code: str,
    name: str,
    level: int,
    region: str,
    actor: Actor | str,
    now: datetime,
    valid_from: date,
    short_name: str = "",
    parent_code: str = "",
    is_bureau: bool = False,
) -> OfficeView:
    """
    Add an office.

    :raises OfficeExists: if its credit code is taken, or its region already has a bureau.
    :raises Invalid: if the code is no credit code, or there is no such region.
    :raises NotRegistrar: if an official without the duty tries, as of every operation here.
    """
    label = rules.registrar(actor)
    if not Region.objects.filter(code=region).exists():
        raise Invalid(say("没有代码为 {region} 的区划", region=region), field="region")
    parent = _office(parent_code) if parent_code else None
    try:
        with transaction.atomic():
            office = Office.objects.create(
                code=code,
                name=name,
                short_name=short_name,
                level=level,
                region_id=region,
                parent=parent,
                is_bureau=is_bureau,
                valid_from=valid_from,
            )
    except IntegrityError as exc:
        if "office_code_is_a_credit_code" in str(exc):
            raise Invalid(say("{code} 不是统一社会信用代码", code=code), field="code", remedy="核对 18 位代码") from exc
        if "office_one_bureau_in_a_region" in str(exc):
            raise OfficeExists("该区划已有政务数据主管部门", field="is_bureau") from exc
        raise OfficeExists(say("代码 {code} 已登记", code=code), field="code") from exc
    security.record("organisations:office:added", at=now, actor=label, office=code, detail={"name": name, "region": region})
    return OfficeView.of(office)


@transaction.atomic
def rename_office(*, code: str, name: str, short_name: str, actor: Actor | str, now: datetime, since: date) -> OfficeView:
    """
    Give an office a new name from ``since`` on; the old one is kept and still found.

    :raises Conflict: if the office has ended.
    :raises Invalid: if the name would begin before the present one.
    """
    label = rules.registrar(actor)
    office = _office(code, lock=True)
    if office.valid_until is not None:
        raise Conflict("单位已撤销或并入其他单位", field="name")
    if office.name != name:
        begun = OfficeName.objects.filter(office=office).order_by("-valid_until").values_list("valid_until", flat=True).first()
        if since < (begun or office.valid_from):
            raise Invalid("更名日期早于现名的启用日期", field="since")
        _not_ahead(since, now, field="since")
        OfficeName.objects.create(office=office, name=office.name, valid_from=begun or office.valid_from, valid_until=since)
    before, office.name, office.short_name = office.name, name, short_name
    office.save(update_fields=["name", "short_name"])
    security.record("organisations:office:renamed", at=now, actor=label, office=code, detail={"before": before, "after": name})
    outbox.publish(OFFICE_CHANGED, {"office": code}, at=now)
    return OfficeView.of(office)


@transaction.atomic
def merge_office(*, code: str, into: str, actor: Actor | str, now: datetime, on: date) -> OfficeView:
    """
    End an office and name its successor.

    :raises Conflict: if it has ended already or would be merged into itself.
    :raises Invalid: if it would end before it began.
    """
    label = rules.registrar(actor)
    office, successor = _office(code, lock=True), _office(into)
    if on < office.valid_from:
        raise Invalid("并入日期早于单位的设立日期", field="on")
    _not_ahead(on, now, field="on")
    if office.valid_until is not None or office.pk == successor.pk or successor.valid_until is not None:
        raise Conflict("只能并入另一个有效的单位", field="into")
    office.valid_until, office.successor = on, successor
    office.save(update_fields=["valid_until", "successor"])
    security.record("organisations:office:merged", at=now, actor=label, office=code, detail={"into": into})
    outbox.publish(OFFICE_CHANGED, {"office": code}, at=now)
    return OfficeView.of(office)


@transaction.atomic
def end_office(*, code: str, actor: Actor | str, now: datetime, on: date) -> OfficeView:
    """
    End an office that has no successor; its row, its names and what it did stay.

    :raises Conflict: if it has ended already.
    :raises Invalid: if it would end before it began.
    """
    label = rules.registrar(actor)
    office = _office(code, lock=True)
    if office.valid_until is not None:
        raise Conflict("单位已撤销或并入其他单位", field="on")
    if on < office.valid_from:
        raise Invalid("撤销日期早于单位的设立日期", field="on")
    _not_ahead(on, now, field="on")
    office.valid_until = on
    office.save(update_fields=["valid_until"])
    security.record("organisations:office:ended", at=now, actor=label, office=code, detail={"on": on.isoformat()})
    outbox.publish(OFFICE_CHANGED, {"office": code}, at=now)
    return OfficeView.of(office)


def _not_ahead(on: date, now: datetime, *, field: str) -> None:
    """What is written down holds at once, so it cannot be dated ahead."""
    if on > local_date(now):
        raise Invalid("日期不能在将来:登记即时生效", field=field)


def _office(code: str, *, lock: bool = False) -> Office:
    rows = Office.objects.select_for_update() if lock else Office.objects.all()
    found = rows.filter(code=code).first()
    if found is None:
        raise OfficeUnknown(say("没有代码为 {code} 的单位", code=code), field="office")
    return found

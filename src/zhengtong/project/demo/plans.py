"""The opening plans of the demo city: an office's datasets of a year, written, approved and published as offices do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.clock import local_date
from zhengtong.project.demo.staff import APPROVER

#: plans that are still on their way, by the prefix of the office's accounts: what was done last
_ON_THE_WAY = {"edu": opendata.PlanAct.SUBMIT, "hr": opendata.PlanAct.APPROVE, "fund": opendata.PlanAct.RETURN}
#: every so manieth dataset was due the quarter before
_LATE = 6
#: entries that are planned and not open so far
_AHEAD = 2
_MOST = 200


def keep(prefixes: Iterable[str], actor: Callable[[str], Actor], *, now: datetime, stopped: Callable[[], bool]) -> None:
    """Write and publish the plans of this year that are not there; what people did with one since is left to them."""
    year = local_date(now).year
    there = {one.office for one in opendata.plans_of(actor(APPROVER), limit=1000) if one.year == year}
    for prefix in prefixes:
        if stopped():
            return
        steward = actor(f"{prefix}.steward")
        if steward.office not in there:
            _keep(prefix, actor, year, now)


def _keep(prefix: str, actor: Callable[[str], Actor], year: int, now: datetime) -> None:
    steward, quarter = actor(f"{prefix}.steward"), (local_date(now).month + 2) // 3
    opened = [one for one in opendata.openings(steward, state=opendata.State.OPEN, limit=_MOST) if one.resource_code]
    lines = [
        (one.resource_code, max(1, quarter - 1) if place % _LATE == 0 else quarter, one.conditions is not None)
        for place, one in enumerate(opened, start=1)
    ]
    # offices with an odd number of datasets are behind with something
    ahead = _not_open(steward, {code for code, *_rest in lines})[: _AHEAD if len(opened) % _AHEAD else 1]
    lines += [(code, 1 if place else 4, False) for place, code in enumerate(ahead)]
    if not lines:
        return
    number = opendata.begin_plan(actor=steward, office=steward.office, year=year, now=now)
    for code, due, conditional in lines:
        opendata.add_line(actor=steward, number=number, code=code, quarter=due, conditional=conditional, now=now)
    _move(prefix, number, actor, now)


def _not_open(steward: Actor, planned: set[str]) -> list[str]:
    rows = catalog.worklist(steward, catalog.WorkFilter(office=steward.office))
    found = catalog.resources_by_code([row.code for row in rows if row.code and row.code not in planned])
    shared = [code for code, one in found.items() if one.sharing_type != catalog.SharingType.NOT_SHARED and one.content.is_open]
    return sorted(shared)[:_AHEAD]


def _move(prefix: str, number: int, actor: Callable[[str], Actor], now: datetime) -> None:
    last = _ON_THE_WAY.get(prefix, opendata.PlanAct.PUBLISH)
    steps = (
        (opendata.PlanAct.SUBMIT, f"{prefix}.steward", ""),
        (opendata.PlanAct.APPROVE, f"{prefix}.head", ""),
        (opendata.PlanAct.RETURN, APPROVER, "请把与职责清单对应的资源补进计划"),
        (opendata.PlanAct.PUBLISH, APPROVER, ""),
    )
    for act, who, reason in steps:
        if act is opendata.PlanAct.RETURN and last is not act:
            continue
        opendata.move_plan(actor=actor(who), number=number, act=act, reason=reason, now=now)
        if act is last:
            return

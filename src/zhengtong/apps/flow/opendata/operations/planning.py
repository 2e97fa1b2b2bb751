"""Write, approve, publish and follow up opening plans; say why an entry marked open is not."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from zhengtong.apps.flow.opendata.models import OpeningPlan, PlanEvent, PlanLine, WhyClosed
from zhengtong.apps.flow.opendata.queries.plans import lines_of, parties_of, seen
from zhengtong.apps.flow.opendata.rules import plans
from zhengtong.apps.flow.opendata.rules.permissions import NotAllowed
from zhengtong.apps.flow.opendata.rules.plans import PlanAct, PlanState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import kept, say

Role = identity.Role


class PlanTaken(Conflict):
    """这个单位这一年已有开放计划。"""

    code = "plan-taken"


def _write(row: OpeningPlan, kind: str, *, by: identity.Actor | str, now: datetime, reason: str = "") -> None:
    row.changed_at = now
    row.save()
    label = by.label if isinstance(by, identity.Actor) else by
    name: str = by.name if isinstance(by, identity.Actor) else say("平台")
    PlanEvent.objects.create(plan=row, kind=kind, at=now, actor=label, actor_name=kept(name), reason=kept(reason))
    security.record(
        f"opendata:plan:{kind}",
        at=now,
        actor=label,
        office=by.office if isinstance(by, identity.Actor) else row.office.code,
        provider=row.office.code,
        rows=row.lines.count(),
        detail={"plan": row.pk, "year": row.year, **({"reason": str(reason)} if reason else {})},
    )


def _tell(row: OpeningPlan, role: identity.Role, office: str, text: str, now: datetime) -> None:
    address = reverse("opendata:plan", args=[row.pk])
    words = say("{text}:{office} {year} 年", text=say(text), office=row.office.name, year=row.year)
    notices.tell(role, office, words, address=address, now=now)


def _opened(number: int, act: PlanAct, actor: identity.Actor) -> OpeningPlan:
    OpeningPlan.objects.select_for_update().filter(pk=number).first()
    row = seen(number, actor)
    plans.require(actor, act, parties_of(row), row.state)
    return row


@transaction.atomic
def begin_plan(*, actor: identity.Actor, office: str, year: int, now: datetime) -> int:
    """
    Begin an office's plan for a year; returns its number.

    :raises NotAllowed: unless the actor is a steward of the office.
    :raises Invalid: for a year outside the calendar.
    :raises PlanTaken: if there is one.
    """
    if not actor.has(Role.STEWARD, office):
        raise NotAllowed
    if not plans.FIRST_YEAR <= year <= plans.LAST_YEAR:
        raise Invalid(say("年份为 {first} 至 {last}", first=plans.FIRST_YEAR, last=plans.LAST_YEAR), field="year")
    row = OpeningPlan(office_id=organisations.office(office).id, year=year, changed_at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as exc:
        raise PlanTaken from exc
    _write(row, "begun", by=actor, now=now)
    return row.pk


@transaction.atomic
def add_line(*, actor: identity.Actor, number: int, code: str, quarter: int, conditional: bool, now: datetime) -> None:
    """
    Put a resource of the office into its plan, or change its line.

    :raises PlanUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is a steward of the office.
    :raises PlanMoved: unless the plan is being written.
    :raises Invalid: if the office has no such published resource that may be shared, or for a fifth quarter.
    """
    row = _opened(number, PlanAct.EDIT, actor)
    found = catalog.resources_by_code([code.strip()]).get(code.strip())
    if found is None or found.office != row.office.code:
        raise Invalid("本单位没有这个信息资源代码", field="code", remedy="填写目录中已发布的代码")
    if found.content.sharing_type == catalog.SharingType.NOT_SHARED:
        raise Invalid("目录规定不予共享的资源不能开放", field="code")
    if quarter not in {1, 2, 3, 4}:
        raise Invalid("请选择季度", field="quarter")
    facts = {"quarter": quarter, "conditional": conditional, "told_at": None}
    PlanLine.objects.update_or_create(plan=row, resource_id=found.id, defaults=facts)
    row.changed_at = now
    row.save()


@transaction.atomic
def remove_line(*, actor: identity.Actor, number: int, line: int) -> None:
    """
    Take a resource out of a plan that is being written.

    :raises PlanUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is a steward of the office.
    :raises PlanMoved: unless the plan is being written.
    """
    PlanLine.objects.filter(plan=_opened(number, PlanAct.EDIT, actor), pk=line).delete()


@transaction.atomic
def move_plan(*, actor: identity.Actor, number: int, act: PlanAct, reason: str = "", now: datetime) -> None:
    """
    Submit, approve, publish or return a plan.

    :raises PlanUnknown: if the actor has no part in it.
    :raises NotAllowed: if the act is not the actor's.
    :raises PlanMoved: if it has no place in the plan's state.
    :raises Invalid: for an empty plan, or a return without a reason.
    """
    row = _opened(number, act, actor)
    if act is PlanAct.SUBMIT and not row.lines.exists():
        raise Invalid("计划里还没有资源", field="code", remedy="先添加要开放的资源")
    if act is PlanAct.RETURN and not reason.strip():
        raise Invalid("退回必须说明理由", field="reason")
    state, kind, role, office, text = {
        PlanAct.SUBMIT: (PlanState.SUBMITTED, "submitted", Role.SHARING_HEAD, row.office.code, say("请审核开放计划")),
        PlanAct.APPROVE: (PlanState.APPROVED, "approved", Role.BUREAU_APPROVER, parties_of(row).bureau, say("请发布开放计划")),
        PlanAct.PUBLISH: (PlanState.PUBLISHED, "published", Role.STEWARD, row.office.code, say("开放计划已发布")),
        PlanAct.RETURN: (PlanState.DRAFT, "returned", Role.STEWARD, row.office.code, say("开放计划被退回")),
    }[act]
    row.state, row.reason = state, reason.strip() if act is PlanAct.RETURN else ""
    if act is PlanAct.PUBLISH:
        row.published_at = now
    _write(row, kind, by=actor, now=now, reason=row.reason)
    _tell(row, role, office, text, now)


def remind_plans(*, now: datetime) -> int:
    """Tell offices of the lines of published plans that are overdue, each once; returns how many lines there were."""
    rows = PlanLine.objects.filter(plan__state=PlanState.PUBLISHED, told_at=None).select_related("plan__office", "resource")
    rows = rows.filter(plan__year__lte=local_date(now).year)
    late = [one for one in lines_of(list(rows), today=local_date(now)) if one.outcome == "overdue"]
    by_line = {row.pk: row.plan_id for row in rows}
    for number in sorted({by_line[one.id] for one in late}):
        mine = [one for one in late if by_line[one.id] == number]
        with transaction.atomic():
            row = OpeningPlan.objects.select_for_update(of=("self",)).select_related("office").get(pk=number)
            if not PlanLine.objects.filter(pk__in=[one.id for one in mine], told_at=None).update(told_at=now):
                continue
            _write(row, "overdue", by="process:worker", now=now, reason=say("{count} 项逾期未开放", count=len(mine)))
            for role in (Role.STEWARD, Role.SHARING_HEAD):
                _tell(row, role, row.office.code, say("开放计划有逾期未开放的资源"), now)
    return len(late)


@transaction.atomic
def explain_closed(*, actor: identity.Actor, resource_id: int, basis: str, now: datetime) -> None:
    """
    Say why an entry that is marked open is neither open nor planned.

    :raises NotAllowed: unless the actor is a steward of its office.
    :raises Invalid: without a reason.
    """
    found = catalog.resource(resource_id)
    if not actor.has(Role.STEWARD, found.office):
        raise NotAllowed
    if not basis.strip():
        raise Invalid("请写明不开放的依据条款", field="basis")
    WhyClosed.objects.update_or_create(
        resource_id=resource_id, defaults={"basis": basis.strip()[:1000], "actor_name": actor.name, "at": now}
    )
    security.record(
        "opendata:plan:explained",
        at=now,
        actor=actor.label,
        office=actor.office,
        provider=found.office,
        resource=found.code,
        detail={"reason": basis.strip()[:1000]},
    )

"""What holders of a grant do: change keys, report, take the files; and what the office and the bureau do about misuse."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.flow.opendata.models import AccessGrant, AccessRequest, OpenKey, UseReport
from zhengtong.apps.flow.opendata.operations import keys
from zhengtong.apps.flow.opendata.operations.keys import GrantStopped
from zhengtong.apps.flow.opendata.operations.requesting import journal, tell_about
from zhengtong.apps.flow.opendata.queries.openings import parties_of
from zhengtong.apps.flow.opendata.queries.requests import RequestUnknown, of_applicant, seen
from zhengtong.apps.flow.opendata.rules import grants, requests
from zhengtong.apps.flow.opendata.rules.requests import RequestAct
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.contracts import open_keys
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say


class AlreadyReported(Conflict):
    """这一期使用情况已经报送。"""

    code = "already-reported"


def _held(number: str, proven: str) -> tuple[AccessRequest, AccessGrant]:
    row = of_applicant(number, proven)
    grant = AccessGrant.objects.select_for_update().filter(request=row).first()
    if grant is None:
        raise RequestUnknown
    return row, grant


@transaction.atomic
def replace_key(*, number: str, proven: str, now: datetime) -> str:
    """
    A new key for a grant, shown once; the old ones go on working for a week.

    :raises RequestUnknown: without the private link's secret, or before anything was granted.
    :raises GrantStopped: if the grant does not hold now.
    """
    row, grant = _held(number, proven)
    state = open_keys.standing(grant.state, grant.until, local_date(now))
    if state != "active":
        raise GrantStopped(say("授权{number}{state}", number=grant.number, state=say(open_keys.GRANT_LABELS[state])))
    text = keys.replaced(grant, now=now)
    journal(row, "key-made", by=f"applicant:{number}", now=now, grant=grant.number)
    return text


@transaction.atomic
def revoke_key(*, number: str, proven: str, key: int, now: datetime) -> None:
    """
    End a key at once, because it leaked or is not needed.

    :raises RequestUnknown: without the private link's secret.
    :raises Invalid: if the grant has no such key that works.
    """
    row, grant = _held(number, proven)
    if not OpenKey.objects.filter(grant=grant, pk=key, revoked_at=None).update(revoked_at=now):
        raise Invalid("没有这个密钥,或已注销", field="key")
    journal(row, "key-revoked", by=f"applicant:{number}", now=now, grant=grant.number)


@transaction.atomic
def report(*, number: str, proven: str, due: date, use: str, results: str, now: datetime) -> None:
    """
    File the report of use that is due on a day.

    :raises RequestUnknown: without the private link's secret.
    :raises Invalid: if none is due then, or something is missing.
    :raises AlreadyReported: if it was filed.
    """
    row, grant = _held(number, proven)
    if due not in grants.dues(grant.since, grant.until, grant.report_every):
        raise Invalid("这一天没有应报送的使用情况", field="due")
    for name, text in (("use", use), ("results", results)):
        if not text.strip():
            raise Invalid("这一项必须填写", field=name)
    try:
        with transaction.atomic():
            UseReport.objects.create(grant=grant, due=due, filed_at=now, use=use.strip(), results=results.strip())
    except IntegrityError as exc:
        raise AlreadyReported from exc
    journal(row, "reported", by=f"applicant:{number}", now=now, grant=grant.number, reason=say("应于 {due} 前报送", due=due))
    tell_about(row, identity.Role.STEWARD, row.dataset.resource.office.code, "收到使用情况报告", now)


@transaction.atomic
def change_grant(*, actor: identity.Actor, number: str, act: RequestAct, reason: str, now: datetime) -> None:
    """
    Suspend a grant for misuse, let it hold again, or end it; every key of it follows from the next request on.

    :raises RequestUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is the office's sharing head or approves for the bureau.
    :raises RequestMoved: if the grant is in no such state.
    :raises Invalid: without a reason.
    """
    row = seen(number, actor)
    grant = AccessGrant.objects.select_for_update().filter(request=row).first()
    state = open_keys.standing(grant.state, grant.until, local_date(now)) if grant else ""
    requests.require(actor, act, parties_of(row.dataset), state=row.state, grant=state)
    if grant is None or not reason.strip():
        raise Invalid("请说明理由,申请人会看到", field="reason")
    grant.state = {RequestAct.SUSPEND: "suspended", RequestAct.RESUME: "active", RequestAct.END: "ended"}[act]
    grant.reason = "" if grant.state == "active" else reason.strip()
    grant.save(update_fields=["state", "reason"])
    kind = {RequestAct.SUSPEND: "suspended", RequestAct.RESUME: "resumed", RequestAct.END: "ended"}[act]
    journal(row, kind, by=actor, now=now, reason=reason.strip(), grant=grant.number)
    tell_about(row, identity.Role.STEWARD, row.dataset.resource.office.code, requests.REQUEST_EVENT_LABELS[kind], now)

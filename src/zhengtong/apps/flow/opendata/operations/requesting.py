"""
What applicants do without an account: file, supplement, withdraw, accept the agreement.

The private link's secret proves who they are.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.urls import reverse

from zhengtong.apps.flow.opendata.models import AccessGrant, AccessRequest, RequestEvent
from zhengtong.apps.flow.opendata.operations import counting, keys
from zhengtong.apps.flow.opendata.queries.access import listed
from zhengtong.apps.flow.opendata.queries.datasets import DatasetGone
from zhengtong.apps.flow.opendata.queries.requests import draft_agreement, of_applicant, offer
from zhengtong.apps.flow.opendata.rules import requests
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.requests import REQUEST_LABELS, Filing, RequestMoved, RequestState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts.open_keys import proof
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import kept, say

_SECRET_BYTES = 32
_LONGEST = 2000


class AgreementChanged(Conflict):
    """协议内容已变,请重新阅读后再签订。"""

    code = "agreement-changed"


def next_number(prefix: str, now: datetime) -> str:
    """A number that the database gives once: prefix, year, six digits or more."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval(%s)", [f"opendata_{prefix.lower()}_number"])
        row = cursor.fetchone()
    return f"{prefix}{local_date(now).year}{row[0] if row else 0:06d}"


def journal(
    row: AccessRequest,
    kind: str,
    *,
    by: identity.Actor | str,
    now: datetime,
    state: RequestState | None = None,
    reason: str = "",
    shown: str = "",
    grant: str = "",
) -> None:
    """
    Move a request on, add the line to its timeline and the entry to the ledger, which names the applicant by the request's number.

    :param shown: what the timeline says where the reason may not stand in the ledger.
    """
    if state is not None:
        row.state = state
    row.changed_at = now
    row.save()
    official = isinstance(by, identity.Actor)
    label = by.label if isinstance(by, identity.Actor) else by
    name: str = by.name if isinstance(by, identity.Actor) else say("平台") if by.startswith("process:") else say("申请人")
    RequestEvent.objects.create(request=row, kind=kind, at=now, actor=label, actor_name=kept(name), reason=kept(shown or reason))
    office = row.dataset.resource.office.code
    security.record(
        f"opendata:request:{kind}",
        at=now,
        actor=label,
        office=office if official else "",
        provider=office,
        resource=row.dataset.resource.code or "",
        grant=grant,
        items=tuple(row.items),
        detail={"request": row.number, "dataset": row.dataset_id, **({"reason": str(reason)} if reason else {})},
    )


def tell_about(row: AccessRequest, role: identity.Role, office: str, text: str, now: datetime) -> None:
    """A notice about a request; it names the dataset, not the applicant."""
    address = reverse("opendata:request", args=[row.number])
    notices.tell(
        role, office, say("{text}:{title}({number})", text=say(text), title=row.dataset.title, number=row.number), address=address, now=now
    )


def file_request(*, number: int, filing: Filing, address: str, now: datetime) -> tuple[str, str]:
    """
    Apply for rows of a conditional dataset; returns the receipt's number and the secret of the private link, which is shown once.

    :param address: where the request came from, for the limit a day; it is not kept.
    :raises DatasetUnknown: if there is nothing to apply for.
    :raises Invalid: naming what is missing or outside the terms.
    :raises TooMany: if the address has filed too often today.
    """
    _row, terms, items = offer(number)
    requests.check(filing, terms, [key for key, _name in items])
    counting.spend(counting.caller_from(address), "request", now=now)
    return _filed(number, filing, now=now)


@transaction.atomic
def _filed(number: int, filing: Filing, *, now: datetime) -> tuple[str, str]:
    dataset, _terms, items = offer(number)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = AccessRequest(
        number=next_number("KS", now),
        dataset=dataset,
        kind=filing.kind,
        name=filing.name.strip(),
        credit_code=filing.credit_code,
        contact_name=filing.contact_name.strip(),
        contact=filing.contact.strip(),
        purpose=filing.purpose.strip(),
        scenario=filing.scenario.strip(),
        safety=filing.safety.strip(),
        items=[key for key, _name in items if key in filing.items],
        days=filing.days,
        secret=proof(secret),
        created_at=now,
        changed_at=now,
    )
    row.save(force_insert=True)
    journal(row, "filed", by=f"applicant:{row.number}", now=now)
    tell_about(row, identity.Role.STEWARD, dataset.resource.office.code, "收到有条件开放数据的申请", now)
    return row.number, secret


def enter(*, number: str, proven: str, address: str, now: datetime) -> None:
    """
    See that somebody holds a private link, before they are let in; attempts from one address are counted.

    :raises TooMany: if the address has tried too often today.
    :raises RequestUnknown: without the private link's secret.
    """
    counting.spend(counting.caller_from(address), "link", now=now)
    of_applicant(number, proven)


def _own(number: str, proven: str, *states: RequestState) -> AccessRequest:
    held = AccessRequest.objects.select_for_update().filter(number=number).values_list("pk", flat=True).first()
    row = of_applicant(number, proven)
    if held is None or row.state not in states:
        raise RequestMoved(say("申请“{state}”,不能这样办理", state=say(REQUEST_LABELS[RequestState(row.state)])))
    return row


@transaction.atomic
def supplement(*, number: str, proven: str, text: str, now: datetime) -> None:
    """
    Give what was missing; the clock runs on.

    :raises RequestUnknown: without the private link's secret.
    :raises RequestMoved: if nothing was asked for.
    :raises Invalid: if nothing is said.
    """
    row = _own(number, proven, RequestState.SUPPLEMENT)
    if not text.strip() or len(text) > _LONGEST:
        raise Invalid(say("请写明补充的内容,最多 {most} 字", most=_LONGEST), field="text")
    row.reason = ""
    journal(row, "supplemented", by=f"applicant:{number}", now=now, state=RequestState.RECEIVED, shown=text.strip())
    tell_about(row, identity.Role.STEWARD, row.dataset.resource.office.code, "申请人已补充材料", now)


@transaction.atomic
def withdraw_request(*, number: str, proven: str, now: datetime) -> None:
    """
    Take a request back before anything was granted.

    :raises RequestUnknown: without the private link's secret.
    :raises RequestMoved: if it has ended.
    """
    open_states = (RequestState.RECEIVED, RequestState.SUPPLEMENT, RequestState.PROPOSED, RequestState.AGREED)
    row = _own(number, proven, *open_states)
    row.reason = ""
    journal(row, "withdrawn", by=f"applicant:{number}", now=now, state=RequestState.WITHDRAWN)


@transaction.atomic
def accept(*, number: str, proven: str, name: str, content: str, now: datetime) -> str:
    """
    Accept the agreement; the grant begins today. Returns its first key, which is shown once.

    :param content: the SHA-256 of the text that was read.
    :raises RequestUnknown: without the private link's secret.
    :raises RequestMoved: if no agreement waits.
    :raises Invalid: without the name of whoever accepts.
    :raises AgreementChanged: if the text is another now.
    :raises DatasetGone: if the dataset was withdrawn meanwhile.
    """
    row = _own(number, proven, RequestState.AGREED)
    if not name.strip():
        raise Invalid("请填写签订人姓名", field="accepted_by")
    terms = Conditions.of(row.dataset.conditions)
    if terms is None or not listed().filter(pk=row.dataset_id).exists():
        raise DatasetGone
    text = draft_agreement(row)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest != content:
        raise AgreementChanged
    since = local_date(now)
    grant = AccessGrant(
        number=next_number("KF", now),
        request=row,
        items=row.answer["items"],
        since=since,
        until=since + timedelta(days=row.answer["days"]),
        report_every=terms.report_every,
        agreement=text,
        agreement_hash=digest,
        accepted_by=name.strip()[:80],
        accepted_at=now,
    )
    grant.save(force_insert=True)
    journal(
        row,
        "granted",
        by=f"applicant:{number}",
        now=now,
        state=RequestState.GRANTED,
        grant=grant.number,
        reason=say("协议内容校验 {digest}", digest=digest),
    )
    tell_about(row, identity.Role.STEWARD, row.dataset.resource.office.code, "申请人已签订协议", now)
    return keys.make_for(grant, now=now)

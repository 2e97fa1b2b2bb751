"""The applicant's side: apply, submit, sign, supplement, withdraw, dispute."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhengtong.apps.flow.sharing.models import Application, BasketLine
from zhengtong.apps.flow.sharing.operations.basket import BasketChanged, NotShared, lock_in_basket
from zhengtong.apps.flow.sharing.operations.journal import Opened, next_number, open_for, tell_about, write
from zhengtong.apps.flow.sharing.rules import requests
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.flow.sharing.rules.requests import Incomplete, Offer, Request
from zhengtong.apps.flow.sharing.rules.states import ApplicationAct, ApplicationState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

Role = identity.Role
_LONGEST_PURPOSE, _LONGEST_CODE = 300, 40


@dataclass(frozen=True)
class Draft:
    """What an applicant fills in; see :class:`~sharing.rules.requests.Request`."""

    request: Request
    row_scope: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def apply(
    *,
    actor: identity.Actor,
    office: str,
    wanted: Mapping[int, tuple[str, ...]],
    draft: Draft,
    now: datetime,
    filters: Mapping[int, tuple[str, ...]] | None = None,
    from_basket: bool = False,
) -> list[str]:
    """
    Make one application for each resource in ``wanted`` (resource id → item keys), all with the same use, and empty them from the basket.

    ``filters`` holds the keys that look-ups will give, resource by resource; without it the draft's own hold for all. With ``from_basket``
    every resource has to lie in the actor's basket still: the same form sent twice at once makes one set of applications.

    Returns the application numbers; they are drafts until submitted.

    :raises NotShared: for a resource of type 3.
    :raises Invalid: for a resource of one's own office, or a calling system of another's.
    :raises BasketChanged: if a resource has left the basket meanwhile.
    """
    if from_basket and lock_in_basket(actor, wanted) < len(wanted):
        raise BasketChanged
    if office not in actor.offices(Role.STEWARD, Role.DEVELOPER):
        raise identity.NotYours
    _check_system(draft.request.system, office)
    consumer = organisations.office(office)
    bundle = uuid.uuid4().hex if len(wanted) > 1 else ""
    numbers = []
    for resource_id, items in wanted.items():
        resource = catalog.resource(resource_id)
        if resource.sharing_type == "3":
            raise NotShared(say("“{name}”不予共享,依据:{legal_basis}", name=resource.name, legal_basis=resource.legal_basis))
        if resource.office == office:
            raise Invalid(say("“{name}”是本单位提供的,不用申请", name=resource.name), field="resource")
        provider = organisations.office(resource.office)
        row = Application(
            number=next_number("SQ", now),
            resource_id=resource_id,
            consumer_id=consumer.id,
            provider_id=provider.id,
            bureau_id=organisations.bureau_for(provider.region).id,
            bundle=bundle,
            created_by=actor.label,
            created_at=now,
            changed_at=now,
        )
        request = draft.request if filters is None else replace(draft.request, filters=tuple(filters.get(resource_id, ())))
        _fill(row, resource, replace(draft, request=request), items or request.items)
        _insert(row)
        write(Opened(row, actor, office), EventKind.CREATED, now=now)
        numbers.append(row.number)
    BasketLine.objects.filter(account_id=actor.account_id, resource_id__in=wanted).delete()
    return numbers


def _insert(row: Application) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as exc:
        if "application_never_for_type_three" in str(exc):
            raise NotShared from exc
        raise


def _fill(row: Application, resource: catalog.ResourceView, draft: Draft, items: tuple[str, ...]) -> None:
    request = draft.request
    for field_name, value, most in (("purpose", request.purpose, _LONGEST_PURPOSE), ("purpose_code", request.purpose_code, _LONGEST_CODE)):
        if len(value) > most:
            raise Invalid(say("最多 {most} 个字符", most=most), field=field_name)
    row.items, row.filters, row.channels = list(items), list(request.filters), [str(one) for one in request.channels]
    row.system_id = request.system or None
    row.usage_basis, row.scenario, row.usage_scope = request.usage_basis, request.scenario, request.usage_scope
    row.purpose_code, row.purpose = request.purpose_code or "use", request.purpose
    row.since, row.until = request.since, request.until
    row.row_scope = draft.row_scope
    own = {item.key: item.sharing_type for item in resource.items}
    row.sharing_type = requests.effective_type(resource.sharing_type, [own.get(key, "") for key in items])


def _check_system(system: str, office: str) -> None:
    if system and identity.system(system).office != office:
        raise Invalid("调用系统须属于申请单位", field="system", remedy="选择本单位的调用系统")


@transaction.atomic
def edit(*, actor: identity.Actor, number: str, draft: Draft, now: datetime) -> None:
    """Change a draft, or what the provider found missing."""
    opened = open_for(number, ApplicationAct.EDIT, actor)
    _check_system(draft.request.system, opened.row.consumer.code)
    _fill(opened.row, catalog.resource(opened.row.resource_id), draft, draft.request.items)
    write(opened, EventKind.EDITED, now=now)


def request_of(row: Application) -> Request:
    """What the stored application states."""
    return Request(
        items=tuple(row.items),
        channels=tuple(Channel(one) for one in row.channels),
        usage_basis=row.usage_basis,
        scenario=row.scenario,
        usage_scope=row.usage_scope,
        purpose_code=row.purpose_code,
        purpose=row.purpose,
        since=row.since,
        until=row.until,
        system=row.system_id or "",
        filters=tuple(row.filters),
    )


def offer_of(resource: catalog.ResourceView) -> Offer:
    """What a resource offers to applicants."""
    return Offer(
        items=frozenset(item.key for item in resource.items),
        withheld=frozenset(item.key for item in resource.items if item.sharing_type == "3"),
        searchable=frozenset(item.key for item in resource.items if item.searchable or item.is_key),
    )


def _require_complete(row: Application, now: datetime) -> None:
    found = requests.findings(request_of(row), offer_of(catalog.resource(row.resource_id)), today=local_date(now))
    if found:
        raise Incomplete(found)


@transaction.atomic
def submit(*, actor: identity.Actor, number: str, now: datetime) -> None:
    """
    Hand a draft to the head of one's own office.

    :raises Incomplete: with everything that is missing.
    """
    opened = open_for(number, ApplicationAct.SUBMIT, actor)
    _require_complete(opened.row, now)
    write(opened, EventKind.SUBMITTED, now=now, state=ApplicationState.SIGNING)
    tell_about(opened.row, Role.SHARING_HEAD, opened.row.consumer.code, "请签批共享申请", now)


@transaction.atomic
def submit_drafts(*, actor: identity.Actor, numbers: Collection[str], now: datetime) -> int:
    """
    Submit those of the applications that are drafts still, all or none; returns how many.

    :raises Incomplete: with everything that is missing from the first incomplete one.
    """
    rows = Application.objects.select_for_update().filter(number__in=numbers, state=ApplicationState.DRAFT)
    drafts = set(rows.values_list("number", flat=True))
    wanted = [number for number in dict.fromkeys(numbers) if number in drafts]
    for number in wanted:
        submit(actor=actor, number=number, now=now)
    return len(wanted)


@transaction.atomic
def send_back(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """The applicant's head returns it for changes, with a reason."""
    opened = open_for(number, ApplicationAct.SEND_BACK, actor)
    write(opened, EventKind.SENT_BACK, now=now, state=ApplicationState.DRAFT, reason=_reasoned(reason))
    tell_about(opened.row, Role.STEWARD, opened.row.consumer.code, "共享申请被退回修改", now)


@transaction.atomic
def sign(*, actor: identity.Actor, number: str, now: datetime) -> None:
    """The applicant's head signs; the application is delivered and the provider's clock begins (条例 Art. 20, 21)."""
    opened = open_for(number, ApplicationAct.SIGN, actor)
    _require_complete(opened.row, now)
    opened.row.delivered_at = now
    write(opened, EventKind.SIGNED, now=now, state=ApplicationState.ANSWERING)
    tell_about(opened.row, Role.STEWARD, opened.row.provider.code, "收到共享申请,请答复", now)


@transaction.atomic
def supplement(*, actor: identity.Actor, number: str, note: str, now: datetime) -> None:
    """Hand in what the provider listed; the provider's clock runs on."""
    opened = open_for(number, ApplicationAct.SUPPLEMENT, actor)
    _require_complete(opened.row, now)
    write(opened, EventKind.SUPPLEMENTED, now=now, state=ApplicationState.ANSWERING, reason=note)
    tell_about(opened.row, Role.STEWARD, opened.row.provider.code, "需求方已补充材料,请答复", now)


@transaction.atomic
def withdraw(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """Take an application back."""
    opened = open_for(number, ApplicationAct.WITHDRAW, actor)
    opened.row.extension_days = 0
    write(opened, EventKind.WITHDRAWN, now=now, state=ApplicationState.WITHDRAWN, reason=reason)
    if opened.row.delivered_at:
        tell_about(opened.row, Role.STEWARD, opened.row.provider.code, "需求方撤回了申请", now)


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise Invalid("请说明理由", field="reason", remedy="写明理由后再提交")
    return reason.strip()

"""What officials do about demands: let through, assign, answer, merge, begin anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation.models import Demand, Support
from zhengtong.apps.flow.participation.operations import journal, receiving
from zhengtong.apps.flow.participation.queries.keys import secret_of
from zhengtong.apps.flow.participation.queries.places import parties_of
from zhengtong.apps.flow.participation.queries.running import period_of
from zhengtong.apps.flow.participation.rules import clocks
from zhengtong.apps.flow.participation.rules.content import need
from zhengtong.apps.flow.participation.rules.demands import Act, DemandUnknown, may_see, require
from zhengtong.apps.flow.participation.rules.vocabulary import PUBLIC, RUNNING, DemandState, Lengthening
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.deadlines.clock import State, read
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say

Actor = identity.Actor
_SHORTEST_BASIS = 8


def open_for(number: str, act: Act, actor: Actor) -> Demand:
    """
    Lock a demand for an act.

    :raises DemandUnknown: if there is none, or the actor has no part in it.
    :raises NotAllowed: if the act is not the actor's.
    :raises WrongState: if it has no place in the present state.
    """
    row = Demand.objects.select_for_update(of=("self",)).select_related("provider", "bureau").filter(number=number).first()
    if row is None:
        raise DemandUnknown
    require(actor, act, parties_of(row)[0], row.state, row.lengthening)
    return row


def close(row: Demand, state: DemandState, now: datetime) -> None:
    """Stop the clock that runs: answered, in time or late."""
    if row.state in RUNNING:
        reading = read(period_of(row, stopped=now), working_days.current(), now)
        row.in_time = reading.state is State.MET and not row.missed
    row.answered_at = row.answered_at or now
    row.state = state


def begin(row: Demand, state: DemandState, clock: str, now: datetime) -> None:
    """Start a period with whoever has to act now; it may be made longer once of its own."""
    row.state, row.clock, row.clock_began_at = state, clock, now
    row.lengthening, row.extension_days, row.extension_reason, row.extended_at, row.extended_by = Lengthening.NONE, 0, "", None, ""


def point_at(row: Demand, *, dataset: int | None, resource: int | None, now: datetime) -> None:
    """
    Name what satisfies the demand.

    :raises Invalid: unless it is an open dataset, or for sharing a published entry.
    """
    try:
        if dataset is not None:
            opendata.dataset(dataset, now=now)
        elif resource is not None:
            catalog.resource(resource)
    except ZhengtongError as exc:
        raise Invalid("没有这个数据集或目录条目", field="answer") from exc
    if dataset is None and resource is None:
        raise Invalid("请指明是哪个数据集或目录条目", field="answer")
    if dataset is None and row.way == "open":
        raise Invalid("需求是向社会开放,请指明一个已开放的数据集", field="answer", remedy="尚未开放的,请承诺提供日期")
    row.dataset_id, row.resource_id = dataset, resource


def _answered(row: Demand, kind: str, actor: Actor, now: datetime, *, reason: str = "") -> None:
    row.save()
    journal.note(row, kind, by=actor, now=now, reason=reason)
    address = reverse("participation:receipt", args=[row.number, secret_of(row.once)])
    journal.tell_filer(row, say("您的数据需求有了答复"), now, address=address)


@transaction.atomic
def admit_demand(*, actor: Actor, number: str, now: datetime) -> None:
    """Let a stranger's demand be public, and pass it to the office that was named, else keep it with the bureau."""
    row = open_for(number, Act.ADMIT, actor)
    named = row.provider_id is not None
    begin(row, DemandState.PROVIDER if named else DemandState.BUREAU, clocks.PROVIDER if named else clocks.BUREAU, now)
    row.save()
    journal.note(row, "admitted", by=actor, now=now)
    if named:
        journal.tell_office(row, say("收到一项数据需求"), now)


@transaction.atomic
def reject_demand(*, actor: Actor, number: str, reason: str, now: datetime) -> None:
    """Keep a demand from the public, with the reason that its asker reads."""
    need(reason, "reason")
    row = open_for(number, Act.REJECT, actor)
    row.state, row.reason = DemandState.REJECTED, reason.strip()
    _answered(row, "rejected", actor, now, reason=row.reason)


@transaction.atomic
def assign(*, actor: Actor, number: str, office: str, now: datetime) -> None:
    """Pass a demand to an office, whose days begin."""
    row = open_for(number, Act.ASSIGN, actor)
    found = organisations.office(office)
    if found.valid_until is not None:
        raise Invalid(say("{office}已撤并", office=found.name), field="office")
    row.provider_id = found.id
    begin(row, DemandState.PROVIDER, clocks.PROVIDER, now)
    row.save()
    row.refresh_from_db()
    journal.note(row, "assigned", by=actor, now=now, reason=found.name, detail={"to": found.code})
    journal.tell_office(row, say("收到一项数据需求"), now)


@dataclass(frozen=True)
class Bulk:
    """What became of several: the numbers that were passed on, and the refusals."""

    done: tuple[str, ...]
    refused: tuple[tuple[str, ZhengtongError], ...]


def assign_several(*, actor: Actor, numbers: Sequence[str], office: str, now: datetime) -> Bulk:
    """Pass several demands on, each in a transaction of its own; what is refused holds nothing else up."""
    done, refused = list[str](), list[tuple[str, ZhengtongError]]()
    for number in dict.fromkeys(numbers):
        try:
            assign(actor=actor, number=number, office=office, now=now)
            done.append(number)
        except ZhengtongError as exc:
            refused.append((number, exc))
    return Bulk(tuple(done), tuple(refused))


@transaction.atomic
def hand_back(*, actor: Actor, number: str, reason: str, now: datetime) -> None:
    """The office says that it is not its own; the bureau's days begin."""
    need(reason, "reason")
    row = open_for(number, Act.HAND_BACK, actor)
    begin(row, DemandState.BUREAU, clocks.BUREAU, now)
    row.save()
    journal.note(row, "handed-back", by=actor, now=now, reason=reason.strip())
    journal.tell_bureau(row, say("提供单位退回一项数据需求"), now)


@transaction.atomic
def satisfy(*, actor: Actor, number: str, dataset: int | None, resource: int | None, now: datetime) -> None:
    """Answer that an open dataset, or for sharing a catalog entry, is what is asked for."""
    row = open_for(number, Act.SATISFY, actor)
    point_at(row, dataset=dataset, resource=resource, now=now)
    close(row, DemandState.SATISFIED, now)
    _answered(row, "satisfied", actor, now)


@transaction.atomic
def promise(*, actor: Actor, number: str, on: date | None, reason: str, now: datetime) -> None:
    """Answer that it will be provided by a day, which the board shows."""
    row = open_for(number, Act.PROMISE, actor)
    if on is None or on < local_date(now):
        raise Invalid("请填写今天或以后的日期", field="on")
    receiving.screen(reason=reason)
    row.promised_on, row.reason = on, reason.strip()
    close(row, DemandState.PROMISED, now)
    _answered(row, "promised", actor, now, reason=say("至 {date}", date=on))


@transaction.atomic
def refuse(*, actor: Actor, number: str, reason: str, now: datetime) -> None:
    """Answer that it cannot be provided, with the legal basis (条例 Art. 21: a refusal states its reasons)."""
    if len(reason.strip()) < _SHORTEST_BASIS:
        raise Invalid("请写明不能提供的依据:哪部法律、行政法规的哪一条,为什么适用", field="reason")
    receiving.screen(reason=reason)
    row = open_for(number, Act.REFUSE, actor)
    row.reason = reason.strip()
    close(row, DemandState.REFUSED, now)
    _answered(row, "refused", actor, now, reason=row.reason)


@transaction.atomic
def merge(*, actor: Actor, number: str, into: str, now: datetime) -> None:
    """Make a demand part of another one that asks for the same; those who support it support the other."""
    row = open_for(number, Act.MERGE, actor)
    target = Demand.objects.select_for_update(of=("self",)).filter(number=into.strip(), state__in=sorted(PUBLIC)).first()
    if target is None or target.pk == row.pk or target.state == DemandState.MERGED:
        raise Invalid("请填写另一项已公开需求的编号", field="into")
    visitors = list(Support.objects.filter(demand=row).values_list("visitor", flat=True))
    Support.objects.bulk_create([Support(demand=target, visitor=one, at=now) for one in visitors], ignore_conflicts=True)
    Demand.objects.filter(pk=target.pk).update(supports=Support.objects.filter(demand=target).count())
    row.merged_into = target
    close(row, DemandState.MERGED, now)
    _answered(row, "merged", actor, now, reason=target.number)


@transaction.atomic
def reopen(*, actor: Actor, number: str, reason: str, now: datetime) -> None:
    """The bureau takes an answer back; its days begin."""
    need(reason, "reason")
    row = open_for(number, Act.REOPEN, actor)
    begin(row, DemandState.BUREAU, clocks.BUREAU, now)
    row.answered_at = row.in_time = row.promised_on = row.dataset_id = row.resource_id = row.merged_into = None
    row.reason = ""
    _answered(row, "reopened", actor, now, reason=reason.strip())


@transaction.atomic
def read_contact(*, actor: Actor, number: str, now: datetime) -> str:
    """
    How the asker can be reached; who asks for it stands in the ledger.

    :raises DemandUnknown: if the actor has no part in it.
    """
    row = Demand.objects.select_related("provider", "bureau").filter(number=number).first()
    if row is None or not may_see(actor, parties_of(row)[0]):
        raise DemandUnknown
    journal.note(row, "contact-read", by=actor, now=now)
    return row.contact

"""
Harvesting: catalogs elsewhere, read again and again into ours.

What a reading brings goes the way of every import, so it is taken once by its identity at the source, compared with what was taken
before, and kept out with reasons where it must be. Nothing of ours is removed because a source does not have it any more: it is marked for
a person. A worker that is killed leaves a reading to the next one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app as queue

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import HarvestSeen, HarvestSource, Resource
from zhengtong.apps.resources.catalog.operations import fetching, importing
from zhengtong.apps.resources.catalog.operations.fetching import Fetched
from zhengtong.apps.resources.catalog.queries.harvest import HarvestUnknown
from zhengtong.apps.resources.catalog.queries.resources import bureau_code
from zhengtong.apps.resources.catalog.rules import permissions, reading
from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.harvest.errors import SourceStrange
from zhengtong.apps.resources.catalog.rules.harvest.kinds import EVERY_LABELS, MOST_VANISHED, VANISHED, WHOLE_DAYS, HarvestState, Kind
from zhengtong.apps.resources.catalog.rules.mapping import gathered
from zhengtong.apps.resources.catalog.rules.taking import Options
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.kernel.sentences import kept, say
from zhengtong.toolkit.locks import alone
from zhengtong.toolkit.outgoing import Reader, networks

log = structlog.get_logger()
#: The name of the task that reads a source.
TASK = "catalog:harvest"
#: a reading that has been under way for so long is looked at again; whoever still works on it holds the lock
_STALE = timedelta(minutes=10)
_AFTER_FAILURE = timedelta(hours=1)
_LOOK_SECONDS = 15.0
_WORKER = "process:worker"


class HarvestTaken(Conflict):
    """这个单位已有这个地址的来源。"""

    code = "harvest-address-taken"


class HarvestBusy(Conflict):
    """正在采集。"""

    code = "harvest-busy"


def reader(seconds: float = 120.0) -> Reader:
    """How this installation reads addresses."""
    return Reader(networks(settings.ENVIRONMENT.outgoing_networks), seconds=seconds)


@transaction.atomic
def add_harvest(*, actor: identity.Actor, office: str, facts: Mapping[str, Any], now: datetime) -> int:
    """
    Keep a source: ``title``, ``kind``, ``address``, ``every_hours``, ``publish``, ``class_code``. It is read within the next minutes.

    :raises NotAllowed: if the actor may not import for the office, or may not publish directly.
    :raises Invalid: if the kind or the interval is none.
    :raises HarvestTaken: if the office has a source with this address.
    """
    place = organisations.office(office)
    row = HarvestSource(office_id=place.id, created_at=now, state_at=now)
    _fill(row, actor, place, facts, now)
    security.record(
        "catalog:harvest:added",
        at=now,
        actor=actor.label,
        office=office,
        detail={"source": row.pk, "kind": row.kind, "address": row.address},
    )
    return row.pk


@transaction.atomic
def change_harvest(*, actor: identity.Actor, source_id: int, facts: Mapping[str, Any], now: datetime) -> None:
    """
    Change a source; another address or kind is read from its beginning.

    :raises HarvestUnknown, NotAllowed, Invalid, HarvestTaken: as for adding.
    """
    row = _locked(source_id, actor)
    before = (row.kind, row.address)
    _fill(row, actor, organisations.office(row.office.code), facts, now)
    if (row.kind, row.address) != before:
        HarvestSource.objects.filter(pk=row.pk).update(since="", whole_at=None)
    security.record(
        "catalog:harvest:changed",
        at=now,
        actor=actor.label,
        office=row.office.code,
        detail={"source": row.pk, "kind": row.kind, "address": row.address, "every_hours": row.every_hours},
    )


@transaction.atomic
def remove_harvest(*, actor: identity.Actor, source_id: int, now: datetime) -> str:
    """
    Read a source no longer; its entries stay. Returns its title.

    :raises HarvestUnknown, NotAllowed: as for adding.
    """
    row = _locked(source_id, actor)
    security.record(
        "catalog:harvest:removed", at=now, actor=actor.label, office=row.office.code, detail={"source": row.pk, "address": row.address}
    )
    row.delete()
    return row.title


@transaction.atomic
def harvest_now(*, actor: identity.Actor, source_id: int, whole: bool, now: datetime) -> None:
    """
    Queue a reading, of everything if ``whole``.

    :raises HarvestUnknown, NotAllowed: as for adding.
    :raises HarvestBusy: if it is being read.
    """
    row = _locked(source_id, actor)
    if row.state in {HarvestState.QUEUED, HarvestState.RUNNING}:
        raise HarvestBusy(remedy="等这次采集结束")
    if whole:
        row.whole_at, row.since, row.content = None, "", ""
    _queue(row, now)


def look(*, actor: identity.Actor, source_id: int) -> list[dict[str, Any]]:
    """
    The first records that a source has now, for a person to see before it is taken in.

    :raises HarvestUnknown, NotAllowed: as for adding.
    :raises AddressRefused, PlaceSilent, SourceStrange: if it cannot be read.
    """
    with transaction.atomic():
        row = _locked(source_id, actor)
    found = fetching.fetch(row.kind, row.address, since="", reader=reader(_LOOK_SECONDS), first_page=True)
    return [gathered(record, found.mapping) for record in found.records[:10]]


def start_due_harvests(*, now: datetime) -> int:
    """Queue every source whose time has come, and those that a killed worker left; returns how many."""
    due = HarvestSource.objects.filter(state__in=[HarvestState.IDLE, HarvestState.FAILED], next_at__lte=now)
    left = HarvestSource.objects.filter(state__in=[HarvestState.QUEUED, HarvestState.RUNNING], state_at__lte=now - _STALE)
    with transaction.atomic():
        rows = list((due | left).select_for_update(skip_locked=True)[:50])
        for row in rows:
            _queue(row, now)
    return len(rows)


def _queue(row: HarvestSource, now: datetime) -> None:
    row.state, row.state_at = HarvestState.QUEUED, now
    row.save()
    queue.configure_task(TASK).defer(source_id=row.pk)


def _fill(row: HarvestSource, actor: identity.Actor, place: organisations.OfficeView, facts: Mapping[str, Any], now: datetime) -> None:
    bureau = bureau_code(place.region)
    permissions.require_import(actor, office=place.code, bureau=bureau, publish=facts["publish"])
    if facts["kind"] not in set(Kind):
        raise Invalid("没有这种来源", field="kind", remedy=", ".join(Kind))
    if facts["every_hours"] not in EVERY_LABELS:
        raise Invalid("没有这种周期", field="every_hours", remedy=", ".join(map(str, EVERY_LABELS)))
    row.title, row.kind, row.address, row.every_hours = facts["title"], facts["kind"], facts["address"], facts["every_hours"]
    whole_region = permissions.may_import_for_region(actor, bureau=bureau)
    row.options = Options(
        publish=facts["publish"], class_code=facts["class_code"].strip() or Options.class_code, whole_region=whole_region
    ).as_dict()
    row.changed_by, row.changed_name = actor.label, actor.name
    row.next_at = now if row.every_hours else None
    row.content = ""  # what was read before is taken again, as it is to be taken now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as exc:
        raise HarvestTaken(field="address", remedy="到那个来源里修改") from exc


def _locked(source_id: int, actor: identity.Actor) -> HarvestSource:
    row = HarvestSource.objects.select_for_update(of=("self",)).select_related("office").filter(pk=source_id).first()
    if row is None:
        raise HarvestUnknown
    permissions.require_import(actor, office=row.office.code, bureau=bureau_code(row.office.region_id), publish=False)
    return row


# ------------------------------------------------------------------ reading
def harvest(*, source_id: int, now: datetime) -> None:
    """Read a queued source in this process; a failure is written down and the source read again after an hour."""
    with alone(f"harvest:{source_id}") as mine:
        row = HarvestSource.objects.select_related("office").filter(pk=source_id).first()
        if not mine or row is None or row.state not in {HarvestState.QUEUED, HarvestState.RUNNING}:
            return
        HarvestSource.objects.filter(pk=source_id).update(state=HarvestState.RUNNING, state_at=now, failure="")
        try:
            _harvest(row, now)
        except ZhengtongError as exc:
            _failed(row, kept(exc.sentence), now)
            log.warning("harvest failed", source=source_id, error=exc.code)
        except Exception:
            _failed(row, kept(say("平台出错,已记录;一小时后重试")), now)
            log.exception("harvest failed", source=source_id)


def _failed(row: HarvestSource, sentence: Any, now: datetime) -> None:
    again = now + min(_AFTER_FAILURE, timedelta(hours=row.every_hours)) if row.every_hours else None
    with transaction.atomic():
        HarvestSource.objects.filter(pk=row.pk).update(
            state=HarvestState.FAILED, state_at=now, failure=sentence, read_at=now, next_at=again
        )
        security.record(
            "catalog:harvest:failed", at=now, actor=_WORKER, office=row.office.code, detail={"source": row.pk, "reason": sentence}
        )


def _harvest(row: HarvestSource, now: datetime) -> None:
    anew = row.whole_at is not None and row.whole_at <= now - timedelta(days=WHOLE_DAYS)
    begins = anew or not row.since
    found = fetching.fetch(row.kind, row.address, since="" if begins else row.since, reader=reader())
    run_id = row.last_run_id
    if found.records and found.content != row.content:
        run_id = _taken(row, found, now)
    # a portal with more than one run takes is read whole in several, each from where the one before stopped
    whole = begins or row.whole_at is None
    seen = _names(found) if whole else set[str]()
    vanished = row.vanished
    if whole and not found.more:
        vanished = _marked(row, seen if begins else seen | set(row.seen.values_list("name", flat=True)))
    whole_at = (None if found.more else now) if whole else row.whole_at
    again = now + timedelta(hours=row.every_hours) if row.every_hours else None
    with transaction.atomic():
        if begins or not found.more:
            row.seen.all().delete()
        if whole and found.more:
            HarvestSeen.objects.bulk_create([HarvestSeen(harvest=row, name=name) for name in sorted(seen)], ignore_conflicts=True)
        HarvestSource.objects.filter(pk=row.pk).update(
            state=HarvestState.IDLE,
            state_at=now,
            since=found.since,
            content=found.content,
            whole_at=whole_at,
            read_at=now,
            next_at=now if found.more else again,
            last_run=run_id,
            vanished=vanished,
        )
        security.record(
            "catalog:harvest:done",
            at=now,
            actor=_WORKER,
            office=row.office.code,
            rows=len(found.records),
            detail={"source": row.pk, "run": run_id, "whole": whole and not found.more, "vanished": vanished},
        )


def _taken(row: HarvestSource, found: Fetched, now: datetime) -> int:
    importing.give_up(row.source)  # nobody else reads this source: what is open was left by a process that is gone
    data = json.dumps(found.records, ensure_ascii=False, default=str).encode()
    run = importing.import_file(
        data=data,
        file_name=f"{row.title}.json",
        office=row.office.code,
        by=_WORKER,
        now=now,
        source=row.source,
        mapping=found.mapping,
        options=Options(**row.options),
    )
    return run.id


def _names(found: Fetched) -> set[str]:
    """The identities of what was read, as entries keep them."""
    records = [reading.Record(number, record) for number, record in enumerate(found.records, start=1)]
    return {chunk.source_id for chunk in importing.numbered(records, found.mapping)}


def _marked(row: HarvestSource, there: set[str]) -> int:
    """Mark entries that the source does not have any more, take the mark from those that it has again; returns how many are marked."""
    flag = Finding(VANISHED, "source_id", "来源里已没有这条", "与来源核实,不再需要时撤销").as_kept()
    ours = Resource.objects.filter(source=row.source).exclude(state=State.WITHDRAWN)
    known = dict(ours.values_list("source_id", "pk"))
    gone = [number for name, number in known.items() if name not in there]
    if known and len(gone) > MOST_VANISHED * len(known):
        raise SourceStrange(
            say("来源里只剩 {left} 条,原有 {known} 条;没有标记", left=len(known) - len(gone), known=len(known)), remedy="与来源核实"
        )
    marked = Resource.objects.filter(source=row.source, flags__contains=[{"kind": VANISHED}])
    for one in marked.exclude(pk__in=gone):
        one.flags = [other for other in one.flags if other["kind"] != VANISHED]
        one.save(update_fields=["flags"])
    for one in Resource.objects.filter(pk__in=gone).exclude(flags__contains=[{"kind": VANISHED}]):
        one.flags = [*one.flags, flag]
        one.save(update_fields=["flags"])
    return len(gone)

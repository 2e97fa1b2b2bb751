"""Front databases and what is pushed into them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from zhengtong.apps.flow.exchange.models import FrontDatabase, Push
from zhengtong.apps.flow.exchange.models.run import OPEN_STATES
from zhengtong.apps.flow.exchange.operations.jobs import GrantNotInForce
from zhengtong.apps.flow.exchange.rules import access, places
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts.grants import Channel
from zhengtong.engines.crypto.sealing import seal
from zhengtong.engines.dataflow.connectors.base import ConnectionReport
from zhengtong.engines.dataflow.connectors.postgresql import introspection
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, naming
from zhengtong.kernel.errors import Conflict, Invalid, NotFound, Party
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys


@transaction.atomic
def add_front_database(*, by: identity.Actor | str, office: str, name: str, url: str, now: datetime, schema: str = "public") -> int:
    """
    Register a receiver's database after connecting to it; returns its id.

    :raises BadAddress: if the address cannot be used.
    :raises Invalid: if the database does not answer, with the remedy.
    """
    if isinstance(by, identity.Actor):
        access.require_operate(by, office)
    owner = organisations.office(office)
    place = places.postgresql(url, own_database=settings.DATABASE_URL)
    with Endpoint(place.url, Party.CLIENT).connect() as front, naming(Party.CLIENT):
        if front.execute("select 1 from pg_namespace where nspname = %s", (schema,)).fetchone() is None:
            raise Invalid(say("前置库没有模式 {schema}", schema=schema), field="schema", remedy="先建立该模式并授权")
    try:
        with transaction.atomic():
            row = FrontDatabase.objects.create(
                office_id=owner.id,
                name=name,
                sealed_url=seal(node_keys().seal, place.url.encode(), f"front:{owner.id}:{name}"),
                place=place.shown,
                schema=schema,
                created_at=now,
            )
    except IntegrityError as exc:
        raise Conflict(say("本单位已有名为“{name}”的前置库", name=name), field="name") from exc
    label = by.label if isinstance(by, identity.Actor) else by
    security.record("exchange:front-database:added", at=now, actor=label, office=office, detail={"name": name, "place": place.shown})
    return row.pk


@transaction.atomic
def add_push(
    *, by: identity.Actor | str, grant_number: str, front_id: int, table: str, now: datetime, every_minutes: int | None = None
) -> int:
    """
    Have a grant's rows pushed into a table of a front database of the grant's consumer; returns the push's id.

    :raises GrantNotInForce: if the grant does not allow it now.
    :raises Conflict: if the grant is pushed already, or the table is taken by another push.
    """
    grant = sharing.grant(grant_number)
    front = FrontDatabase.objects.select_related("office").filter(pk=front_id).first()
    if front is None or front.office.code != grant.document.consumer.code:
        raise NotFound("没有这个前置库,或不属于被授权单位", field="front")
    if isinstance(by, identity.Actor):
        access.require_operate(by, front.office.code)
    if not grant.in_force(now) or Channel.PUSH not in grant.document.channels:
        raise GrantNotInForce
    try:
        with transaction.atomic():
            push = Push.objects.create(
                grant_id=grant.id,
                front=front,
                table=table,
                every_minutes=every_minutes,
                next_run_at=now + timedelta(minutes=every_minutes) if every_minutes else None,
                created_at=now,
            )
    except IntegrityError as exc:
        raise Conflict("该授权已有推送,或目标表已被另一项推送使用", field="table") from exc
    label = by.label if isinstance(by, identity.Actor) else by
    security.record("exchange:push:added", at=now, actor=label, office=front.office.code, grant=grant_number, detail={"table": table})
    return push.pk


def _changed(actor: identity.Actor, push_id: int) -> Push:
    push = (
        Push.objects.select_for_update(of=("self",))
        .select_related("front__office", "grant")
        .filter(pk=push_id, ended_at__isnull=True)
        .first()
    )
    if push is None:
        raise NotFound("没有这项推送")
    access.require_operate(actor, push.front.office.code)
    return push


def _record(event: str, actor: identity.Actor, push: Push, now: datetime, **detail: object) -> None:
    facts = {"push": push.pk, "table": push.table, **detail}
    security.record(event, at=now, actor=actor.label, office=push.front.office.code, grant=push.grant.number, detail=facts)


@transaction.atomic
def set_push_active(*, actor: identity.Actor, push_id: int, active: bool, now: datetime) -> None:
    """Let a push rest, or go on; a run that is under way is stopped by stopping it."""
    push = _changed(actor, push_id)
    push.is_active = active
    push.next_run_at = now + timedelta(minutes=push.every_minutes) if active and push.every_minutes else None
    push.save(update_fields=["is_active", "next_run_at"])
    _record("exchange:push:resumed" if active else "exchange:push:stopped", actor, push, now)


@transaction.atomic
def schedule_push(*, actor: identity.Actor, push_id: int, every_minutes: int | None, now: datetime) -> None:
    """Push every so many minutes, or only when asked (None)."""
    push = _changed(actor, push_id)
    push.every_minutes = every_minutes
    push.next_run_at = now + timedelta(minutes=every_minutes) if every_minutes and push.is_active else None
    push.save(update_fields=["every_minutes", "next_run_at"])
    _record("exchange:schedule:set", actor, push, now, minutes=every_minutes or 0)


@transaction.atomic
def end_push(*, actor: identity.Actor, push_id: int, now: datetime) -> None:
    """
    Take a push away; the table in the front database and the history of runs remain.

    :raises Conflict: while a run is open.
    """
    push = _changed(actor, push_id)
    if push.runs.filter(state__in=OPEN_STATES).exists():
        raise Conflict("还有运行没有结束", remedy="先停止运行,再删除推送")
    push.is_active, push.ended_at, push.next_run_at = False, now, None
    push.save(update_fields=["is_active", "ended_at", "next_run_at"])
    _record("exchange:push:ended", actor, push, now)


@transaction.atomic
def remove_front_database(*, actor: identity.Actor, front_id: int, now: datetime) -> None:
    """
    Forget a front database and its sealed address.

    :raises Conflict: while anything is, or was, pushed into it; the history needs it.
    """
    front = FrontDatabase.objects.select_for_update(of=("self",)).select_related("office").filter(pk=front_id).first()
    if front is None:
        raise NotFound("没有这个前置库")
    access.require_operate(actor, front.office.code)
    if front.pushes.exists():
        raise Conflict("该前置库已有推送记录,不能删除", remedy="停止推送即可")
    front.delete()
    detail = {"name": front.name, "place": front.place}
    security.record("exchange:front-database:removed", at=now, actor=actor.label, office=front.office.code, detail=detail)


def test_front(*, actor: identity.Actor, office: str, url: str) -> ConnectionReport:
    """Whether a receiver's database answers, or what is wrong and how to mend it."""
    access.require_operate(actor, office)
    place = places.postgresql(url, own_database=settings.DATABASE_URL)
    return introspection.test_connection(Endpoint(place.url, Party.CLIENT))

"""
A department's own system docks: what it is handed, what it does here, and what both sides' lists say.

Threat model. A stranger who knows the addresses learns nothing without a key of a system that docks; a system reads and does what its own
office's steps allow, and nothing of another's. What is overheard cannot be sent again: each signature names a moment and a nonce that is
used up before anything is done. What is handed over names no person: the system fetches that, signed, for a purpose, on record. Not
defended: a department's system that has been taken over does there what its officials could; end the docking or revoke its key.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from zhengtong.apps.affairs.cases.models import Delivery, Difference, Docking, UsedNonce, Visit
from zhengtong.apps.affairs.cases.queries import docking as reads
from zhengtong.apps.affairs.cases.rules.docking import FIELD_LABELS, MOST_ATTEMPTS, WINDOW, DeliveryState, Lacking, pause
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.requests import SigningKey, sign
from zhengtong.engines.workflow.case import Status
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.kernel.sentences import kept, listed, say
from zhengtong.toolkit.outgoing import Answer, PlaceSilent, Reader, networks

PURPOSE = "joint-approval"
_AT_ONCE = 50
_SECONDS = 20.0
_COMPARED_EVERY = timedelta(days=1)
_GOOD = range(200, 300)


class DockingRefused(Invalid):
    """不能这样对接。"""

    code = "docking-refused"


class NotDocked(Conflict):
    """没有这个对接,或已经结束。"""

    code = "docking-unknown"


def _require(actor: identity.Actor) -> None:
    if not actor.holds(identity.Role.BUREAU_APPROVER):
        raise identity.NotYours("系统对接由数据局的审批人员管理")


@transaction.atomic
def dock(*, actor: identity.Actor, office: str, system: str, address: str, fields: Sequence[str], now: datetime) -> int:
    """
    From now on steps of an office are handled in a system of it, and may be handled here as before.

    :param address: where it takes what is handed over: ``address/visits``.
    :param fields: of ``FIELD_LABELS``, what of an application it may fetch.
    :raises NotYours: unless the actor is an approver of the bureau.
    :raises DockingRefused: if the system is another office's or has no shared secret, or something else is wrong.
    """
    _require(actor)
    found = identity.system(system)
    if found.office != office:
        raise DockingRefused("这个系统属于别的单位", field="system", remedy="选择本单位的调用系统")
    if identity.key_to_sign(system, at=now) is None:
        raise DockingRefused("这个系统没有可用的共享密钥", field="system", remedy="先为它添加 HMAC 密钥")
    if not address.startswith(("http://", "https://")):
        raise DockingRefused("地址以 http:// 或 https:// 开头", field="address", remedy="核对地址")
    if unknown := sorted(set(fields) - set(FIELD_LABELS)):
        raise DockingRefused(say("没有字段 {names}", names=listed(unknown)), field="fields", remedy=listed(FIELD_LABELS))
    try:
        with transaction.atomic():
            row = Docking.objects.create(
                office_id=organisations.office(office).id,
                system_id=system,
                address=address.rstrip("/"),
                fields=sorted(set(fields)),
                made_at=now,
            )
    except IntegrityError as exc:
        raise DockingRefused("这个单位已有对接", field="office", remedy="先结束原来的对接") from exc
    # what is open already is handed over too
    Delivery.objects.bulk_create(
        Delivery(docking=row, visit_id=pk, made_at=now, next_at=now)
        for pk in Visit.objects.filter(office_id=row.office_id, status=Status.OPEN).values_list("pk", flat=True)
    )
    _record("cases:docking:begun", actor, office, system, now, address=row.address, fields=row.fields)
    return row.pk


@transaction.atomic
def undock(*, actor: identity.Actor, docking: int, now: datetime) -> None:
    """
    End a docking; its office goes on by hand.

    :raises NotYours: unless the actor is an approver of the bureau; :raises NotDocked: if it has ended.
    """
    _require(actor)
    row = Docking.objects.select_for_update(of=("self",)).select_related("office").filter(pk=docking, ended_at__isnull=True).first()
    if row is None:
        raise NotDocked
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    Delivery.objects.filter(docking=row, state=DeliveryState.WAITING).update(state=DeliveryState.OVER)
    Difference.objects.filter(docking=row, settled_at__isnull=True).update(settled_at=now)
    _record("cases:docking:ended", actor, row.office.code, row.system_id, now)


@transaction.atomic
def send_again(*, actor: identity.Actor, delivery: int, now: datetime) -> None:
    """
    Try once more to hand over what was given up, or what the other side says it does not have.

    :raises NotYours: unless the actor works on cases of the office, or is an approver of the bureau.
    :raises NotDocked: if it is not there, or waits already.
    """
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("docking__office", "visit__case")
    row = rows.filter(pk=delivery, docking__ended_at__isnull=True).first()
    if row is None or not reads.may_see(actor, row.docking.office.code):
        raise identity.NotYours("重新发送由对接单位的办件人员或数据局的审批人员办理")
    if row.state not in {DeliveryState.DEAD, DeliveryState.SENT}:
        raise NotDocked("正在等待发送", field="delivery", remedy="刷新页面")
    row.state, row.attempts, row.next_at = DeliveryState.WAITING, 0, now
    row.save(update_fields=["state", "attempts", "next_at"])
    case = row.visit.case.number
    _record("cases:docking:sent-again", actor, row.docking.office.code, row.docking.system_id, now, case=case)


def _record(event: str, actor: identity.Actor, office: str, system: str, now: datetime, *, case: str = "", **detail: Any) -> None:
    security.record(event, at=now, actor=actor.label, office=office, case=case, detail={"system": system, **detail})


# ---------------------------------------------------------------------- handing over
def hand_over(*, now: datetime) -> int:
    """
    Hand over what is due, each in a transaction of its own; returns how many were tried.

    Killed between sending and noting it, the same delivery is sent again under the same id: the other side knows it by that.
    """
    tried = 0
    while tried < _AT_ONCE and _hand_over_one(now):
        tried += 1
    return tried


@transaction.atomic
def _hand_over_one(now: datetime) -> bool:
    rows = Delivery.objects.select_for_update(of=("self",), skip_locked=True).filter(state=DeliveryState.WAITING, next_at__lte=now)
    row = rows.select_related("docking__office", "visit__case").order_by("next_at", "pk").first()
    if row is None:
        return False
    visit = row.visit
    if visit.status != Status.OPEN or visit.office_id != row.docking.office_id:
        row.state, row.problem = DeliveryState.OVER, ""
    else:
        row.attempts += 1
        try:
            _send(row.docking, "POST", "/visits", msgspec.json.encode({"delivery": row.pk, **reads.told(visit)}), now)
        except ZhengtongError as refusal:
            row.problem = kept(refusal.sentence)
            row.next_at = now + pause(row.attempts)
            row.state = DeliveryState.DEAD if row.attempts >= MOST_ATTEMPTS else DeliveryState.WAITING
        else:
            row.state, row.sent_at, row.problem = DeliveryState.SENT, now, ""
    row.save(update_fields=["state", "attempts", "next_at", "sent_at", "problem"])
    return True


def _send(docking: Docking, method: str, place: str, body: bytes, now: datetime, *, query: str = "") -> Answer:
    """Ask the other side, signed with its newest key."""
    key = identity.key_to_sign(docking.system_id, at=now)
    if key is None:
        raise PlaceSilent("这个系统没有可用的共享密钥", field="system", remedy="为它添加 HMAC 密钥")
    url = f"{docking.address}{place}"
    headers = _headers(key, method, url, query, body, now)
    reader = Reader(networks(settings.ENVIRONMENT.outgoing_networks), seconds=_SECONDS)
    answer = reader.get(f"{url}?{query}" if query else url, headers=headers) if method == "GET" else reader.post(url, body, headers=headers)
    if answer.status not in _GOOD:
        raise PlaceSilent(say("对方答复 {status}", status=answer.status), remedy="与对方核实")
    return answer


def _headers(key: SigningKey, method: str, url: str, query: str, body: bytes, now: datetime) -> dict[str, str]:
    path = "/" + url.partition("://")[2].partition("/")[2]
    nonce = secrets.token_hex(16)
    return sign(key, method=method, path=path, query=query, purpose=PURPOSE, body=body, created=int(now.timestamp()), nonce=nonce)


# ---------------------------------------------------------------------- what comes in
def use_nonce(key_id: str, nonce: str, *, now: datetime) -> bool:
    """Use a nonce up; False if it was used before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into cases_usednonce (key_id, nonce, at) values (%s, %s, %s) on conflict do nothing returning id", [key_id, nonce, now]
        )
        return cursor.fetchone() is not None


# ---------------------------------------------------------------------- both lists
def compare_all(*, now: datetime) -> int:
    """Once a day ask every docked system what is open there, and write down where it differs; returns how many were asked."""
    UsedNonce.objects.filter(at__lt=now - timedelta(seconds=2 * WINDOW)).delete()
    due = Docking.objects.filter(ended_at__isnull=True).exclude(compared_at__gt=now - _COMPARED_EVERY)
    keys = list(due.values_list("pk", flat=True))
    for key in keys:
        compare(key, now=now)
    return len(keys)


@transaction.atomic
def compare(docking: int, *, now: datetime) -> None:
    """Compare both sides' open visits of one docking; what agrees again is settled, and silence of the other side is noted."""
    row = Docking.objects.select_for_update(of=("self",)).filter(pk=docking, ended_at__isnull=True).first()
    if row is None:
        return
    row.compared_at, row.problem = now, ""
    try:
        theirs = _theirs(_send(row, "GET", "/visits", b"", now, query="open=1").body)
    except ZhengtongError as refusal:
        row.problem = kept(refusal.sentence)
    else:
        ours = {str(pk) for pk in reads.handed_over(row)}
        waiting = {str(pk) for pk in row.deliveries.filter(state=DeliveryState.WAITING).values_list("visit_id", flat=True)}
        found = {(one, Lacking.THERE) for one in ours - theirs} | {(one, Lacking.HERE) for one in theirs - ours - waiting}
        known = {(one.visit, one.kind): one for one in row.differences.filter(settled_at__isnull=True)}
        Difference.objects.bulk_create(
            Difference(docking=row, visit=visit, kind=kind, found_at=now) for visit, kind in sorted(found - known.keys())
        )
        row.differences.filter(pk__in=[one.pk for pair, one in known.items() if pair not in found]).update(settled_at=now)
    row.save(update_fields=["compared_at", "problem"])


def _theirs(body: bytes) -> set[str]:
    try:
        told: Mapping[str, Any] = msgspec.json.decode(body)
        return {str(one["visit"])[:40] for one in told["visits"]}
    except (msgspec.DecodeError, KeyError, TypeError) as exc:
        raise PlaceSilent("对方的清单读不出来", remedy="应为含 visits 清单的 JSON") from exc

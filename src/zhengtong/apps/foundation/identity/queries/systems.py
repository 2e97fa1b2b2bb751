"""Reads of calling systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.foundation.identity.models import CallingSystem, CallingSystemKey
from zhengtong.apps.foundation.identity.rules import Act, may
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.requests import SigningKey
from zhengtong.engines.crypto.sealing import SealBroken, unseal
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys

_SHARED = {"hmac-sha256": Digest.SHA256, "hmac-sm3": Digest.SM3}


class SystemUnknown(NotFound):
    """没有这个调用系统。"""

    code = "system-unknown"


@dataclass(frozen=True)
class KeyView:
    """A key of a calling system, without its secret."""

    key_id: str
    algorithm: str
    material: str
    created_at: datetime
    not_after: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class SystemView:
    """A calling system with its keys."""

    id: str
    name: str
    office: str
    office_name: str
    rid: str
    networks: tuple[str, ...]
    is_active: bool
    keys: tuple[KeyView, ...]


def _system_view(row: CallingSystem) -> SystemView:
    def key(one: CallingSystemKey) -> KeyView:
        return KeyView(one.key_id, one.algorithm, one.material, one.created_at, one.not_after, one.revoked_at)

    return SystemView(
        id=row.pk,
        name=row.name,
        office=row.office.code,
        office_name=row.office.name,
        rid=row.rid,
        networks=tuple(row.networks),
        is_active=row.is_active,
        keys=tuple(key(one) for one in row.keys.all()),
    )


def system(system_id: str) -> SystemView:
    """
    A calling system.

    :raises SystemUnknown: if there is none of this id.
    """
    found = CallingSystem.objects.select_related("office").prefetch_related("keys").filter(pk=system_id).first()
    if found is None:
        raise SystemUnknown(say("没有调用系统 {system_id}", system_id=system_id), field="system")
    return _system_view(found)


def systems(*, offices: frozenset[str] | None = None, active: bool = False) -> list[SystemView]:
    """Calling systems by id, of some offices or of all."""
    rows = CallingSystem.objects.select_related("office").prefetch_related("keys").order_by("pk")
    if offices is not None:
        rows = rows.filter(office__code__in=offices)
    if active:
        rows = rows.filter(is_active=True)
    return [_system_view(row) for row in rows]


def systems_of(actor: Actor) -> list[SystemView]:
    """The calling systems that the actor may manage, by id."""
    return systems(offices=actor.offices(Role.DEVELOPER, Role.STEWARD))


def system_of(actor: Actor, system_id: str) -> SystemView:
    """
    A calling system that the actor may manage.

    :raises SystemUnknown: if there is none of this id, or it belongs to another office.
    """
    found = system(system_id)
    if not may(actor, Act.MANAGE_SYSTEMS, office=found.office):
        raise SystemUnknown(say("没有调用系统 {system_id}", system_id=system_id), field="system")
    return found


def signing_key(system_id: str, *, now: datetime) -> SigningKey | None:
    """
    The newest shared secret in force of a calling system of our own, so that a rotation needs no setting; None if there is none.

    It is opened for one signature and kept nowhere.
    """
    try:
        found = system(system_id)
    except SystemUnknown:
        return None
    usable = [
        one for one in found.keys if one.algorithm in _SHARED and one.revoked_at is None and (one.not_after is None or one.not_after > now)
    ]
    if not usable or not found.is_active:
        return None
    newest = max(usable, key=lambda one: one.created_at)
    try:
        secret = unseal(node_keys().seal, newest.material, f"caller-key:{newest.key_id}")
    except SealBroken:
        return None
    return SigningKey(newest.key_id, _SHARED[newest.algorithm], secret)

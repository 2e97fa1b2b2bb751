"""Reads of calling systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from zhengtong.apps.foundation.identity.models import CallingSystem, CallingSystemKey
from zhengtong.apps.foundation.identity.rules import Act, may
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.requests import SigningKey
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys


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


def key_to_sign(system_id: str, *, at: datetime) -> SigningKey | None:
    """The newest shared secret of a system that is in force, to sign what is sent to it; None if it has none."""
    rows = _shared(at).filter(system_id=system_id).order_by("-created_at")
    row = rows.first()
    return _signing_key(row) if row else None


def key_to_check(key_id: str, *, at: datetime) -> tuple[str, str, SigningKey] | None:
    """System, its office and the shared secret of a key that is in force; None if there is none such."""
    row = _shared(at).filter(pk=key_id).first()
    return (row.system_id, row.system.office.code, _signing_key(row)) if row else None


def _shared(at: datetime) -> QuerySet[CallingSystemKey]:
    rows = CallingSystemKey.objects.select_related("system__office").filter(algorithm__startswith="hmac-", system__is_active=True)
    return rows.filter(Q(not_after__isnull=True) | Q(not_after__gt=at), revoked_at__isnull=True)


def _signing_key(row: CallingSystemKey) -> SigningKey:
    secret = unseal(node_keys().seal, row.material, f"caller-key:{row.key_id}")
    return SigningKey(row.key_id, Digest(row.algorithm.removeprefix("hmac-")), secret)


def system_of(actor: Actor, system_id: str) -> SystemView:
    """
    A calling system that the actor may manage.

    :raises SystemUnknown: if there is none of this id, or it belongs to another office.
    """
    found = system(system_id)
    if not may(actor, Act.MANAGE_SYSTEMS, office=found.office):
        raise SystemUnknown(say("没有调用系统 {system_id}", system_id=system_id), field="system")
    return found

"""
Writes of calling systems and their keys; every one stands in the ledger and reaches the gateways.

Threat model. A secret leaves this module once, when it is made; it is kept sealed, bound to its key id. A stolen one is replaced with an
overlap or revoked at once. An allow-list of networks keeps a stolen key from working elsewhere.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.identity.models import CallingSystem, CallingSystemKey
from zhengtong.apps.foundation.identity.queries import SystemUnknown
from zhengtong.apps.foundation.identity.rules import Act, label_of, require
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox

_SECRET_BYTES = 32
#: Told to the outbox whenever what a gateway must know has changed.
ROUTING_STALE = "routing:stale"


@dataclass(frozen=True)
class NewKey:
    """A key as its owner sees it once. ``secret`` is empty for a public key that was handed in."""

    key_id: str
    algorithm: str
    secret: str


@transaction.atomic
def add_system(*, by: Actor | str, system_id: str, name: str, office: str, now: datetime, networks: tuple[str, ...] = ()) -> None:
    """
    Register a calling system of an office.

    :raises Conflict: if the id is taken.
    :raises Invalid: if a network is not in CIDR form, or the id has another form than small letters, digits, hyphens and underscores.
    """
    if isinstance(by, Actor):
        require(by, Act.MANAGE_SYSTEMS, office=office)
    checked = _networks(networks)
    try:
        with transaction.atomic():
            CallingSystem.objects.create(
                id=system_id,
                name=name,
                office_id=organisations.office(office).id,
                rid=f"r_{system_id}",
                networks=checked,
                created_at=now,
            )
    except IntegrityError as exc:
        if "calling_system_id_form" in str(exc):
            raise Invalid("标识以小写字母开头,只含小写字母、数字、连字符和下划线,3 至 31 位", field="system") from exc
        raise Conflict(say("标识 {system_id} 已被使用", system_id=system_id), field="system") from exc
    _record_system(by, "identity:system:added", system_id, office, now)


@transaction.atomic
def add_key(
    *, by: Actor | str, system_id: str, algorithm: str, now: datetime, public: str = "", overlap: timedelta | None = None
) -> NewKey:
    """
    Give a calling system a new key. With ``overlap`` the older keys end after it; a secret is returned once and kept sealed.

    :raises SystemUnknown: if there is no such system.
    :raises Invalid: if an asymmetric algorithm comes without a public key in base64.
    """
    found = _system(by, system_id)
    key_id = f"{system_id}-{secrets.token_hex(4)}"
    secret = ""
    if algorithm in {"hmac-sha256", "hmac-sm3"}:
        secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=")
        material = seal(node_keys().seal, secret.encode(), f"caller-key:{key_id}")
    else:
        material = _public_material(algorithm, public)
    if overlap is not None:
        found.keys.filter(revoked_at__isnull=True, not_after__isnull=True).update(not_after=now + overlap)
    CallingSystemKey.objects.create(key_id=key_id, system=found, algorithm=algorithm, material=material, created_at=now)
    _record_system(by, "identity:system-key:added", system_id, found.office.code, now, key=key_id, algorithm=algorithm)
    return NewKey(key_id, algorithm, secret)


def _system(by: Actor | str, system_id: str) -> CallingSystem:
    """The row, locked, for somebody who may manage it."""
    found = CallingSystem.objects.select_for_update(of=("self",)).select_related("office").filter(pk=system_id).first()
    if found is None:
        raise SystemUnknown(say("没有调用系统 {system_id}", system_id=system_id), field="system")
    if isinstance(by, Actor):
        require(by, Act.MANAGE_SYSTEMS, office=found.office.code)
    return found


def _networks(texts: tuple[str, ...]) -> list[str]:
    """Networks in their one form, each once."""
    try:
        return list(dict.fromkeys(str(ip_network(text.strip())) for text in texts if text.strip()))
    except ValueError as exc:
        raise Invalid(say("不是网段:{exc}", exc=exc), field="networks", remedy="写成 10.1.2.0/24 或单个地址") from exc


@transaction.atomic
def set_networks(*, by: Actor | str, system_id: str, networks: tuple[str, ...], now: datetime) -> None:
    """
    Say from which networks a system may call; none means from anywhere.

    :raises SystemUnknown: if there is no such system.
    :raises Invalid: if a network is not in CIDR form.
    """
    found = _system(by, system_id)
    found.networks = _networks(networks)
    found.save(update_fields=["networks"])
    _record_system(by, "identity:system:networks-set", system_id, found.office.code, now, networks=found.networks)


@transaction.atomic
def set_system_active(*, by: Actor | str, system_id: str, active: bool, now: datetime) -> None:
    """
    Stop a system from calling, or let it call again; its keys stay as they are. Gateways know within seconds.

    :raises Conflict: if that is how it stands already.
    """
    found = _system(by, system_id)
    if found.is_active is active:
        raise Conflict("调用系统已经是这个状态")
    found.is_active = active
    found.save(update_fields=["is_active"])
    event = "identity:system:activated" if active else "identity:system:deactivated"
    _record_system(by, event, system_id, found.office.code, now)


def _public_material(algorithm: str, public: str) -> str:
    expected = {"ed25519": 32, "sm2-sm3": 64}.get(algorithm)
    try:
        raw = base64.b64decode(public, validate=True)
    except ValueError:
        raw = b""
    if expected is None or len(raw) != expected:
        raise Invalid(
            say("{algorithm} 的公钥应为 {expected} 字节的 Base64", algorithm=algorithm, expected=expected),
            field="public",
            remedy="提交原始公钥,不含 PEM 头尾",
        )
    return base64.b64encode(raw).decode()


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: str, now: datetime) -> None:
    """End a key at once; gateways know within seconds."""
    found = CallingSystemKey.objects.select_related("system__office").filter(pk=key_id, revoked_at__isnull=True).first()
    if found is None:
        raise Conflict("没有这个密钥,或已吊销")
    require(actor, Act.MANAGE_SYSTEMS, office=found.system.office.code)
    found.revoked_at = now
    found.save(update_fields=["revoked_at"])
    _record_system(actor, "identity:system-key:revoked", found.system_id, found.system.office.code, now, key=key_id)


def _record_system(by: Actor | str, event: str, system_id: str, office: str, now: datetime, **detail: Any) -> None:
    security.record(event, at=now, actor=label_of(by), office=office, detail={"system": system_id, **detail})
    outbox.publish(ROUTING_STALE, {"system": system_id}, at=now)

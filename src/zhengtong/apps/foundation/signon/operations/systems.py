"""
Writes of relying systems; every one stands in the ledger.

Threat model. One administrator alone lets a system of theirs know everybody, or moves the answers of another to an address of theirs: what
the system administrator proposes counts when the security administrator has approved it, and the database holds that these are two people.
A stolen secret: rotated with an overlap or revoked at once; it is shown once, kept as a digest, and is 256 random bits, which no dictionary
holds. A system that is misused: suspended by either, at once, with all its tokens. Not defended: two colluding administrators; whoever runs
commands on the server, who is the installation's operator.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.api import Act, label_of
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.signon import rules
from zhengtong.apps.foundation.signon.models import AccessToken, RefreshToken, RelyingSystem, SystemProposal, SystemSecret
from zhengtong.apps.foundation.signon.queries import SystemUnknown
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

_SECRET_BYTES = 32


@dataclass(frozen=True)
class NewSecret:
    """A secret as its owner sees it once."""

    id: str
    secret: str


@transaction.atomic
def propose(*, actor: Actor, now: datetime, **wanted: Any) -> int:
    """
    Propose a relying system, or how one should be from now on; returns the proposal's number. Takes what :func:`add_system` takes.

    :raises Conflict: if something is already proposed for it.
    :raises Invalid: naming the field that cannot be meant.
    """
    identity.require(actor, Act.PROPOSE_SIGN_ON)
    facts = _facts(**wanted)
    try:
        with transaction.atomic():
            made = SystemProposal.objects.create(**facts, proposed_by_id=actor.account_id, proposed_at=now)
    except IntegrityError as exc:
        raise Conflict("这个系统已有待审核的变更", field="client_id", remedy="等待审核,或先撤回原来的变更") from exc
    _record("signon:system:proposed", actor, made.client_id, made.office.code, now, **_told(facts))
    return made.pk


def _facts(
    *,
    client_id: str,
    name: str,
    office: str,
    redirect_uris: tuple[str, ...],
    scopes: tuple[str, ...],
    post_logout_redirect_uris: tuple[str, ...] = (),
    sector: str = "",
    asks_consent: bool = False,
) -> dict[str, Any]:
    """What is asked for, checked; a system that exists keeps its sector."""
    redirects = rules.addresses(redirect_uris, field="redirect_uris")
    if not redirects:
        raise Invalid("没有回调地址", field="redirect_uris", remedy="至少填写一个回调地址")
    if not rules.is_client_id(client_id):
        raise Invalid("标识以小写字母开头,只含小写字母、数字和连字符,3 至 40 位", field="client_id")
    if not name.strip():
        raise Invalid("没有名称", field="name", remedy="填写系统名称")
    known = RelyingSystem.objects.filter(client_id=client_id).first()
    return {
        "client_id": client_id,
        "name": name.strip(),
        "office_id": organisations.office(office).id,
        "redirect_uris": redirects,
        "post_logout_redirect_uris": rules.addresses(post_logout_redirect_uris, field="post_logout_redirect_uris"),
        "scopes": rules.scopes(scopes),
        "sector": known.sector if known else rules.sector(redirects, sector),
        "asks_consent": asks_consent,
    }


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("redirect_uris", "post_logout_redirect_uris", "scopes", "sector", "asks_consent")}


@transaction.atomic
def withdraw(*, actor: Actor, proposal_id: int, now: datetime) -> None:
    """
    Take back what was proposed and not yet decided.

    :raises Conflict: if it is decided, or there is none.
    """
    identity.require(actor, Act.PROPOSE_SIGN_ON)
    found = _waiting(proposal_id)
    found.outcome, found.decided_by_id, found.decided_at = "withdrawn", actor.account_id, now
    found.save(update_fields=["outcome", "decided_by", "decided_at"])
    _record("signon:system:withdrawn", actor, found.client_id, found.office.code, now)


def _waiting(proposal_id: int) -> SystemProposal:
    found = SystemProposal.objects.select_for_update(of=("self",)).select_related("office").filter(pk=proposal_id, outcome="").first()
    if found is None:
        raise Conflict("这项变更已经处理过", remedy="刷新页面看结果")
    return found


@transaction.atomic
def decide(*, actor: Actor, proposal_id: int, approve: bool, now: datetime, reason: str = "") -> None:
    """
    Approve what is proposed, which makes it so at once, or refuse it with a reason.

    :raises Conflict: if it is decided already, or by whoever proposed it.
    :raises Invalid: if it is refused without a reason.
    """
    identity.require(actor, Act.APPROVE_SIGN_ON)
    found = _waiting(proposal_id)
    if not approve and not reason.strip():
        raise Invalid("没有理由", field="reason", remedy="写明为什么不同意")
    found.outcome, found.decided_by_id, found.decided_at = "approved" if approve else "refused", actor.account_id, now
    found.reason = reason.strip()
    try:
        with transaction.atomic():
            found.save(update_fields=["outcome", "decided_by", "decided_at", "reason"])
    except IntegrityError as exc:
        raise Conflict("提出变更的人不能审核它", remedy="请另一位安全管理员审核") from exc
    if approve:
        names = ("client_id", "name", "office_id", "redirect_uris", "post_logout_redirect_uris", "scopes", "sector", "asks_consent")
        _apply({name: getattr(found, name) for name in names})
    event = "signon:system:approved" if approve else "signon:system:refused"
    _record(event, actor, found.client_id, found.office.code, now, proposal=found.pk, reason=found.reason)


def _apply(facts: dict[str, Any]) -> None:
    """Make a system what was approved. Who loses a scope gets new tokens without it: those with it end."""
    system = RelyingSystem.objects.select_for_update().filter(client_id=facts["client_id"]).first()
    system = system or RelyingSystem(
        client_id=facts["client_id"],
        client_type=RelyingSystem.CLIENT_CONFIDENTIAL,
        authorization_grant_type=RelyingSystem.GRANT_AUTHORIZATION_CODE,
        algorithm=RelyingSystem.RS256_ALGORITHM,
        client_secret="",
        hash_client_secret=False,
        sector=facts["sector"],
    )
    narrowed = bool(set(system.scopes or ()) - set(facts["scopes"]))
    system.name, system.office_id, system.scopes = facts["name"], facts["office_id"], facts["scopes"]
    system.redirect_uris = " ".join(facts["redirect_uris"])
    system.post_logout_redirect_uris = " ".join(facts["post_logout_redirect_uris"])
    system.skip_authorization = not facts["asks_consent"]
    system.save()
    if narrowed:
        _end_tokens(system)


def _end_tokens(system: RelyingSystem) -> None:
    AccessToken.objects.filter(application=system).delete()
    RefreshToken.objects.filter(application=system).delete()


@transaction.atomic
def add_system(*, by: str, now: datetime, **wanted: Any) -> None:
    """
    Add or change a relying system from the command line of the server, or by a process of the platform; in force at once.

    ``wanted``: ``client_id``, ``name``, ``office`` (code), ``redirect_uris``, ``scopes``, and where they differ from nothing
    ``post_logout_redirect_uris``, ``sector`` (default: the one host of the redirect addresses) and ``asks_consent``.

    :raises Invalid: naming the field that cannot be meant.
    """
    facts = _facts(**wanted)
    _apply(facts)
    _record("signon:system:added", by, facts["client_id"], wanted["office"], now, **_told(facts))


@transaction.atomic
def set_active(*, actor: Actor, client_id: str, active: bool, now: datetime) -> None:
    """
    Suspend a system, which ends all its tokens at once (either administrator), or let it go on (the security administrator).

    :raises Conflict: if that is how it stands already.
    """
    if active or not identity.may(actor, Act.PROPOSE_SIGN_ON):
        identity.require(actor, Act.APPROVE_SIGN_ON)
    found = _system(client_id)
    if found.is_active is active:
        raise Conflict("登录接入系统已经是这个状态")
    found.is_active = active
    found.save(update_fields=["is_active"])
    if not active:
        _end_tokens(found)
    _record("signon:system:resumed" if active else "signon:system:suspended", actor, client_id, found.office.code, now)


def _system(client_id: str) -> RelyingSystem:
    found: RelyingSystem | None = (
        RelyingSystem.objects.select_for_update(of=("self",)).select_related("office").filter(client_id=client_id).first()
    )
    if found is None:
        raise SystemUnknown(say("没有登录接入系统 {client_id}", client_id=client_id), field="client_id")
    return found


@transaction.atomic
def add_secret(*, by: Actor | str, client_id: str, now: datetime, overlap: timedelta | None = None) -> NewSecret:
    """
    Give a system a new secret, returned once; with ``overlap`` those before it end after that time.

    :raises SystemUnknown: if there is no such system.
    """
    if isinstance(by, Actor):
        identity.require(by, Act.PROPOSE_SIGN_ON)
    found = _system(client_id)
    made = NewSecret(secrets.token_hex(6), secrets.token_urlsafe(_SECRET_BYTES))
    if overlap is not None:
        found.secrets.filter(revoked_at__isnull=True, not_after__isnull=True).update(not_after=now + overlap)
    SystemSecret.objects.create(id=made.id, system=found, digest=hashlib.sha256(made.secret.encode()).hexdigest(), created_at=now)
    _record("signon:secret:added", by, client_id, found.office.code, now, secret=made.id)
    return made


@transaction.atomic
def revoke_secret(*, actor: Actor, client_id: str, secret_id: str, now: datetime) -> None:
    """
    End a secret at once; tokens that were got with it end with it.

    :raises Conflict: if there is none, or it is revoked already.
    """
    if not identity.may(actor, Act.APPROVE_SIGN_ON):
        identity.require(actor, Act.PROPOSE_SIGN_ON)
    found = _system(client_id)
    if not found.secrets.filter(pk=secret_id, revoked_at__isnull=True).update(revoked_at=now):
        raise Conflict("没有这个密钥,或已吊销")
    _end_tokens(found)
    _record("signon:secret:revoked", actor, client_id, found.office.code, now, secret=secret_id)


def _record(event: str, by: Actor | str, client_id: str, office: str, now: datetime, **detail: Any) -> None:
    security.record(event, at=now, actor=label_of(by), office=office, detail={"system": client_id, **detail})

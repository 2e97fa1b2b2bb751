"""Reads of relying systems and of what is proposed for them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhengtong.apps.foundation.signon.models import RelyingSystem, SystemProposal, SystemSecret
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say


class SystemUnknown(NotFound):
    """没有这个登录接入系统。"""

    code = "relying-system-unknown"


@dataclass(frozen=True)
class SecretView:
    """A secret without itself."""

    id: str
    created_at: datetime
    not_after: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class SystemView:
    """A relying system as approved."""

    client_id: str
    name: str
    office: str
    office_name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    sector: str
    asks_consent: bool
    is_active: bool
    secrets: tuple[SecretView, ...]


@dataclass(frozen=True)
class ProposalView:
    """What is, or was, proposed for a relying system; ``outcome`` is empty while it waits."""

    id: int
    client_id: str
    name: str
    office: str
    office_name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    sector: str
    asks_consent: bool
    proposed_by: str
    proposer_id: int
    proposed_at: datetime
    outcome: str
    decided_by: str
    decided_at: datetime | None
    reason: str


def _system_view(row: RelyingSystem) -> SystemView:
    return SystemView(
        client_id=row.client_id,
        name=row.name,
        office=row.office.code,
        office_name=row.office.name,
        redirect_uris=tuple(row.redirect_uris.split()),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris.split()),
        scopes=tuple(row.scopes),
        sector=row.sector,
        asks_consent=not row.skip_authorization,
        is_active=row.is_active,
        secrets=tuple(SecretView(one.id, one.created_at, one.not_after, one.revoked_at) for one in row.secrets.all()),
    )


def _proposal_view(row: SystemProposal) -> ProposalView:
    return ProposalView(
        id=row.pk,
        client_id=row.client_id,
        name=row.name,
        office=row.office.code,
        office_name=row.office.name,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        scopes=tuple(row.scopes),
        sector=row.sector,
        asks_consent=row.asks_consent,
        proposed_by=row.proposed_by.name,
        proposer_id=row.proposed_by_id,
        proposed_at=row.proposed_at,
        outcome=row.outcome,
        decided_by=row.decided_by.name if row.decided_by else "",
        decided_at=row.decided_at,
        reason=row.reason,
    )


def systems() -> list[SystemView]:
    """All relying systems by id."""
    rows = RelyingSystem.objects.select_related("office").prefetch_related("secrets").order_by("client_id")
    return [_system_view(row) for row in rows]


def system(client_id: str) -> SystemView:
    """
    A relying system.

    :raises SystemUnknown: if there is none with this id.
    """
    row = RelyingSystem.objects.select_related("office").prefetch_related("secrets").filter(client_id=client_id).first()
    if row is None:
        raise SystemUnknown(say("没有登录接入系统 {client_id}", client_id=client_id), field="client_id")
    return _system_view(row)


def open_proposals() -> list[ProposalView]:
    """What waits for the security administrator, oldest first."""
    rows = SystemProposal.objects.select_related("office", "proposed_by", "decided_by").filter(outcome="").order_by("proposed_at")
    return [_proposal_view(row) for row in rows]


def open_proposal(client_id: str) -> ProposalView | None:
    """What waits for a decision on one system."""
    return next((one for one in open_proposals() if one.client_id == client_id), None)


def proposals_of(client_id: str, *, limit: int = 20) -> list[ProposalView]:
    """What was ever proposed for a system, latest first."""
    rows = SystemProposal.objects.select_related("office", "proposed_by", "decided_by").filter(client_id=client_id)
    return [_proposal_view(row) for row in rows[:limit]]


def secret_is_right(client_id: str, secret: str, *, now: datetime) -> bool:
    """Whether a secret of a system is in force."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    rows = SystemSecret.objects.filter(
        Q(not_after__isnull=True) | Q(not_after__gt=now), system__client_id=client_id, revoked_at__isnull=True
    )
    return any(hmac.compare_digest(kept, digest) for kept in rows.values_list("digest", flat=True))

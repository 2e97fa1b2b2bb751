"""Developers with their keys and their use, as they themselves and the bureau see them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.flow.opendata.models import Developer, DeveloperKey, Usage
from zhengtong.apps.flow.opendata.queries.requests import masked
from zhengtong.apps.flow.opendata.queries.uses import Uses, uses_of
from zhengtong.apps.flow.opendata.rules.permissions import bureau_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.contracts import open_keys
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import NotFound


class DeveloperUnknown(NotFound):
    """没有这个开发者登记,或查询码不对。"""

    code = "developer-unknown"


@dataclass(frozen=True)
class DeveloperKeyView:
    """A key; ``live`` says whether it works now."""

    id: int
    name: str
    hint: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    blocked: str
    live: bool


@dataclass(frozen=True)
class DeveloperView:
    """A developer. ``name`` and ``contact`` are masked for whoever need not reach them. ``left_today``: questions of the day's quota."""

    id: int
    number: str
    name: str
    contact: str
    purpose: str
    per_second: int
    burst: int
    per_day: int
    quota_reason: str
    blocked: str
    created_at: datetime
    keys: tuple[DeveloperKeyView, ...]
    uses: Uses
    left_today: int


def of_developer(number: str, proven: str) -> Developer:
    """
    The developer that a private link leads to; ``proven`` is the proof of its secret.

    :raises DeveloperUnknown: if there is none, or the secret is another.
    """
    row = Developer.objects.filter(number=number).first()
    if row is None or not hmac.compare_digest(row.secret, proven):
        raise DeveloperUnknown
    return row


def own_developer(number: str, proven: str, *, now: datetime) -> DeveloperView:
    """
    A developer as they see themselves.

    :raises DeveloperUnknown: as :func:`of_developer`.
    """
    return _view(of_developer(number, proven), now, opened=True)


def developers(actor: identity.Actor, *, now: datetime, after: str = "", limit: int = 50) -> list[DeveloperView]:
    """
    All developers, latest first, masked.

    :raises NotAllowed: unless the actor approves for a bureau.
    """
    bureau_of(actor)
    rows = Developer.objects.prefetch_related("keys")
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after[:18]))
    return [_view(row, now, opened=False) for row in rows[:limit]]


def developer(number: str, actor: identity.Actor, *, now: datetime, opened: bool = False) -> DeveloperView:
    """
    A developer at the bureau's desk, masked unless ``opened``.

    :raises NotAllowed: unless the actor approves for a bureau.
    :raises DeveloperUnknown: if there is none.
    """
    bureau_of(actor)
    row = Developer.objects.filter(number=number).first()
    if row is None:
        raise DeveloperUnknown
    return _view(row, now, opened=opened)


def _view(row: Developer, now: datetime, *, opened: bool) -> DeveloperView:
    today, caller = local_date(now), f"developer:{row.pk}"
    asked = Usage.objects.filter(caller=caller, kind="asked", day=today).values_list("count", flat=True).first() or 0
    return DeveloperView(
        id=row.pk,
        number=row.number,
        name=row.name if opened else masked(row.name),
        contact=row.contact if opened else masked(row.contact),
        purpose=row.purpose,
        per_second=row.per_second,
        burst=row.per_second * open_keys.BURST_SECONDS,
        per_day=row.per_day,
        quota_reason=row.quota_reason,
        blocked=row.blocked,
        created_at=row.created_at,
        keys=tuple(_key(one, row, now) for one in row.keys.all()),
        uses=uses_of([caller], today=today),
        left_today=max(0, row.per_day - asked),
    )


def _key(row: DeveloperKey, holder: Developer, now: datetime) -> DeveloperKeyView:
    live = open_keys.is_live(expires_at=row.expires_at, revoked_at=row.revoked_at, now=now) and not row.blocked and not holder.blocked
    return DeveloperKeyView(row.pk, row.name, row.hint, row.made_at, row.expires_at, row.revoked_at, row.blocked, live)

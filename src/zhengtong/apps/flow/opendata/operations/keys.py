"""Keys: made, replaced with an overlap, revoked, and asked for what they open. Only digests are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from zhengtong.apps.flow.opendata.models import AccessGrant, Dataset, OpenKey
from zhengtong.apps.flow.opendata.queries.access import listed
from zhengtong.apps.flow.opendata.queries.datasets import DatasetGone
from zhengtong.apps.flow.opendata.rules import grants
from zhengtong.contracts import open_keys
from zhengtong.kernel.clock import CHINA, local_date
from zhengtong.kernel.errors import Refused
from zhengtong.kernel.sentences import say

_BYTES = 32
_HINT = 8


class KeyRefused(Refused):
    """密钥不对、已到期或已注销。"""

    code = "key-refused"
    status = 401


class GrantStopped(Refused):
    """授权现在不能使用。"""

    code = "access-grant-stopped"


@dataclass(frozen=True)
class Admission:
    """What a key opens: the items of one dataset, under one grant, until its last day."""

    key: int
    grant: str
    dataset: int
    items: tuple[str, ...]
    agreement_hash: str


def make_for(grant: AccessGrant, *, now: datetime) -> str:
    """A new key of a grant, which ends with it; its text is returned and kept nowhere. In the caller's transaction."""
    text = open_keys.GRANT_PREFIX + secrets.token_urlsafe(_BYTES)
    end = datetime.combine(grant.until + timedelta(days=1), time(), CHINA)
    OpenKey.objects.create(grant=grant, hint=text[:_HINT], digest=open_keys.proof(text), made_at=now, expires_at=end)
    return text


def found(text: str, *, now: datetime) -> OpenKey:
    """
    A key that works.

    :raises KeyRefused: if it is unknown, expired or revoked.
    """
    key = OpenKey.objects.select_related("grant__request__dataset").filter(digest=open_keys.proof(text)).first() if text else None
    if key is None or not open_keys.is_live(expires_at=key.expires_at, revoked_at=key.revoked_at, now=now):
        raise KeyRefused
    return key


def admit(text: str, dataset: int, *, now: datetime) -> Admission:
    """
    What a key opens of a conditional dataset now. Every path that serves granted rows asks this for every request, so that suspension,
    withdrawal of the dataset, revocation and expiry count at once.

    :raises KeyRefused: if the key does not work, or is not of a grant of this dataset.
    :raises GrantStopped: if the grant is suspended, ended or expired.
    :raises DatasetGone: if the dataset is not open now.
    """
    key = found(text, now=now)
    grant = key.grant
    if grant.request.dataset_id != dataset:
        raise KeyRefused
    state = open_keys.standing(grant.state, grant.until, local_date(now))
    if state != "active":
        raise GrantStopped(say("授权{number}{state}", number=grant.number, state=say(open_keys.GRANT_LABELS[state])), remedy=grant.reason)
    row = listed().select_related("current").filter(pk=dataset).first()
    if row is None:
        raise DatasetGone
    return Admission(key.pk, grant.number, dataset, _columns(row, grant), grant.agreement_hash)


def _columns(row: Dataset, grant: AccessGrant) -> tuple[str, ...]:
    """The granted items that the present version has, in its order."""
    columns = row.current.columns if row.current else []
    return tuple(one["key"] for one in columns if one["key"] in grant.items)


@transaction.atomic
def replaced(grant: AccessGrant, *, now: datetime) -> str:
    """A new key; the others work for :data:`grants.OVERLAP` longer at most, so that systems can be changed over."""
    for old in OpenKey.objects.select_for_update().filter(grant=grant, revoked_at=None):
        old.expires_at = min(old.expires_at, now + grants.OVERLAP)
        old.save(update_fields=["expires_at"])
    return make_for(grant, now=now)

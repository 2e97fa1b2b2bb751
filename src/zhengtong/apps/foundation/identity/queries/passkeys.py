"""Reads of passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.foundation.identity.models import Passkey


@dataclass(frozen=True)
class PasskeyView:
    """A passkey in its owner's list."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


def passkeys(account_id: int) -> list[PasskeyView]:
    """The passkeys of an account, oldest first."""
    return [PasskeyView(row.pk, row.name, row.created_at, row.used_at) for row in Passkey.objects.filter(user_id=account_id)]

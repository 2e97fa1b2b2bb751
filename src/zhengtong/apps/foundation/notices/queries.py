"""Reads of notices: everybody's own and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from zhengtong.apps.foundation.notices.models import Notice
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.sentences import told

_MOST_COUNTED = 99


@dataclass(frozen=True)
class NoticeView:
    """A notice."""

    id: int
    at: datetime
    text: str
    address: str
    unread: bool


def notices(actor: Actor, *, after: str = "", limit: int = 50) -> list[NoticeView]:
    """The actor's notices, newest first, after the id ``after``."""
    found = Notice.objects.filter(account_id=actor.account_id).order_by("-pk")
    if after.isdecimal():
        found = found.filter(pk__lt=int(after))
    return [NoticeView(row.pk, row.at, told(row.text), row.address, row.read_at is None) for row in found[:limit]]


def unread(actor: Actor) -> int:
    """How many notices the actor has not read, up to 99; on every page, hence as SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select from notices_notice where account_id = %s and read_at is null limit %s) unread",
            [actor.account_id, _MOST_COUNTED],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0

"""Publish in a transaction; read afterwards, in the order of commits, each message at least once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

__all__ = ["CHANNEL", "Message", "batch", "lag", "prune", "publish", "skip_to_end"]

#: LISTEN on this channel wakes readers; the payload is the topic.
CHANNEL = "zhengtong_outbox"


@dataclass(frozen=True)
class Message:
    """One thing that happened."""

    id: int
    topic: str
    body: dict[str, Any]
    at: datetime


def publish(topic: str, body: dict[str, Any], *, at: datetime) -> None:
    """Write a message in the caller's transaction; readers are woken when it commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into outbox_message (topic, body, at) values (%s, %s, %s)", [topic, json.dumps(body, ensure_ascii=False), at]
        )
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, topic])


_READ = """
    select m.xid::text, m.id, m.topic, m.body::text, m.at
    from outbox_message m, outbox_position p
    where p.reader = %s and (m.xid, m.id) > (p.xid, p.id) and m.xid < pg_snapshot_xmin(pg_current_snapshot())
        and (cardinality(%s::text[]) = 0 or m.topic = any(%s::text[]))
    order by m.xid, m.id limit %s
"""


@contextmanager
def batch(reader: str, *, topics: tuple[str, ...] = (), limit: int = 1000) -> Iterator[list[Message]]:
    """
    The next messages for ``reader``; its position moves on when the block ends without an exception.

    Only one process at a time reads for one reader; others get an empty batch.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into outbox_position (reader) values (%s) on conflict do nothing", [reader])
        cursor.execute("select 1 from outbox_position where reader = %s for update skip locked", [reader])
        if cursor.fetchone() is None:
            yield []
            return
        cursor.execute(_READ, [reader, list(topics), list(topics), limit])
        rows = cursor.fetchall()
        yield [Message(id_, topic, json.loads(body), at) for _xid, id_, topic, body, at in rows]
        if rows:
            cursor.execute("update outbox_position set xid = %s::xid8, id = %s where reader = %s", [rows[-1][0], rows[-1][1], reader])


def skip_to_end(reader: str) -> None:
    """Put a reader behind everything that is committed now, when it has just been rebuilt from the truth."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into outbox_position (reader, xid, id) values (%s, pg_snapshot_xmin(pg_current_snapshot()), 0) "
            "on conflict (reader) do update set xid = excluded.xid, id = excluded.id",
            [reader],
        )


def lag(reader: str) -> int:
    """How many messages of any topic lie ahead of a reader."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from outbox_message m left join outbox_position p on p.reader = %s "
            "where (m.xid, m.id) > (coalesce(p.xid, '0'::xid8), coalesce(p.id, 0))",
            [reader],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def prune(*, before: datetime) -> int:
    """Delete messages older than ``before`` that every reader has passed; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from outbox_message m where at < %s "
            "and not exists (select 1 from outbox_position p where (p.xid, p.id) < (m.xid, m.id))",
            [before],
        )
        return int(cursor.rowcount)

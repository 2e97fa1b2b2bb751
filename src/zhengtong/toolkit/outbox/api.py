"""Publish in a transaction; read once it has committed, each message at least once."""

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
    where p.reader = %s and m.xid >= p.xid and m.id <> all(p.seen) and (cardinality(%s::text[]) = 0 or m.topic = any(%s::text[]))
    order by m.xid, m.id limit %s
"""
# a transaction that is still open may yet bring messages: the position stays before it, and what was read beyond it is kept by number
_MOVE = """
    update outbox_position p set xid = moved.xid, seen = array(
        select m.id from outbox_message m where m.xid >= moved.xid and (m.id = any(p.seen) or m.id = any(%s::bigint[])) order by m.id
    )
    from (select least(%s::xid8, %s::xid8) as xid) moved
    where p.reader = %s and (
        cardinality(%s::bigint[]) > 0 or exists (select 1 from outbox_message m where m.xid >= p.xid and m.xid < moved.xid)
    )
"""


@contextmanager
def batch(reader: str, *, topics: tuple[str, ...] = (), limit: int = 1000) -> Iterator[list[Message]]:
    """
    The next messages for ``reader``, as soon as they are committed, however long other transactions stay open; its position moves on when
    the block ends without an exception.

    Messages come in the order of transactions as far as these have committed: one that began earlier and commits later brings its
    messages later. Only one process at a time reads for one reader; others get an empty batch.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into outbox_position (reader) values (%s) on conflict do nothing", [reader])
        cursor.execute("select 1 from outbox_position where reader = %s for update skip locked", [reader])
        if cursor.fetchone() is None:
            yield []
            return
        # taken before reading: what commits in between is read again rather than passed over
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text")
        (gate,) = cursor.fetchone() or ("0",)
        cursor.execute(_READ, [reader, list(topics), list(topics), limit])
        rows = cursor.fetchall()
        yield [Message(id_, topic, json.loads(body), at) for _xid, id_, topic, body, at in rows]
        read = [id_ for _xid, id_, *_rest in rows]
        reached = rows[-1][0] if len(rows) == limit else gate
        cursor.execute(_MOVE, [read, gate, reached, reader, read])


def skip_to_end(reader: str) -> None:
    """Put a reader behind everything that is committed now, when it has just been rebuilt from the truth."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into outbox_position (reader, xid) values (%s, pg_snapshot_xmin(pg_current_snapshot())) "
            "on conflict (reader) do update set xid = excluded.xid, seen = '{}'",
            [reader],
        )


def lag(reader: str) -> int:
    """How many messages of any topic lie ahead of a reader."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from outbox_message m left join outbox_position p on p.reader = %s "
            "where p.reader is null or (m.xid >= p.xid and m.id <> all(p.seen))",
            [reader],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def prune(*, before: datetime) -> int:
    """Delete messages older than ``before`` that every reader has passed; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from outbox_message m where at < %s "
            "and not exists (select 1 from outbox_position p where p.xid <= m.xid and m.id <> all(p.seen))",
            [before],
        )
        return int(cursor.rowcount)

"""The outbox: nothing is lost, nothing waits for a stranger's transaction, and what all have read can go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import psycopg
import pytest
from django.db import connection, transaction

from zhengtong.toolkit.outbox import api as outbox

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """Somebody else's connection to the same database."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"cursor_factory", "context", "prepare_threshold"}
    }
    with psycopg.connect(**parameters) as opened:
        yield opened


def put(other: psycopg.Connection, name: str) -> None:
    other.execute("insert into outbox_message (topic, body, at) values ('t', jsonb_build_object('name', %s::text), now())", [name])


def read(limit: int = 1000, topics: tuple[str, ...] = ()) -> list[str]:
    with outbox.batch("reader", limit=limit, topics=topics) as messages:
        return [str(one.body["name"]) for one in messages]


def test_a_message_does_not_wait_for_transactions_that_began_before_it(other: psycopg.Connection) -> None:
    put(other, "slow")
    outbox.publish("t", {"name": "quick"}, at=NOW)
    assert read() == ["quick"]
    assert read() == []
    other.commit()
    assert read() == ["slow"]
    assert read() == []


def test_many_transactions_in_any_order_bring_each_message_once(other: psycopg.Connection) -> None:
    put(other, "first")
    for number in range(7):
        outbox.publish("t", {"name": str(number)}, at=NOW)
    assert [*read(3), *read(3)] == list("012345")
    other.commit()
    put(other, "late")
    outbox.publish("t", {"name": "7"}, at=NOW)
    seen = [name for _ in range(5) for name in read(2)]
    assert sorted(seen) == ["6", "7", "first"]
    other.commit()
    assert read() == ["late"]
    assert outbox.lag("reader") == 0


def test_messages_come_again_after_a_failure(other: psycopg.Connection) -> None:
    outbox.publish("t", {"name": "a"}, at=NOW)
    with pytest.raises(RuntimeError), outbox.batch("reader"):
        raise RuntimeError
    assert read() == ["a"]


def test_one_process_at_a_time_reads_for_a_reader(other: psycopg.Connection) -> None:
    assert read() == []
    outbox.publish("t", {"name": "a"}, at=NOW)
    other.execute("select 1 from outbox_position where reader = 'reader' for update")
    assert read() == []
    other.rollback()
    assert read() == ["a"]


def test_a_reader_of_one_topic_passes_over_the_others_so_that_they_can_be_pruned() -> None:
    outbox.publish("other", {"name": "x"}, at=NOW)
    outbox.publish("t", {"name": "a"}, at=NOW)
    assert outbox.lag("reader") == 2
    assert read(topics=("t",)) == ["a"]
    # a transaction open in any database of the cluster holds the position back, so it moves once that has ended
    pruned, until = 0, monotonic() + 60
    while pruned < 2 and monotonic() < until:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()")
        assert read(topics=("t",)) == []
        pruned += outbox.prune(before=NOW + timedelta(seconds=1))
    assert pruned == 2


def test_what_a_reader_has_not_read_is_not_pruned() -> None:
    assert read() == []
    outbox.publish("t", {"name": "a"}, at=NOW)
    assert outbox.prune(before=NOW + timedelta(days=1)) == 0
    assert outbox.prune(before=NOW - timedelta(days=1)) == 0
    assert read() == ["a"]


def test_a_reader_that_was_rebuilt_begins_behind_what_was_there() -> None:
    outbox.publish("t", {"name": "a"}, at=NOW)
    outbox.skip_to_end("reader")
    outbox.publish("t", {"name": "b"}, at=NOW)
    assert "b" in read()
    assert outbox.lag("reader") == 0

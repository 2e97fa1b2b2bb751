"""The worker's turns are woken by what they read of the outbox, and by nothing else."""

from __future__ import annotations

from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.project import worker


def test_every_topic_wakes_whoever_reads_it() -> None:
    woken: dict[str, set[str]] = {}
    for turn in worker.TURNS:
        for topic in turn.topics:
            woken.setdefault(topic, set()).add(turn.name)
    assert woken[identity.ROUTING_STALE] == {"routing"}
    assert woken[organisations.OFFICE_CHANGED] == {"routing", "index"}
    assert woken[catalog.CHANGED] == {"index", "quality", "saved-searches"}
    assert woken[working_days.REVISED] == {"due-dates"}
    assert woken["quality:binding"] == woken["quality:standards"] == {"quality"}

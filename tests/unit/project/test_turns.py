"""The worker's turns are woken by what they read of the outbox, and by nothing else."""

from __future__ import annotations

import asyncio
import threading

import pytest

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


def test_turns_that_take_long_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    published = threading.Event()

    def long() -> None:
        assert published.wait(30), "the short turn never came to its second time"

    times = []

    def short() -> None:
        times.append(len(times))
        if len(times) == 2:
            published.set()

    taken: list[BaseException] = []

    def take(turn: worker.Turn) -> None:
        try:
            turn.act()
        except BaseException as exc:
            taken.append(exc)
            raise

    monkeypatch.setattr(worker, "take", take)  # without a database
    # more than the loop has threads of its own on any machine
    turns = [*(worker.Turn(f"long-{number}", long, 60) for number in range(40)), worker.Turn("short", short, 0.01)]

    async def run() -> None:
        stop = asyncio.Event()
        turning = asyncio.create_task(worker.keep_turning(turns, {turn.name: asyncio.Event() for turn in turns}, stop))
        await asyncio.to_thread(published.wait, 30)
        stop.set()
        await turning

    asyncio.run(asyncio.wait_for(run(), 60))
    assert len(times) >= 2
    assert not taken

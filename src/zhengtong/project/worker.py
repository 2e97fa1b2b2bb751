"""
The worker: runs queued tasks, and everything that turns by itself: search index, ledger, routes, clocks, schedules.

Every turn is safe to repeat and safe to run in several workers; what must happen once is settled in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import structlog
import uvicorn
from django.conf import settings
from django.db import close_old_connections
from procrastinate.contrib.django import app
from prometheus_client import Counter, Gauge, Histogram

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.affairs.licences import api as licences
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.tasks import carry_out
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.signon import api as signon
from zhengtong.apps.oversight.indicators import api as indicators
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.kernel import clock
from zhengtong.project import readiness, rescheduling, stalled
from zhengtong.toolkit.outbox import api as outbox
from zhengtong.toolkit.probes import Probes

log = structlog.get_logger()
_TURNS = Counter("zhengtong_worker_turns_total", "Turns taken", ["turn", "outcome"])
_SECONDS = Histogram("zhengtong_worker_turn_seconds", "Time a turn took", ["turn"])
_LAG = Gauge("zhengtong_ledger_blocks_not_searchable", "Blocks not yet unfolded for search")
_DRIFT = Gauge("zhengtong_catalog_index_drift", "Entries that the search index had wrong when last compared, since mended", ["kind"])
_KEEP_MESSAGES = timedelta(days=7)
_ROUTES = (identity.ROUTING_STALE, organisations.OFFICE_CHANGED)
#: seconds that a woken turn rests before it turns again, so that a stream of messages is answered in batches and leaves time for tasks
_REST = 0.2


def _publish_routes() -> None:
    with outbox.batch("routing", topics=_ROUTES) as messages:
        if messages:
            exchange.publish(now=clock.now())


def _relocate() -> None:
    with outbox.batch("places", topics=(organisations.OUTLINES_CHANGED,)) as messages:
        if messages:
            opendata.relocate_all()


def _unfold() -> None:
    while security.unfold():
        pass
    _LAG.set(security.unfolded_lag())


def _count() -> None:
    while ratings.follow_figures():
        pass


def _index() -> None:
    while catalog.index_once():
        pass


def _mend_index() -> None:
    _index()  # what merely waits in the outbox is no drift
    found = catalog.mend()
    for kind in ("missing", "stale", "surplus"):
        numbers = getattr(found, kind)
        _DRIFT.labels(kind=kind).set(len(numbers))
        if numbers:
            log.warning("search index mended", kind=kind, entries=len(numbers), first=numbers[:10])


def _measure_quality() -> None:
    while quality.follow(now=clock.now()):
        pass


def _recheck_quality() -> None:
    while quality.recheck(now=clock.now()):
        pass
    quality.keep_month(now=clock.now())


def _sample_columns() -> None:
    while quality.sample_next(now=clock.now()):
        pass


def _take_up_stalled() -> None:
    for job in stalled.take_up():
        log.warning("job of a killed worker taken up", job=job.number, task=job.task)


def _open_due_runs() -> None:
    for run_id in exchange.due(now=clock.now()):
        carry_out.defer(run_id=str(run_id))


def _measure_portal() -> None:
    now = clock.now()
    if indicators.measure_due(now=now) == 0:
        indicators.measure_portal(today=clock.local_date(now))


def _forget_uploads() -> None:
    now = clock.now()
    exchange.forget_uploads(before=now - timedelta(days=settings.ENVIRONMENT.keep_uploads_days), now=now)


def _prepare_months() -> None:
    now = clock.now()
    security.prepare_month(now)
    security.prepare_month(now + timedelta(days=32))
    outbox.prune(before=now - _KEEP_MESSAGES)


@dataclass(frozen=True)
class Turn:
    """Something done again and again: every ``seconds``, and at once when the outbox speaks of one of its ``topics``."""

    name: str
    act: Callable[[], object]
    seconds: float
    topics: tuple[str, ...] = ()


TURNS = (
    Turn("routing", _publish_routes, 1, _ROUTES),
    Turn("index", _index, 1, (catalog.CHANGED, organisations.OFFICE_CHANGED)),
    Turn("places", _relocate, 5, (organisations.OUTLINES_CHANGED,)),
    Turn("mend-index", _mend_index, 600),
    Turn("quality", _measure_quality, 2, quality.FOLLOWED),
    Turn("recheck-quality", _recheck_quality, 600),
    Turn("samples", _sample_columns, 10),
    Turn("saved-searches", lambda: catalog.tell_of_new_hits(now=clock.now()), 2, (catalog.CHANGED,)),
    Turn("unfold", _unfold, 1),
    Turn("due-dates", lambda: rescheduling.follow_calendar(now=clock.now()), 5, (working_days.REVISED,)),
    Turn("remind", lambda: sharing.remind(now=clock.now()), 60),
    Turn("remind-reviewers", lambda: catalog.remind_reviewers(now=clock.now()), 60),
    Turn("remind-demands", lambda: participation.remind(now=clock.now()), 60),
    Turn("cases", lambda: cases.follow(now=clock.now()), 30),
    Turn("ratings", lambda: ratings.follow(now=clock.now()), 60),
    Turn("figures", _count, 5, ratings.TOPICS),
    Turn("docked-deliveries", lambda: cases.hand_over(now=clock.now()), 2),
    Turn("docked-lists", lambda: cases.compare_all(now=clock.now()), 600),
    Turn("case-anchors", lambda: cases.anchor(now=clock.now()), 30),
    Turn("changes", lambda: catalog.work_off_changes(now=clock.now()), 2),
    Turn("harvests", lambda: catalog.start_due_harvests(now=clock.now()), 10),
    Turn("due-runs", _open_due_runs, 5),
    Turn("stalled-jobs", _take_up_stalled, 10),
    Turn("licences", lambda: licences.work_off(now=clock.now()), 2),
    Turn("licences-over", lambda: licences.expire(now=clock.now()), 60),
    Turn("remind-plans", lambda: opendata.remind_plans(now=clock.now()), 3600),
    Turn("remind-openings", lambda: opendata.remind_requests(now=clock.now()), 60),
    Turn("openings", lambda: opendata.follow(now=clock.now()), 5),
    Turn("old-tables", lambda: opendata.drop_retired(now=clock.now()), 60),
    Turn("scores", _measure_portal, 30),
    Turn("drops", lambda: exchange.take_drops(now=clock.now()), 5),
    Turn("uploads", _forget_uploads, 3600),
    Turn("messages", lambda: notices.deliver(now=clock.now()), 1),
    Turn("names", lambda: citizens.heal_names(now=clock.now()), 30),
    Turn("owed-fields", lambda: filing.heal(now=clock.now()), 15),
    Turn("bindings", lambda: citizens.heal_rights(now=clock.now()), 60),
    Turn("anchor", lambda: security.anchor(at=clock.now()), 300),
    Turn("months", _prepare_months, 3600),
    Turn("sign-on", signon.tidy, 600),
    Turn("retention", lambda: security.expire_months(now=clock.now()), 3600),
)


def take(turn: Turn) -> None:
    """Take one turn; a failure is logged and counted, and the next turn tries again."""
    begun = time.perf_counter()
    try:
        close_old_connections()
        with working_days.one_calendar():
            turn.act()
        _TURNS.labels(turn=turn.name, outcome="ok").inc()
    except Exception as exc:
        _TURNS.labels(turn=turn.name, outcome="failed").inc()
        log.exception("turn failed", turn=turn.name, error=type(exc).__name__)
        close_old_connections()
    _SECONDS.labels(turn=turn.name).observe(time.perf_counter() - begun)


async def _keep_turning(turn: Turn, threads: Executor, wake: asyncio.Event, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        await loop.run_in_executor(threads, take, turn)
        if turn.topics:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _REST)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for((wake if turn.topics else stop).wait(), turn.seconds)
        wake.clear()


async def keep_turning(turns: Sequence[Turn], wake: Mapping[str, asyncio.Event], stop: asyncio.Event) -> None:
    """
    Take all turns again and again until ``stop``, each in a thread of its own.

    The loop's own threads are few: a first measurement of quality and samples that take minutes would keep routes waiting.
    """
    with ThreadPoolExecutor(len(turns), thread_name_prefix="turn") as threads:
        await asyncio.gather(*(_keep_turning(turn, threads, wake[turn.name], stop) for turn in turns))


async def _listen(wake: dict[str, asyncio.Event], stop: asyncio.Event) -> None:
    """Wake the turns that follow what the outbox speaks of; while the database is away they turn by time alone."""
    while not stop.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(settings.DATABASE_URL, autocommit=True) as connection:
                await connection.execute(f"listen {outbox.CHANNEL}")
                async for notice in connection.notifies(timeout=None):
                    for turn in TURNS:
                        if notice.payload in turn.topics:
                            wake[turn.name].set()
        except psycopg.OperationalError:
            await asyncio.sleep(1)


async def _serve(port: int, stop: asyncio.Event) -> None:
    config = uvicorn.Config(Probes(None, readiness.CHECKS), host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    await stop.wait()
    server.should_exit = True
    await serving


async def run(*, port: int, concurrency: int = 2) -> None:
    """Work until SIGTERM or SIGINT: finish the tasks at hand, leave everything else to whoever comes next."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    wake = {turn.name: asyncio.Event() for turn in TURNS}
    worker_name = f"worker-{uuid.uuid4().hex[:8]}"

    def end() -> None:
        stop.set()
        for event in wake.values():
            event.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as worker_app:
        async with worker_app.open_async():
            turning = asyncio.create_task(keep_turning(TURNS, wake, stop))
            listening = asyncio.create_task(_listen(wake, stop))
            queue = asyncio.create_task(
                worker_app.run_worker_async(
                    name=worker_name,
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    listen_notify=True,
                    fetch_job_polling_interval=1,
                )
            )
            log.info("worker ready", name=worker_name)
            await _serve(port, stop)
            queue.cancel()
            listening.cancel()
            await asyncio.gather(turning, queue, listening, return_exceptions=True)
    log.info("worker stopped", name=worker_name)

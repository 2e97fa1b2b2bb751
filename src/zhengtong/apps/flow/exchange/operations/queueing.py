"""Ask for a run and hand it to the worker in one transaction, so that no run is asked for that nobody carries out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from itertools import count

from django.db import transaction
from procrastinate.contrib.django import app

from zhengtong.apps.flow.exchange.models import Run, RunState
from zhengtong.apps.flow.exchange.models.run import OPEN_STATES
from zhengtong.apps.flow.exchange.operations.runs import RunUnknown, carry_out, request_collect, request_push
from zhengtong.apps.flow.exchange.queries.runs import RunView, known
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.dataflow.errors import TransientFailure
from zhengtong.kernel import clock

#: the name and queue of the worker's task
TASK, QUEUE = "exchange.carry_out", "exchange"
#: seconds between attempts, at most
_LONGEST_PAUSE = 30


@transaction.atomic
def start_collect(*, by: identity.Actor | str, resource_id: int, now: datetime) -> uuid.UUID:
    """
    Have the rows of a bound resource collected now; returns the run's id.

    :raises RunOpen: if a run is open.
    """
    return _deferred(request_collect(by=by, resource_id=resource_id, now=now))


@transaction.atomic
def start_push(*, by: identity.Actor | str, push_id: int, now: datetime) -> uuid.UUID:
    """
    Have granted rows pushed now; returns the run's id.

    :raises RunOpen: if a run is open.
    """
    return _deferred(request_push(by=by, push_id=push_id, now=now))


@transaction.atomic
def retry(*, actor: identity.Actor, run_id: uuid.UUID, now: datetime) -> uuid.UUID:
    """
    Do again what a stopped or failed run was for; the engine goes on where it stood. Returns the new run's id.

    :raises RunUnknown: if there is none.
    :raises RunOpen: if a run is open.
    """
    run = Run.objects.select_related("binding").filter(pk=run_id).first()
    if run is None:
        raise RunUnknown
    if run.binding is not None:
        return start_collect(by=actor, resource_id=run.binding.resource_id, now=now)
    assert run.push_id is not None  # noqa: S101 - a constraint of the table
    return start_push(by=actor, push_id=run.push_id, now=now)


def collect_here(*, by: str, resource_id: int, now: datetime, progress: Callable[[int, int | None], None] | None = None) -> RunView:
    """
    Collect a bound resource in this process, for the command line; what passes by itself is tried again with growing pauses.

    :param progress: is told after every chunk how many rows were read, and how many there will be if that is known.
    :raises RunOpen: if a run is open.
    """
    run_id = request_collect(by=by, resource_id=resource_id, now=now)
    try:
        for attempt in count(1):
            try:
                carry_out(run_id, progress=progress)
                break
            except TransientFailure:
                # the attempt after the last one allowed ends the run as failed
                time.sleep(min(2**attempt, _LONGEST_PAUSE))
    except KeyboardInterrupt:
        # whoever stops the command stops the run: nobody else would carry it on
        Run.objects.filter(pk=run_id, state__in=OPEN_STATES).update(state=RunState.STOPPED, finished_at=clock.now())
        raise
    return known(run_id)


def _deferred(run_id: uuid.UUID) -> uuid.UUID:
    app.configure_task(TASK, queue=QUEUE, allow_unknown=True).defer(run_id=str(run_id))
    return run_id

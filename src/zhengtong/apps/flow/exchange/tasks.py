"""Long work of exchange, carried out by the worker."""

from __future__ import annotations

import uuid

import structlog
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from zhengtong.apps.flow.exchange import api
from zhengtong.engines.dataflow.errors import TransientFailure

log = structlog.get_logger()


@app.task(
    name="exchange.carry_out",
    queue="exchange",
    retry=RetryStrategy(max_attempts=8, exponential_wait=3, retry_exceptions=[TransientFailure]),
)
def carry_out(run_id: str) -> None:
    """Carry out a run; what passes by itself is tried again with growing pauses."""
    state = api.carry_out(uuid.UUID(run_id))
    log.info("run ended", run=run_id, state=str(state))

"""Long work of opening data, carried out by the worker."""

from __future__ import annotations

import uuid

import structlog
from procrastinate.contrib.django import app

from zhengtong.apps.flow.opendata import api

log = structlog.get_logger()


@app.task(name="opendata.carry_out", queue="opendata")
def carry_out(build_id: str) -> None:
    """Measure a dataset, or make a version of it."""
    state = api.carry_out(uuid.UUID(build_id))
    log.info("build ended", build=build_id, state=str(state))

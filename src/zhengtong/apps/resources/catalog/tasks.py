"""Work of the catalog that outlasts a request."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock

#: seconds after which a job looks again whether the process that it found at work is still there
_BUSY_SECONDS = 30


@app.task(name="catalog:run-import", queue="imports", retry=RetryStrategy(wait=_BUSY_SECONDS, retry_exceptions=[api.ImportBusy]))
def run_import(run_id: int) -> None:
    """Work an import off; a worker that is killed leaves it where the next one goes on."""
    api.run_import(run_id=run_id, now=clock.now())


@app.task(name="catalog:harvest", queue="imports")
def harvest(source_id: int) -> None:
    """Read a source; one that a killed worker left is queued anew by the turn that looks for due ones."""
    api.harvest(source_id=source_id, now=clock.now())

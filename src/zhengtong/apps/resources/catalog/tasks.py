"""Work of the catalog that outlasts a request."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock


@app.task(name="catalog:run-import", queue="imports")
def run_import(run_id: int) -> None:
    """Work an import off; a worker that is killed leaves it where the next one goes on."""
    api.run_import(run_id=run_id, now=clock.now())


@app.task(name="catalog:harvest", queue="imports")
def harvest(source_id: int) -> None:
    """Read a source; one that a killed worker left is queued anew by the turn that looks for due ones."""
    api.harvest(source_id=source_id, now=clock.now())

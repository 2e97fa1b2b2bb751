"""Work that auditors ask for. Unfolding, anchoring and the partitions of the month turn by themselves in the worker."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhengtong.apps.foundation.security import api
from zhengtong.kernel import clock


@app.task(name=api.CHECK_TASK)
def check(check_id: int) -> None:
    """Verify the ledger for an auditor."""
    api.run_check(check_id=check_id, clock=clock.now)


@app.task(name=api.EXPORT_TASK)
def export(export_id: int) -> None:
    """Make an export for an auditor."""
    api.run_export(export_id=export_id, clock=clock.now)

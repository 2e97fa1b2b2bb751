"""Work of service items that outlasts a request."""

from __future__ import annotations

from procrastinate.contrib.django import app

from zhengtong.apps.affairs.services import api


@app.task(name="services:simulate-form", queue="imports")
def simulate_form(run_id: int) -> None:
    """Do a simulation; one whose version was thrown away meanwhile is nobody's."""
    try:
        api.run_simulation(run_id=run_id)
    except api.SimulationUnknown:
        return

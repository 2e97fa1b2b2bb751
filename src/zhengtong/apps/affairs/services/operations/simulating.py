"""Simulating a form: a small one at once, a large one in the worker."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app as queue

from zhengtong.apps.affairs.services.models import FormSimulation, ItemVersion
from zhengtong.apps.affairs.services.queries.forms import digest_of, text_of
from zhengtong.apps.affairs.services.queries.items import ItemUnknown, content_in, own_item, versions_with_materials
from zhengtong.apps.affairs.services.queries.simulations import (
    KEPT,
    SimulationUnknown,
    SimulationView,
    papers_of,
    setting_of,
    simulation_view,
    steps_of,
)
from zhengtong.apps.affairs.services.rules.vocabulary import RunState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.forms.document import form
from zhengtong.engines.forms.simulation import Setting, Tally, report, run
from zhengtong.toolkit.locks import alone

TASK = "services:simulate-form"
QUEUE = "imports"
#: so many applicants are done while somebody waits
AT_ONCE = 1_000
_PIECE = 500


@transaction.atomic
def simulate(*, actor: identity.Actor, item_id: int, version: int, setting: Setting, now: datetime) -> SimulationView:
    """
    Simulate the form of one of an item's versions.

    :raises ItemUnknown: for somebody of neither the office nor the bureau, or without such a version.
    :raises InvalidForm: if the form breaks a rule, or there is none.
    """
    own_item(item_id, actor)
    row = versions_with_materials().filter(item=item_id, number=version).first()
    if row is None:
        raise ItemUnknown
    document = content_in(row).form
    form(document)
    made = FormSimulation.objects.create(
        version=row,
        form=text_of(document),
        form_sha256=digest_of(document),
        asked=asdict(setting),
        total=setting.applicants,
        asked_at=now,
        asked_by=actor.label,
        asked_name=actor.name,
    )
    _forget(row)
    if setting.applicants <= AT_ONCE:
        _carry_out(made)
    else:
        queue.configure_task(TASK, queue=QUEUE, allow_unknown=True).defer(run_id=made.pk)
    return simulation_view(made)


def _forget(version: ItemVersion) -> None:
    old = FormSimulation.objects.filter(version=version).values_list("pk", flat=True)[KEPT:]
    FormSimulation.objects.filter(pk__in=list(old)).delete()


def run_simulation(*, run_id: int) -> SimulationView:
    """
    Do a queued simulation; one that a killed worker left begins again and finds the same, one that is done is left as it is.

    :raises SimulationUnknown: if there is none; its version was thrown away meanwhile.
    """
    with alone(f"form-simulation:{run_id}") as mine:
        row = FormSimulation.objects.select_related("version").filter(pk=run_id).first()
        if row is None:
            raise SimulationUnknown
        if mine and row.state != RunState.DONE:
            _carry_out(row)
        return simulation_view(row)


def _carry_out(row: FormSimulation) -> None:
    content = content_in(versions_with_materials().get(pk=row.version_id))
    made, setting, tally = form(json.loads(row.form)), setting_of(row.asked), Tally()
    steps, papers = steps_of(content), papers_of(content)
    for first in range(0, setting.applicants, _PIECE):
        tally.add(run(made, setting, steps=steps, papers=papers, first=first, count=_PIECE))
        row.done, row.state = tally.applicants, RunState.RUNNING
        FormSimulation.objects.filter(pk=row.pk).update(done=row.done, state=row.state)
    row.report, row.state = asdict(report(made, tally, promised=content.promise_day)), RunState.DONE
    row.save()

"""Simulations of forms: what they are asked with, and what they found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from zhengtong.apps.affairs.services.models import FormSimulation
from zhengtong.apps.affairs.services.queries.forms import digest_of
from zhengtong.apps.affairs.services.queries.items import ItemView, own_item
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.vocabulary import AVOIDED, RUN_LABELS, RunState, Source
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.forms.simulation import Paper, Report, Setting, Step
from zhengtong.kernel.errors import NotFound

#: simulations of a version that are kept
KEPT = 20


class SimulationUnknown(NotFound):
    """没有这次模拟,或您无权查看。"""

    code = "service-simulation-unknown"


@dataclass(frozen=True)
class SimulationView:
    """
    A simulation, wherever it stands; ``report`` is None until it is done.

    ``current`` says whether the version's form is still the one that was simulated.
    """

    id: int
    version: int
    state: str
    done: int
    total: int
    setting: Setting
    report: Report | None
    asked_at: datetime
    asked_name: str
    current: bool

    @property
    def working(self) -> bool:
        """Whether it is not done so far."""
        return self.state != RunState.DONE

    @property
    def state_label(self) -> str:
        """Its state in words."""
        return RUN_LABELS[self.state]


def simulation_view(row: FormSimulation) -> SimulationView:
    """The view of a row with its version."""
    form = json.loads(row.version.document.get("form") or "{}")
    return SimulationView(
        id=row.pk,
        version=row.version.number,
        state=row.state,
        done=row.done,
        total=row.total,
        setting=setting_of(row.asked),
        report=msgspec.convert(row.report, Report) if row.report else None,
        asked_at=row.asked_at,
        asked_name=row.asked_name,
        current=row.form_sha256 == digest_of(form),
    )


def setting_of(document: dict[str, Any]) -> Setting:
    """A setting as it was kept."""
    return msgspec.convert(document, Setting)


def simulations(item_id: int, actor: identity.Actor, *, ids: Iterable[int] = ()) -> list[SimulationView]:
    """
    Simulations of an item's versions, the newest first, or those named, in that order.

    :raises ItemUnknown: for somebody of neither the office nor the bureau.
    :raises SimulationUnknown: if one that is named is none of this item's.
    """
    own_item(item_id, actor)
    wanted = list(ids)
    found = FormSimulation.objects.filter(version__item=item_id).select_related("version")
    if not wanted:
        return [simulation_view(row) for row in found[:KEPT]]
    rows = {row.pk: row for row in found.filter(pk__in=wanted)}
    if len(rows) < len(set(wanted)):
        raise SimulationUnknown
    return [simulation_view(rows[one]) for one in wanted]


def latest_simulation(view: ItemView) -> SimulationView | None:
    """The newest simulation of a version's form as it is now; None if it was not simulated."""
    found = FormSimulation.objects.filter(version__item=view.id, version__number=view.version, state=RunState.DONE)
    row = found.filter(form_sha256=digest_of(view.content.form)).select_related("version").first()
    return simulation_view(row) if row else None


def steps_of(content: Content) -> list[Step]:
    """The steps of handling with their days; none where the item says no days of any."""
    steps = [Step(one.step_name, one.step_office, one.step_days or 0) for one in content.steps]
    return steps if any(one.days for one in steps) else []


def papers_of(content: Content) -> list[Paper]:
    """The required documents; a shared one depends on its source, licences, earlier cases and promises never have to be handed in."""
    required = [one for one in content.materials if one.is_need != "2"]
    return [
        Paper(one.material_name, one.resource if one.source == Source.SHARED else "", one.source in AVOIDED and one.source != Source.SHARED)
        for one in required
    ]


def offices_of(content: Content) -> list[str]:
    """The offices at which handling has steps, in order."""
    return list(dict.fromkeys(one.step_office for one in content.steps if one.step_office))

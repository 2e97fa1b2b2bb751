"""What waits for somebody on the workbench: one list out of all apps, most pressing first, and how many of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.licences import api as licences
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.deadlines.alerts import Lamp, Watch
from zhengtong.kernel.sentences import say

Actor = identity.Actor


@dataclass(frozen=True)
class Todo:
    """One thing that waits. ``state`` and ``kind`` are in the words of the code, which pages translate; ``who`` are names of offices."""

    title: str
    number: str
    address: str
    state: str
    tone: str
    clock: Watch | None
    who: str


@dataclass(frozen=True)
class Kind:
    """Everything of one kind that waits, with the page that lists it."""

    label: str
    address: str
    todos: Sequence[Todo]

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self.todos)

    @property
    def late(self) -> int:
        """How many of them are late."""
        return sum(one.clock is not None and one.clock.reading.late for one in self.todos)

    @property
    def soon(self) -> int:
        """How many are nearly due."""
        return sum(one.clock is not None and not one.clock.reading.late and one.clock.lamp is Lamp.YELLOW for one in self.todos)


@dataclass(frozen=True)
class Waiting:
    """Everything that waits for somebody; kinds of which nothing waits are left out. ``voices`` are remarks that have no period."""

    kinds: Sequence[Kind]
    voices: int

    @property
    def count(self) -> int:
        """How much waits in all."""
        return sum(one.count for one in self.kinds) + self.voices

    @property
    def late(self) -> int:
        """How much of it is late."""
        return sum(one.late for one in self.kinds)

    def pressing(self, limit: int) -> list[tuple[Kind, Todo]]:
        """The most pressing ones with their kinds: by due date, then what has none."""
        found = [(kind, one) for kind in self.kinds for one in kind.todos]
        found.sort(key=lambda pair: pair[1].clock.reading.due if pair[1].clock else date.max)
        return found[:limit]


def of(actor: Actor, *, now: datetime) -> Waiting:
    """What waits for somebody."""
    kinds = (
        Kind(pgettext("list", "办件"), reverse("cases:work"), _cases(actor, now)),
        Kind(_("共享申请"), reverse("sharing:received"), _applications(actor, now)),
        Kind(_("授权变更"), reverse("sharing:given"), _grants(actor)),
        Kind(_("目录审核"), reverse("catalog:worklist"), _reviews(actor, now)),
        Kind(_("数据开放"), reverse("opendata:openings"), _openings(actor)),
        Kind(_("开放计划"), reverse("opendata:plans"), _plans(actor)),
        Kind(_("开放申请"), reverse("opendata:requests"), _requests(actor, now)),
        Kind(_("服务事项"), reverse("services:items"), _items(actor)),
        Kind(_("数据需求"), reverse("participation:desk-demands"), _demands(actor, now)),
        Kind(_("证照类型审核"), reverse("licences:types"), _licence_types(actor)),
        Kind(_("差评"), reverse("ratings:work"), _bad_ratings(actor, now)),
        Kind(_("数据纠错"), reverse("participation:desk-voices"), _corrections(actor, now)),
    )
    return Waiting([one for one in kinds if one.todos], participation.voices_waiting(actor))


def _cases(actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(
            one.row.item_name,
            one.row.number,
            reverse("cases:case", args=[one.row.number]),
            one.row.step_name,
            "waiting",
            one.clock,
            one.row.applicant,
        )
        for one in cases.to_do(actor, now=now)
    ]


def _applications(actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(
            one.resource_name,
            one.number,
            reverse("sharing:application", args=[one.number]),
            one.state_label,
            one.state_tone,
            one.running,
            f"{one.consumer_name} → {one.provider_name}",
        )
        for one in sharing.to_do(actor, now=now)
    ]


def _grants(actor: Actor) -> list[Todo]:
    return [
        Todo(
            one.document.resource_name,
            one.number,
            reverse("sharing:grant", args=[one.number]),
            one.state_label,
            one.state_tone,
            None,
            one.reason,
        )
        for one in sharing.grants_to_do(actor)
    ]


def _reviews(actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(one.name, one.code, reverse("catalog:copy", args=[one.id]), one.state_label, "waiting", one.clock, one.office_name)
        for one in catalog.reviews_to_do(actor, now=now)
    ]


def _openings(actor: Actor) -> list[Todo]:
    return [
        Todo(one.title, one.resource_code, reverse("opendata:opening", args=[one.id]), one.state_label, "waiting", None, one.office_name)
        for one in opendata.waiting(actor)
    ]


def _plans(actor: Actor) -> list[Todo]:
    return [
        Todo(
            say("{year} 年开放计划", year=one.year),
            "",
            reverse("opendata:plan", args=[one.id]),
            one.state_label,
            "waiting",
            None,
            one.office_name,
        )
        for one in opendata.plans_waiting(actor)
    ]


def _requests(actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(one.title, one.number, reverse("opendata:request", args=[one.number]), one.state_label, "waiting", one.clock, one.name)
        for one in opendata.requests_waiting(actor, now=now)
    ]


def _items(actor: Actor) -> list[Todo]:
    return [
        Todo(one.name, one.code, reverse("services:item", args=[one.id]), one.version_label, one.version_tone, None, one.office_name)
        for one in services.waiting(actor)
    ]


def _demands(actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(
            one.title,
            one.number,
            reverse("participation:desk-demand", args=[one.number]),
            say("等待决定延期") if one.lengthening == "asked" and "extend" in one.acts else one.state_label,
            one.tone,
            one.clock,
            one.name,
        )
        for one in participation.waiting(actor, now=now)
    ]


def _licence_types(actor: Actor) -> list[Todo]:
    return [
        Todo(one.name, one.code, reverse("licences:type", args=[one.code]), one.state_label, "waiting", None, one.office_name)
        for one in licences.types_waiting(actor)
    ]


def _bad_ratings(actor: Actor, now: datetime) -> list[Todo]:
    found = ratings.tickets(actor, "open", now=now)
    return [
        Todo(one.grade_label, one.key, reverse("ratings:ticket", args=[one.key]), one.state_label, "waiting", one.clock, one.office_name)
        for one in found
        if "answer" in one.acts
    ]


def _corrections(actor: Actor, now: datetime) -> list[Todo]:
    return [
        Todo(one.title, one.number, reverse("participation:desk-voice", args=[one.number]), one.state_label, one.tone, one.clock, one.name)
        for one in participation.corrections_waiting(actor, now=now)
    ]

"""
What a form would cost applicants who do not exist: drawn from a seed, one after another, each through the whole form.

For every applicant each source answers, gives an old value, or is dead, as :class:`Setting` says; a dead one fills nothing, one that
answers may know nothing of the applicant. What has to be done is measured twice, with the sources and as if there were none.

The time a case takes is drawn step by step: at each the work itself (half of what the step may take, more or less), and the wait before it,
which grows with the load of the office as in a queue with one server: at 80 % four times the work. A source that is out when a locked field
needs it holds the decision until it is back. These figures compare forms and settings; they foretell no office's day.

Nothing is kept of an applicant: a :class:`Tally` counts. Two tallies of different applicants add up to the tally of both, so that a large
simulation is done in pieces; applicant number ``n`` of a seed is always the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from zhengtong.engines.forms.answers import asked, refusal
from zhengtong.engines.forms.document import Field, Form
from zhengtong.engines.forms.drawing import Hints, applicant, hints
from zhengtong.engines.forms.effort import Effort, effort
from zhengtong.engines.forms.kinds import Kind
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

MOST_APPLICANTS = 200_000
#: at full load a queue never ends
MOST_LOAD = 95
#: days are counted in hundredths
_HUNDREDTHS = 100


class InvalidSetting(Invalid):
    """模拟的条件不合要求。"""

    code = "simulation-invalid"


@dataclass(frozen=True)
class Step:
    """A step of handling a case, in order: where, and how many days it may take."""

    name: str
    office: str
    days: float


@dataclass(frozen=True)
class Paper:
    """A required document of the item; ``resource`` gives it where that source answers, ``spared`` says that nobody hands it in anyway."""

    name: str
    resource: str = ""
    spared: bool = False


@dataclass(frozen=True)
class Setting:
    """
    Who is drawn and how the world is for them. Shares and loads are whole percent.

    :raises InvalidSetting: naming the field.
    """

    applicants: int = 1000
    seed: int = 1
    #: of sources, at the moment of filing: give an old value; are dead; the others answer
    stale: int = 5
    dead: int = 5
    #: of sources that answer: know nothing of the applicant
    unknown: int = 5
    #: of offices that are not named in ``loads``
    load: int = 50
    loads: tuple[tuple[str, int], ...] = ()
    #: working days until a source that is out is back, on average
    heal: int = 1

    def __post_init__(self) -> None:
        bounds = {"applicants": (1, MOST_APPLICANTS), "seed": (0, 2**31 - 1), "load": (0, MOST_LOAD), "heal": (0, 90)}
        bounds |= dict.fromkeys(("stale", "dead", "unknown"), (0, 100))
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise InvalidSetting(say("应在 {low} 到 {high} 之间", low=low, high=high), field=name, remedy="核对数字")
        if self.stale + self.dead > 100:  # noqa: PLR2004 - percent
            raise InvalidSetting("给出旧值的和没有应答的合起来超过 100%", field="dead", remedy="调小其中一个")
        for office, load in self.loads:
            if not 0 <= load <= MOST_LOAD:
                raise InvalidSetting(
                    say("{office}的负荷应在 0 到 {high} 之间", office=office, high=MOST_LOAD), field="load", remedy="核对数字"
                )


@dataclass
class Tally:
    """Counts of what happened to applicants. Every member counts values; seconds and days of all who finished the form."""

    applicants: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    pages: Counter[int] = field(default_factory=Counter)
    clicks: Counter[int] = field(default_factory=Counter)
    clicks_alone: Counter[int] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)
    seconds_alone: Counter[int] = field(default_factory=Counter)
    #: fields asked, and filled by sources, of all together
    asked: int = 0
    prefilled: int = 0
    #: documents required, and not handed in, of all together
    papers: int = 0
    spared: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    seen_pages: Counter[str] = field(default_factory=Counter)
    #: of paths of fields: how many were asked it
    seen_fields: Counter[str] = field(default_factory=Counter)
    #: hundredths of working days from filing to decision
    days: Counter[int] = field(default_factory=Counter)
    #: of steps, hundredths of days of all together
    step_days: Counter[str] = field(default_factory=Counter)
    held: int = 0

    @property
    def finished(self) -> int:
        """Applicants who got through the form."""
        return self.applicants - sum(self.refused.values())

    def add(self, other: Tally) -> None:
        """Count the applicants of another tally too."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def run(
    form: Form, setting: Setting, *, steps: Sequence[Step] = (), papers: Sequence[Paper] = (), first: int = 0, count: int | None = None
) -> Tally:
    """
    Send applicants through a form.

    :param first: the number of the first one; with ``count`` a piece of a larger simulation.
    """
    known, tally = hints(form), Tally()
    last = setting.applicants if count is None else min(first + count, setting.applicants)
    for number in range(first, last):
        _one(form, known, setting, steps, papers, Random(f"{setting.seed}:{number}"), tally)  # noqa: S311 - drawn, not kept secret
    return tally


def _one(form: Form, known: Hints, setting: Setting, steps: Sequence[Step], papers: Sequence[Paper], draw: Random, tally: Tally) -> None:
    answers = applicant(form, known, draw)
    tally.applicants += 1
    pages = asked(form, answers)
    sentence, shown = _refused(form, answers, [page.fields for page in pages])
    for page in pages[:shown]:
        tally.seen_pages[page.key] += 1
        for key in page.fields:
            tally.seen_fields[key] += 1
            _seen_inside(form.fields[key], answers.get(key), tally)
    if sentence:
        tally.refused[sentence] += 1
        return
    states = _states(form, papers, setting, draw)
    tally.sources.update(states.values())
    filled = _filled(form, pages, states)
    _count(tally, effort(form, answers, prefilled=filled), effort(form, answers))
    spared = sum(one.spared or states.get(one.resource) in _GIVES for one in papers)
    tally.papers += len(papers)
    tally.spared += spared
    if steps:
        waits = any(form.fields[key].locked and states.get(_resource(form.fields[key])) in _OUT for page in pages for key in page.fields)
        tally.held += waits
        heal = draw.expovariate(1 / setting.heal) if waits and setting.heal else 0.0
        _take_time(tally, steps, dict(setting.loads), setting.load, heal, draw)


def _refused(form: Form, answers: Mapping[str, Any], pages: Sequence[Sequence[str]]) -> tuple[str, int]:
    """The refusal that is met, and after how many pages; all of them if none is."""
    if not form.refusals or not refusal(form, answers):
        return "", len(pages)
    told: dict[str, Any] = {}
    for number, fields in enumerate(pages, start=1):
        told |= {key: answers[key] for key in fields if key in answers}
        if sentence := refusal(form, told):
            return sentence, number
    return refusal(form, answers), len(pages)


def _seen_inside(group: Field, entries: Any, tally: Tally) -> None:
    """Of a group's fields: which ones some entry of the applicant's was asked."""
    if group.kind is not Kind.GROUP:
        return
    for one in group.fields:
        tally.seen_fields[f"{group.key}/{one.key}"] += any(one.key in entry or one.when is None for entry in entries or ())


_ANSWERS, _STALE, _DEAD, _UNKNOWN = "answers", "stale", "dead", "unknown"
_GIVES, _OUT = frozenset({_ANSWERS, _STALE}), frozenset({_STALE, _DEAD})


def _states(form: Form, papers: Sequence[Paper], setting: Setting, draw: Random) -> dict[str, str]:
    """How each source is for this applicant: all fields of a resource share its fate."""
    named = dict.fromkeys([*(_resource(one) for one in form.fields.values()), *(one.resource for one in papers)])
    states = {}
    for resource in named:
        if resource:
            place = draw.random() * 100
            answers = _UNKNOWN if draw.random() * 100 < setting.unknown else _ANSWERS
            states[resource] = _DEAD if place < setting.dead else _STALE if place < setting.dead + setting.stale else answers
    return states


def _resource(one: Field) -> str:
    return one.source.resource if one.source else ""


def _filled(form: Form, pages: Sequence[Any], states: Mapping[str, str]) -> set[str]:
    """Fields that sources fill; one that is found by another field needs that to be answered, which it is, as the row was asked for."""
    return {key for page in pages for key in page.fields if states.get(_resource(form.fields[key])) in _GIVES}


def _count(tally: Tally, helped: Effort, alone: Effort) -> None:
    tally.pages[helped.pages] += 1
    tally.clicks[helped.clicks] += 1
    tally.clicks_alone[alone.clicks] += 1
    tally.seconds[helped.seconds] += 1
    tally.seconds_alone[alone.seconds] += 1
    tally.asked += helped.fields
    tally.prefilled += helped.prefilled
    tally.papers += helped.documents + helped.spared
    tally.spared += helped.spared


def _take_time(tally: Tally, steps: Sequence[Step], loads: Mapping[str, int], load: int, heal: float, draw: Random) -> None:
    whole = heal
    for step in steps:
        if step.days <= 0:
            continue
        work, share = step.days / 2, loads.get(step.office, load) / 100
        wait = draw.expovariate((1 - share) / (work * share)) if share else 0.0
        took = draw.triangular(0, step.days, work) + wait
        tally.step_days[step.name] += round(took * _HUNDREDTHS)
        whole += took
    tally.days[round(whole * _HUNDREDTHS)] += 1


# ------------------------------------------------------------------ reading a tally
def quantile(counts: Mapping[int, int], share: float) -> int:
    """The smallest value that at least this share does not exceed; 0 of nothing."""
    left = share * sum(counts.values())
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return 0


@dataclass(frozen=True)
class Spread:
    """A median and the value that nine of ten do not exceed."""

    median: float
    p90: float


def _spread(counts: Mapping[int, int], unit: int = 1) -> Spread:
    return Spread(round(quantile(counts, 0.5) / unit, 1), round(quantile(counts, 0.9) / unit, 1))


@dataclass(frozen=True)
class Report:
    """
    What a simulation found. Shares are percent of those who finished, or of fields and documents; minutes of filling in.

    ``late`` is None where the item promises no days or its steps say none. ``unseen`` are fields that nobody was asked.
    """

    applicants: int
    finished: int
    refused: tuple[tuple[str, int], ...]
    pages: Spread
    clicks: Spread
    clicks_alone: Spread
    minutes: Spread
    minutes_alone: Spread
    prefilled: float
    papers: float
    spared: float
    sources: tuple[tuple[str, int], ...]
    unseen_pages: tuple[tuple[str, str], ...]
    unseen: tuple[tuple[str, str], ...]
    #: (path, condition) that held for nobody
    never: tuple[tuple[str, str], ...]
    never_refused: tuple[tuple[str, str], ...]
    promised: int | None
    late: float | None
    days: Spread | None
    #: (step, mean days)
    steps: tuple[tuple[str, float], ...]
    held: float


def report(form: Form, tally: Tally, *, promised: int | None) -> Report:
    """
    What a tally says.

    :param promised: days from filing to decision; None where the item promises none.
    """
    done = tally.finished
    late = sum(count for days, count in tally.days.items() if promised is not None and days > promised * _HUNDREDTHS)
    conditions = [(page.key, page.when.text, tally.seen_pages[page.key]) for page in form.pages if page.when is not None]
    inner = [(path, one.when.text, tally.seen_fields[path]) for path, one in _paths(form) if one.when is not None]
    return Report(
        applicants=tally.applicants,
        finished=done,
        refused=tuple(tally.refused.most_common()),
        pages=_spread(tally.pages),
        clicks=_spread(tally.clicks),
        clicks_alone=_spread(tally.clicks_alone),
        minutes=_spread(tally.seconds, 60),
        minutes_alone=_spread(tally.seconds_alone, 60),
        prefilled=_share(tally.prefilled, tally.asked),
        papers=round(tally.papers / done, 2) if done else 0.0,
        spared=_share(tally.spared, tally.papers),
        sources=tuple(sorted(tally.sources.items())),
        unseen_pages=tuple((page.key, page.title) for page in form.pages if not tally.seen_pages[page.key]),
        unseen=tuple((path, one.title) for path, one in _paths(form) if not tally.seen_fields[path]),
        never=tuple((path, text) for path, text, seen in [*conditions, *inner] if not seen),
        never_refused=tuple((when.text, sentence) for when, sentence in form.refusals if not tally.refused[sentence]),
        promised=promised,
        late=_share(late, done) if promised is not None and tally.days else None,
        days=_spread(tally.days, _HUNDREDTHS) if tally.days else None,
        steps=tuple((name, round(total / _HUNDREDTHS / done, 2)) for name, total in tally.step_days.items()) if done else (),
        held=_share(tally.held, done),
    )


def _paths(form: Form) -> list[tuple[str, Field]]:
    return [
        (path, one) for key, whole in form.fields.items() for path, one in ((key, whole), *((f"{key}/{e.key}", e) for e in whole.fields))
    ]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0

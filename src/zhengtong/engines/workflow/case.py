"""The state of one case: which steps were visited, what waits before a join, what time has been used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from zhengtong.engines.conditions import Value
from zhengtong.engines.deadlines.clock import Clock


class Status(StrEnum):
    """How a visit of a step, or a case, stands."""

    OPEN = "open"
    DONE = "done"
    #: a join decided without it
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


STATUS_LABELS: Mapping[str, str] = {Status.OPEN: "在办", Status.DONE: "办结", Status.ENDED: "不再需要", Status.WITHDRAWN: "已撤回"}


class Waiting(StrEnum):
    """For what the time of a visit rests."""

    SUPPLEMENT = "supplement"
    SPECIAL = "special"


WAITING_LABELS: Mapping[str, str] = {Waiting.SUPPLEMENT: "等待补正", Waiting.SPECIAL: "特别程序中"}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a token brings to its join: the last opinion on its branch, and of which step; empty if nobody gave one."""

    outcome: str = ""
    step: str = ""


NO_OPINION = Opinion()


@dataclass(frozen=True, slots=True)
class Token:
    """A branch that waits before a join for the others."""

    join: str
    source: str
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class Consultation:
    """A role that was asked; ``answer`` is empty until it has spoken."""

    role: str
    question: str
    asked: datetime
    answer: str = ""
    answered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a task. Rework visits a step again, under a new number."""

    #: in the order in which visits began, from 1
    number: int
    step: str
    #: on whose work list it is; the process says, a reassignment changes
    role: str
    began: datetime
    #: None if the step has no budget of its own
    clock: Clock | None
    #: the opinion that the token brought, for a step that gives none itself
    brings: Opinion = NO_OPINION
    status: Status = Status.OPEN
    #: who took it on; empty until somebody has
    person: str = ""
    waiting: Waiting | None = None
    #: the missing things, or the procedure, it waits for
    waits_for: tuple[str, ...] = ()
    supplements: int = 0
    consultations: tuple[Consultation, ...] = ()
    outcome: str = ""
    ended: datetime | None = None
    #: whether the outcome is what silence means
    silent: bool = False
    escalated: bool = False
    #: warnings given (:mod:`zhengtong.engines.deadlines.alerts`)
    rungs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A case on one version of a process. ``revision`` counts the acts done; a state is never changed, an act makes the next one."""

    process: str
    version: int
    began: datetime
    #: when the last act was done; no act is earlier
    latest: datetime
    revision: int = 0
    status: Status = Status.OPEN
    #: the time of the whole; None until it begins, or if it has no budget
    clock: Clock | None = None
    data: Mapping[str, Value] = field(default_factory=dict)
    tokens: tuple[Token, ...] = ()
    #: by number; of those that are over a case needs none to go on, so an app may leave their rows where they are
    visits: Mapping[int, Visit] = field(default_factory=dict)
    #: how many visits began
    count: int = 0
    #: of the end where it arrived
    result: str = ""
    rungs: tuple[str, ...] = ()
    #: what was done under which id
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> Iterator[Visit]:
        """The visits that wait for somebody, in order."""
        return (visit for visit in self.visits.values() if visit.status is Status.OPEN)


class What(StrEnum):
    """What an act led to."""

    STEP_BEGAN = "step-began"
    STEP_DONE = "step-done"
    #: a join decided without it, or the case was withdrawn
    STEP_ENDED = "step-ended"
    CHOSEN = "chosen"
    JOINED = "joined"
    TIME_BEGAN = "time-began"
    TIME_RESTS = "time-rests"
    TIME_RUNS = "time-runs"
    ESCALATED = "escalated"
    CASE_ENDED = "case-ended"


WHAT_LABELS: Mapping[str, str] = {
    What.STEP_BEGAN: "转到环节",
    What.STEP_DONE: "环节办理完毕",
    What.STEP_ENDED: "环节不再需要",
    What.CHOSEN: "按条件选择",
    What.JOINED: "各分支汇合",
    What.TIME_BEGAN: "总时限起算",
    What.TIME_RESTS: "总时限暂停",
    What.TIME_RUNS: "总时限恢复",
    What.ESCALATED: "提请督办",
    What.CASE_ENDED: "办件结束",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what an act led to: a step by key, the visit where there is one, and the outcome, verdict, way or result."""

    what: What
    step: str = ""
    number: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The case after an act. ``changed`` are the numbers of the visits whose rows are to be written."""

    case: Case
    happenings: tuple[Happening, ...] = ()
    changed: tuple[int, ...] = ()
    #: the act was done before: nothing changed
    repeated: bool = False

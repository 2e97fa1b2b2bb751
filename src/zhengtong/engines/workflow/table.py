"""
The table of a process: steps and the flows between them. Nothing in this module is checked; a :class:`~.process.Process` is.

A task is done by one role within its own budget. The tasks of several offices lie side by side between a fork and a join, each on a
branch; a task that is a *branch* of the joint approval gives an opinion, agree or refuse, and the join's rule makes one verdict of them.
What an office's silence means is named for each task: 行政许可法 32 lets an application count as accepted when nobody asked for a
supplement within five days, 行政许可法 50 a renewal as granted; other laws give other answers, so there is no default.

Sources: 行政许可法 (2019) 第三十二条 (supplements are asked for once), 第四十二条 (20 + 10 working days; joint handling 45 + 15),
第四十五条 (time that is not counted); 国发〔2024〕3号 (关联事项集成办, one lead office, joint result).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from zhengtong.engines.deadlines.clock import Unit
from zhengtong.kernel.sentences import listed, say

#: the opinions that a branch of a joint approval must be able to give
AGREE, REFUSE = "agree", "refuse"


class Kind(StrEnum):
    """What a step does with a token."""

    START = "start"
    TASK = "task"
    FORK = "fork"
    JOIN = "join"
    CHOICE = "choice"
    END = "end"


#: how the ways that leave a step are told
WAY_LABELS: Mapping[Kind, str] = {
    Kind.START: "{name}:从这里开始,到{targets}。",
    Kind.FORK: "{name}:同时分给{targets}。",
    Kind.JOIN: "{name}:各分支汇合后到{targets}。",
    Kind.CHOICE: "{name}:按条件到{targets}之一。",
}
KIND_LABELS: Mapping[str, str] = {
    Kind.START: "开始",
    Kind.TASK: "环节",
    Kind.FORK: "分办",
    Kind.JOIN: "汇合",
    Kind.CHOICE: "判断",
    Kind.END: "办结",
}


class Silence(StrEnum):
    """What it means that a budget ran out and nobody acted."""

    #: the step is late, nothing else
    NOTHING = "nothing"
    #: the step is late and those above it are told, once
    ESCALATE = "escalate"
    AGREE = "agree"
    REFUSE = "refuse"


SILENCE_LABELS: Mapping[str, str] = {
    Silence.NOTHING: "逾期不产生结果",
    Silence.ESCALATE: "逾期提请督办",
    Silence.AGREE: "逾期视为同意",
    Silence.REFUSE: "逾期视为不同意",
}


class Verdict(StrEnum):
    """How a join makes one verdict of its branches, and when it stops waiting."""

    #: waits for all; one refusal refuses
    ALL = "all"
    #: as ALL, but the first refusal ends the branches that are still open
    FIRST_REFUSAL = "first-refusal"
    #: so many must agree; ends the rest as soon as they have, or no longer can
    AT_LEAST = "at-least"
    #: the named ones must agree, and the first of them that refuses ends the rest; what the others say is on record
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Join:
    """The rule of a join; ``least`` for AT_LEAST, ``named`` (keys of branch tasks) for NAMED."""

    verdict: Verdict = Verdict.ALL
    least: int = 0
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """Who does a task, how long it may take, and what may happen to it meanwhile."""

    #: whose work list it is on: an office or a post, in the words of whoever uses the engine
    role: str
    #: the budget in days of ``unit``; None: only the whole case has one
    days: int | None = None
    unit: Unit = Unit.WORKING_DAYS
    #: whether its outcome is an opinion that the join counts
    branch: bool = False
    silence: Silence = Silence.NOTHING
    #: how often a supplement may be asked for (行政许可法 32: once)
    supplements: int = 0
    #: procedures that may be held in it and whose time is not counted (行政许可法 45)
    special: tuple[str, ...] = ()
    #: days that extensions may add in all
    extension: int = 0
    outcomes: tuple[str, ...] = (AGREE, REFUSE)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. A task has its duty, a join its rule, an end the result of a case that arrives there."""

    key: str
    name: str
    kind: Kind
    duty: Duty | None = None
    join: Join | None = None
    result: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A way from one step to another; behind a choice it has a condition, or is the default."""

    source: str
    target: str
    condition: str = ""
    default: bool = False
    name: str = ""


@dataclass(frozen=True)
class Table:
    """A process in one version, as somebody drew it; it may still break rules (:func:`zhengtong.engines.workflow.rules.faults`)."""

    key: str
    name: str
    version: int
    steps: tuple[Step, ...]
    flows: tuple[Flow, ...]
    #: the budget of the whole case; None: it has none of its own
    days: int | None = None
    unit: Unit = Unit.WORKING_DAYS
    #: days that extensions of the whole may add in all
    extension: int = 0
    #: the lead office, 牵头部门: answers for the whole
    lead: str = ""
    #: the task with whose completion the time of the whole begins (受理); empty: with the start
    counted_from: str = ""
    #: whether a supplement in one branch stops the time of the whole; if not, only when every open step waits
    supplement_stops_case: bool = False
    #: whether a special procedure in one branch does; 行政许可法 45 leaves its time out of the whole
    special_stops_case: bool = True

    # ------------------------------------------------------------------ the table, looked up
    @cached_property
    def by_key(self) -> Mapping[str, Step]:
        """Steps by their key."""
        return {step.key: step for step in self.steps}

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        """The flows that leave each step, in the order of the table."""
        return {step.key: tuple(flow for flow in self.flows if flow.source == step.key) for step in self.steps}

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        """The flows that reach each step, in the order of the table."""
        return {step.key: tuple(flow for flow in self.flows if flow.target == step.key) for step in self.steps}

    @cached_property
    def start(self) -> Step:
        """The one start."""
        return next(step for step in self.steps if step.kind is Kind.START)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Everybody who takes part, the lead first, then in the order of the table."""
        found = [step.duty.role for step in self.steps if step.duty]
        return tuple(dict.fromkeys([self.lead, *found] if self.lead else found))

    @cached_property
    def blocks(self) -> Mapping[str, frozenset[str]]:
        """
        By the key of a join, the steps between its fork and itself, where they are closed: no flow comes in but through the fork, none goes
        out but into the join. A join that may end its branches early needs such a block, so that it ends nothing else.
        """
        forks = [step.key for step in self.steps if step.kind is Kind.FORK]
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            if step.kind is Kind.JOIN:
                regions = (self._block(fork, step.key) for fork in forks)
                if block := next((region for region in regions if region is not None), None):
                    found[step.key] = block
        return found

    def _block(self, fork: str, join: str) -> frozenset[str] | None:
        region: set[str] = set()
        ahead = [flow.target for flow in self.outgoing[fork]]
        while ahead:
            key = ahead.pop()
            if key == join or key in region:
                continue
            if key == fork or self.by_key[key].kind is Kind.END:
                return None
            region.add(key)
            ahead.extend(flow.target for flow in self.outgoing[key])
        entered = all(flow.source in region or flow.source == fork for key in region for flow in self.incoming[key])
        joined = all(flow.source in region for flow in self.incoming[join])
        return frozenset(region) if entered and joined else None

    @cached_property
    def rework(self) -> frozenset[tuple[str, str]]:
        """The flows that lead back to a step on the way to their source. Without them the table has no cycle."""
        back: set[tuple[str, str]] = set()
        left: dict[str, bool] = {self.start.key: False}  # False: on the present way, True: left behind
        way: list[tuple[str, int]] = [(self.start.key, 0)]
        while way:
            key, number = way.pop()
            flows = self.outgoing[key]
            if number == len(flows):
                left[key] = True
                continue
            way.append((key, number + 1))
            target = flows[number].target
            if target not in left:
                left[target] = False
                way.append((target, 0))
            elif not left[target]:
                back.add((key, target))
        return frozenset(back)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The keys of the steps, each behind all that lead to it but by rework."""
        waits = {key: sum((flow.source, key) not in self.rework for flow in flows) for key, flows in self.incoming.items()}
        ready, found = [self.start.key], []
        while ready:
            key = ready.pop(0)
            found.append(key)
            for flow in self.outgoing[key]:
                if (key, flow.target) not in self.rework:
                    waits[flow.target] -= 1
                    if not waits[flow.target]:
                        ready.append(flow.target)
        return tuple(found)

    @cached_property
    def described(self) -> tuple[str, ...]:
        """The process in sentences, one a step: the text alternative of its drawing."""
        return tuple(self._sentence(step) for step in self.steps)

    def _sentence(self, step: Step) -> str:
        targets = listed(self.by_key[flow.target].name for flow in self.outgoing[step.key])
        if step.duty and step.duty.days is not None:
            budget = step.duty.unit.of(step.duty.days)
            role = step.duty.role
            return say("{name}:由{role}在 {days}内办理,之后到{targets}。", name=step.name, role=role, days=budget, targets=targets)
        if step.duty:
            return say("{name}:由{role}办理,之后到{targets}。", name=step.name, role=step.duty.role, targets=targets)
        if step.kind is Kind.END:
            return say("{name}:办件到此办结。", name=step.name)
        return say(WAY_LABELS[step.kind], name=step.name, targets=targets)

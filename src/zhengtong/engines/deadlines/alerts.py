"""Lamps and escalation: what a reading means for people, decided from the reading alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, Reading, State, read


class Lamp(StrEnum):
    """The lamp on a list of waiting things."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    #: paused: nobody is waiting for the office
    GREY = "grey"


@dataclass(frozen=True)
class LampRule:
    """
    From which number of days left a lamp is yellow or red.

    A late period is always red; ``red`` None means that only lateness is.
    """

    yellow: int = 2
    red: int | None = None

    def lamp(self, reading: Reading) -> Lamp:
        """The lamp of a reading; a stopped period is green if it was met, red if it was missed."""
        if reading.late or reading.state is State.MISSED:
            return Lamp.RED
        if reading.state is State.MET:
            return Lamp.GREEN
        if reading.state is State.PAUSED:
            return Lamp.GREY
        if self.red is not None and reading.remaining <= self.red:
            return Lamp.RED
        return Lamp.YELLOW if reading.remaining <= self.yellow else Lamp.GREEN


@dataclass(frozen=True)
class Watch:
    """A period as a page shows it: its reading and its lamp."""

    reading: Reading
    lamp: Lamp


def watch(clock: Clock, calendar: WorkingCalendar, now: datetime, *, lamps: LampRule | None = None) -> Watch:
    """Read a period at ``now`` and decide its lamp."""
    reading = read(clock, calendar, now)
    return Watch(reading, (lamps or LampRule()).lamp(reading))


@dataclass(frozen=True)
class Rung:
    """A step of escalation, reached when ``remaining`` days or fewer are left (negative: late)."""

    name: str
    remaining: int
    #: who is told, in the caller's words
    audience: str


DEFAULT_RUNGS: tuple[Rung, ...] = (
    Rung("due-in-1", 1, "经办人"),
    Rung("due-today", 0, "经办人"),
    Rung("overdue-1", -1, "经办人、处室负责人"),
    Rung("overdue-3", -3, "单位负责人、数据主管部门"),
)


@dataclass(frozen=True)
class Escalation:
    """
    What to do now: tell of ``send``, the most severe rung just reached (None: nothing to tell), and remember ``settled``.

    After a standstill of the worker several rungs may have been reached at once. Only the last is worth telling, all are settled.
    """

    send: Rung | None
    settled: tuple[str, ...]


def escalate(reading: Reading, fired: Collection[str], *, rungs: Sequence[Rung] = DEFAULT_RUNGS, round_name: str = "") -> Escalation:
    """
    Decide whom to warn, once per rung.

    :param fired: the ``settled`` names of all earlier calls for this period.
    :param round_name: tells rounds apart; pass the number of extensions so far, so that an extended period warns again.
    """
    if reading.state not in (State.RUNNING, State.OVERDUE):
        return Escalation(None, ())
    reached = sorted((rung for rung in rungs if reading.remaining <= rung.remaining), key=lambda rung: -rung.remaining)
    fresh = [rung for rung in reached if _key(rung, round_name) not in fired]
    return Escalation(fresh[-1] if fresh else None, tuple(_key(rung, round_name) for rung in fresh))


def unreached(reading: Reading, *, rungs: Sequence[Rung] = DEFAULT_RUNGS, round_name: str = "") -> tuple[str, ...]:
    """The settled names of the rungs that lie ahead of a reading: when a due date moves away, their warnings are due once more."""
    return tuple(_key(rung, round_name) for rung in rungs if reading.remaining > rung.remaining)


def _key(rung: Rung, round_name: str) -> str:
    return f"{rung.name}/{round_name}" if round_name else rung.name

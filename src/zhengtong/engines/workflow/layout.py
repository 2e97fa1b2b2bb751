"""
Where the parts of a process lie in its drawing: a lane for each role, a column for each step of the way, one row for what lies side by
side.

Simple on purpose: columns are the longest way from the start, flows run in the gaps between columns and rows, where no shape is. Rework
runs below everything. Lengths are in pixels, as BPMN's diagram interchange has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from zhengtong.engines.workflow.table import Kind, Silence, Step, Table

Point: TypeAlias = tuple[int, int]

COLUMN, ROW, HEAD, MARGIN, GAP = 180, 120, 30, 20, 40
TIMER = 24
_SIZES: Mapping[Kind, tuple[int, int]] = {
    Kind.START: (36, 36),
    Kind.TASK: (110, 64),
    Kind.FORK: (50, 50),
    Kind.JOIN: (50, 50),
    Kind.CHOICE: (50, 50),
    Kind.END: (36, 36),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def right(self) -> int:
        """Where it ends to the right."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Where it ends below."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Picture:
    """The parts of a drawing; flows in the order of the table."""

    pool: Box
    lanes: Mapping[str, Box]
    steps: Mapping[str, Box]
    flows: tuple[tuple[Point, ...], ...]
    #: by task: the clock on its border, and the way of its silence
    timers: Mapping[str, tuple[Box, tuple[Point, ...]]]

    def merge(self, key: str) -> Box:
        """Where the way of a silence that has an outcome meets the way of the task."""
        box = self.steps[key]
        return Box(box.right + 6, box.middle[1] - TIMER // 2, TIMER, TIMER)

    def silent_end(self, key: str) -> Box:
        """Where the way of a silence ends that is only told to somebody."""
        x, y = self.timers[key][1][-1]
        return Box(x, y - TIMER // 2, TIMER, TIMER)


def lane_of(table: Table, step: Step) -> str:
    """The role in whose lane a step lies: whoever does it; what nobody does lies with the lead."""
    return step.duty.role if step.duty else next(iter(table.roles), "")


def laid_out(table: Table) -> Picture:
    """The drawing of a process that keeps the rules."""
    columns = _columns(table)
    lanes = table.roles or ("",)
    rows: dict[str, int] = {}
    taken: dict[tuple[str, int], int] = {}
    for step in table.steps:
        place = (lane_of(table, step), columns[step.key])
        rows[step.key] = taken.get(place, 0)
        taken[place] = rows[step.key] + 1
    heights = {lane: ROW * max([count for (name, _), count in taken.items() if name == lane], default=1) for lane in lanes}
    width = HEAD * 2 + MARGIN + COLUMN * (max(columns.values()) + 1) + GAP
    boxes: dict[str, Box] = {}
    top = MARGIN
    for lane in lanes:
        boxes[lane] = Box(MARGIN + HEAD, top, width - HEAD, heights[lane] + (MARGIN * (len(table.rework) + 1) if lane == lanes[-1] else 0))
        top = boxes[lane].bottom
    steps = {step.key: _box(step, boxes[lane_of(table, step)], columns[step.key], rows[step.key]) for step in table.steps}
    floor = top - MARGIN * len(table.rework)
    ways: list[tuple[Point, ...]] = []
    for flow in table.flows:
        if (flow.source, flow.target) in table.rework:
            ways.append(_rework(steps[flow.source], steps[flow.target], floor))
            floor += MARGIN
        else:
            far = columns[flow.target] - columns[flow.source] > 1
            ways.append(_way(steps[flow.source], steps[flow.target], far=far))
    timers = {step.key: _timer(step, steps[step.key]) for step in table.steps if step.duty and step.duty.silence is not Silence.NOTHING}
    return Picture(Box(MARGIN, MARGIN, width, top - MARGIN), boxes, steps, tuple(ways), timers)


def _columns(table: Table) -> dict[str, int]:
    columns: dict[str, int] = {}
    for key in table.order:
        before = [columns[flow.source] + 1 for flow in table.incoming[key] if (flow.source, key) not in table.rework]
        columns[key] = max(before, default=0)
    return columns


def _box(step: Step, lane: Box, column: int, row: int) -> Box:
    width, height = _SIZES[step.kind]
    middle = lane.x + HEAD + MARGIN + COLUMN * column + COLUMN // 2
    return Box(middle - width // 2, lane.y + ROW * row + (ROW - height) // 2, width, height)


def _way(source: Box, target: Box, *, far: bool) -> tuple[Point, ...]:
    """From the right of one to the left of the other; one that passes columns goes above the row of its target."""
    start, end = (source.right, source.middle[1]), (target.x, target.middle[1])
    before = target.middle[0] - COLUMN // 2
    if not far:
        return (start, end) if start[1] == end[1] else (start, (before, start[1]), (before, end[1]), end)
    after, above = source.middle[0] + COLUMN // 2, target.middle[1] - ROW // 2 + 4
    return (start, (after, start[1]), (after, above), (before, above), (before, end[1]), end)


def _rework(source: Box, target: Box, floor: int) -> tuple[Point, ...]:
    after, before = source.middle[0] + COLUMN // 2 - 8, target.middle[0] - COLUMN // 2 + 8
    start, end = (source.right, source.middle[1]), (target.x, target.middle[1])
    return (start, (after, start[1]), (after, floor), (before, floor), (before, end[1]), end)


def _timer(step: Step, box: Box) -> tuple[Box, tuple[Point, ...]]:
    clock = Box(box.right - TIMER - 8, box.bottom - TIMER // 2, TIMER, TIMER)
    below = clock.bottom + 6
    start = (clock.middle[0], clock.bottom)
    if step.duty and step.duty.silence is Silence.ESCALATE:
        return clock, (start, (start[0], below), (box.right + 6, below))
    across = box.right + 6 + TIMER // 2
    return clock, (start, (start[0], below), (across, below), (across, box.middle[1] + TIMER // 2))

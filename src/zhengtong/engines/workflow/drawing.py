"""
A process as a drawing for our own pages: SVG with a title and a text that says the same in words, and, of a running case, how each step
stands.

Colours are classes with plain fallbacks, so that a page may give its own; how a step stands is also written and marked by its line, never
by colour alone. Nothing in it runs or is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from zhengtong.engines.workflow.case import STATUS_LABELS, WAITING_LABELS, Case, Status, Visit
from zhengtong.engines.workflow.layout import Box, Picture, Point, laid_out
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.table import Kind, Step
from zhengtong.kernel.sentences import in_turn, say

#: says a sentence in the reader's language
Said: TypeAlias = Callable[[str], str]

_LINE = 8
#: points of a way that passes columns
_FAR = 6
_MARKS: Mapping[Kind, str] = {Kind.FORK: "+", Kind.JOIN: "+", Kind.CHOICE: "×"}
#: fill, line, width and dashes of a step by how it stands; "" for one that was not visited
_LOOKS: Mapping[str, tuple[str, str, str, str]] = {
    "": ("#ffffff", "#57606a", "1.5", ""),
    Status.OPEN: ("#fff8e5", "#8a5a00", "3", ""),
    Status.DONE: ("#eef7f0", "#1a7f37", "2", ""),
    Status.ENDED: ("#f5f7fa", "#57606a", "1.5", "6 4"),
    Status.WITHDRAWN: ("#f5f7fa", "#57606a", "1.5", "6 4"),
}


def drawn(process: Process, case: Case | None = None, *, said: Said = str, prefix: str = "process") -> str:
    """
    The drawing of a process, or of a case on it.

    :param said: says our own sentences in the reader's language; names of steps are somebody's own and stay.
    :param prefix: begins the ids in it, so that one page may have two drawings.
    """
    picture = laid_out(process)
    standing = _standing(case) if case else {}
    box = picture.pool
    words = " ".join(said(sentence) for sentence in described(process, case))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="workflow" role="img" aria-labelledby="{prefix}-title {prefix}-desc"'
        f' viewBox="0 0 {box.right + box.x} {box.bottom + box.y}" font-size="14">'
    )
    tip = (
        f'<defs><marker id="{prefix}-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>'
    )
    parts = [
        head,
        f'<title id="{prefix}-title">{escape(process.name)}</title>',
        f'<desc id="{prefix}-desc">{escape(words)}</desc>',
        tip,
        *(_lane(role, lane) for role, lane in picture.lanes.items()),
        *(_way(way, f"{prefix}-tip") for way in (*picture.flows, *(way for _, way in picture.timers.values()))),
        *(_label(flow.name, way) for flow, way in zip(process.flows, picture.flows, strict=True) if flow.name),
        *(_step(step, picture, standing.get(step.key), said) for step in process.steps),
        *(_clock(timer) for timer, _ in picture.timers.values()),
        "</svg>",
    ]
    return "\n".join(parts)


def described(process: Process, case: Case | None = None) -> tuple[str, ...]:
    """The text alternative: a sentence for each step, with how it stands in a case."""
    standing = _standing(case) if case else {}
    return tuple(
        in_turn((sentence, _standing_label(standing[step.key]))) if step.key in standing else sentence
        for step, sentence in zip(process.steps, process.described, strict=True)
    )


def _standing(case: Case) -> dict[str, Visit]:
    """The last visit of each visited step."""
    return {visit.step: visit for visit in case.visits.values()}


def _standing_label(visit: Visit) -> str:
    return WAITING_LABELS[visit.waiting] if visit.waiting else STATUS_LABELS[visit.status]


def _lane(role: str, box: Box) -> str:
    middle = box.middle[1]
    return (
        f'<g class="workflow-lane"><rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" fill="none" stroke="#c4cad1"/>'
        f'<text x="{box.x + 16}" y="{middle}" transform="rotate(-90 {box.x + 16} {middle})" text-anchor="middle" fill="#1b1f24">'
        f"{escape(role)}</text></g>"
    )


def _way(way: tuple[Point, ...], tip: str) -> str:
    points = " ".join(f"{x},{y}" for x, y in way)
    return f'<polyline class="workflow-flow" points="{points}" fill="none" stroke="#57606a" marker-end="url(#{tip})"/>'


def _label(name: str, way: tuple[Point, ...]) -> str:
    """The name of a way: on its last stretch, or where it runs back or far, as several may end at one step."""
    anchor = "end"
    if way[-1][0] < way[0][0]:
        x, y = way[2][0] - 8, way[2][1] - 4
    elif len(way) == _FAR:
        x, y, anchor = way[2][0] + 6, way[2][1] + 14, "start"
    else:
        x, y = way[-1][0] - 10, way[-1][1] - 6
    return f'<text class="workflow-label" x="{x}" y="{y}" text-anchor="{anchor}" font-size="12" fill="#1b1f24">{escape(name)}</text>'


def _step(step: Step, picture: Picture, visit: Visit | None, said: Said) -> str:
    box, status = picture.steps[step.key], visit.status if visit else ""
    fill, line, width, dashes = _LOOKS[status]
    look = f'fill="{fill}" stroke="{line}" stroke-width="{width}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")
    x, y = box.middle
    name = f"workflow-{step.kind} workflow-{status}" if status else f"workflow-{step.kind}"
    match step.kind:
        case Kind.TASK:
            shape = f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6" {look}/>'
            words = _words(_lines(step.name), x, y - (8 if status else 0), box)
            standing = said(say(_standing_label(visit))) if visit else ""
            words += _text(standing, x, box.bottom - 8, 12) if standing else ""
        case Kind.START | Kind.END:
            shape = f'<circle cx="{x}" cy="{y}" r="{box.width // 2}" {look}/>'
            words = _text(step.name, x, box.bottom + 16, 12)
        case _:
            shape = f'<path d="M{x} {box.y}L{box.right} {y}L{x} {box.bottom}L{box.x} {y}z" {look}/>'
            words = _text(_MARKS[step.kind], x, y + 7, 20) + _text(step.name, x, box.bottom + 16, 12)
    return f"<g class={quoteattr(name)}>{shape}{words}</g>"


def _lines(name: str) -> list[str]:
    """A name in at most two lines of eight characters; the text alternative has it whole."""
    lines = [name[start : start + _LINE] for start in range(0, len(name), _LINE)]
    return [lines[0], f"{lines[1][: _LINE - 1]}…"] if len(lines) > 2 else lines  # noqa: PLR2004 - lines that fit


def _words(lines: list[str], x: int, y: int, box: Box) -> str:
    top = y + 5 - 9 * (len(lines) - 1)
    return "".join(_text(line, x, min(top + 18 * number, box.bottom), 13) for number, line in enumerate(lines))


def _text(words: str, x: int, y: int, size: int) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-size="{size}" fill="#1b1f24">{escape(words)}</text>'


def _clock(box: Box) -> str:
    x, y = box.middle
    return (
        f'<g class="workflow-timer"><circle cx="{x}" cy="{y}" r="{box.width // 2}" fill="#ffffff" stroke="#57606a"/>'
        f'<path d="M{x} {y - 8}V{y}H{x + 6}" fill="none" stroke="#57606a"/></g>'
    )

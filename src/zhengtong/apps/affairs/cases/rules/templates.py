"""What a process needs before cases may begin on it: every lane an office, every task a post, every end a result that can be reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zhengtong.apps.affairs.cases.rules.vocabulary import RESULT_CODES, Post
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.table import REFUSE, Duty, Flow, Kind, Step
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import listed, say


class TemplateIncomplete(Invalid):
    """流程模板还不能发布。"""

    code = "process-template-incomplete"


def usual_posts(process: Process) -> dict[str, str]:
    """Who does each task where nobody has said otherwise: what accepts and what hands out the window, what decides the approver."""
    found = {}
    for step in process.steps:
        if step.duty:
            if step.key == process.counted_from:
                found[step.key] = Post.CLERK
            elif step.duty.branch or REFUSE in step.duty.outcomes:
                found[step.key] = Post.APPROVER
            else:
                last = all(process.by_key[flow.target].kind is Kind.END for flow in process.outgoing[step.key])
                found[step.key] = Post.CLERK if last else Post.HANDLER
    return {key: str(post) for key, post in found.items()}


def lanes(process: Process) -> tuple[str, ...]:
    """The lanes that do tasks, in the order of the table."""
    return tuple(dict.fromkeys(step.duty.role for step in process.steps if step.duty))


def faults(process: Process, offices: Mapping[str, str], posts: Mapping[str, str]) -> Iterator[TemplateIncomplete]:
    """Everything that keeps a process from being published; ``offices`` of each lane, ``posts`` of each task."""
    for lane in lanes(process):
        if lane not in offices:
            yield TemplateIncomplete(say("没有指定“{lane}”是哪个单位", lane=lane), field=f"office-{lane}", remedy="选择单位,或办件所属单位")
    for step in process.steps:
        if step.duty and posts.get(step.key) not in set(Post):
            yield TemplateIncomplete(say("没有指定“{name}”由哪个岗位办", name=step.name), field=f"post-{step.key}", remedy="选择岗位")
        if step.kind is Kind.END and step.result not in RESULT_CODES:
            yield TemplateIncomplete(
                say("办结环节“{name}”的结果“{result}”不能上报", name=step.name, result=step.result),
                field=step.key,
                remedy=say("可以是:{results}", results=listed(RESULT_CODES)),
            )


@dataclass(frozen=True)
class Change:
    """What differs between two versions in one place: the step or way, what was said there before and after (empty: not there)."""

    place: str
    before: str
    after: str


def changes(before: Process, after: Process) -> tuple[Change, ...]:
    """What a version says otherwise than an earlier one: whole, steps, ways."""
    return (
        *_different({"": _whole(before)}, {"": _whole(after)}),
        *_different(_steps(before), _steps(after)),
        *_different(_ways(before), _ways(after)),
    )


def _different(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for place in dict.fromkeys([*old, *new]):
        if old.get(place) != new.get(place):
            yield Change(place, old.get(place, ""), new.get(place, ""))


def _whole(process: Process) -> str:
    total = process.unit.of(process.days) if process.days is not None else say("没有总时限")
    return say("{name}:{total},牵头 {lead}", name=process.name, total=total, lead=process.lead or "—")


def _steps(process: Process) -> dict[str, str]:
    return {step.key: _step(step) for step in process.steps}


def _step(step: Step) -> str:
    if step.duty is None:
        return step.name
    return say("{name}:{duty}", name=step.name, duty=_duty(step.duty))


def _duty(duty: Duty) -> str:
    if duty.days is None:
        return say("{role},{outcomes}", role=duty.role, outcomes=listed(duty.outcomes))
    return say("{role},{days},{outcomes}", role=duty.role, days=duty.unit.of(duty.days), outcomes=listed(duty.outcomes))


def _ways(process: Process) -> dict[str, str]:
    return {f"{flow.source} → {flow.target}": _way(flow) for flow in process.flows}


def _way(flow: Flow) -> str:
    return flow.condition or flow.name or "→"

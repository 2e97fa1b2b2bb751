"""
A BPMN 2.0 file read as a process, if it keeps to the subset; else refused with what is outside of it and what to do instead.

A file is anybody's: document types and entities are refused before anything is expanded, and so is a file past ``LARGEST``. Files of other
programs need a lane for each task (who does it); the rest has defaults. Their diagram is not kept, ours is laid out anew; documentation and
notes are skipped, as they decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from xml.etree import ElementTree as ET

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from zhengtong.engines.deadlines.clock import Unit
from zhengtong.engines.workflow.bpmn import BPMN, ELEMENTS, OURS
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.refusals import OutsideSubset
from zhengtong.engines.workflow.table import AGREE, REFUSE, Duty, Flow, Join, Kind, Silence, Step, Verdict
from zhengtong.kernel.sentences import say

LARGEST = 2_000_000
_KINDS = {name: kind for kind, name in ELEMENTS.items()}
#: what decides nothing
_SKIPPED = {"documentation", "textAnnotation", "association", "incoming", "outgoing", "extensionElements", "laneSet"}
_Choice = TypeVar("_Choice", Unit, Silence, Verdict)


def read(file: bytes | str) -> Process:
    """
    The process that a file describes.

    :raises OutsideSubset: if it is not XML, not one process, or has something outside of the subset; ``field`` is the element's id.
    :raises InvalidProcess: if the process breaks a rule.
    """
    body = _body(file)
    whole = _ours(body, "process")
    timers = _timers(body)
    roles = {ref.text or "": lane.get("name", "") for lane in _all(body, "lane") for ref in _all(lane, "flowNodeRef")}
    flows = [_onward(one, timers) for one in _all(body, "sequenceFlow") if one.get("sourceRef", "") not in timers.sources]
    defaults = {gateway.get("default", "") for gateway in _all(body, "exclusiveGateway")} - {""}
    steps = tuple(_step(one, roles, flows, timers) for one in _nodes(body) if _id(one) not in timers.nodes)
    return Process(
        key=_id(body),
        name=body.get("name") or _id(body),
        version=_number(body, whole, "version", 1),
        steps=steps,
        flows=tuple(_flow(one, defaults) for one in flows),
        days=_number(body, whole, "days", 0) or None,
        unit=_choice(body, whole, "unit", Unit.WORKING_DAYS),
        extension=_number(body, whole, "extension", 0),
        lead=whole.get("lead", ""),
        counted_from=whole.get("countedFrom", ""),
        supplement_stops_case=_flag(body, whole, "supplementStopsCase", default=False),
        special_stops_case=_flag(body, whole, "specialStopsCase", default=True),
    )


# ---------------------------------------------------------------------- the file
def _body(file: bytes | str) -> ET.Element:
    if len(file) > LARGEST:
        raise OutsideSubset(say("文件超过 {most} 字节", most=LARGEST), field="file", remedy="拆成几个流程")
    try:
        root: ET.Element = fromstring(file, forbid_dtd=True)
    except DefusedXmlException as exc:
        raise OutsideSubset("文件里有文档类型或实体声明", field="file", remedy="删去 DOCTYPE 和实体再导入") from exc
    except (ET.ParseError, ValueError, LookupError) as exc:
        raise OutsideSubset(say("文件不是 XML:{reason}", reason=exc), field="file", remedy="核对文件是否完整") from exc
    if root.tag != f"{{{BPMN}}}definitions":
        raise OutsideSubset("文件不是 BPMN 2.0", field="file", remedy="从建模工具导出 BPMN 2.0 XML")
    bodies = _all(root, "process", deep=False)
    if len(bodies) != 1:
        raise OutsideSubset(say("文件里有 {number} 个流程", number=len(bodies)), field="file", remedy="一个文件只放一个流程")
    for part in root:
        if _local(part) not in ("process", "collaboration", "BPMNDiagram"):
            raise _outside(part)
    for part in (one for pool in _all(root, "collaboration") for one in pool):
        if _local(part) != "participant" and _local(part) not in _SKIPPED:
            raise _outside(part)
    return bodies[0]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: ET.Element, name: str, *, deep: bool = True) -> list[ET.Element]:
    tag = f"{{{BPMN}}}{name}"
    return list(element.iter(tag)) if deep else element.findall(tag)


def _ours(element: ET.Element, name: str) -> ET.Element:
    """Our facts of an element; without attributes where there are none."""
    found = element.find(f"{{{BPMN}}}extensionElements/{{{OURS}}}{name}")
    return ET.Element(name) if found is None else found


def _outside(element: ET.Element) -> OutsideSubset:
    return OutsideSubset(
        say("不支持“{element}”", element=_local(element)),
        field=element.get("id", ""),
        remedy="只用开始、结束、用户任务、排他网关、并行网关、任务边界的定时事件和泳道",
    )


def _id(element: ET.Element) -> str:
    return element.get("id", "")


def _nodes(body: ET.Element) -> Iterator[ET.Element]:
    """The steps of the process; anything else in it that decides something is refused."""
    for part in body:
        name = _local(part)
        if name in _KINDS:
            for inner in part:
                if _local(inner) not in _SKIPPED:
                    raise _outside(inner)
            yield part
        elif name not in (*_SKIPPED, "sequenceFlow", "boundaryEvent"):
            raise _outside(part)


# ---------------------------------------------------------------------- timers
@dataclass(frozen=True)
class _Timers:
    """The timers of a file, and what belongs to them: it is written for other programs and is no step of ours."""

    events: Mapping[str, ET.Element]
    #: ends that only a timer leads to, and where each gateway leads in which a timer meets its task
    ends: frozenset[str]
    merges: Mapping[str, str]

    @property
    def nodes(self) -> frozenset[str]:
        return self.ends | self.merges.keys()

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(self.events) | self.merges.keys()


def _timers(body: ET.Element) -> _Timers:
    events = {_id(event): event for event in _all(body, "boundaryEvent", deep=False)}
    ends = {_id(end) for end in _all(body, "endEvent", deep=False)}
    gateways = {_id(gateway) for gateway in _all(body, "exclusiveGateway", deep=False)}
    ways = [(flow.get("sourceRef", ""), flow.get("targetRef", "")) for flow in _all(body, "sequenceFlow", deep=False)]
    told: set[str] = set()
    merges: dict[str, str] = {}
    for name, event in events.items():
        targets = [target for source, target in ways if source == name]
        if len(targets) != 1:
            raise OutsideSubset("定时边界事件应有一条离开的连线", field=name, remedy="只保留一条")
        meets = {source for source, target in ways if target == targets[0]}
        if event.get("cancelActivity", "true") == "false":
            if targets[0] not in ends or meets != {name}:
                raise OutsideSubset("不中断的定时事件只能通向自己的结束事件", field=name, remedy="逾期只作督办,不另走一条路")
            told.add(targets[0])
            continue
        onward = [target for source, target in ways if source == targets[0]]
        if targets[0] not in gateways or meets != {name, event.get("attachedToRef", "")} or len(onward) != 1:
            raise OutsideSubset("中断的定时事件应与任务在一个排他网关会合", field=name, remedy="在任务后加一个只接任务和定时事件的排他网关")
        merges[targets[0]] = onward[0]
    return _Timers(events, frozenset(told), merges)


def _onward(flow: ET.Element, timers: _Timers) -> ET.Element:
    """A flow past the gateway in which a timer meets its task."""
    target = flow.get("targetRef", "")
    if target not in timers.merges:
        return flow
    past = ET.Element(flow.tag, flow.attrib | {"targetRef": timers.merges[target]})
    past.extend(list(flow))
    return past


def _timed(task: ET.Element, timers: _Timers) -> tuple[int, bool] | None:
    """The days of a task's timer and whether it interrupts; None without one."""
    events = [event for event in timers.events.values() if event.get("attachedToRef") == _id(task)]
    if not events:
        return None
    durations = [duration.text or "" for duration in _all(events[0], "timeDuration")]
    found = re.fullmatch(r"P(\d{1,4})D", durations[0].strip()) if len(durations) == 1 else None
    if len(events) > 1 or found is None:
        raise OutsideSubset("任务的边界只能有一个定时事件,写成整日", field=_id(events[0]), remedy="写成 P20D 的样子")
    return int(found[1]), events[0].get("cancelActivity", "true") != "false"


# ---------------------------------------------------------------------- steps and flows
def _step(element: ET.Element, roles: dict[str, str], flows: list[ET.Element], timers: _Timers) -> Step:
    key, kind = _id(element), _KINDS[_local(element)]
    name = element.get("name") or key
    if kind in (Kind.FORK, Kind.JOIN):
        into = sum(flow.get("targetRef") == key for flow in flows)
        out = sum(flow.get("sourceRef") == key for flow in flows)
        if (into > 1) == (out > 1):
            raise OutsideSubset("并行网关要么一进多出,要么多进一出", field=key, remedy="拆成一个汇合和一个分办")
        kind = Kind.JOIN if into > 1 else Kind.FORK
    if kind is Kind.TASK:
        return Step(key, name, kind, duty=_duty(element, roles.get(key, ""), _timed(element, timers)))
    if kind is Kind.JOIN:
        ours = _ours(element, "join")
        verdict = _choice(element, ours, "verdict", Verdict.ALL)
        return Step(key, name, kind, join=Join(verdict, _number(element, ours, "least", 0), tuple(ours.get("named", "").split())))
    return Step(key, name, kind, result=(_ours(element, "end").get("result") or name) if kind is Kind.END else "")


def _duty(element: ET.Element, role: str, timed: tuple[int, bool] | None) -> Duty:
    ours = _ours(element, "duty")
    if not role:
        raise OutsideSubset(
            say("任务“{name}”不在任何泳道里,不知道由谁办理", name=element.get("name", "")), field=_id(element), remedy="放进办理单位的泳道"
        )
    days = _number(element, ours, "days", 0) or None
    silence = _choice(element, ours, "silence", Silence.NOTHING)
    unit = _choice(element, ours, "unit", Unit.WORKING_DAYS)
    if timed and not ours.attrib:
        days, unit, silence = timed[0], Unit.CALENDAR_DAYS, Silence.NOTHING if timed[1] else Silence.ESCALATE
    expected = None if silence is Silence.NOTHING or days is None else (days, silence is not Silence.ESCALATE)
    if timed != expected:
        raise OutsideSubset(
            say("任务“{name}”的定时事件和写明的时限、逾期结果不一致", name=element.get("name", "")),
            field=_id(element),
            remedy="在扩展属性里写明逾期的结果,天数与定时事件相同",
        )
    return Duty(
        role=role,
        days=days,
        unit=unit,
        branch=_flag(element, ours, "branch", default=False),
        silence=silence,
        supplements=_number(element, ours, "supplements", 0),
        special=tuple(one.get("name", "") for one in ours.findall(f"{{{OURS}}}special")),
        extension=_number(element, ours, "extension", 0),
        outcomes=tuple(ours.get("outcomes", f"{AGREE} {REFUSE}").split()),
    )


def _flow(element: ET.Element, defaults: set[str]) -> Flow:
    conditions = _all(element, "conditionExpression")
    return Flow(
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition=(conditions[0].text or "") if conditions else "",
        default=_id(element) in defaults,
        name=element.get("name", ""),
    )


# ---------------------------------------------------------------------- facts of ours
def _number(element: ET.Element, ours: ET.Element, name: str, default: int) -> int:
    text = ours.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise _wrong(element, name, text)
    return int(text)


def _flag(element: ET.Element, ours: ET.Element, name: str, *, default: bool) -> bool:
    text = ours.get(name, "true" if default else "false")
    if text not in ("true", "false"):
        raise _wrong(element, name, text)
    return text == str(True).lower()


def _choice(element: ET.Element, ours: ET.Element, name: str, default: _Choice) -> _Choice:
    text = ours.get(name, str(default))
    try:
        return type(default)(text)
    except ValueError as exc:
        raise _wrong(element, name, text) from exc


def _wrong(element: ET.Element, name: str, text: str) -> OutsideSubset:
    return OutsideSubset(say("扩展属性 {name} 不能是“{text}”", name=name, text=text), field=_id(element), remedy="改正这个属性")

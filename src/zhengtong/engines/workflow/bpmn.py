"""
A process as a BPMN 2.0 file (OMG formal/2013-12-09) that other programs draw and run.

The subset: start and end events, user tasks, exclusive gateways with a default, parallel gateways, timers on the border of a task, one
pool with a lane for each role, and the diagram. What BPMN has no word for (budgets in working days, branches, verdicts, what silence
means) is in elements of our own namespace, which others skip. A timer says ``P20D``: BPMN knows no working days, ours are in the
extension beside it.

What :func:`written` writes :func:`~zhengtong.engines.workflow.bpmn_reading.read` reads back as the same process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from xml.etree import ElementTree as ET

from zhengtong.engines.workflow.layout import Box, Picture, Point, laid_out, lane_of
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.table import Duty, Flow, Join, Kind, Silence, Step

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:zhengtong:workflow:1"
_NAMESPACES = {
    "xmlns:bpmn": BPMN,
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xmlns:zt": OURS,
}
ELEMENTS: Mapping[Kind, str] = {
    Kind.START: "startEvent",
    Kind.TASK: "userTask",
    Kind.FORK: "parallelGateway",
    Kind.JOIN: "parallelGateway",
    Kind.CHOICE: "exclusiveGateway",
    Kind.END: "endEvent",
}
_Attributes: TypeAlias = dict[str, str]


def written(process: Process) -> str:
    """The file of a process, the same text every time."""
    picture = laid_out(process)
    root = ET.Element(
        "bpmn:definitions",
        _NAMESPACES | {"id": "definitions", "targetNamespace": OURS, "exporter": "Zhengtong", "exporterVersion": "1"},
    )
    pool = ET.SubElement(root, "bpmn:collaboration", {"id": "pool"})
    ET.SubElement(pool, "bpmn:participant", {"id": "participant", "name": process.name, "processRef": process.key})
    body = ET.SubElement(root, "bpmn:process", {"id": process.key, "name": process.name, "isExecutable": "true"})
    _ours(body, "process", _whole(process))
    _lanes(body, process)
    for step in process.steps:
        _step(body, process, step)
    for number, flow in enumerate(process.flows):
        _flow(body, f"flow-{number}", flow, merges=has_outcome(process.by_key[flow.source]))
    for step in process.steps:
        if step.duty and step.duty.silence is not Silence.NOTHING:
            _timer(body, step, step.duty, process.outgoing[step.key][0].target)
    _diagram(root, process, picture)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def has_outcome(step: Step) -> bool:
    """Whether the silence of a step is an outcome: its way then meets the way of the task in a gateway."""
    return step.duty is not None and step.duty.silence in (Silence.AGREE, Silence.REFUSE)


def _whole(process: Process) -> _Attributes:
    facts = {
        "version": str(process.version),
        "days": "" if process.days is None else str(process.days),
        "unit": str(process.unit),
        "extension": str(process.extension),
        "lead": process.lead,
        "countedFrom": process.counted_from,
        "supplementStopsCase": _flag(on=process.supplement_stops_case),
        "specialStopsCase": _flag(on=process.special_stops_case),
    }
    return {name: value for name, value in facts.items() if value}


def _flag(*, on: bool) -> str:
    return "true" if on else "false"


def _ours(element: ET.Element, name: str, attributes: _Attributes) -> ET.Element:
    """Facts of ours, in the extension of an element."""
    return ET.SubElement(ET.SubElement(element, "bpmn:extensionElements"), f"zt:{name}", attributes)


def _lanes(body: ET.Element, process: Process) -> None:
    lanes = ET.SubElement(body, "bpmn:laneSet", {"id": "lanes"})
    for number, role in enumerate(process.roles or ("",)):
        lane = ET.SubElement(lanes, "bpmn:lane", {"id": f"lane-{number}", "name": role})
        for step in process.steps:
            if lane_of(process, step) == role:
                ET.SubElement(lane, "bpmn:flowNodeRef").text = step.key


def _step(body: ET.Element, process: Process, step: Step) -> None:
    attributes = {"id": step.key, "name": step.name}
    if step.kind in (Kind.FORK, Kind.JOIN):
        attributes["gatewayDirection"] = "Diverging" if step.kind is Kind.FORK else "Converging"
    default = next((number for number, flow in enumerate(process.flows) if flow.source == step.key and flow.default), None)
    if default is not None:
        attributes["default"] = f"flow-{default}"
    element = ET.SubElement(body, f"bpmn:{ELEMENTS[step.kind]}", attributes)
    if step.duty:
        _duty(element, step.duty)
    if step.join:
        _ours(element, "join", _join(step.join))
    if step.kind is Kind.END:
        _ours(element, "end", {"result": step.result})


def _duty(element: ET.Element, duty: Duty) -> None:
    facts = {
        "days": "" if duty.days is None else str(duty.days),
        "unit": str(duty.unit),
        "branch": _flag(on=duty.branch),
        "silence": str(duty.silence),
        "supplements": str(duty.supplements),
        "extension": str(duty.extension),
        "outcomes": " ".join(duty.outcomes),
    }
    ours = _ours(element, "duty", {name: value for name, value in facts.items() if value})
    for name in duty.special:
        ET.SubElement(ours, "zt:special", {"name": name})


def _join(join: Join) -> _Attributes:
    facts = {"verdict": str(join.verdict), "least": str(join.least), "named": " ".join(join.named)}
    return {name: value for name, value in facts.items() if value}


def _flow(body: ET.Element, number: str, flow: Flow, *, merges: bool) -> None:
    attributes = {"id": number, "sourceRef": flow.source, "targetRef": f"timer-{flow.source}-merge" if merges else flow.target}
    element = ET.SubElement(body, "bpmn:sequenceFlow", attributes | ({"name": flow.name} if flow.name else {}))
    if flow.condition:
        ET.SubElement(element, "bpmn:conditionExpression", {"xsi:type": "bpmn:tFormalExpression"}).text = flow.condition


def _timer(body: ET.Element, step: Step, duty: Duty, target: str) -> None:
    """
    The budget on the border of a task. Escalating ends in an event of its own; agreeing or refusing meets the task's way in a gateway, as
    two ways into one parallel gateway would be two branches.
    """
    escalates = duty.silence is Silence.ESCALATE
    name = f"timer-{step.key}"
    attributes = {"id": name, "attachedToRef": step.key, "cancelActivity": _flag(on=not escalates)}
    event = ET.SubElement(body, "bpmn:boundaryEvent", attributes)
    definition = ET.SubElement(event, "bpmn:timerEventDefinition", {"id": f"{name}-definition"})
    ET.SubElement(definition, "bpmn:timeDuration", {"xsi:type": "bpmn:tFormalExpression"}).text = f"P{duty.days}D"
    meets = f"{name}-end" if escalates else f"{name}-merge"
    ET.SubElement(body, "bpmn:endEvent" if escalates else "bpmn:exclusiveGateway", {"id": meets})
    ET.SubElement(body, "bpmn:sequenceFlow", {"id": f"{name}-flow", "sourceRef": name, "targetRef": meets})
    if not escalates:
        ET.SubElement(body, "bpmn:sequenceFlow", {"id": f"{name}-on", "sourceRef": meets, "targetRef": target})


def _diagram(root: ET.Element, process: Process, picture: Picture) -> None:
    plane = ET.SubElement(
        ET.SubElement(root, "bpmndi:BPMNDiagram", {"id": "diagram"}), "bpmndi:BPMNPlane", {"id": "plane", "bpmnElement": "pool"}
    )
    _shape(plane, "participant", picture.pool, {"isHorizontal": "true"})
    for number, role in enumerate(process.roles or ("",)):
        _shape(plane, f"lane-{number}", picture.lanes[role], {"isHorizontal": "true"})
    for step in process.steps:
        marker = {"isMarkerVisible": "true"} if step.kind is Kind.CHOICE else {}
        _shape(plane, step.key, picture.steps[step.key], marker)
    for number, (flow, way) in enumerate(zip(process.flows, picture.flows, strict=True)):
        if has_outcome(process.by_key[flow.source]):
            merge = picture.merge(flow.source)
            _edge(plane, f"flow-{number}", (way[0], (merge.x, way[0][1])))
            _edge(plane, f"timer-{flow.source}-on", ((merge.right, way[0][1]), *way[1:]))
        else:
            _edge(plane, f"flow-{number}", way)
    for key, (box, way) in picture.timers.items():
        _shape(plane, f"timer-{key}", box, {})
        if has_outcome(process.by_key[key]):
            _shape(plane, f"timer-{key}-merge", picture.merge(key), {})
        else:
            _shape(plane, f"timer-{key}-end", picture.silent_end(key), {})
        _edge(plane, f"timer-{key}-flow", way)


def _shape(plane: ET.Element, key: str, box: Box, attributes: _Attributes) -> None:
    shape = ET.SubElement(plane, "bpmndi:BPMNShape", {"id": f"{key}-shape", "bpmnElement": key} | attributes)
    bounds = {"x": str(box.x), "y": str(box.y), "width": str(box.width), "height": str(box.height)}
    ET.SubElement(shape, "dc:Bounds", bounds)


def _edge(plane: ET.Element, key: str, way: tuple[Point, ...]) -> None:
    edge = ET.SubElement(plane, "bpmndi:BPMNEdge", {"id": f"{key}-edge", "bpmnElement": key})
    for x, y in way:
        ET.SubElement(edge, "di:waypoint", {"x": str(x), "y": str(y)})

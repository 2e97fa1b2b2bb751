"""BPMN out and in: nothing is lost, what is outside of the subset is refused with a reason, and the drawing says what it shows."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.making import PROCESSES, Weaver, at, joint, template, woven
from unit.workflow.test_running import Desk
from zhengtong.engines.workflow.acts import AskSupplement
from zhengtong.engines.workflow.bpmn import written
from zhengtong.engines.workflow.bpmn_reading import read
from zhengtong.engines.workflow.drawing import described, drawn
from zhengtong.engines.workflow.layout import laid_out
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.refusals import InvalidProcess, OutsideSubset
from zhengtong.engines.workflow.table import Join, Silence, Verdict

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
NAMES = sorted(path.stem for path in PROCESSES.glob("*.bpmn"))
#: a file as another program writes it: no extension, other prefixes, notes, no diagram
FOREIGN = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:x">
  <process id="leave" isExecutable="false">
    <documentation>何时用</documentation>
    <laneSet id="l"><lane id="l1" name="处室"><flowNodeRef>apply</flowNodeRef><flowNodeRef>sign</flowNodeRef></lane></laneSet>
    <startEvent id="s"><outgoing>f1</outgoing></startEvent>
    <userTask id="apply" name="申请"/>
    <exclusiveGateway id="g" default="f3"/>
    <userTask id="sign" name="签字"/>
    <endEvent id="e" name="结束"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="apply"/>
    <sequenceFlow id="f2" sourceRef="apply" targetRef="g"/>
    <sequenceFlow id="f3" sourceRef="g" targetRef="e"/>
    <sequenceFlow id="f4" sourceRef="g" targetRef="sign"><conditionExpression>days &gt; 3</conditionExpression></sequenceFlow>
    <sequenceFlow id="f5" sourceRef="sign" targetRef="e"/>
    <!--more-->
  </process>
</definitions>"""


@pytest.mark.parametrize("name", NAMES)
def test_the_templates_are_read_and_written_to_the_byte(name: str) -> None:
    text = (PROCESSES / f"{name}.bpmn").read_text()
    assert written(read(text)) == text
    assert read(text.encode()) == template(name)


def test_the_processes_of_the_demo_city_are_these() -> None:
    assert NAMES == ["company_startup", "construction_permit", "instant", "promised", "property_registration"]


@given(woven(), st.sampled_from(list(Silence)))
def test_nothing_is_lost_on_the_way_out_and_in(made: tuple[Process, Weaver], silence: Silence) -> None:
    process, _ = made
    assert read(written(process)) == process
    full = joint(2, Join(Verdict.NAMED, named=("b2",)), silence=silence, days=45, extension=15, lead="牵头<局>&", counted_from="accept")
    assert read(written(full)) == full


@given(woven())
def test_every_part_has_its_place_and_none_lies_on_another(made: tuple[Process, Weaver]) -> None:
    process, _ = made
    root = fromstring(written(process))
    drawn_parts = {shape.get("bpmnElement") for shape in root.iter(f"{DI}BPMNShape")} | {
        edge.get("bpmnElement") for edge in root.iter(f"{DI}BPMNEdge")
    }
    body = root.find(f"{MODEL}process")
    assert body is not None
    parts = {part.get("id") for part in body if part.get("id") not in (None, "lanes")}
    assert parts <= drawn_parts
    picture = laid_out(process)
    boxes = list(picture.steps.values())
    for number, one in enumerate(boxes):
        assert picture.pool.x <= one.x
        assert one.right <= picture.pool.right
        assert one.bottom <= picture.pool.bottom
        for other in boxes[number + 1 :]:
            assert one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
    for shape in root.iter(f"{DC}Bounds"):
        assert int(shape.get("width", "0")) > 0


def test_a_file_of_another_program() -> None:
    process = read(FOREIGN)
    assert process.by_key["apply"].duty is not None
    assert process.by_key["apply"].duty.role == "处室"
    assert process.by_key["e"].result == "结束"
    assert process.version == 1
    assert [flow.condition for flow in process.flows if flow.source == "g"] == ["", "days > 3"]
    assert read(written(process)) == process


def timer(cancel: str, *ways: str) -> str:
    event = f'<boundaryEvent id="t" attachedToRef="apply" cancelActivity="{cancel}"><timerEventDefinition><timeDuration>P5D</timeDuration>'
    return f"{event}</timerEventDefinition></boundaryEvent>{''.join(ways)}<!--more-->"


def test_a_timer_of_another_program_tells_somebody() -> None:
    end = '<endEvent id="late"/><sequenceFlow id="x" sourceRef="t" targetRef="late"/>'
    duty = read(FOREIGN.replace("<!--more-->", timer("false", end))).by_key["apply"].duty
    assert duty is not None
    assert (duty.days, duty.silence) == (5, Silence.ESCALATE)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<!--more-->", '<scriptTask id="x" name="运行"><script>import os</script></scriptTask>', "scriptTask"),
        ("<!--more-->", '<inclusiveGateway id="x"/>', "inclusiveGateway"),
        ("<!--more-->", '<subProcess id="x"/>', "subProcess"),
        ('<userTask id="sign" name="签字"/>', '<userTask id="sign"><multiInstanceLoopCharacteristics/></userTask>', "multiInstance"),
        ('<endEvent id="e" name="结束"/>', '<endEvent id="e"><terminateEventDefinition/></endEvent>', "terminateEventDefinition"),
        ("<flowNodeRef>sign</flowNodeRef>", "", "不在任何泳道"),
        ("<process ", '<process id="two"/><process ', "2 个流程"),
        ("<process ", '<message id="m"/><process ', "message"),
        ("<process ", '<collaboration id="c"><messageFlow id="m"/></collaboration><process ', "messageFlow"),
        ("<!--more-->", timer("false"), "一条离开"),
        ("<!--more-->", timer("false", '<sequenceFlow id="x" sourceRef="t" targetRef="e"/>'), "自己的结束事件"),
        ("<!--more-->", timer("true", '<sequenceFlow id="x" sourceRef="t" targetRef="e"/>'), "排他网关会合"),
        ("http://www.omg.org/spec/BPMN/20100524/MODEL", "urn:other", "不是 BPMN"),
        ("</definitions>", "", "不是 XML"),
        ('<?xml version="1.0"?>', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>', "DOCTYPE|文档类型"),
        (
            '<?xml version="1.0"?>',
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            "文档类型",
        ),
        ('<exclusiveGateway id="g" default="f3"/>', '<parallelGateway id="g"/><!-- one in, two out -->', "不选择"),
    ],
)
def test_what_is_outside_of_the_subset_is_refused(old: str, new: str, words: str) -> None:
    assert old in FOREIGN
    with pytest.raises((OutsideSubset, InvalidProcess), match=words) as caught:
        read(FOREIGN.replace(old, new))
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('days="20"', 'days="many"'),
        ('days="20"', 'days="21"'),
        ('silence="refuse"', 'silence="agree-maybe"'),
        ('silence="refuse"', 'silence="escalate"'),
        ('branch="true"', 'branch="1"'),
        ('verdict="named"', 'verdict="loudest"'),
        ("P20D", "PT20H"),
        ('named="environment fire"', 'named="nobody"'),
        ("conditionExpression", "documentation"),
    ],
)
def test_spoiled_facts_of_ours_are_refused(old: str, new: str) -> None:
    text = written(template("construction_permit"))
    assert old in text
    with pytest.raises((OutsideSubset, InvalidProcess)) as caught:
        read(text.replace(old, new))
    assert caught.value.field


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    with pytest.raises(OutsideSubset, match="超过"):
        read(b" " * 2_000_001)
    with pytest.raises(OutsideSubset, match="不是 XML"):
        read(b"\xff\xfe\x00garbage")


def test_the_drawing_says_in_words_what_it_shows() -> None:
    desk = Desk(template("company_startup"), at("2026-03-02"))
    desk.say("accept", "accepted")
    desk.say("tax")
    desk.do(AskSupplement, "social", missing=("名册",))
    root = fromstring(drawn(desk.process, desk.case, prefix="one"))
    svg = "{http://www.w3.org/2000/svg}"
    title, description = root.find(f"{svg}title"), root.find(f"{svg}desc")
    assert title is not None
    assert description is not None
    assert title.text == "企业开办"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert root.get("role") == "img"
    sentences = described(desk.process, desk.case)
    assert "公章刻制备案:由公安局在 2 个工作日内办理,之后到汇合。;在办" in sentences
    assert all(sentence in (description.text or "") for sentence in sentences)
    words = [text.text for text in root.iter(f"{svg}text")]
    assert words.count("等待补正") == 1
    assert words.count("在办") == 2  # how a step stands is written, not only coloured
    assert words.count("办结") == 2
    assert {"script", "image", "use"}.isdisjoint(part.tag.removeprefix(svg) for part in root.iter())


def test_names_cannot_break_the_drawing() -> None:
    process = joint(2, lead="<script>alert(1)</script>")
    assert "<script" not in drawn(process)
    assert fromstring(drawn(process)) is not None


def test_the_drawing_speaks_the_readers_language() -> None:
    desk = Desk(joint(2))
    shown = drawn(desk.process, desk.case, said=lambda sentence: "open" if sentence == "在办" else sentence)
    assert ">open<" in shown

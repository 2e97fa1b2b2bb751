"""What a process must be: every rule broken is refused with its step and a remedy; conditions are read, never run."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.making import Weaver, branch, choice, end, fork, join, joint, process, start, task, ways, woven
from zhengtong.engines.conditions import InvalidCondition, NoAnswer, condition
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.refusals import InvalidProcess
from zhengtong.engines.workflow.table import Flow, Join, Silence, Step, Verdict

LINE = ways("start>a", "a>done")


@pytest.mark.parametrize(
    ("steps", "flows", "field", "words"),
    [
        ([start(), task("a"), end(), start("other")], LINE, "steps", "一个开始"),
        ([start(), task("a")], ways("start>a"), "steps", "没有办结"),
        ([start(), task("1a"), end()], ways("start>1a", "1a>done"), "1a", "代码"),
        ([start(), task("class"), end()], ways("start>class", "class>done"), "class", "代码"),
        ([start(), task("a"), task("a"), end()], LINE, "a", "两个环节"),
        ([start(), task("a"), end()], (*LINE, *ways("a>nowhere")), "nowhere", "没有的环节"),
        ([start(), task("a"), end()], (*LINE, *LINE[:1]), "start", "连了两次"),
        ([start(), task("a"), end(), end("other", "b")], (*LINE, *ways("a>other")), "a", "2 条离开"),
        ([start(), task("a", 0), end()], LINE, "a", "时限"),
        ([start(), task("a", None, silence=Silence.AGREE), end()], LINE, "a", "没有时限"),
        ([start(), task("a", outcomes=("yes",), silence=Silence.AGREE), end()], LINE, "a", "agree"),
        ([start(), branch("a", outcomes=("agree",)), end()], LINE, "a", "refuse"),
        ([start(), task("a", role=" "), end()], LINE, "a", "名称"),
        ([start(), replace(task("a"), name="两\n行"), end()], LINE, "a", "换行"),
        ([start(), task("a"), replace(end(), result="")], LINE, "done", "名称"),
        ([start(), task("a"), end(), task("b")], LINE, "b", "0 条进入"),
    ],
)
def test_what_a_table_must_be(steps: list[Step], flows: tuple[Flow, ...], field: str, words: str) -> None:
    with pytest.raises(InvalidProcess) as caught:
        process(steps, flows)
    assert caught.value.field == field
    assert words in caught.value.sentence
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("steps", "flows", "words"),
    [
        # a choice into a join: one of its branches never comes
        (
            [start(), choice("c"), task("a"), task("b"), join(), end()],
            ways("start>c", "c>a*", "c>b?x == 1", "a>join", "b>join", "join>done"),
            "一直等下去",
        ),
        # a fork without a join: the case would end with the other part open
        ([start(), fork(), task("a"), task("b"), end()], ways("start>fork", "fork>a", "fork>b", "a>done", "b>done"), "没有办完"),
        # both parts do the same step
        (
            [start(), fork(), task("a"), task("b"), choice("m"), task("c"), end()],
            ways("start>fork", "fork>a", "fork>b", "a>m", "b>m", "m>c", "c>done"),
            "没有办完|重复办理",
        ),
        # rework out of one part only: the other part waits twice
        (
            [start(), choice("m"), fork(), task("a"), task("b"), choice("c"), join(), end()],
            ways("start>m", "m>fork", "fork>a", "fork>b", "a>c", "c>m?x == 1", "c>join*", "b>join", "join>done"),
            "重复办理|一直等下去|没有办完",
        ),
    ],
)
def test_unsound_processes_are_refused(steps: list[Step], flows: tuple[Flow, ...], words: str) -> None:
    with pytest.raises(InvalidProcess, match=words) as caught:
        process(steps, flows)
    assert caught.value.field
    assert caught.value.remedy


def test_ways_that_go_nowhere_or_round_without_anybody() -> None:
    with pytest.raises(InvalidProcess, match="走不到任何办结"):
        process(
            [start(), choice("c"), task("a"), task("b"), choice("m"), end()],
            ways("start>c", "c>done*", "c>m?x == 1", "m>a", "a>b", "b>m"),
        )
    with pytest.raises(InvalidProcess, match="没有办理环节的圈"):
        process([start(), choice("m"), choice("c"), end()], ways("start>m", "m>c", "c>m?x == 1", "c>done*"))
    with pytest.raises(InvalidProcess, match="走不到“"):
        process([start(), task("a"), end(), task("b"), task("c"), choice("m")], (*LINE, *ways("b>c", "c>m", "m>b")))


def test_choices_need_conditions_and_one_default() -> None:
    steps = [start(), choice("c"), task("a"), task("b"), end()]
    rest = ways("start>c", "a>done", "b>done")
    for flows, words in (
        (ways("c>a", "c>b"), "默认"),
        (ways("c>a*", "c>b*"), "默认"),
        (ways("c>a*", "c>b"), "条件"),
        (ways("c>a*", "c>b?x ="), "读不懂"),
    ):
        with pytest.raises(InvalidProcess, match=words) as caught:
            process(steps, (*rest, *flows))
        assert caught.value.field == "c"
    with pytest.raises(InvalidProcess, match="不选择"):
        process([start(), task("a"), end()], ways("start>a", "a>done?x == 1"))


def test_an_early_join_needs_a_block_of_its_own() -> None:
    with pytest.raises(InvalidProcess, match="同意的数目"):
        joint(3, Join(Verdict.AT_LEAST, least=4))
    with pytest.raises(InvalidProcess, match="指名"):
        joint(3, Join(Verdict.NAMED, named=("issue",)))
    # two forks that share a join: it could not say whose branches to end
    steps = [start(), fork("f"), fork("g"), branch("a"), branch("b"), branch("c"), join("j", Join(Verdict.FIRST_REFUSAL)), end()]
    flows = ways("start>f", "f>g", "f>a", "g>b", "g>c", "a>j", "b>j", "c>j", "j>done")
    assert process(steps, flows).blocks["j"] == {"g", "a", "b", "c"}  # closed as a whole: that is allowed
    steps = [start(), fork("f"), branch("a"), choice("x"), branch("b"), join("j", Join(Verdict.FIRST_REFUSAL)), join("k"), task("d"), end()]
    flows = ways("start>f", "f>a", "f>b", "f>d", "a>x", "x>j", "b>j", "j>k", "d>k", "k>done")
    with pytest.raises(InvalidProcess, match="提前结束分支"):
        process(steps, flows)


def test_forty_branches_with_choices_are_decided_at_once() -> None:
    keys = [f"b{number}" for number in range(40)]
    steps = [start(), fork(), *(branch(key) for key in keys), *(choice(f"c{key}") for key in keys), join(), end()]
    flows = [*ways("start>fork", "join>done")]
    for key in keys:
        flows += ways(f"fork>{key}", f"{key}>c{key}", f"c{key}>join*", f"c{key}>{key}?x == 1")
    began = time.process_time()
    process(steps, tuple(flows))
    assert time.process_time() - began < 5  # 2^40 markings otherwise


def test_what_cannot_be_decided_is_refused_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhengtong.engines.workflow.soundness.MOST_MARKINGS", 3)
    with pytest.raises(InvalidProcess, match="判断不了"):
        joint(4)


@given(woven())
def test_whatever_is_nested_is_sound(made: tuple[Process, Weaver]) -> None:
    table, _ = made
    assert table.start.key == "start"
    assert len(table.described) == len(table.steps)


# ---------------------------------------------------------------------- conditions
DATA = {"area": 500, "kind": "new", "urgent": False}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("area >= 500 and (kind == 'new' or not urgent)", True),
        ('kind != "new"', False),
        ("not urgent", True),
        ("not (area < 500 or urgent)", True),
        ("area > -1 and True", True),
        ("urgent == False", True),
        ("area < 500 or kind == 'old' or area == 500", True),
    ],
)
def test_conditions(text: str, answer: bool) -> None:  # noqa: FBT001 - the expected answer
    assert condition(text).holds(DATA) is answer
    assert eval(text, {"__builtins__": {}}, dict(DATA)) is answer  # noqa: S307 - Python agrees


@pytest.mark.parametrize(
    "text",
    [
        "",
        "area >",
        "area = 1",
        "(area > 1",
        "area > 1)",
        "area > 1 area",
        "1 < area < 3",
        "__import__('os').system('x')",
        "area.real > 1",
        "kind == 'a\\'b'",
        "area > 1.5",
        "lambda: 1",
        "[1]",
        "kind == 'x",
        "(" * 30 + "area > 1" + ")" * 30,
        "a == 1 or " * 60 + "a == 1",
        "not " * 40 + "urgent",
    ],
)
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(InvalidCondition) as caught:
        condition(text)
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["missing == 1", "area == 'x'", "urgent > False", "area", "kind and urgent", "urgent == 1"])
def test_what_has_no_answer(text: str) -> None:
    with pytest.raises(NoAnswer):
        condition(text).holds(DATA)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidCondition, NoAnswer):
        assert condition(text).holds(DATA) in (True, False)

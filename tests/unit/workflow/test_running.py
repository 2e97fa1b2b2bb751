"""What can be done to a case, what it leads to, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from unit.workflow.making import at, choice, end, joint, process, start, task, ways
from zhengtong.engines.conditions import NoAnswer
from zhengtong.engines.deadlines.alerts import Lamp
from zhengtong.engines.deadlines.clock import ExtensionRefused, State, read
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.engines.workflow.acts import (
    Answer,
    AnyAct,
    AskSupplement,
    Begin,
    BeginSpecial,
    Complete,
    Consult,
    EndSpecial,
    EndSupplement,
    Extend,
    LetPass,
    Reassign,
    Remind,
    Withdraw,
)
from zhengtong.engines.workflow.case import Case, Moved, Status, Waiting, What
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.refusals import CaseMoved, InvalidAct, NotAllowed
from zhengtong.engines.workflow.running import allowed, apply, open_case
from zhengtong.engines.workflow.table import Join, Silence, Verdict
from zhengtong.engines.workflow.timing import critical_path, holders, reminders, silent

CALENDAR = published_calendar()
MONDAY = at("2026-03-02")


class Desk:
    """A case in the hands of a test."""

    def __init__(self, process: Process, when: datetime = MONDAY, **data: str | int | bool) -> None:
        self.process, self.when, self.count = process, when, 0
        self.last: Moved = open_case(process, act_id="open", at=when, data=data)

    @property
    def case(self) -> Case:
        return self.last.case

    def do(self, act: Callable[..., AnyAct], step: str | None = None, **facts: object) -> Moved:
        self.count += 1
        if step is not None:
            facts["number"] = next(
                visit.number for visit in self.case.visits.values() if visit.step == step and visit.status is Status.OPEN
            )
        made = act(**({"id": f"a{self.count}", "by": "张三"} | facts))
        self.last = apply(self.process, self.case, made, at=self.when, calendar=CALENDAR)
        return self.last

    def say(self, step: str, outcome: str = "agree", **facts: object) -> Moved:
        return self.do(Complete, step, outcome=outcome, **facts)

    @property
    def open(self) -> list[str]:
        return [visit.step for visit in self.case.open]


def accepted(number: int = 3, rule: Join | None = None, **facts: object) -> Desk:
    desk = Desk(joint(number, rule, **facts))  # type: ignore[arg-type]
    desk.say("accept", "accepted")
    return desk


def test_a_joint_approval_from_start_to_end() -> None:
    desk = accepted(days=5)
    assert desk.open == ["b1", "b2", "b3"]
    desk.do(Begin, "b1", by="李四")
    desk.say("b1")
    desk.say("b3")
    assert desk.open == ["b2"]
    moved = desk.say("b2")
    assert [one.what for one in moved.happenings] == [What.STEP_DONE, What.JOINED, What.STEP_BEGAN]
    assert moved.changed == (3, 5)
    assert desk.case.data["join"] == "agree"
    moved = desk.say("issue", "issued")
    assert desk.case.status is Status.DONE
    assert desk.case.result == "granted"
    assert moved.happenings[-1].detail == "granted"
    assert not desk.case.tokens
    assert desk.case.visits[2].person == "李四"


@pytest.mark.parametrize(
    ("rule", "outcomes", "left", "verdict"),
    [
        (Join(), ["refuse", "agree"], ["b3"], None),
        (Join(), ["refuse", "agree", "agree"], ["issue"], "refuse"),
        (Join(Verdict.FIRST_REFUSAL), ["agree", "refuse"], ["issue"], "refuse"),
        (Join(Verdict.FIRST_REFUSAL), ["agree", "agree", "agree"], ["issue"], "agree"),
        (Join(Verdict.AT_LEAST, least=2), ["agree"], ["b2", "b3"], None),
        (Join(Verdict.AT_LEAST, least=2), ["agree", "agree"], ["issue"], "agree"),
        (Join(Verdict.AT_LEAST, least=2), ["refuse", "refuse"], ["issue"], "refuse"),
        (Join(Verdict.AT_LEAST, least=1), ["refuse", "refuse", "agree"], ["issue"], "agree"),
        (Join(Verdict.NAMED, named=("b1",)), ["agree", "refuse"], ["b3"], None),
        (Join(Verdict.NAMED, named=("b1",)), ["agree", "refuse", "refuse"], ["issue"], "agree"),
        (Join(Verdict.NAMED, named=("b1",)), ["refuse"], ["issue"], "refuse"),
    ],
)
def test_verdicts(rule: Join, outcomes: list[str], left: list[str], verdict: str | None) -> None:
    desk = accepted(3, rule)
    for number, outcome in enumerate(outcomes, 1):
        desk.say(f"b{number}", outcome)
    assert desk.open == left
    assert desk.case.data.get("join") == verdict
    for visit in desk.case.visits.values():  # whoever was not needed any more is told so, and its time stopped
        if visit.status is Status.ENDED:
            assert visit.clock is not None
            assert visit.clock.stop is not None
            assert visit.ended == desk.when


def test_a_supplement_stops_only_its_branch() -> None:
    desk = accepted(days=20)
    desk.when = at("2026-03-03")
    desk.do(AskSupplement, "b1", missing=("营业执照", "身份证明"))
    desk.when = at("2026-03-10")
    state = {one.step: one for one in holders(desk.process, desk.case, CALENDAR, desk.when)}
    assert state["b1"].applicant
    assert state["b1"].lamp is Lamp.GREY
    assert state["b1"].waits_for == ("营业执照", "身份证明")
    assert state["b2"].reading is not None
    assert state["b2"].reading.state is State.OVERDUE  # the others' time ran on
    assert desk.case.clock is not None
    assert not desk.case.clock.waiting
    with pytest.raises(NotAllowed, match="现在不能办理完毕") as caught:
        desk.say("b1")
    assert caught.value.remedy == "现在可以:签收、结束补正、延长时限、发起会商、转办"
    desk.do(EndSupplement, "b1")
    with pytest.raises(NotAllowed, match="不能要求补正"):  # 行政许可法 32: everything at once, once
        desk.do(AskSupplement, "b1", missing=("又一份",))
    reading = read(desk.case.visits[2].clock, CALENDAR, desk.when)  # type: ignore[arg-type]
    assert reading.due == at("2026-03-16").date()  # one day used on 3 March, four left after the 10th


def test_the_whole_rests_when_everybody_waits_or_the_process_says_so() -> None:
    desk = accepted(2, days=20)
    desk.do(AskSupplement, "b1", missing=("一",))
    moved = desk.do(AskSupplement, "b2", missing=("二",))
    assert moved.happenings[-1].what is What.TIME_RESTS
    assert desk.case.clock is not None
    assert desk.case.clock.waiting
    desk.when = at("2026-03-09")
    assert desk.do(EndSupplement, "b2").happenings[-1].what is What.TIME_RUNS
    strict = Desk(joint(2, days=20, supplement_stops_case=True))
    strict.say("accept", "accepted")
    strict.do(AskSupplement, "b1", missing=("一",))
    assert strict.case.clock is not None
    assert strict.case.clock.waiting


def test_a_special_procedure_is_not_counted_for_the_whole_either() -> None:
    desk = accepted(2, days=20)
    desk.do(BeginSpecial, "b1", procedure="听证")
    visit = desk.case.visits[2]
    assert visit.waiting is Waiting.SPECIAL
    assert visit.clock is not None
    assert visit.clock.events[-1].basis == "行政许可法第四十五条"  # type: ignore[union-attr]
    assert desk.case.clock is not None
    assert desk.case.clock.waiting
    desk.when = at("2026-03-16")
    desk.do(EndSpecial, "b1")
    assert read(desk.case.clock, CALENDAR, desk.when).due == at("2026-04-14").date()  # 20 wd from 16 March, 6 April is off (清明)
    with pytest.raises(InvalidAct, match="没有规定“拍卖”"):
        desk.do(BeginSpecial, "b2", procedure="拍卖")


def test_extensions_need_an_approver_and_keep_their_limit() -> None:
    desk = Desk(joint(2, days=20, extension=15))
    desk.say("accept", "accepted")
    with pytest.raises(ExtensionRefused):
        desk.do(Extend, "b1", days=5, approver="", reason="复杂")
    with pytest.raises(ExtensionRefused):
        desk.do(Extend, "b1", days=11, approver="局长", reason="复杂")
    desk.do(Extend, "b1", days=10, approver="局长", reason="复杂")
    assert read(desk.case.visits[2].clock, CALENDAR, desk.when).total == 15  # type: ignore[arg-type]
    desk.do(Extend, days=15, approver="市长", reason="复杂")
    assert desk.case.clock is not None
    assert desk.case.clock.total == 35
    desk.when = at("2026-03-20")
    with pytest.raises(ExtensionRefused, match="已经届满"):
        desk.do(Extend, "b2", days=1, approver="局长", reason="迟了")
    with pytest.raises(NotAllowed, match="总时限不能延长"):
        Desk(joint(2, days=20)).do(Extend, days=1, approver="市长", reason="复杂")


def test_consultation_does_not_move_the_case() -> None:
    desk = accepted()
    desk.do(Consult, "b1", role="气象局", question="防雷是否达标")
    assert desk.open == ["b1", "b2", "b3"]
    assert holders(desk.process, desk.case, CALENDAR, desk.when)[0].consulted == ("气象局",)
    with pytest.raises(NotAllowed, match="还没有答复"):
        desk.do(Consult, "b1", role="气象局", question="再问")
    with pytest.raises(InvalidAct, match="没有向财政局发起") as caught:
        desk.do(Answer, "b1", role="财政局", text="无意见")
    assert caught.value.remedy == "可以是:气象局"
    desk.do(Answer, "b1", role="气象局", text="达标")
    assert desk.case.visits[2].consultations[0].answer == "达标"
    desk.say("b1")


def test_reassignment_and_withdrawal() -> None:
    desk = accepted(2)
    desk.do(Reassign, "b1", role="区局", person="王五")
    assert (desk.case.visits[2].role, desk.case.visits[2].person) == ("区局", "王五")
    with pytest.raises(InvalidAct):
        desk.do(Reassign, "b1")
    with pytest.raises(InvalidAct):
        desk.do(Withdraw, reason=" ")
    desk.do(Withdraw, reason="不办了")
    assert desk.case.status is Status.WITHDRAWN
    assert [visit.status for visit in desk.case.visits.values()] == [Status.DONE, Status.WITHDRAWN, Status.WITHDRAWN]
    with pytest.raises(NotAllowed, match="已经办结"):
        desk.do(Withdraw, reason="再来")
    assert holders(desk.process, desk.case, CALENDAR, desk.when) == ()
    assert critical_path(desk.process, desk.case, CALENDAR, desk.when) is None


@pytest.mark.parametrize(("silence", "verdict"), [(Silence.AGREE, "agree"), (Silence.REFUSE, "refuse")])
def test_silence_comes_true_once_and_not_before_its_time(silence: Silence, verdict: str) -> None:
    desk = accepted(2, silence=silence)
    desk.say("b1")
    desk.when = at("2026-03-09", 23)  # the fifth working day, until midnight
    assert silent(desk.process, desk.case, CALENDAR, desk.when) == ()
    with pytest.raises(NotAllowed, match="还没有逾期") as caught:
        desk.do(LetPass, "b2")
    assert caught.value.remedy == "2026-03-09 之后再办"
    desk.when = at("2026-03-10", 0, 1)
    assert [visit.step for visit in silent(desk.process, desk.case, CALENDAR, desk.when)] == ["b2"]
    desk.do(LetPass, "b2", by="系统")
    assert desk.case.visits[3].silent
    assert desk.case.visits[3].outcome == verdict
    assert desk.case.data["join"] == verdict
    with pytest.raises(NotAllowed):
        desk.do(LetPass, number=3)


def test_silence_that_only_escalates_does_so_once() -> None:
    desk = accepted(2, silence=Silence.ESCALATE)
    desk.when = at("2026-03-10")
    assert len(silent(desk.process, desk.case, CALENDAR, desk.when)) == 2
    assert desk.do(LetPass, "b1").happenings[0].what is What.ESCALATED
    assert [visit.step for visit in silent(desk.process, desk.case, CALENDAR, desk.when)] == ["b2"]
    assert desk.open == ["b1", "b2"]
    with pytest.raises(NotAllowed, match="不能按逾期处理"):
        desk.do(LetPass, "b1")


def test_whoever_waits_for_a_supplement_is_not_silent() -> None:
    desk = accepted(2, silence=Silence.AGREE)
    desk.do(AskSupplement, "b1", missing=("一",))
    desk.when = at("2026-03-31")
    assert [visit.step for visit in silent(desk.process, desk.case, CALENDAR, desk.when)] == ["b2"]


def test_the_same_act_twice_is_done_once_and_two_on_one_revision_conflict() -> None:
    desk = accepted(2)
    act = Complete(id="x", by="张三", number=2, outcome="agree")
    once = apply(desk.process, desk.case, act, at=desk.when, calendar=CALENDAR, revision=2)
    again = apply(desk.process, once.case, act, at=at("2026-03-05"), calendar=CALENDAR, revision=2)
    assert again.repeated
    assert again.case is once.case
    with pytest.raises(CaseMoved, match="先办理了一步"):
        apply(desk.process, once.case, Complete(id="y", by="李四", number=3, outcome="agree"), at=desk.when, calendar=CALENDAR, revision=2)
    with pytest.raises(CaseMoved, match="已经用于另一次"):
        apply(desk.process, once.case, Complete(id="x", by="李四", number=3, outcome="agree"), at=desk.when, calendar=CALENDAR)


def test_bad_acts_name_what_is_wrong() -> None:
    desk = accepted(2)
    with pytest.raises(InvalidAct, match="没有“maybe”") as caught:
        desk.say("b1", "maybe")
    assert caught.value.remedy == "可以是:agree、refuse"
    with pytest.raises(InvalidAct, match="没有第 9 次") as caught:
        desk.do(Begin, number=9)
    assert "2 办理b1" in caught.value.remedy
    with pytest.raises(InvalidAct, match="值不能叫"):
        desk.say("b1", data={"join": "agree"})
    with pytest.raises(InvalidAct, match="整数"):
        desk.say("b1", data={"area": 1.5})
    with pytest.raises(InvalidAct, match="一次列全"):
        desk.do(AskSupplement, "b1", missing=())
    with pytest.raises(InvalidAct, match="编号"):
        desk.say("b1", id=" ")
    desk.when = at("2026-03-01")
    with pytest.raises(NotAllowed, match="早于"):
        desk.say("b1")
    desk.when = MONDAY
    with pytest.raises(NotAllowed, match="现在不能签收") as caught:
        desk.do(Begin, number=1)
    assert caught.value.remedy == "这个环节已经办完"
    assert allowed(desk.process, desk.case.visits[1]) == ()


def test_a_case_stays_with_its_version() -> None:
    desk = accepted(2)
    other = Process(desk.process.key, desk.process.name, 2, desk.process.steps, desk.process.flows)
    with pytest.raises(CaseMoved, match="第 1 版"):
        apply(other, desk.case, Withdraw(id="w", by="张三", reason="x"), at=desk.when, calendar=CALENDAR)


def test_choices_and_rework() -> None:
    reworked = process(
        [start(), choice("m"), task("draft", outcomes=("drafted",)), task("review", outcomes=("fine", "again")), choice("c"), end()],
        ways("start>m", "m>draft", "draft>review", "review>c", "c>m?review == 'again' and size > 2", "c>done*"),
    )
    desk = Desk(reworked)
    desk.say("draft", "drafted")
    with pytest.raises(NoAnswer, match="size") as caught:
        desk.say("review", "again")
    assert caught.value.field == "size"
    assert desk.open == ["review"]  # nothing moved
    desk.say("review", "again", data={"size": 3})
    assert desk.open == ["draft"]
    assert [visit.number for visit in desk.case.visits.values()] == [1, 2, 3]
    desk.say("draft", "drafted")
    desk.say("review", "fine")
    assert desk.case.status is Status.DONE


def test_each_rung_warns_once_and_again_after_an_extension() -> None:
    desk = accepted(1 + 1)
    desk.when = at("2026-03-06")
    found = reminders(desk.case, CALENDAR, desk.when)
    assert [(one.number, one.send.name) for one in found] == [(2, "due-in-1"), (3, "due-in-1")]
    desk.do(Remind, number=2, rungs=found[0].settled)
    assert [one.number for one in reminders(desk.case, CALENDAR, desk.when)] == [3]
    with pytest.raises(NotAllowed, match="已经发过"):
        desk.do(Remind, number=2, rungs=found[0].settled)
    with pytest.raises(NotAllowed, match="现在不能催办"):
        desk.do(Remind, number=1, rungs=("due-in-1",))
    desk.do(Extend, "b1", days=1, approver="局长", reason="复杂")
    desk.when = at("2026-03-09")
    again = reminders(desk.case, CALENDAR, desk.when)[0]
    assert (again.number, again.settled) == (2, ("due-in-1/1",))


def test_who_holds_it_and_which_branch_decides() -> None:
    desk = accepted(3, days=20)
    desk.do(Extend, "b3", days=3, approver="局长", reason="复杂")
    outlook = critical_path(desk.process, desk.case, CALENDAR, desk.when)
    assert outlook is not None
    assert [(branch.step, branch.slack) for branch in outlook.branches] == [("b1", 3), ("b2", 3), ("b3", 0)]
    assert outlook.critical[0].ahead == ("issue",)
    assert outlook.end == at("2026-03-16").date()  # 8 working days, then 2
    assert outlook.due == at("2026-03-30").date()
    assert outlook.fits
    desk.when = at("2026-03-05")
    assert [(one.role, one.lamp) for one in holders(desk.process, desk.case, CALENDAR, desk.when)] == [
        ("b1局", Lamp.YELLOW),  # 3 of 5
        ("b2局", Lamp.YELLOW),
        ("b3局", Lamp.GREEN),  # 3 of 8
    ]
    desk.when = at("2026-03-10")
    assert holders(desk.process, desk.case, CALENDAR, desk.when)[0].lamp is Lamp.RED
    late = critical_path(desk.process, desk.case, CALENDAR, at("2026-03-17"))
    assert late is not None
    assert late.end == at("2026-03-19").date()  # whoever is late can be done today at the earliest
    assert [branch.slack for branch in late.branches] == [0, 0, 0]

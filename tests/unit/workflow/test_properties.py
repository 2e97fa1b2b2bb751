"""Whatever is done to whatever case: no token is lost or doubled, it ends, and what is kept of it is all of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.making import Weaver, at, joint, later, woven
from zhengtong.engines.deadlines.clock import ExtensionRefused
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.engines.workflow import acts
from zhengtong.engines.workflow.case import Case, Status, Visit
from zhengtong.engines.workflow.documents import case_document, case_from, head_document, visit_document
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.refusals import InvalidDocument, NotAllowed
from zhengtong.engines.workflow.running import allowed, apply, open_case, replay
from zhengtong.engines.workflow.table import Join, Kind, Verdict

CALENDAR = published_calendar()
BEGAN = at("2026-01-05")
RULES = (
    Join(),
    Join(Verdict.FIRST_REFUSAL),
    Join(Verdict.AT_LEAST, least=2),
    Join(Verdict.NAMED, named=("b1",)),
)


def act_on(kind: str, visit: Visit, weaver: Weaver | None, draw: st.DataObject, number: int, process: Process) -> acts.AnyAct:
    """An act of a kind, with whatever it needs."""
    basic: dict[str, Any] = {"id": f"a{number}", "by": "张三", "number": visit.number}
    if kind == "complete":
        duty = process.by_key[visit.step].duty
        assert duty is not None
        name = weaver.loops.get(visit.step) if weaver else None
        data = {name: number < 40 and draw.draw(st.booleans())} if name else {}
        return acts.Complete(**basic, outcome=draw.draw(st.sampled_from(duty.outcomes)), data=data)
    asked = next((one.role for one in visit.consultations if not one.answer), "")
    facts: dict[str, dict[str, Any]] = {
        "ask-supplement": {"missing": ("证明",)},
        "begin-special": {"procedure": "听证"},
        "extend": {"days": 2, "approver": "局长", "reason": "复杂"},
        "consult": {"role": f"局{number}", "question": "可否"},
        "answer": {"role": asked, "text": "可"},
        "reassign": {"person": "王五"},
    }
    return acts.act_from({"act": kind} | basic | facts.get(kind, {}))


def check(process: Process, case: Case) -> None:
    """What holds of every state."""
    steps = [visit.step for visit in case.open]
    assert len(set(steps)) == len(steps)  # a sound process is safe: nothing is open twice
    assert bool(steps) == (case.status is Status.OPEN)
    places = [(token.join, token.source) for token in case.tokens]
    assert len(set(places)) == len(places)
    for token in case.tokens:
        assert process.by_key[token.join].kind is Kind.JOIN
        assert token.source in {flow.source for flow in process.incoming[token.join]}
    if case.status is not Status.OPEN:
        assert not case.tokens
        assert case.clock is None or case.clock.stop is not None
    elif case.clock is not None:
        assert case.clock.waiting or not all(visit.waiting for visit in case.open)
    for visit in case.visits.values():
        assert visit.clock is None or (visit.clock.stop is None) == (visit.status is Status.OPEN)
        assert visit.clock is None or visit.status is not Status.OPEN or visit.clock.waiting == bool(visit.waiting)
    assert list(case.visits) == list(range(1, case.count + 1))


def play(process: Process, weaver: Weaver | None, draw: st.DataObject) -> None:
    data = {name: draw.draw(st.booleans()) for name in weaver.asked} if weaver else {}
    opened = open_case(process, act_id="open", at=BEGAN, data=data)
    case, moment = opened.case, BEGAN
    done: list[tuple[datetime, acts.AnyAct]] = []
    for number in range(400):
        check(process, case)
        if case.status is not Status.OPEN:
            break
        moment = later(moment, draw.draw(st.integers(0, 60)))
        visit = draw.draw(st.sampled_from(list(case.open)))
        # towards the end only what leads there
        kinds = [kind for kind in allowed(process, visit) if number < 25 or kind in ("complete", "end-supplement", "end-special")]
        act = act_on(draw.draw(st.sampled_from(kinds)), visit, weaver, draw, number, process)
        try:
            moved = apply(process, case, act, at=moment, calendar=CALENDAR)
        except (NotAllowed, ExtensionRefused):
            assert act.kind in ("let-pass", "extend")  # only time can say no to what is allowed
            continue
        assert moved.case.revision == case.revision + 1
        unchanged = set(case.visits) - set(moved.changed)
        assert all(moved.case.visits[one] is case.visits[one] for one in unchanged)
        case = moved.case
        done.append((moment, act))
        assert case_from(json.loads(json.dumps(case_document(case)))) == case
    assert case.status is Status.DONE
    assert case.result == "granted"
    kept = [(when, acts.act_from(json.loads(json.dumps(acts.act_document(act))))) for when, act in done]
    assert replay(process, opened, kept) == case


@given(woven(), st.data())
def test_any_sound_process(made: tuple[Process, Weaver], draw: st.DataObject) -> None:
    process, weaver = made
    play(process, weaver, draw)


@given(st.sampled_from(RULES), st.integers(2, 6), st.data())
def test_any_joint_approval(rule: Join, branches: int, draw: st.DataObject) -> None:
    play(joint(branches, rule, days=20), None, draw)


def test_a_case_goes_on_without_the_rows_of_what_is_over() -> None:
    process = joint(3)
    case = open_case(process, act_id="open", at=BEGAN).case
    while case.status is Status.OPEN:
        visit = next(case.open)
        duty = process.by_key[visit.step].duty
        assert duty is not None
        act = acts.Complete(id=f"{visit.number}", by="张三", number=visit.number, outcome=duty.outcomes[0])
        case = apply(process, case, act, at=BEGAN, calendar=CALENDAR).case
        case = case_from(head_document(case), [visit_document(one) for one in case.open])
    assert case.result == "granted"
    assert case.count == 5
    assert case.data["join"] == "agree"


@pytest.mark.parametrize(
    "spoil",
    [
        {"form": 2},
        {"status": "lost"},
        {
            "clock": {
                "started": "2026-01-05T10:00:00+08:00",
                "budget": 5,
                "unit": "working-days",
                "limit": 0,
                "events": [["nap", "2026-01-05"]],
            }
        },
        {"began": "yesterday"},
        {"tokens": [["join"]]},
        {"visits": [{"form": 1}]},
    ],
)
def test_what_is_no_case_is_refused(spoil: dict[str, Any]) -> None:
    document = case_document(open_case(joint(2), act_id="open", at=BEGAN).case)
    with pytest.raises(InvalidDocument):
        case_from(document | spoil)


@pytest.mark.parametrize("document", [{}, {"act": "fly", "id": "1", "by": "x"}, {"act": "begin", "id": "1", "by": "x", "number": "2"}, 3])
def test_what_is_no_act_is_refused(document: object) -> None:
    with pytest.raises(InvalidDocument) as caught:
        acts.act_from(document)
    assert caught.value.field == "act"

"""
Running a case: one act in, the next state out.

An act that the state does not allow is refused with what it does allow. An act sent twice is done once; two acts that were decided on the
same revision conflict, and the second is to look again. Nothing here asks what time it is: ``at`` is when the act was done, and no act
may be earlier than the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from zhengtong.engines.conditions import Value, is_name
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, Extension, Resume, State, read
from zhengtong.engines.workflow import acts
from zhengtong.engines.workflow.case import NO_OPINION, Case, Consultation, Moved, Opinion, Status, Visit, Waiting, What
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.refusals import CaseMoved, InvalidAct, NotAllowed
from zhengtong.engines.workflow.table import AGREE, REFUSE, Duty, Silence
from zhengtong.engines.workflow.tokens import Game, pause_basis, pause_reason, replaced
from zhengtong.kernel.sentences import listed, say

OPENED = "open"


def open_case(process: Process, *, act_id: str, at: datetime, data: Mapping[str, Value] | None = None) -> Moved:
    """
    A new case at its first steps.

    :param act_id: chosen by whoever opens it, like the id of an act.
    :param data: what is known from the filing, for the choices.
    :raises InvalidAct: for a value without a proper name, or one of a step.
    :raises NoAnswer: if a choice before the first task needs a value that is not there.
    """
    _aware(at)
    game = Game(process, Case(process.key, process.version, at, at), at)
    _learn(game, data or {})
    if not process.counted_from:
        game.begin_time(at)
    game.leave(process.start.key, NO_OPINION)
    return game.moved((act_id, OPENED))


def apply(
    process: Process, case: Case, act: acts.AnyAct, *, at: datetime, calendar: WorkingCalendar | None, revision: int | None = None
) -> Moved:
    """
    The case after an act.

    :param calendar: decides whether time has run out, for extensions and silence. None, for acts that were already accepted: not asked
    again, as the calendar may have changed since.
    :param revision: the revision on which the act was decided; None does not ask.
    :raises CaseMoved: if the case has moved since, or the id was used for another act.
    :raises NotAllowed: if the state does not allow it; the remedy names what it allows.
    :raises InvalidAct: if something is missing in it.
    :raises OutOfOrder: if it is earlier than the act before.
    """
    if (case.process, case.version) != (process.key, process.version):
        raise CaseMoved(
            say("办件依照“{process}”第 {version} 版办理", process=case.process, version=case.version),
            field="version",
            remedy="按那一版办理",
        )
    if (done := case.seen.get(act.id)) is not None:
        if done != act.mark:
            raise CaseMoved(say("编号“{id}”已经用于另一次办理", id=act.id), field="id", remedy="换一个编号")
        return Moved(case, repeated=True)
    _check(case, act, at, revision)
    game = Game(process, case, at)
    _do(game, act, calendar)
    return game.moved((act.id, act.mark))


def replay(process: Process, opened: Moved, done: Iterable[tuple[datetime, acts.AnyAct]]) -> Case:
    """The case that the acts, in the order in which they were accepted, make of a newly opened one."""
    case = opened.case
    for at, act in done:
        case = apply(process, case, act, at=at, calendar=None).case
    return case


def _aware(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")


def _check(case: Case, act: acts.AnyAct, at: datetime, revision: int | None) -> None:
    _aware(at)
    if not act.id.strip() or not act.by.strip():
        raise InvalidAct("办理要写明编号和办理人", field="id" if not act.id.strip() else "by")
    if revision is not None and revision != case.revision:
        raise CaseMoved(field="revision", remedy="刷新后按现在的状态办理")
    if case.status is not Status.OPEN:
        raise NotAllowed("办件已经办结,不能再办理", field="act", remedy="需要时另行申请")
    if at < case.latest:
        raise NotAllowed("办理早于前一次办理", field="at", remedy="按发生的先后登记")


def _do(game: Game, act: acts.AnyAct, calendar: WorkingCalendar | None) -> None:
    match act:
        case acts.Withdraw():
            _withdraw(game, act)
        case acts.Remind():
            _remind(game, act)
        case acts.Extend(number=None):
            _extend_case(game, act, calendar)
        case _:
            visit, duty = _visit(game, act)
            if act.kind not in allowed(game.process, visit):
                raise _not_allowed(game, visit, act)
            _do_in(game, visit, duty, act, calendar)


def _do_in(game: Game, visit: Visit, duty: Duty, act: acts.AnyAct, calendar: WorkingCalendar | None) -> None:
    match act:
        case acts.Begin():
            game.put(replaced(visit, person=act.by))
        case acts.Complete():
            _complete(game, visit, duty, act)
        case acts.LetPass():
            _let_pass(game, visit, duty, calendar)
        case acts.Extend():
            clock = visit.clock and _extended(visit.clock, act, game.at, calendar)
            game.put(replaced(visit, clock=clock))
        case acts.Reassign():
            if not (act.role.strip() or act.person.strip()):
                raise InvalidAct("转办要写明转给哪个岗位或哪个人", field="role")
            game.put(replaced(visit, role=act.role or visit.role, person=act.person))
        case _:
            _do_meanwhile(game, visit, duty, act)


def _do_meanwhile(game: Game, visit: Visit, duty: Duty, act: acts.AnyAct) -> None:
    match act:
        case acts.AskSupplement():
            _wait(game, visit, Waiting.SUPPLEMENT, _spoken(act.missing, "missing"))
        case acts.BeginSpecial():
            if act.procedure not in duty.special:
                raise InvalidAct(say("本环节没有规定“{name}”", name=act.procedure), field="procedure", remedy=_one_of(duty.special))
            _wait(game, visit, Waiting.SPECIAL, (act.procedure,))
        case acts.EndSupplement() | acts.EndSpecial():
            clock = visit.clock and visit.clock.resumed(at=game.at)
            game.put(replaced(visit, clock=clock, waiting=None, waits_for=()))
        case acts.Consult():
            _consult(game, visit, act)
        case acts.Answer():
            _answer(game, visit, act)


# ---------------------------------------------------------------------- what is allowed
def allowed(process: Process, visit: Visit) -> tuple[str, ...]:
    """The acts that a visit allows, by their kind; empty once it is over."""
    duty = process.by_key[visit.step].duty
    if visit.status is not Status.OPEN or duty is None:
        return ()
    unanswered = any(not one.answer for one in visit.consultations)
    standing = {
        "begin": not visit.person,
        "complete": visit.waiting is None,
        "ask-supplement": visit.waiting is None and visit.supplements < duty.supplements,
        "end-supplement": visit.waiting is Waiting.SUPPLEMENT,
        "begin-special": visit.waiting is None and bool(duty.special),
        "end-special": visit.waiting is Waiting.SPECIAL,
        "extend": visit.clock is not None and duty.extension > 0,
        "consult": True,
        "answer": unanswered,
        "reassign": True,
        "let-pass": visit.waiting is None and duty.silence is not Silence.NOTHING and not visit.escalated,
    }
    return tuple(kind for kind, able in standing.items() if able)


def _not_allowed(game: Game, visit: Visit, act: acts.AnyAct) -> NotAllowed:
    return NotAllowed(
        say("“{name}”现在不能{act}", name=game.process.by_key[visit.step].name, act=say(acts.ACT_LABELS[act.kind])),
        field="act",
        remedy=_possible(allowed(game.process, visit)),
    )


def _possible(kinds: tuple[str, ...]) -> str:
    if not kinds:
        return say("这个环节已经办完")
    return say("现在可以:{acts}", acts=listed(say(acts.ACT_LABELS[kind]) for kind in kinds))


def _one_of(words: tuple[str, ...]) -> str:
    return say("可以是:{words}", words=listed(words)) if words else ""


def _visit(game: Game, act: acts.AnyAct) -> tuple[Visit, Duty]:
    number = getattr(act, "number", None)
    visit = game.visits.get(number) if isinstance(number, int) else None
    duty = game.process.by_key[visit.step].duty if visit else None
    if visit is None or duty is None:
        there = listed(say("{number} {name}", number=one.number, name=game.process.by_key[one.step].name) for one in game.case.open)
        raise InvalidAct(say("办件没有第 {number} 次办理", number=number), field="number", remedy=say("现在在办的有:{there}", there=there))
    return visit, duty


def _spoken(texts: tuple[str, ...], field: str) -> tuple[str, ...]:
    if not texts or not all(text.strip() for text in texts):
        raise InvalidAct("要写明缺什么,一次列全", field=field, remedy="逐项填写")
    return texts


# ---------------------------------------------------------------------- doing it
def _learn(game: Game, data: Mapping[str, Value]) -> None:
    for name, value in data.items():
        if not is_name(name) or name in game.process.by_key:
            raise InvalidAct(say("值不能叫“{name}”", name=name), field=name, remedy="用字母开头的字母、数字和下划线,不与环节重名")
        if not isinstance(value, str | int):
            raise InvalidAct(say("“{name}”应是文字、整数或是否", name=name), field=name, remedy="金额用最小单位的整数")
        game.data[name] = value


def _complete(game: Game, visit: Visit, duty: Duty, act: acts.Complete) -> None:
    if act.outcome not in duty.outcomes:
        raise InvalidAct(say("本环节没有“{outcome}”这个结果", outcome=act.outcome), field="outcome", remedy=_one_of(duty.outcomes))
    _learn(game, act.data)
    _done(game, replaced(visit, person=visit.person or act.by), duty, act.outcome, silent=False)


def _done(game: Game, visit: Visit, duty: Duty, outcome: str, *, silent: bool) -> None:
    game.close(visit, Status.DONE, outcome, silent=silent)
    game.data[visit.step] = outcome
    if visit.step == game.process.counted_from:
        game.begin_time(_received(visit) if silent else game.at)
    game.leave(visit.step, Opinion(outcome, visit.step) if duty.branch else visit.brings)


def _received(visit: Visit) -> datetime:
    """From when a case counts as accepted that nobody answered: when it came, or when everything asked for had come (行政许可法 32)."""
    came = [event.at for event in visit.clock.events if isinstance(event, Resume)] if visit.clock else []
    return came[-1] if came else visit.began


def _wait(game: Game, visit: Visit, waiting: Waiting, what: tuple[str, ...]) -> None:
    visit = replaced(visit, waiting=waiting, waits_for=what, supplements=visit.supplements + (waiting is Waiting.SUPPLEMENT))
    clock = visit.clock and visit.clock.paused(at=game.at, reason=pause_reason(visit), basis=pause_basis(visit))
    game.put(replaced(visit, clock=clock))


def _extended(clock: Clock, act: acts.Extend, at: datetime, calendar: WorkingCalendar | None) -> Clock:
    if calendar is None:
        return replace(clock, events=(*clock.events, Extension(at, act.days, act.approver, act.reason)))
    return clock.extended(calendar, at=at, days=act.days, approver=act.approver, reason=act.reason)


def _extend_case(game: Game, act: acts.Extend, calendar: WorkingCalendar | None) -> None:
    if game.clock is None or not game.process.extension:
        raise NotAllowed("办件的总时限不能延长", field="act", remedy="流程没有规定总时限的延长,或总时限还没有起算")
    game.clock = _extended(game.clock, act, game.at, calendar)


def _consult(game: Game, visit: Visit, act: acts.Consult) -> None:
    if not act.role.strip() or not act.question.strip():
        raise InvalidAct("会商要写明问谁、问什么", field="role" if not act.role.strip() else "question")
    if any(one.role == act.role and not one.answer for one in visit.consultations):
        raise NotAllowed(say("{role}还没有答复上一次会商", role=act.role), field="role", remedy="等候答复,或催办")
    game.put(replaced(visit, consultations=(*visit.consultations, Consultation(act.role, act.question, game.at))))


def _answer(game: Game, visit: Visit, act: acts.Answer) -> None:
    asked = next((place for place, one in enumerate(visit.consultations) if one.role == act.role and not one.answer), None)
    if asked is None:
        waiting = tuple(one.role for one in visit.consultations if not one.answer)
        raise InvalidAct(say("没有向{role}发起会商", role=act.role), field="role", remedy=_one_of(waiting))
    if not act.text.strip():
        raise InvalidAct("会商的答复不能是空的", field="text", remedy="写明意见")
    question = visit.consultations[asked]
    answered = Consultation(question.role, question.question, question.asked, act.text, game.at)
    game.put(replaced(visit, consultations=(*visit.consultations[:asked], answered, *visit.consultations[asked + 1 :])))


def _let_pass(game: Game, visit: Visit, duty: Duty, calendar: WorkingCalendar | None) -> None:
    if calendar is not None and visit.clock is not None and (reading := read(visit.clock, calendar, game.at)).state is not State.OVERDUE:
        raise NotAllowed(
            say("“{name}”还没有逾期", name=game.process.by_key[visit.step].name), field="act", remedy=say("{due} 之后再办", due=reading.due)
        )
    if duty.silence is Silence.ESCALATE:
        game.put(replaced(visit, escalated=True))
        game.tell(What.ESCALATED, visit.step, visit.number)
    else:
        _done(game, visit, duty, AGREE if duty.silence is Silence.AGREE else REFUSE, silent=True)


def _remind(game: Game, act: acts.Remind) -> None:
    if act.number is None:
        given, game.rungs = game.rungs, (*game.rungs, *act.rungs)
    else:
        visit, _ = _visit(game, act)
        if visit.status is not Status.OPEN:
            raise _not_allowed(game, visit, act)
        given = visit.rungs
        game.put(replaced(visit, rungs=(*visit.rungs, *act.rungs)))
    if not act.rungs or set(act.rungs) & set(given):
        raise NotAllowed("这一级催办已经发过", field="rungs", remedy="每一级只催办一次")


def _withdraw(game: Game, act: acts.Withdraw) -> None:
    if not act.reason.strip():
        raise InvalidAct("撤回要写明原因", field="reason")
    for visit in tuple(game.case.open):
        game.close(visit, Status.WITHDRAWN, "")
    game.tokens = {}
    game.finish(Status.WITHDRAWN, "")

"""
What officials do with a case: each act one transaction under the lock of the case, idempotent by its id.

A branch is decided on its own visit, so departments that decide at one instant do not disturb each other; the one who comes last joins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.affairs.cases.models import Consultation
from zhengtong.apps.affairs.cases.operations import holding, letters, storing
from zhengtong.apps.affairs.cases.operations.storing import Doing, Loaded
from zhengtong.apps.affairs.cases.queries.access import sees
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.rules import access
from zhengtong.apps.affairs.cases.rules.access import Place
from zhengtong.apps.affairs.cases.rules.vocabulary import ENDINGS, NEED_REASON, Post, Result
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.conditions import Value
from zhengtong.engines.deadlines.clock import read
from zhengtong.engines.workflow import acts
from zhengtong.engines.workflow.case import Moved
from zhengtong.engines.workflow.running import apply
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

Role = identity.Role


class ReasonMissing(Invalid):
    """不同意、不予受理和终止都要说明理由。"""

    code = "case-reason-missing"


class HolderUnfit(Invalid):
    """不能转给这个人或这个单位。"""

    code = "case-holder-unfit"


class StepOver(Conflict):
    """这个环节已经办完,或不再需要。"""

    code = "case-step-over"


#: the place of a step that is over, for an act that was done before: nothing is written with it
_OVER = Place(0, "", Post.CLERK)


@dataclass(frozen=True)
class Done:
    """What an act led to: the case's number, whether it had been done before, the result of a case that has ended."""

    number: str
    repeated: bool
    result: str


@transaction.atomic
def begin(*, actor: identity.Actor, number: str, visit: int, act_id: str, now: datetime) -> Done:
    """
    Take a step on 签收.

    :raises CaseUnknown, NotYours: if the actor may not see the case, or does not hold the step.
    :raises NotAllowed: if somebody has taken it on.
    """
    loaded = _held(actor, number, "begin", visit, act_id)
    place = loaded.places[visit]
    moved_to = {visit: Place(place.office_id, place.office, place.post, actor.account_id or None)}
    return do(loaded, actor, acts.Begin(id=act_id, by=actor.label, number=visit), now, places=moved_to)


@transaction.atomic
def complete(
    *,
    actor: identity.Actor,
    number: str,
    visit: int,
    outcome: str,
    act_id: str,
    now: datetime,
    reason: str = "",
    data: Mapping[str, Value] | None = None,
) -> Done:
    """
    A step is done with one of its outcomes: received, accepted, reviewed, agreed, refused, issued.

    :raises CaseUnknown, NotYours: as :func:`begin`.
    :raises ReasonMissing: if it refuses without a reason (行政许可法 38).
    :raises CaseHeld: if it would grant what the law does not let be decided before a silent source has spoken.
    :raises NotAllowed, InvalidAct, NoAnswer: as the engine says.
    """
    loaded = _held(actor, number, "complete", visit, act_id)
    if outcome in NEED_REASON and not reason.strip():
        raise ReasonMissing(field="reason", remedy="写明事实与依据")
    act = acts.Complete(id=act_id, by=actor.label, number=visit, outcome=outcome, data=dict(data or {}))
    places = {}
    if (place := loaded.places.get(visit)) is not None:
        places[visit] = Place(place.office_id, place.office, place.post, place.account_id or actor.account_id or None)
    return do(loaded, actor, act, now, reason=reason.strip(), places=places)


@transaction.atomic
def ask_supplement(*, actor: identity.Actor, number: str, visit: int, missing: Sequence[str], act_id: str, now: datetime) -> Done:
    """
    Tell everything that is missing at once (行政许可法 32); the time of this step rests.

    :raises CaseUnknown, NotYours, NotAllowed, InvalidAct: as :func:`complete`; a second notice is not allowed.
    """
    loaded = _held(actor, number, "ask-supplement", visit, act_id)
    return do(loaded, actor, acts.AskSupplement(id=act_id, by=actor.label, number=visit, missing=tuple(missing)), now)


@transaction.atomic
def end_supplement(
    *, actor: identity.Actor, number: str, visit: int, act_id: str, now: datetime, lapsed: bool = False, note: str = ""
) -> Done:
    """What was asked for came, or the applicant let the time for it pass (``lapsed``); time runs again."""
    loaded = _held(actor, number, "end-supplement", visit, act_id)
    return do(loaded, actor, acts.EndSupplement(id=act_id, by=actor.label, number=visit, lapsed=lapsed), now, reason=note.strip())


@transaction.atomic
def begin_special(*, actor: identity.Actor, number: str, visit: int, procedure: str, act_id: str, now: datetime, reason: str = "") -> Done:
    """A procedure begins whose time is not counted (行政许可法 45); the process names those that a step may have."""
    loaded = _held(actor, number, "begin-special", visit, act_id)
    return do(loaded, actor, acts.BeginSpecial(id=act_id, by=actor.label, number=visit, procedure=procedure), now, reason=reason.strip())


@transaction.atomic
def end_special(*, actor: identity.Actor, number: str, visit: int, act_id: str, now: datetime, reason: str = "") -> Done:
    """It is over, with its result in words; time runs again."""
    loaded = _held(actor, number, "end-special", visit, act_id)
    return do(loaded, actor, acts.EndSpecial(id=act_id, by=actor.label, number=visit), now, reason=reason.strip())


@transaction.atomic
def extend(*, actor: identity.Actor, number: str, visit: int | None, days: int, reason: str, act_id: str, now: datetime) -> Done:
    """
    More days for a step, or (no ``visit``) for the whole, approved by the approver of its office (行政许可法 42).

    :raises ExtensionRefused: past the process's limit, without a reason, or when time has run out.
    """
    if visit is None:
        loaded = _seen(actor, number)
        if not actor.has(Role.APPROVER, loaded.office):
            raise identity.NotYours("延长总时限由牵头单位的审批人员批准")
    else:
        loaded = _held(actor, number, "extend", visit, act_id)
    act = acts.Extend(id=act_id, by=actor.label, number=visit, days=days, approver=actor.name, reason=reason.strip())
    return do(loaded, actor, act, now, reason=reason.strip())


@transaction.atomic
def consult(*, actor: identity.Actor, number: str, visit: int, office: str, question: str, act_id: str, now: datetime) -> Done:
    """
    Ask another office for its opinion 会商; the step stays where it is and its time runs.

    :raises HolderUnfit: if the office is unknown or is the one that holds the step.
    """
    loaded = _held(actor, number, "consult", visit, act_id)
    asked = _office(office)
    if visit in loaded.places and asked.code == loaded.places[visit].office:
        raise HolderUnfit("会商要问别的单位", field="office", remedy="选择另一个单位")
    done = do(loaded, actor, acts.Consult(id=act_id, by=actor.label, number=visit, role=asked.name, question=question.strip()), now)
    if not done.repeated:
        Consultation.objects.create(
            case_id=loaded.id, visit=visit, office_id=asked.id, question=question.strip(), asked_at=now, asked_by_name=actor.name
        )
        text = say("请答复会商:{question}", question=question.strip()[:60])
        notices.tell(Role.HANDLER, asked.code, text, address=address_of(number), now=now)
    return done


@transaction.atomic
def answer(*, actor: identity.Actor, number: str, visit: int, text: str, act_id: str, now: datetime) -> Done:
    """
    The opinion of an office that was asked, by one of its handlers or approvers.

    :raises NotYours: if the actor's office was not asked, or the actor does not work on cases there.
    """
    loaded = _seen(actor, number)
    rows = Consultation.objects.select_related("office").filter(case_id=loaded.id, visit=visit)
    row = next((one for one in rows if access.may_answer(actor, one.office.code) and one.answered_at is None), None)
    if row is None:
        if act_id in loaded.case.seen:
            return Done(number, repeated=True, result=loaded.case.result)
        raise identity.NotYours("没有请您的单位会商,或已经答复")
    act = acts.Answer(id=act_id, by=actor.label, number=visit, role=_asked_as(loaded, visit, row.office.name), text=text.strip())
    done = do(loaded, actor, act, now, reason=text.strip())
    Consultation.objects.filter(pk=row.pk).update(answer=text.strip(), answered_at=now, answered_by_name=actor.name)
    place = loaded.places.get(visit)
    if place is not None and place.account_id:
        text = say("{office}已答复会商", office=row.office.name)
        notices.tell_account(place.account_id, text, address=address_of(number), now=now)
    return done


def _asked_as(loaded: Loaded, visit: int, name: str) -> str:
    """The name by which the engine knows an office that was asked; it may have been renamed since."""
    waiting = [one.role for one in loaded.case.visits[visit].consultations if not one.answer] if visit in loaded.case.visits else []
    return name if name in waiting or not waiting else waiting[0]


@transaction.atomic
def reassign(
    *, actor: identity.Actor, number: str, visit: int, act_id: str, now: datetime, reason: str, account: str = "", office: str = ""
) -> Done:
    """
    Pass a step on: to another person of its post, or to another office.

    :param account: a user name; empty puts it back on the office's list.
    :raises HolderUnfit: if the person does not hold the post there, or the office is unknown.
    :raises ReasonMissing: without a reason.
    """
    loaded = _held(actor, number, "reassign", visit, act_id)
    if act_id in loaded.case.seen:
        return Done(number, repeated=True, result=loaded.case.result)
    if not reason.strip():
        raise ReasonMissing("转办要说明理由", field="reason")
    place, role = loaded.places[visit], ""
    if office and office != place.office:
        to = _office(office)
        place, role = Place(to.id, to.code, place.post), to.name
    taker = _taker(account, place, now) if account else None
    person = f"account:{account}" if taker else ""
    place = Place(place.office_id, place.office, place.post, taker)
    role = role or loaded.case.visits[visit].role
    act = acts.Reassign(id=act_id, by=actor.label, number=visit, role=role, person=person)
    done = do(loaded, actor, act, now, reason=reason.strip(), places={visit: place})
    if not done.repeated:
        text = say("转给您办理:{reason}", reason=reason.strip()[:60])
        if taker:
            notices.tell_account(taker, text, address=address_of(number), now=now)
        else:
            notices.tell(place.post.role, place.office, text, address=address_of(number), now=now)
    return done


def _taker(account: str, place: Place, now: datetime) -> int:
    holders = identity.holders(place.post.role, place.office, on=local_date(now))
    found = next((one.id for one in identity.accounts(account, limit=5) if one.username == account), None)
    if found is None or found not in holders:
        raise HolderUnfit("这个人在该单位没有所需的岗位", field="account", remedy="选择有此岗位的人")
    return found


def _office(code: str) -> organisations.OfficeView:
    found = organisations.offices_by_code([code]).get(code)
    if found is None or found.valid_until is not None:
        raise HolderUnfit("没有这个单位", field="office", remedy="选择在册的单位")
    return found


@transaction.atomic
def withdraw(*, actor: identity.Actor, number: str, reason: str, act_id: str, now: datetime, ending: Result = Result.WITHDRAWN) -> Done:
    """
    End a case before its process has: the applicant gave it up (the window may), it is void, or was entered by mistake (the approver).

    :raises NotYours: if the actor may not; :raises ReasonMissing: without a reason.
    """
    loaded = _seen(actor, number)
    if ending not in ENDINGS:
        raise Invalid("办件不能这样终止", field="ending")
    if not access.may_end(actor, loaded.office, given_up=ending is Result.WITHDRAWN):
        raise identity.NotYours("终止办件需要牵头单位的窗口人员(申请人放弃时)或审批人员")
    if not reason.strip():
        raise ReasonMissing(field="reason")
    act = acts.Withdraw(id=act_id, by=actor.label, reason=reason.strip())
    return do(loaded, actor, act, now, reason=reason.strip(), ending=ending)


# ---------------------------------------------------------------------- shared
def address_of(number: str) -> str:
    """The page of a case."""
    return reverse("cases:case", args=[number])


def _seen(actor: identity.Actor, number: str) -> Loaded:
    loaded = storing.load(number)
    if not (access.works_for(actor, loaded.office) or sees(actor, number)):
        raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    return loaded


def _held(actor: identity.Actor, number: str, kind: str, visit: int, act_id: str) -> Loaded:
    """A case for an act on one of its visits, if the actor may do it, or has done it before."""
    loaded = storing.load(number)
    place = loaded.places.get(visit)
    if place is not None and access.may(kind, actor, place):
        return loaded
    if not sees(actor, number):
        raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    if place is not None:
        raise identity.NotYours("这个环节由别的岗位或别人办理")
    if act_id not in loaded.case.seen:
        raise StepOver(field="visit", remedy="刷新页面,看现在由谁办")
    loaded.places[visit] = _OVER
    return loaded


def do(
    loaded: Loaded,
    actor: identity.Actor,
    act: acts.AnyAct,
    now: datetime,
    *,
    reason: str = "",
    places: Mapping[int, Place] | None = None,
    ending: Result = Result.WITHDRAWN,
) -> Done:
    """Apply an act that the caller has decided may be done, and write what it led to."""
    at = max(now, loaded.case.latest)
    moved: Moved = apply(loaded.running.process, loaded.case, act, at=at, calendar=loaded.calendar)
    if moved.repeated:
        return Done(loaded.number, repeated=True, result=loaded.case.result)
    if isinstance(act, acts.Complete):
        holding.check(loaded, moved, act.number, act.outcome)
    visit = getattr(act, "number", None)
    doing = Doing(act.id, act.kind, actor.label, actor.name, acts.act_document(act), actor.office_name, visit, reason, ending)
    storing.keep(loaded, moved, doing, at=at, places=places)
    letters.write_for(loaded, moved, doing, actor.office_name, at=at, until=lambda: _until(loaded, at))
    return Done(loaded.number, repeated=False, result=moved.case.result)


def _until(loaded: Loaded, at: datetime) -> date | None:
    clock = loaded.case.clock
    return read(clock, loaded.calendar, at).due if clock and not clock.stop else None

"""What a docked system does with a visit that it was handed: an act of the engine, once, on what it has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.cases.models import Case, Deed
from zhengtong.apps.affairs.cases.operations import acting, noting
from zhengtong.apps.affairs.cases.operations.acting import Done
from zhengtong.apps.affairs.cases.operations.opening import MaterialGiven
from zhengtong.apps.affairs.cases.queries import docking as reads
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import listed, say

_LONGEST_ACT = 40


class RevisionOld(Conflict):
    """这个环节在此期间已有变化。"""

    code = "visit-revision-old"

    def __init__(self, revision: int) -> None:
        super().__init__(field="revision", remedy=say("现在是第 {revision} 次修订,重新读取后再办", revision=revision))
        #: the present one
        self.revision = revision


class ActRefused(Invalid):
    """这个动作写得不对。"""

    code = "act-refused"


class ActTaken(Conflict):
    """这个动作标识已经用于别的动作。"""

    code = "act-taken"


@dataclass(frozen=True)
class SystemAct:
    """
    What a system wants done.

    :ivar id: chosen by the system: done twice under one id, it is done once.
    :ivar revision: of the visit, as the system last saw it.
    :ivar documents: the result's documents, by reference; laid into the file with the act.
    """

    id: str
    kind: str
    revision: int
    outcome: str = ""
    reason: str = ""
    missing: Sequence[str] = ()
    lapsed: bool = False
    procedure: str = ""
    documents: Sequence[MaterialGiven] = ()


@dataclass(frozen=True)
class Answered:
    """What became of it."""

    case: str
    visit: int
    act: str
    repeated: bool
    revision: int
    open: bool


@transaction.atomic
def act_of(who: reads.Caller, *, visit: int, act: SystemAct, now: datetime) -> Answered:
    """
    Do a system's act on a visit that it was handed.

    :raises VisitUnknown: if it was not, or another office holds it by now.
    :raises RevisionOld: if something was done on the visit that the system has not seen; names the present revision.
    :raises ActTaken, ActRefused: for an id of another act, or for a kind that there is not.
    :raises NotAllowed, InvalidAct, ReasonMissing, StepOver: as the acts of officials.
    """
    if not act.id or len(act.id) > _LONGEST_ACT:
        raise ActRefused(say("动作标识应有 1 至 {most} 个字符", most=_LONGEST_ACT), field="act", remedy="每个动作用一个新的标识")
    if act.kind not in _KINDS:
        raise ActRefused("没有这种动作", field="kind", remedy=listed(_KINDS))
    row = reads.visit_of(who, visit)
    # held before the revision is counted: nobody does anything between that and the act
    Case.objects.select_for_update().only("pk").get(pk=row.case_id)
    act_id = f"{who.actor.username}/{act.id}"
    before = Deed.objects.filter(case_id=row.case_id, act=act_id).first()
    if before is None:
        _fresh(act, reads.revision(row))
        for one in act.documents:
            noting.put_material(actor=who.actor, number=row.case.number, name=one.name, source=one.source, reference=one.reference, now=now)
        _KINDS[act.kind](who, row.case.number, row.number, act, act_id, now)
    elif (before.visit, before.kind) != (row.number, act.kind):
        raise ActTaken(field="act", remedy="每个动作用一个新的标识")
    row.refresh_from_db(fields=["status"])
    return Answered(row.case.number, row.pk, act.id, before is not None, reads.revision(row), row.status == "open")


def _fresh(act: SystemAct, revision: int) -> None:
    if act.revision != revision:
        raise RevisionOld(revision)


def _begin(who: reads.Caller, number: str, visit: int, _act: SystemAct, act_id: str, now: datetime) -> Done:
    return acting.begin(actor=who.actor, number=number, visit=visit, act_id=act_id, now=now)


def _complete(who: reads.Caller, number: str, visit: int, act: SystemAct, act_id: str, now: datetime) -> Done:
    return acting.complete(actor=who.actor, number=number, visit=visit, outcome=act.outcome, reason=act.reason, act_id=act_id, now=now)


def _ask(who: reads.Caller, number: str, visit: int, act: SystemAct, act_id: str, now: datetime) -> Done:
    return acting.ask_supplement(actor=who.actor, number=number, visit=visit, missing=act.missing, act_id=act_id, now=now)


def _got(who: reads.Caller, number: str, visit: int, act: SystemAct, act_id: str, now: datetime) -> Done:
    return acting.end_supplement(actor=who.actor, number=number, visit=visit, act_id=act_id, now=now, lapsed=act.lapsed, note=act.reason)


def _begin_special(who: reads.Caller, number: str, visit: int, act: SystemAct, act_id: str, now: datetime) -> Done:
    return acting.begin_special(
        actor=who.actor, number=number, visit=visit, procedure=act.procedure, act_id=act_id, now=now, reason=act.reason
    )


def _end_special(who: reads.Caller, number: str, visit: int, act: SystemAct, act_id: str, now: datetime) -> Done:
    return acting.end_special(actor=who.actor, number=number, visit=visit, act_id=act_id, now=now, reason=act.reason)


#: as the deeds of officials are called
_KINDS: Mapping[str, Callable[[reads.Caller, str, int, SystemAct, str, datetime], Done]] = {
    "begin": _begin,
    "complete": _complete,
    "ask-supplement": _ask,
    "end-supplement": _got,
    "begin-special": _begin_special,
    "end-special": _end_special,
}
KINDS = tuple(_KINDS)

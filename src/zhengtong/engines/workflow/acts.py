"""
What can be done to a case. An act is kept as it was done; replayed in order, the acts of a case are the case.

Every act has an ``id`` that whoever sends it chose, so that one sent twice is done once, and says ``by`` whom. ``number`` is the visit of
a step that it concerns (:class:`~zhengtong.engines.workflow.case.Visit`), None the whole case. Whether that person may do it is the
caller's to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from zhengtong.engines.workflow.refusals import InvalidDocument
from zhengtong.kernel.sentences import say


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", forbid_unknown_fields=True):
    """What all acts have."""

    id: str
    by: str

    @property
    def kind(self) -> str:
        """Its name in documents and in ``ACT_LABELS``."""
        return str(type(self).__struct_config__.tag)

    @property
    def mark(self) -> str:
        """What tells two acts apart that were sent under one id."""
        return f"{self.kind}/{getattr(self, 'number', None)}"


class Begin(Act, frozen=True, kw_only=True, tag="begin"):
    """Somebody of the role takes the step on."""

    number: int


class Complete(Act, frozen=True, kw_only=True, tag="complete"):
    """The step is done, with one of its outcomes; ``data`` gives values to the choices behind it."""

    number: int
    outcome: str
    data: dict[str, str | int | bool] = {}


class AskSupplement(Act, frozen=True, kw_only=True, tag="ask-supplement"):
    """Everything missing is told at once; the time of this step rests (行政许可法 32)."""

    number: int
    missing: tuple[str, ...]


class EndSupplement(Act, frozen=True, kw_only=True, tag="end-supplement"):
    """The supplement came, or (``lapsed``) the applicant let the time for it pass."""

    number: int
    lapsed: bool = False


class BeginSpecial(Act, frozen=True, kw_only=True, tag="begin-special"):
    """A procedure whose time is not counted begins; the applicant is told in writing how long it takes (行政许可法 45)."""

    number: int
    procedure: str


class EndSpecial(Act, frozen=True, kw_only=True, tag="end-special"):
    """It is over; time runs again."""

    number: int


class Extend(Act, frozen=True, kw_only=True, tag="extend"):
    """More days for a step, or (no ``number``) for the whole case, approved and with a reason (行政许可法 42)."""

    number: int | None = None
    days: int
    approver: str
    reason: str


class Consult(Act, frozen=True, kw_only=True, tag="consult"):
    """Another role is asked for its opinion, 会商; the step stays where it is and its time runs."""

    number: int
    role: str
    question: str


class Answer(Act, frozen=True, kw_only=True, tag="answer"):
    """The opinion of a role that was asked."""

    number: int
    role: str
    text: str


class Reassign(Act, frozen=True, kw_only=True, tag="reassign"):
    """The step goes to another person, or to another role."""

    number: int
    role: str = ""
    person: str = ""


class LetPass(Act, frozen=True, kw_only=True, tag="let-pass"):
    """The budget ran out and nobody acted: what the step's silence means comes true, once."""

    number: int


class Remind(Act, frozen=True, kw_only=True, tag="remind"):
    """Rungs of warnings were given; none is given again."""

    number: int | None = None
    rungs: tuple[str, ...]


class Withdraw(Act, frozen=True, kw_only=True, tag="withdraw"):
    """The applicant takes the case back; whatever is open ends."""

    reason: str


AnyAct: TypeAlias = (
    Begin
    | Complete
    | AskSupplement
    | EndSupplement
    | BeginSpecial
    | EndSpecial
    | Extend
    | Consult
    | Answer
    | Reassign
    | LetPass
    | Remind
    | Withdraw
)

#: what people read
ACT_LABELS: Mapping[str, str] = {
    "begin": "签收",
    "complete": "办理完毕",
    "ask-supplement": "要求补正",
    "end-supplement": "结束补正",
    "begin-special": "启动特别程序",
    "end-special": "结束特别程序",
    "extend": "延长时限",
    "consult": "发起会商",
    "answer": "答复会商",
    "reassign": "转办",
    "let-pass": "按逾期处理",
    "remind": "催办",
    "withdraw": "撤回",
}


def act_document(act: AnyAct) -> dict[str, Any]:
    """An act as plain JSON."""
    document: dict[str, Any] = msgspec.to_builtins(act)
    return document


def act_from(document: object) -> AnyAct:
    """
    What :func:`act_document` wrote.

    :raises InvalidDocument: if it is no act.
    """
    try:
        act: AnyAct = msgspec.convert(document, AnyAct)
    except msgspec.ValidationError as exc:
        raise InvalidDocument(say("办理记录读不出来:{reason}", reason=exc), field="act", remedy="核对保存的内容") from exc
    return act

"""The course of an application and of a grant as tables; everything that may happen stands here."""

from __future__ import annotations

from enum import StrEnum

from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import say


class ApplicationState(StrEnum):
    """Where an application stands, named by what is waited for."""

    DRAFT = "draft"
    #: the applicant's own head of sharing work signs (条例 Art. 20)
    SIGNING = "signing"
    #: the provider prepares an answer; the statutory clock runs
    ANSWERING = "answering"
    #: the applicant supplies what the provider listed, all at once (Art. 21); the clock rests
    SUPPLEMENTING = "supplementing"
    #: the provider's head of sharing work approves the answer; the clock runs on
    CONCLUDING = "concluding"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ApplicationAct(StrEnum):
    """What can be done with an application."""

    EDIT = "edit"
    SUBMIT = "submit"
    SIGN = "sign"
    SEND_BACK = "send-back"
    ASK_SUPPLEMENT = "ask-supplement"
    SUPPLEMENT = "supplement"
    PROPOSE = "propose"
    CONCLUDE = "conclude"
    RECONSIDER = "reconsider"
    ASK_EXTENSION = "ask-extension"
    DECIDE_EXTENSION = "decide-extension"
    WITHDRAW = "withdraw"
    DISPUTE = "dispute"
    ANSWER_DISPUTE = "answer-dispute"


_S, _A = ApplicationState, ApplicationAct
#: act → the states in which it may happen
APPLICATION_COURSE: dict[ApplicationAct, frozenset[ApplicationState]] = {
    _A.EDIT: frozenset({_S.DRAFT, _S.SUPPLEMENTING}),
    _A.SUBMIT: frozenset({_S.DRAFT}),
    _A.SIGN: frozenset({_S.SIGNING}),
    _A.SEND_BACK: frozenset({_S.SIGNING}),
    _A.ASK_SUPPLEMENT: frozenset({_S.ANSWERING}),
    _A.SUPPLEMENT: frozenset({_S.SUPPLEMENTING}),
    _A.PROPOSE: frozenset({_S.ANSWERING}),
    _A.CONCLUDE: frozenset({_S.CONCLUDING}),
    _A.RECONSIDER: frozenset({_S.CONCLUDING}),
    _A.ASK_EXTENSION: frozenset({_S.ANSWERING}),
    _A.DECIDE_EXTENSION: frozenset({_S.ANSWERING, _S.CONCLUDING}),
    _A.WITHDRAW: frozenset({_S.DRAFT, _S.SIGNING, _S.ANSWERING, _S.SUPPLEMENTING, _S.CONCLUDING}),
    _A.DISPUTE: frozenset({_S.REFUSED, _S.GRANTED, _S.ANSWERING, _S.CONCLUDING}),
    _A.ANSWER_DISPUTE: frozenset({_S.REFUSED, _S.GRANTED, _S.ANSWERING, _S.SUPPLEMENTING, _S.CONCLUDING, _S.WITHDRAWN}),
}
ENDED = frozenset({_S.GRANTED, _S.REFUSED, _S.WITHDRAWN})

APPLICATION_LABELS = {
    _S.DRAFT: "草稿",
    _S.SIGNING: "待本单位负责人签批",
    _S.ANSWERING: "待提供方答复",
    _S.SUPPLEMENTING: "待补充材料",
    _S.CONCLUDING: "待提供方负责人审批",
    _S.GRANTED: "已授权",
    _S.REFUSED: "不予共享",
    _S.WITHDRAWN: "已撤回",
}
APPLICATION_TONES = {
    _S.DRAFT: "",
    _S.SIGNING: "waiting",
    _S.ANSWERING: "waiting",
    _S.SUPPLEMENTING: "waiting",
    _S.CONCLUDING: "waiting",
    _S.GRANTED: "done",
    _S.REFUSED: "refused",
    _S.WITHDRAWN: "",
}


class GrantAct(StrEnum):
    """What can be done with a grant; the document itself never changes."""

    SUSPEND = "suspend"
    RECTIFY = "rectify"
    RESUME = "resume"
    TERMINATE = "terminate"
    CONFIRM_DESTRUCTION = "confirm-destruction"
    ACCEPT_DESTRUCTION = "accept-destruction"


class WrongState(Conflict):
    """现在的状态不能这样办理。"""

    code = "wrong-state"


def check(state: ApplicationState, act: ApplicationAct) -> None:
    """
    Refuse an act that the course does not have.

    :raises WrongState: naming the present state.
    """
    if state not in APPLICATION_COURSE[act]:
        raise WrongState(
            say("申请现在是“{state}”,不能这样办理", state=say(APPLICATION_LABELS[state])),
            remedy="刷新页面查看最新状态",
        )

"""
Who may do what with applications and grants.

Threat model. Somebody reads or decides what is another office's, signs their own application twice over, or lets data flow without the two
heads and the statutory steps. Every operation asks here, with the row locked; pages and lists only show what :func:`may_see` allows.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.apps.flow.sharing.rules.states import ApplicationAct, GrantAct
from zhengtong.kernel.actors import Actor, NotYours, Role


@dataclass(frozen=True)
class Parties:
    """The offices around an application, by credit code: who asks, who holds, who oversees."""

    consumer: str
    provider: str
    bureau: str


_A, _G = ApplicationAct, GrantAct
#: act → (whose office, roles that may)
_WHO: dict[ApplicationAct | GrantAct, tuple[str, tuple[Role, ...]]] = {
    _A.EDIT: ("consumer", (Role.STEWARD, Role.DEVELOPER)),
    _A.SUBMIT: ("consumer", (Role.STEWARD, Role.DEVELOPER)),
    _A.SUPPLEMENT: ("consumer", (Role.STEWARD, Role.DEVELOPER)),
    _A.WITHDRAW: ("consumer", (Role.STEWARD, Role.DEVELOPER, Role.SHARING_HEAD)),
    _A.DISPUTE: ("consumer", (Role.STEWARD, Role.SHARING_HEAD)),
    _A.SIGN: ("consumer", (Role.SHARING_HEAD,)),
    _A.SEND_BACK: ("consumer", (Role.SHARING_HEAD,)),
    _A.ASK_SUPPLEMENT: ("provider", (Role.STEWARD,)),
    _A.PROPOSE: ("provider", (Role.STEWARD,)),
    _A.ASK_EXTENSION: ("provider", (Role.STEWARD,)),
    _A.CONCLUDE: ("provider", (Role.SHARING_HEAD,)),
    _A.RECONSIDER: ("provider", (Role.SHARING_HEAD,)),
    _A.DECIDE_EXTENSION: ("bureau", (Role.BUREAU_APPROVER,)),
    _A.ANSWER_DISPUTE: ("bureau", (Role.BUREAU_APPROVER,)),
    _G.RECTIFY: ("consumer", (Role.STEWARD, Role.SHARING_HEAD)),
    _G.CONFIRM_DESTRUCTION: ("consumer", (Role.STEWARD, Role.SHARING_HEAD)),
    _G.ACCEPT_DESTRUCTION: ("provider", (Role.STEWARD, Role.SHARING_HEAD)),
}
#: 条例 Art. 27: the bureau or the provider suspends and terminates; a consumer may give its grant back
_SEVERAL: dict[ApplicationAct | GrantAct, tuple[tuple[str, tuple[Role, ...]], ...]] = {
    _G.SUSPEND: (("provider", (Role.SHARING_HEAD,)), ("bureau", (Role.BUREAU_APPROVER,))),
    _G.RESUME: (("provider", (Role.SHARING_HEAD,)), ("bureau", (Role.BUREAU_APPROVER,))),
    _G.TERMINATE: (
        ("provider", (Role.SHARING_HEAD,)),
        ("bureau", (Role.BUREAU_APPROVER,)),
        ("consumer", (Role.SHARING_HEAD,)),
    ),
}


def acting_office(actor: Actor, act: ApplicationAct | GrantAct, parties: Parties) -> str:
    """The office for which the actor may do this; empty if for none."""
    for whose, roles in _SEVERAL.get(act) or (_WHO[act],):
        office: str = getattr(parties, whose)
        if office and any(actor.has(role, office) for role in roles):
            return office
    return ""


def acting_for(actor: Actor, act: ApplicationAct | GrantAct) -> list[tuple[str, frozenset[str]]]:
    """For which offices the actor may do this, by the part they play: (``consumer``, ``provider`` or ``bureau``; credit codes)."""
    return [(whose, actor.offices(*roles)) for whose, roles in _SEVERAL.get(act) or (_WHO[act],)]


def may(actor: Actor, act: ApplicationAct | GrantAct, parties: Parties) -> bool:
    """Whether the actor may do this."""
    return bool(acting_office(actor, act, parties))


def require(actor: Actor, act: ApplicationAct | GrantAct, parties: Parties) -> str:
    """
    The office for which the actor acts.

    :raises NotYours: if the actor has none of the roles that this needs.
    """
    office = acting_office(actor, act, parties)
    if not office:
        raise NotYours
    return office


def may_see(actor: Actor, parties: Parties) -> bool:
    """Whether the actor belongs to one of the parties in any role."""
    concerned = {parties.consumer, parties.provider, parties.bureau} - {""}
    return any(office in concerned for _role, office in actor.roles)

"""
Who may do what with a case.

A step belongs to a post of an office. Whoever holds that post does it; once somebody has taken it on, they alone, until it is passed on.
Supplements, special procedures and consultations are anybody's of the office who works on cases; more time and passing on are its
approver's. The whole belongs to the lead office.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.apps.affairs.cases.rules.vocabulary import STAFF, Post
from zhengtong.kernel.actors import Actor, Role

#: what anybody of the office may do with a step that is at work
_MEANWHILE = frozenset({"ask-supplement", "end-supplement", "begin-special", "end-special", "consult"})


@dataclass(frozen=True, slots=True)
class Place:
    """On whose work list a visit is: office by row and code, post, and who took it on (None: nobody yet)."""

    office_id: int
    office: str
    post: Post
    account_id: int | None = None


def works_for(actor: Actor, office: str) -> bool:
    """Whether the actor works on cases of an office."""
    return any(actor.has(role, office) for role in STAFF)


def holds(actor: Actor, place: Place) -> bool:
    """Whether a step waits for the actor: theirs, or their post's while nobody has taken it on."""
    return actor.has(place.post.role, place.office) and place.account_id in {None, actor.account_id}


def may(kind: str, actor: Actor, place: Place) -> bool:
    """Whether the actor may do an act of the engine with a visit."""
    if kind in {"begin", "complete"}:
        return holds(actor, place)
    if kind in _MEANWHILE:
        return works_for(actor, place.office) and (place.account_id in {None, actor.account_id} or actor.has(Role.APPROVER, place.office))
    if kind == "extend":
        return actor.has(Role.APPROVER, place.office)
    return kind == "reassign" and (holds(actor, place) or actor.has(Role.APPROVER, place.office))


def may_answer(actor: Actor, office: str) -> bool:
    """Whether the actor may answer for an office that was consulted."""
    return actor.has(Role.HANDLER, office) or actor.has(Role.APPROVER, office)


def may_end(actor: Actor, lead: str, *, given_up: bool) -> bool:
    """Whether the actor may end a case early: given up by its applicant at the window, all else by the approver."""
    return actor.has(Role.APPROVER, lead) or (given_up and actor.has(Role.CLERK, lead))


def may_finish(actor: Actor, lead: str) -> bool:
    """Whether the actor may deliver and archive."""
    return actor.has(Role.CLERK, lead) or actor.has(Role.HANDLER, lead)

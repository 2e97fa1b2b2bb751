"""Which act leads from which state where, and what checking says of a state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from zhengtong.apps.affairs.licences.rules.vocabulary import Act, Operation, State, Verdict
from zhengtong.kernel.errors import Conflict

#: act → (from which states, to which state, the operation that history records)
_ACTS: Mapping[Act, tuple[frozenset[State], State | None, Operation]] = {
    Act.SUSPEND: (frozenset({State.VALID}), State.SUSPENDED, Operation.SUSPENDED),
    Act.RESUME: (frozenset({State.SUSPENDED}), State.VALID, Operation.RESUMED),
    Act.WITHDRAW: (frozenset({State.VALID, State.SUSPENDED}), State.WITHDRAWN, Operation.OTHER),
    Act.REVOKE: (frozenset({State.VALID, State.SUSPENDED}), State.REVOKED, Operation.OTHER),
    Act.CANCEL: (frozenset({State.VALID, State.SUSPENDED, State.EXPIRED}), State.CANCELLED, Operation.CANCELLED),
    Act.ANNOTATE: (frozenset({State.VALID, State.SUSPENDED}), None, Operation.OTHER),
}


class WrongState(Conflict):
    """证照现在的状态不能这样办理。"""

    code = "licence-state"


def after(act: Act, state: State) -> tuple[State, Operation]:
    """
    The state that an act leads to, and the operation it is.

    :raises WrongState: if the act does not fit the state.
    """
    sources, target, operation = _ACTS[act]
    if state not in sources:
        raise WrongState(remedy="刷新页面,看清证照现在的状态")
    return target or state, operation


def possible(state: State) -> list[Act]:
    """What may be done in a state."""
    return [act for act, (sources, _target, _operation) in _ACTS.items() if state in sources]


def verdict(state: State, valid_from: date, valid_until: date | None, on: date) -> Verdict:
    """What a licence is worth on a day. One whose term has not begun or is over is not valid, whatever its state."""
    if state is State.SUSPENDED:
        return Verdict.SUSPENDED
    if state is State.EXPIRED or (state is State.VALID and not in_force(valid_from, valid_until, on)):
        return Verdict.EXPIRED
    return Verdict.VALID if state is State.VALID else Verdict.REVOKED


def in_force(valid_from: date, valid_until: date | None, on: date) -> bool:
    """Whether a day lies in the term; the last day counts."""
    return valid_from <= on and (valid_until is None or on <= valid_until)

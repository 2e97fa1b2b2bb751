"""Where a case stands, from the engine's state."""

from __future__ import annotations

from zhengtong.apps.affairs.cases.rules.vocabulary import NEED_REASON, Result, State
from zhengtong.engines.workflow.case import Case, Status, Waiting
from zhengtong.engines.workflow.process import Process


def accepted(process: Process, case: Case) -> bool:
    """Whether the case is accepted 受理: the step from which the whole counts is done, and did not refuse."""
    if not process.counted_from:
        return True
    outcome = case.data.get(process.counted_from)
    return outcome is not None and outcome not in NEED_REASON


def state_of(process: Process, case: Case) -> State:
    """The state that is reported."""
    if case.status is Status.WITHDRAWN:
        return State.RETURNED
    if case.status is Status.DONE:
        return State.NOT_ACCEPTED if case.result == Result.REJECTED else State.DONE
    visits = list(case.open)
    if visits and all(visit.waiting for visit in visits):
        return State.SUPPLEMENT if any(visit.waiting is Waiting.SUPPLEMENT for visit in visits) else State.SUSPENDED
    return State.HANDLING if accepted(process, case) else State.RECEIVED

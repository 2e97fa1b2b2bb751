"""
A case as plain JSON and back: one document for its head, one for each visit, so that an app may keep a row for each.

Every document carries the version of its form. A moment is ISO 8601 text; a sentence is kept so that it can still be said in any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from zhengtong.engines.deadlines.clock import Clock, Event, Extension, Pause, Resume, Stop, Unit
from zhengtong.engines.workflow.case import Case, Consultation, Opinion, Status, Token, Visit, Waiting
from zhengtong.engines.workflow.refusals import InvalidDocument
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.sentences import kept, say, told

FORM = 1


def head_document(case: Case) -> dict[str, Any]:
    """A case without its visits."""
    return {
        "form": FORM,
        "process": case.process,
        "version": case.version,
        "began": case.began.isoformat(),
        "latest": case.latest.isoformat(),
        "revision": case.revision,
        "status": str(case.status),
        "clock": clock_document(case.clock),
        "data": dict(case.data),
        "tokens": [[token.join, token.source, token.opinion.outcome, token.opinion.step] for token in case.tokens],
        "count": case.count,
        "result": case.result,
        "rungs": list(case.rungs),
        "seen": dict(case.seen),
    }


def visit_document(visit: Visit) -> dict[str, Any]:
    """One visit of a step."""
    return {
        "form": FORM,
        "number": visit.number,
        "step": visit.step,
        "role": visit.role,
        "began": visit.began.isoformat(),
        "clock": clock_document(visit.clock),
        "brings": [visit.brings.outcome, visit.brings.step],
        "status": str(visit.status),
        "person": visit.person,
        "waiting": None if visit.waiting is None else str(visit.waiting),
        "waits_for": list(visit.waits_for),
        "supplements": visit.supplements,
        "consultations": [_consultation(one) for one in visit.consultations],
        "outcome": visit.outcome,
        "ended": None if visit.ended is None else visit.ended.isoformat(),
        "silent": visit.silent,
        "escalated": visit.escalated,
        "rungs": list(visit.rungs),
    }


def case_document(case: Case) -> dict[str, Any]:
    """A whole case in one document."""
    return head_document(case) | {"visits": [visit_document(visit) for visit in case.visits.values()]}


def case_from(document: Mapping[str, Any], visits: Iterable[Mapping[str, Any]] | None = None) -> Case:
    """
    What :func:`case_document` wrote; or a head with the documents of its visits, of which those that are over may be left out.

    :raises InvalidDocument: if it cannot be read, or has another form.
    """
    try:
        _form(document)
        there = [_visit(one) for one in (document["visits"] if visits is None else visits)]
        return Case(
            process=document["process"],
            version=document["version"],
            began=datetime.fromisoformat(document["began"]),
            latest=datetime.fromisoformat(document["latest"]),
            revision=document["revision"],
            status=Status(document["status"]),
            clock=_clock(document["clock"]),
            data=dict(document["data"]),
            tokens=tuple(Token(join, source, Opinion(outcome, step)) for join, source, outcome, step in document["tokens"]),
            visits={visit.number: visit for visit in there},
            count=document["count"],
            result=document["result"],
            rungs=tuple(document["rungs"]),
            seen=dict(document["seen"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZhengtongError) as exc:
        if isinstance(exc, InvalidDocument):
            raise
        raise InvalidDocument(say("保存的办件读不出来:{reason}", reason=repr(exc)), field="case", remedy="核对保存的内容") from exc


def _form(document: Mapping[str, Any]) -> None:
    if document["form"] != FORM:
        raise InvalidDocument(say("保存的办件是第 {form} 种格式", form=document["form"]), field="form", remedy="用写它的版本读取")


def _visit(document: Mapping[str, Any]) -> Visit:
    _form(document)
    ended, waiting = document["ended"], document["waiting"]
    return Visit(
        document["number"],
        document["step"],
        document["role"],
        datetime.fromisoformat(document["began"]),
        _clock(document["clock"]),
        Opinion(*document["brings"]),
        Status(document["status"]),
        document["person"],
        None if waiting is None else Waiting(waiting),
        tuple(document["waits_for"]),
        document["supplements"],
        tuple(_consulted(one) for one in document["consultations"]),
        document["outcome"],
        None if ended is None else datetime.fromisoformat(ended),
        document["silent"],
        document["escalated"],
        tuple(document["rungs"]),
    )


def _consultation(one: Consultation) -> list[str]:
    return [one.role, one.question, one.asked.isoformat(), one.answer, one.answered.isoformat() if one.answered else ""]


def _consulted(parts: Iterable[str]) -> Consultation:
    role, question, asked, answer, answered = parts
    return Consultation(role, question, datetime.fromisoformat(asked), answer, datetime.fromisoformat(answered) if answered else None)


def clock_document(clock: Clock | None) -> dict[str, Any] | None:
    """A period: its budget and its ledger."""
    if clock is None:
        return None
    return {
        "started": clock.started.isoformat(),
        "budget": clock.budget,
        "unit": str(clock.unit),
        "limit": clock.extension_limit,
        "events": [_event(event) for event in clock.events],
    }


def _event(event: Event) -> list[Any]:
    at = event.at.isoformat()
    match event:
        case Pause():
            return ["pause", at, kept(event.reason), event.basis]
        case Resume():
            return ["resume", at, kept(event.reason)]
        case Extension():
            return ["extension", at, event.days, event.approver, event.reason]
    return ["stop", at, kept(event.outcome)]


def _clock(document: Mapping[str, Any] | None) -> Clock | None:
    if document is None:
        return None
    events = tuple(_happened(*parts) for parts in document["events"])
    return Clock(datetime.fromisoformat(document["started"]), document["budget"], Unit(document["unit"]), events, document["limit"])


def _happened(kind: str, at: str, *facts: Any) -> Event:
    moment = datetime.fromisoformat(at)
    match kind, facts:
        case "pause", (reason, basis):
            return Pause(moment, told(reason), basis)
        case "resume", (reason,):
            return Resume(moment, told(reason))
        case "extension", (int(days), approver, reason):
            return Extension(moment, days, approver, reason)
        case "stop", (outcome,):
            return Stop(moment, told(outcome))
    raise InvalidDocument(say("时限里有不认识的事件“{kind}”", kind=kind), field="clock", remedy="核对保存的内容")

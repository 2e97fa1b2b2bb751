"""Letters to the applicant, written with the act that they tell of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime

from django.db import connection

from zhengtong.apps.affairs.cases.operations.storing import Doing, Loaded
from zhengtong.apps.affairs.cases.rules import states
from zhengtong.apps.affairs.cases.rules.vocabulary import NEED_REASON, LetterKind, Result
from zhengtong.engines.workflow.case import Moved, Status

_WRITE = "insert into cases_letter (case_id, kind, number, at, office_name, lines, until) values (%s, %s, %s, %s, %s, %s::jsonb, %s)"
_OF_RESULTS = {Result.GRANTED: LetterKind.GRANTED, Result.REFUSED: LetterKind.REFUSED, Result.REJECTED: LetterKind.REJECTED}


def write_for(loaded: Loaded, moved: Moved, doing: Doing, office_name: str, *, at: datetime, until: Callable[[], date | None]) -> None:
    """The letters that an act brings with it, in the transaction that did it."""
    for place, (kind, lines) in enumerate(_found(loaded, moved, doing)):
        number = f"{loaded.number}-{loaded.height:03d}{place or ''}"
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [loaded.id, str(kind), number, at, office_name, json.dumps(lines, ensure_ascii=False), until()])


def _found(loaded: Loaded, moved: Moved, doing: Doing) -> list[tuple[LetterKind, list[str]]]:
    if doing.kind == "deliver":
        return [(LetterKind.DELIVERED, [])]
    found: list[tuple[LetterKind, list[str]]] = []
    case, process = moved.case, loaded.running.process
    if doing.kind == "ask-supplement":
        found.append((LetterKind.MISSING, list(doing.document.get("missing", ()))))
    visit = case.visits.get(doing.visit) if doing.visit is not None else None
    just_done = visit is not None and visit.status is Status.DONE and visit.step == process.counted_from
    if just_done and visit is not None and visit.outcome not in NEED_REASON and states.accepted(process, case):
        found.append((LetterKind.ACCEPTED, []))
    if case.status is Status.DONE and case.result in _OF_RESULTS:
        lines = loaded.reason.splitlines() if case.result != Result.GRANTED else []
        found.append((_OF_RESULTS[Result(case.result)], lines))
    return found

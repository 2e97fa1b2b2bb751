"""
Asks the sources of a page, all at once, through the platform's own loop: signed calls to the gateway under grants, like any other caller.

Threat model. A side door: there is none; every call is admitted, counted, limited and traced by the gateway, with purpose, case and
subject, and a suspended grant stops it. A form that names a resource it has no business with: only what the item's version names and our
grants open is asked for. Nothing is asked within a transaction, so a slow source holds no lock; the secret is opened for one signature.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import structlog
from django.db import transaction
from django.urls import reverse

from zhengtong.apps.affairs.filing.models import SourceHealth
from zhengtong.apps.affairs.filing.queries.sources import Question, granted, questions, setting
from zhengtong.apps.affairs.filing.rules.fields import Told
from zhengtong.apps.affairs.filing.rules.meanings import SILENT, Meaning, Said, all_alike, said_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.forms.document import Form
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.relay import Origin, OriginSilent, Request, signed

log = structlog.get_logger()
#: somebody waits at a page
SECONDS = 4.0
_MOST_AT_ONCE = 16
_TELL_EVERY, _NOTE_EVERY = timedelta(hours=1), timedelta(minutes=1)
#: for how long a source that was silent is taken to be so still: nobody waits again for what somebody has just waited for
_REST = timedelta(seconds=15)


@dataclass(frozen=True)
class _Answered:
    said: Said
    milliseconds: int


def ask(
    form: Form, wanted: Iterable[str], *, own: str, answers: Mapping[str, Any], case: str, now: datetime, rested: bool = True
) -> dict[str, Told]:
    """
    What the sources say of the fields ``wanted``; raises nothing for the far side, and fields that no source can be asked for are left out.

    :param own: the applicant's number; :param case: what the questions are asked for, which stands in the trace.
    :param rested: leave a source alone that was silent a moment ago; false for who has time.
    """
    made = setting()
    asked, refused = questions(form, wanted, may=granted(made, now=now), own=own, answers=answers)
    told = {name: _told(form, name, Meaning.REFUSED, now) for name in refused}
    if refused:
        log.error("source not granted", fields=refused, resources=sorted({told[name].resource for name in refused}))
    if not asked:
        return told
    health = SourceHealth.objects.in_bulk([one.granted.resource for one in asked])
    resting = {code for code, row in health.items() if rested and row.meaning == Meaning.FAILED and now - row.at < _REST}
    told |= {name: _told(form, name, Meaning.FAILED, now, one) for one in asked if one.granted.resource in resting for name in one.fields}
    asked = [one for one in asked if one.granted.resource not in resting]
    key = identity.key_to_sign(made.system, at=now) if made else None
    if made is None or key is None:
        answered = [_Answered(_alike(form, one, Meaning.REFUSED, "no-usable-key"), 0) for one in asked]
    else:
        requests = [
            signed(
                key,
                method="GET",
                path=f"/v1/resources/{quote(one.granted.resource, safe='/')}/rows",
                query=urlencode(one.query),
                purpose=made.purpose,
                case=case,
                now=now,
            )
            for one in asked
        ]
        answered = _all_at_once(form, asked, requests)
    for one, answer in zip(asked, answered, strict=True):
        for name in one.fields:
            told[name] = _told(form, name, answer.said.meanings[name], now, one, answer.said)
    _note(asked, answered, health, now)
    return told


def _all_at_once(form: Form, asked: list[Question], requests: list[Request]) -> list[_Answered]:
    if len(asked) < 2:  # noqa: PLR2004 - one call needs no thread
        return [_call(form, *pair) for pair in zip(asked, requests, strict=True)]
    with ThreadPoolExecutor(min(len(asked), _MOST_AT_ONCE), thread_name_prefix="source") as threads:
        return list(threads.map(_call, [form] * len(asked), asked, requests))


def _call(form: Form, question: Question, request: Request) -> _Answered:
    """One call; runs in a thread and touches no database."""
    begun = time.perf_counter()
    try:
        answer = Origin(environment().gateway_url, SECONDS).call(request.method, request.target, request.headers, request.body)
        said = said_of([form.fields[name] for name in question.fields], answer.status, answer.body)
    except OriginSilent:
        said = _alike(form, question, Meaning.FAILED, "silent")
    return _Answered(said, int((time.perf_counter() - begun) * 1000))


def _alike(form: Form, question: Question, meaning: Meaning, code: str) -> Said:
    return all_alike([form.fields[name] for name in question.fields], meaning, code=code)


def _told(form: Form, name: str, meaning: Meaning, now: datetime, question: Question | None = None, said: Said | None = None) -> Told:
    source = form.fields[name].source
    return Told(
        meaning=meaning,
        at=now,
        value=said.values.get(name) if said else None,
        resource=source.resource if source else "",
        item=source.item if source else "",
        provider=question.granted.provider_name if question else "",
        evidence=said.evidence if said else "",
    )


# ---------------------------------------------------------------------- how sources are
def _note(asked: list[Question], answered: list[_Answered], known: Mapping[str, SourceHealth], now: datetime) -> None:
    """Keep how each source answered; tell the operator, once an hour at most, that the gateway refuses the platform itself."""
    worst: dict[str, tuple[Meaning, _Answered]] = {}
    for one, answer in zip(asked, answered, strict=True):
        meaning = next((each for each in answer.said.meanings.values() if each in SILENT), Meaning.FOUND)
        if one.granted.resource not in worst or meaning in SILENT:
            worst[one.granted.resource] = (meaning, answer)
    for resource, (meaning, answer) in worst.items():
        row = known.get(resource)
        if row is not None and row.meaning == meaning and now - row.at < (_REST if meaning in SILENT else _NOTE_EVERY):
            continue
        if meaning in SILENT:
            log.warning("source silent", resource=resource, meaning=str(meaning), code=answer.said.code)
        since = (row.silent_since if row and row.silent_since else now) if meaning in SILENT else None
        values = {"meaning": meaning, "code": answer.said.code[:60], "at": now, "milliseconds": answer.milliseconds, "silent_since": since}
        SourceHealth.objects.update_or_create(resource=resource, defaults=values)
        if meaning is Meaning.REFUSED:
            _tell(resource, answer.said.code, now)


@transaction.atomic
def _tell(resource: str, code: str, now: datetime) -> None:
    row = SourceHealth.objects.select_for_update().get(pk=resource)
    if row.told_at is not None and now - row.told_at <= _TELL_EVERY:
        return
    row.told_at = now
    row.save(update_fields=["told_at"])
    security.record("filing:source:refused", at=now, actor="process:filing", outcome=code or "refused", resource=resource)
    for account_id in identity.duty_holders(identity.Duty.SYSTEM):
        text = say("申报取数被网关拒绝:{resource}({code}),请检查授权和密钥", resource=resource, code=code)
        notices.tell_account(account_id, text, address=reverse("filing:sources"), now=now)

"""Corrections: handed in by anybody, seen to by the providing office within the period of a 校核 (条例 Art. 26)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation.models import Correction
from zhengtong.apps.flow.participation.operations import journal, receiving, voicing
from zhengtong.apps.flow.participation.operations.receiving import Receipt
from zhengtong.apps.flow.participation.queries.keys import secret_of
from zhengtong.apps.flow.participation.queries.places import parties_of
from zhengtong.apps.flow.participation.queries.running import period_of
from zhengtong.apps.flow.participation.queries.voices import VoiceUnknown
from zhengtong.apps.flow.participation.rules import content, demands, receipts
from zhengtong.apps.flow.participation.rules.content import Mistake, need
from zhengtong.apps.flow.participation.rules.demands import NotAllowed, WrongState
from zhengtong.apps.flow.participation.rules.vocabulary import CorrectionState, Subject
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.clock import State, read
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_SHORTEST_REASON = 4


@transaction.atomic
def file_correction(*, dataset: int, mistake: Mistake, form: str, actor: identity.Actor | None, now: datetime) -> Receipt:
    """
    Say that a value is wrong; the office's ten working days begin. What is written is for the office, not for the public.

    :raises Invalid: naming the field.
    :raises DatasetUnknown: if there is no such open dataset.
    """
    content.check_mistake(mistake)
    view = opendata.dataset(dataset, now=now)
    names = {one["key"]: one["name"] for one in view.version.columns}
    if mistake.column and mistake.column not in names:
        raise Invalid("数据集没有这一列", field="column")
    once = receipts.once(Subject.CORRECTION, form, str(dataset), mistake.row, mistake.column, mistake.wrong, mistake.right)
    facts = {
        "number": receipts.number(Subject.CORRECTION, local_date(now), once),
        "secret": receiving.secret_digest(once),
        "filed_at": now,
        "clock_began_at": now,
        "name": mistake.name.strip(),
        "contact": mistake.contact.strip(),
        "account_id": actor.account_id if actor else None,
        "dataset_id": dataset,
        "version": view.newest,
        "column": mistake.column,
        "column_name": names.get(mistake.column, ""),
        "row": mistake.row.strip(),
        "wrong": mistake.wrong.strip(),
        "right": mistake.right.strip(),
        "evidence": mistake.evidence.strip(),
    }
    row, made = Correction.objects.get_or_create(once=once, defaults=facts)
    if made:
        journal.note(row, "filed", by=actor or journal.VISITOR, now=now)
        journal.tell_office(row, say("收到一项数据纠错"), now)
    return receiving.receipt_of(row)


def _locked(number: str, actor: identity.Actor) -> Correction:
    rows = Correction.objects.select_for_update(of=("self",)).select_related("dataset__resource__office")
    row = rows.filter(number=number).first()
    if row is None or not demands.may_see(actor, parties_of(row)[0]):
        raise VoiceUnknown
    return row


@transaction.atomic
def answer_correction(*, actor: identity.Actor, number: str, accept: bool, answer: str, now: datetime) -> None:
    """
    The office's answer: accepted with a note that the dataset's page shows, or refused with reasons.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    :raises NotAllowed: for the bureau, which does not know the facts.
    :raises WrongState: if it is answered already.
    :raises Invalid: without words, or with personal data in them.
    """
    need(answer, "answer", least=_SHORTEST_REASON)
    receiving.screen(answer=answer)
    row = _locked(number, actor)
    if not demands.of_office(actor, parties_of(row)[0]):
        raise NotAllowed("纠错由提供单位核实答复")
    if row.state != CorrectionState.OPEN:
        raise WrongState("这项纠错已经答复", remedy="刷新页面,看清现在的状态")
    reading = read(period_of(row, stopped=now), working_days.current(), now)
    row.state = CorrectionState.ACCEPTED if accept else CorrectionState.REFUSED
    row.answer, row.answered_at, row.in_time = answer.strip(), now, reading.state is State.MET
    row.save()
    journal.note(row, "accepted" if accept else "declined", by=actor, now=now, reason=row.answer)
    address = reverse("participation:receipt", args=[row.number, secret_of(row.once)])
    journal.tell_filer(row, say("您的纠错有了答复"), now, address=address)


@transaction.atomic
def reopen_correction(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """
    The office or the bureau takes an answer back; the period begins anew.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    :raises WrongState: if it is not answered.
    :raises Invalid: without a reason.
    """
    need(reason, "answer", least=_SHORTEST_REASON)
    row = _locked(number, actor)
    if row.state == CorrectionState.OPEN:
        raise WrongState("这项纠错还没有答复", remedy="刷新页面,看清现在的状态")
    row.state, row.answer, row.answered_at, row.in_time, row.clock_began_at = CorrectionState.OPEN, "", None, None, now
    row.save()
    journal.note(row, "reopened", by=actor, now=now, reason=reason.strip())
    journal.tell_office(row, say("一项数据纠错需要重新核实"), now)


@transaction.atomic
def read_contact_of(*, actor: identity.Actor, number: str, now: datetime) -> str:
    """
    How the author of a correction or a reuse can be reached; who asks for it stands in the ledger.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    """
    row = _locked(number, actor) if number.startswith(Subject.CORRECTION.value) else voicing.locked(number, actor)
    journal.note(row, "contact-read", by=actor, now=now)
    return row.contact

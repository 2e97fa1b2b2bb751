"""
Sources that were silent are asked again for filed cases; what they owe is paid in, and the case is free to be decided.

Safe to be killed anywhere and to run in several workers: a field is due until its answer is written, and lifting a hold twice changes
nothing. A source that stays silent is asked less and less often, and only once for all the fields of one case.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.filing.models import Draft, DraftField
from zhengtong.apps.affairs.filing.operations.asking import ask
from zhengtong.apps.affairs.filing.operations.drafting import keep
from zhengtong.apps.affairs.filing.queries import drafts
from zhengtong.apps.affairs.filing.queries.drafts import held_of
from zhengtong.apps.affairs.filing.rules import fields as rules
from zhengtong.apps.affairs.filing.rules.fields import Told
from zhengtong.apps.affairs.filing.rules.meanings import SILENT
from zhengtong.apps.foundation.security import api as security

_AT_ONCE = 20
_SOON, _LATEST = timedelta(minutes=1), timedelta(hours=1)
_MOST_TRIES = 30_000


def heal(*, now: datetime) -> int:
    """Ask again for what is due; returns how many fields were paid in."""
    due = DraftField.objects.filter(ask_at__lte=now).order_by("ask_at").values_list("draft_id", flat=True)[: _AT_ONCE * 10]
    paid = 0
    for draft_id in list(dict.fromkeys(due))[:_AT_ONCE]:
        row = Draft.objects.get(pk=draft_id)
        view = drafts.view_of(row)
        keys = list(row.fields.filter(ask_at__lte=now).values_list("key", flat=True))
        told = ask(view.form, keys, own=view.party.code, answers=view.answers, case=view.case_number, now=now, rested=False)
        paid += _pay(draft_id, keys, told, now)
    return paid


@transaction.atomic
def _pay(draft_id: int, keys: list[str], told: dict[str, Told], now: datetime) -> int:
    row = Draft.objects.select_for_update().get(pk=draft_id)
    form = drafts.form_of(drafts.view_of(row).item)
    paid = []
    for one in row.fields.filter(key__in=keys, ask_at__isnull=False):
        answer = told.get(one.key)
        if answer is None or answer.meaning in SILENT:
            tries = min(one.tries + 1, _MOST_TRIES)
            row.fields.filter(pk=one.pk).update(tries=tries, ask_at=now + min(_SOON * 2 ** min(tries, 10), _LATEST))
            continue
        keep(row, {one.key: rules.heard(form.fields[one.key], held_of(one, row.public), answer, filed=True)})
        row.fields.filter(pk=one.pk).update(ask_at=None)
        cases.lift(number=row.case_number, key=one.key, now=now)
        paid.append((one.key, answer))
    if paid:
        security.record(
            "filing:field:healed",
            at=now,
            actor="process:filing",
            case=row.case_number,
            subjects=(row.party_digest,),
            items=tuple(key for key, _answer in paid),
            rows=len(paid),
            detail={"evidence": sorted({answer.evidence for _key, answer in paid if answer.evidence})},
        )
    return len(paid)

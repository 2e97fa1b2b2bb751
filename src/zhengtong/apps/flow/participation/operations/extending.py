"""The one extension of an office's period: asked for with a reason, granted by the bureau, told to whoever waits (条例 Art. 21)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.flow.participation.operations import journal, receiving
from zhengtong.apps.flow.participation.operations.answering import Actor, open_for
from zhengtong.apps.flow.participation.queries.keys import secret_of
from zhengtong.apps.flow.participation.queries.running import period_of
from zhengtong.apps.flow.participation.rules.clocks import MOST_EXTENSION
from zhengtong.apps.flow.participation.rules.content import need
from zhengtong.apps.flow.participation.rules.demands import Act
from zhengtong.apps.flow.participation.rules.vocabulary import Lengthening
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_SHORTEST_REASON = 4


@transaction.atomic
def ask_extension(*, actor: Actor, number: str, days: int, reason: str, now: datetime) -> None:
    """
    The office asks the bureau for more time, once for each of its periods.

    :raises DemandUnknown: if the actor has no part in it.
    :raises NotAllowed: for somebody of another office than the one that answers.
    :raises WrongState: if the office does not hold it, or has asked before.
    :raises Invalid: for days outside 1 to 10, without a reason, or with personal data in it.
    :raises ExtensionRefused: if the period has run out: an extension does not heal a delay.
    """
    need(reason, "reason", least=_SHORTEST_REASON)
    receiving.screen(reason=reason)
    row = open_for(number, Act.ASK_EXTENSION, actor)
    if not 1 <= days <= MOST_EXTENSION:
        raise Invalid(say("延期为 1 至 {most} 个工作日", most=MOST_EXTENSION), field="days")
    period_of(row).extended(working_days.current(), at=now, days=days, approver=row.bureau.name, reason=reason)
    row.lengthening, row.extension_days, row.extension_reason = Lengthening.ASKED, days, reason.strip()
    row.save()
    journal.note(row, "extension-asked", by=actor, now=now, reason=row.extension_reason, detail={"days": days})
    journal.tell_bureau(row, say("提供单位申请延期 {count} 个工作日,请决定", count=days), now)


@transaction.atomic
def decide_extension(*, actor: Actor, number: str, consent: bool, reason: str = "", now: datetime) -> None:
    """
    The bureau consents or not; office and asker are told either way.

    :raises DemandUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor approves for the bureau.
    :raises WrongState: if no extension was asked for.
    :raises Invalid: without a reason for saying no.
    :raises ExtensionRefused: if the period has run out meanwhile.
    """
    row = open_for(number, Act.EXTEND if consent else Act.DENY_EXTENSION, actor)
    if consent:
        period_of(row).extended(working_days.current(), at=now, days=row.extension_days, approver=actor.name, reason=row.extension_reason)
        row.lengthening, row.extended_at, row.extended_by = Lengthening.GRANTED, now, actor.name[:80]
        words = row.extension_reason
        text = say("办理期限延长 {count} 个工作日", count=row.extension_days)
    else:
        need(reason, "reason", least=_SHORTEST_REASON)
        receiving.screen(reason=reason)
        row.lengthening, words, text = Lengthening.REFUSED, reason.strip(), say("延期申请未获同意")
    row.save()
    journal.note(row, "extended" if consent else "extension-refused", by=actor, now=now, reason=words, detail={"days": row.extension_days})
    journal.tell_office(row, text, now)
    journal.tell_filer(row, text, now, address=reverse("participation:receipt", args=[row.number, secret_of(row.once)]))

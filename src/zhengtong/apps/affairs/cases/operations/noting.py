"""What is said about a case and laid into it: opinions, private notes of an office, materials that came later."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.affairs.cases.models import Case, Material, Note, Opinion, Visit
from zhengtong.apps.affairs.cases.queries.access import sees
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.rules import access
from zhengtong.apps.affairs.cases.rules.vocabulary import MATERIAL_LABELS, STAFF
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.workflow.case import Status
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import listed, say

LONGEST = 4_000


class TextMissing(Invalid):
    """请写明内容。"""

    code = "case-text-missing"


@transaction.atomic
def give_opinion(*, actor: identity.Actor, number: str, visit: int, outcome: str, text: str, now: datetime) -> None:
    """
    Say what a step's outcome should be; it goes with the file to whoever decides.

    :raises CaseUnknown, NotYours: unless the actor works on cases for the office that holds the step.
    :raises TextMissing: without a text, or with too long a one.
    """
    case = _case(actor, number)
    row = Visit.objects.select_related("office").filter(case=case, number=visit, status=Status.OPEN).first()
    if row is None or not access.works_for(actor, row.office.code):
        raise identity.NotYours("只有正在办理这个环节的单位可以拟写意见")
    Opinion.objects.create(
        case=case, visit=visit, office_name=row.office.name, author_name=actor.name, outcome=outcome, text=_text(text), at=now
    )


@transaction.atomic
def take_note(*, actor: identity.Actor, number: str, text: str, now: datetime) -> None:
    """
    A private note for the actor's own office.

    :raises CaseUnknown, NotYours: unless the actor works on cases, and may see this one.
    """
    case = _case(actor, number)
    if not access.works_for(actor, actor.office):
        raise identity.NotYours("备注由办件的工作人员记录")
    Note.objects.create(case=case, office_id=organisations.office(actor.office).id, author_name=actor.name, text=_text(text), at=now)


@transaction.atomic
def put_material(*, actor: identity.Actor, number: str, name: str, source: str, reference: str, now: datetime) -> None:
    """
    A document that came later, or the one that was missing under this name.

    :raises CaseUnknown, NotYours: unless the actor works on cases for an office that holds an open step.
    """
    case = _case(actor, number)
    offices = actor.offices(*STAFF)
    if not Visit.objects.filter(case=case, status=Status.OPEN, office__code__in=offices).exists():
        raise identity.NotYours("只有正在办理的单位可以补充材料")
    if not name.strip() or len(name) > 200:  # noqa: PLR2004 - the standard's length of a material's name
        raise TextMissing("材料名称应有 1 至 200 个字", field="name")
    if source not in MATERIAL_LABELS:
        raise Invalid("没有这种来源渠道", field="source", remedy=listed(MATERIAL_LABELS))
    facts = {"source": source, "reference": reference.strip()[:200], "there": True, "at": now}
    if not Material.objects.filter(case=case, name=name.strip(), there=False).update(**facts):
        try:
            with transaction.atomic():
                Material.objects.create(case=case, name=name.strip(), **facts)
        except IntegrityError as exc:
            raise Conflict("已有同名的材料", field="name", remedy="换一个名称") from exc


def _case(actor: identity.Actor, number: str) -> Case:
    row = Case.objects.filter(number=number).first()
    if row is None or not sees(actor, number):
        raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    return row


def _text(text: str) -> str:
    if not text.strip() or len(text) > LONGEST:
        raise TextMissing(say("请写 1 至 {most} 个字", most=LONGEST), field="text")
    return text.strip()

"""What the bureau sets: days for answers, and reasons of the second level."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.ratings.models import Reason, Term
from zhengtong.apps.affairs.ratings.rules.vocabulary import Grade
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Invalid

_MOST_DAYS = 60
_PLACE = re.compile(r"[0-9A-Z]{18}|\d{2,12}")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")


def _require(actor: identity.Actor) -> None:
    if not actor.holds(identity.Role.BUREAU_APPROVER):
        raise identity.NotYours("好差评的期限和理由由数据主管部门设定")


@transaction.atomic
def set_term(*, actor: identity.Actor, place: str, days: int, now: datetime) -> None:
    """
    Set in how many working days an office (credit code) or region (leading digits) answers bad ratings; 0 takes the term away.

    :raises NotYours: for anybody but the bureau.
    :raises Invalid: naming the field that is wrong.
    """
    _require(actor)
    if not _PLACE.fullmatch(place):
        raise Invalid("应是单位的统一社会信用代码或行政区划代码", field="place", remedy="例如 3701 或 18 位信用代码")
    if not 0 <= days <= _MOST_DAYS:
        raise Invalid("期限应是 1 至 60 个工作日", field="days", remedy="填 0 恢复默认的 15 个工作日")
    if days:
        Term.objects.update_or_create(place=place, defaults={"days": days})
    else:
        Term.objects.filter(place=place).delete()
    security.record("ratings:term:set", at=now, actor=actor.label, detail={"place": place, "days": days})


@transaction.atomic
def set_reason(*, actor: identity.Actor, code: str, label: str, online: bool, grades: tuple[int, ...], active: bool, now: datetime) -> None:
    """
    Offer a reason for ratings of cases that were filed online (or at a window) and of some grades, or offer it no longer.

    :raises NotYours: for anybody but the bureau.
    :raises Invalid: naming the field that is wrong.
    """
    _require(actor)
    if not _CODE.fullmatch(code):
        raise Invalid("代码应是 2 至 20 个小写字母、数字或连字符", field="code", remedy="例如 queue-time")
    if not 1 <= len(label.strip()) <= 40:  # noqa: PLR2004 - as long as the column
        raise Invalid("名称应有 1 至 40 个字", field="label", remedy="请缩短")
    if not set(grades) <= set(Grade):
        raise Invalid("没有这种满意程度", field="grades", remedy="可以是 1 至 5")
    facts = {"label": label.strip(), "online": online, "grades": sorted(grades), "active": active}
    Reason.objects.update_or_create(code=code, defaults=facts)
    security.record("ratings:reason:set", at=now, actor=actor.label, detail={"code": code, **facts})

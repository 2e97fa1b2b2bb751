"""News of the portal: the bureau writes it, changes it, and takes it down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.opendata.models import News
from zhengtong.apps.flow.opendata.queries.news import NewsUnknown
from zhengtong.apps.flow.opendata.rules.permissions import bureau_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Invalid

_LONGEST_TITLE, _LONGEST_TEXT = 120, 10_000


class NewsInvalid(Invalid):
    """公告还不能发布。"""

    code = "news-invalid"


@transaction.atomic
def write_news(
    *, actor: identity.Actor, title: str, text: str, since: datetime, until: datetime | None, now: datetime, number: int | None = None
) -> int:
    """
    Publish news, or change what was published; its number.

    :raises NotAllowed: unless the actor approves for a bureau.
    :raises NewsInvalid: naming the field.
    :raises NewsUnknown: if there is none of that number from the actor's bureau.
    """
    office = bureau_of(actor)
    title, text = " ".join(title.split()), text.strip()
    if not 0 < len(title) <= _LONGEST_TITLE:
        raise NewsInvalid("标题不能为空,最多 120 个字", field="title", remedy="写一个短标题")
    if not 0 < len(text) <= _LONGEST_TEXT:
        raise NewsInvalid("正文不能为空,最多 10000 个字", field="text", remedy="写明要告诉公众的事")
    if until is not None and until <= since:
        raise NewsInvalid("结束时间要晚于开始时间", field="until", remedy="改晚结束时间,或留空")
    row = _locked(number, office) if number is not None else News(office=office, office_name=_name(office))
    row.title, row.text, row.published_from, row.published_until, row.changed_at = title, text, since, until, now
    row.save()
    _record(row, "opendata:news:published" if number is None else "opendata:news:changed", actor, now)
    return row.pk


@transaction.atomic
def end_news(*, actor: identity.Actor, number: int, now: datetime) -> None:
    """
    Take news down, from now on.

    :raises NotAllowed: unless the actor approves for a bureau.
    :raises NewsUnknown: if there is none of that number from the actor's bureau.
    """
    row = _locked(number, bureau_of(actor))
    _record(row, "opendata:news:ended", actor, now)
    row.delete()


def _locked(number: int, office: str) -> News:
    row = News.objects.select_for_update().filter(pk=number, office=office).first()
    if row is None:
        raise NewsUnknown
    return row


def _name(office: str) -> str:
    return organisations.office(office).name


def _record(row: News, event: str, actor: identity.Actor, now: datetime) -> None:
    detail = {"news": row.pk, "title": row.title, "since": row.published_from.isoformat()}
    detail |= {"until": row.published_until.isoformat() if row.published_until else ""}
    security.record(event, at=now, actor=actor.label, office=row.office, detail=detail)

"""News of the portal, as the public and as the bureau sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhengtong.apps.flow.opendata.models import News
from zhengtong.apps.flow.opendata.rules.permissions import bureau_of
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import NotFound


class NewsUnknown(NotFound):
    """没有这条公告。"""

    code = "news-unknown"


@dataclass(frozen=True)
class NewsView:
    """A piece of news; ``paragraphs`` are plain text."""

    id: int
    title: str
    text: str
    paragraphs: tuple[str, ...]
    since: datetime
    until: datetime | None
    office_name: str


def news(*, now: datetime, limit: int = 50) -> list[NewsView]:
    """What is published at this moment, newest first."""
    shown = News.objects.filter(Q(published_until__isnull=True) | Q(published_until__gt=now), published_from__lte=now)
    return [_view(row) for row in shown[:limit]]


def own_news(actor: Actor, *, limit: int = 200) -> list[NewsView]:
    """
    All news of the actor's bureau, also what is not published so far or any more.

    :raises NotAllowed: unless the actor approves for a bureau.
    """
    return [_view(row) for row in News.objects.filter(office=bureau_of(actor))[:limit]]


def _view(row: News) -> NewsView:
    parts = tuple(part.strip() for part in row.text.replace("\r\n", "\n").split("\n\n") if part.strip())
    return NewsView(row.pk, row.title, row.text, parts, row.published_from, row.published_until, row.office_name)

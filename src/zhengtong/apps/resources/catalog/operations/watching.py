"""Questions that somebody keeps: told once of every entry that is published afterwards and answers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.resources.catalog.models import ResourceVersion, SavedSearch, SavedSearchHit
from zhengtong.apps.resources.catalog.operations.storing import CHANGED
from zhengtong.apps.resources.catalog.queries.search import found_among, indexed_among
from zhengtong.apps.resources.catalog.rules.asking import SearchQuestion
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.kernel.sentences import listed, say
from zhengtong.toolkit.outbox import api as outbox

READER = "catalog-saved-searches"
MOST_SEARCHES = 50
_NAMED = 3
_BATCH = 200


class SearchNotKept(Invalid):
    """这个查找不能关注。"""

    code = "search-not-kept"


class SavedSearchUnknown(NotFound):
    """没有这个关注,或不是您的。"""

    code = "saved-search-unknown"


class _IndexBehind(Exception):
    """The index does not hold yet what the messages speak of; they are read again."""


@transaction.atomic
def keep_search(*, actor: identity.Actor, text: str, chosen: Mapping[str, str], now: datetime) -> int:
    """
    Keep a question; asking twice keeps it once. Returns its number.

    :raises SearchNotKept: for a question that asks for everything, or one more than ``MOST_SEARCHES``.
    """
    question = SearchQuestion(text.strip(), chosen)
    if not question.text and not question.without(""):
        raise SearchNotKept("没有条件的查找不能关注", field="q", remedy="先输入词语或选择筛选条件")
    mine = SavedSearch.objects.filter(account_id=actor.account_id)
    kept, made = mine.get_or_create(
        account_id=actor.account_id, text=question.text, chosen=question.without(""), defaults={"created_at": now}
    )
    if made and mine.count() > MOST_SEARCHES:
        raise SearchNotKept(say("最多关注 {most} 个查找", most=MOST_SEARCHES), field="q", remedy="先取消不再需要的")
    return kept.pk


def forget_search(*, actor: identity.Actor, search_id: int) -> None:
    """
    Keep a question no longer.

    :raises SavedSearchUnknown: if it is not the actor's.
    """
    if not SavedSearch.objects.filter(pk=search_id, account_id=actor.account_id).delete()[0]:
        raise SavedSearchUnknown


def tell_of_new_hits(*, now: datetime) -> int:
    """
    Tell the keepers of questions what was published and answers them; returns how many notices were written.

    Messages that the index does not hold yet are left for the next turn. A kill in between tells nobody twice.
    """
    try:
        with outbox.batch(READER, topics=(CHANGED,), limit=_BATCH) as messages:
            ids = {int(number) for message in messages for number in message.body.get("resources", [message.body.get("resource")])}
            return _tell(_newly_published(ids), now) if ids else 0
    except _IndexBehind:
        return 0


def _newly_published(ids: set[int]) -> dict[int, tuple[str, datetime]]:
    """Of these entries, those offered now: name, and when they were first published."""
    rows = ResourceVersion.objects.filter(resource_id__in=ids, resource__served_version__isnull=False)
    first = dict(rows.filter(number=1).values_list("resource_id", "published_at"))
    names = rows.filter(number=F("resource__served_version")).values_list("resource_id", "document__name")
    return {number: (name, first[number]) for number, name in names if number in first}


def _tell(fresh: dict[int, tuple[str, datetime]], now: datetime) -> int:
    if not fresh or not SavedSearch.objects.exists():
        return 0
    if indexed_among(fresh) != fresh.keys():
        raise _IndexBehind
    told = 0
    for row in SavedSearch.objects.order_by("pk").iterator():
        since = {number for number, (_name, at) in fresh.items() if at >= row.created_at}
        if not since:
            continue
        found = found_among(SearchQuestion(row.text, row.chosen), since)
        found -= set(SavedSearchHit.objects.filter(search=row, resource_id__in=found).values_list("resource_id", flat=True))
        if found:
            SavedSearchHit.objects.bulk_create([SavedSearchHit(search=row, resource_id=number, found_at=now) for number in sorted(found)])
            _notify(row, [fresh[number][0] for number in sorted(found)], now)
            told += 1
    return told


def _notify(row: SavedSearch, names: list[str], now: datetime) -> None:
    shown = listed(names[:_NAMED])
    asked = row.text or say("筛选条件")
    text = say("您关注的“{asked}”有 {count} 条新目录:{names}", asked=asked, count=len(names), names=shown)
    query = urlencode({**({"q": row.text} if row.text else {}), **row.chosen, "order": "newest"})
    notices.tell_account(row.account_id, text, address=f"{reverse('catalog:search')}?{query}", now=now)

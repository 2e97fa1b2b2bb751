"""The groups of synonyms: as a list to keep, and as every question is split by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Prefetch

from zhengtong.apps.resources.catalog.models import SynonymGroup, SynonymWord
from zhengtong.apps.resources.catalog.rules.synonyms import NONE, Synonyms, plain, synonyms
from zhengtong.kernel.errors import NotFound


class SynonymsUnknown(NotFound):
    """没有这组同义词。"""

    code = "synonyms-unknown"


@dataclass(frozen=True)
class SynonymsView:
    """A group: its words, why it is there, who changed it last and when."""

    id: int
    words: tuple[str, ...]
    note: str
    changed_at: datetime
    changed_name: str

    @property
    def line(self) -> str:
        """The words as they are written."""
        return "、".join(self.words)


def synonym_groups(*, text: str = "", after: str = "", limit: int = 50) -> list[SynonymsView]:
    """Groups, the newest first, after the id ``after``; ``text`` narrows to those with a word that holds it."""
    rows = SynonymGroup.objects.order_by("-pk").prefetch_related(Prefetch("words", SynonymWord.objects.order_by("position")))
    if text.strip():
        rows = rows.filter(pk__in=SynonymWord.objects.filter(word__contains=plain(text)).values("group_id"))
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after))
    return [_view(row) for row in rows[:limit]]


def synonym_group(group_id: int) -> SynonymsView:
    """
    One group.

    :raises SynonymsUnknown: if there is none.
    """
    row = SynonymGroup.objects.filter(pk=group_id).first()
    if row is None:
        raise SynonymsUnknown
    return _view(row)


def _view(row: SynonymGroup) -> SynonymsView:
    return SynonymsView(row.pk, tuple(one.word for one in row.words.all()), row.note, row.changed_at, row.changed_name)


_kept: tuple[tuple[int, datetime | None, int | None], Synonyms] = ((0, None, None), NONE)


def synonyms_in_force() -> Synonyms:
    """The groups as questions are split by them; one small query says whether those at hand are still true."""
    global _kept  # noqa: PLW0603 - one state for the process; whoever writes last has read the truth
    with connection.cursor() as cursor:  # before every search: as SQL it takes a fifth of the time
        cursor.execute("select count(*), max(changed_at), max(id) from catalog_synonymgroup")
        stamp = cursor.fetchone() or (0, None, None)
    if _kept[0] != stamp:
        groups: dict[int, list[str]] = {}
        for group, word in SynonymWord.objects.order_by("group_id", "position").values_list("group_id", "word"):
            groups.setdefault(group, []).append(word)
        _kept = (stamp, synonyms(groups.values()))
    return _kept[1]

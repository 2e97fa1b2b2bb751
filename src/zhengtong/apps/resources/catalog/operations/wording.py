"""Keeping the groups of synonyms: by the approvers of the bureau, each change in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import SynonymGroup, SynonymWord
from zhengtong.apps.resources.catalog.queries.wording import SynonymsUnknown
from zhengtong.apps.resources.catalog.rules import permissions
from zhengtong.apps.resources.catalog.rules.synonyms import SynonymTaken, groups_of, words_of
from zhengtong.kernel.sentences import say


@transaction.atomic
def add_synonyms(*, actor: identity.Actor, text: str, note: str, now: datetime) -> int:
    """
    Add groups, written one a line; all of them or none. Returns how many.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises SynonymsInvalid: naming the line that is no group.
    :raises SynonymTaken: naming a word that belongs to another group.
    """
    permissions.require_to_keep_words(actor)
    groups = groups_of(text)
    for words in groups:
        group = SynonymGroup.objects.create(note=note.strip(), **_changed(actor, now))
        _put(group, words)
        _record("added", group, words, actor, now)
    return len(groups)


@transaction.atomic
def change_synonyms(*, actor: identity.Actor, group_id: int, line: str, note: str, now: datetime) -> None:
    """
    Give a group other words.

    :raises NotAllowed, SynonymsUnknown, SynonymsInvalid, SynonymTaken: as for adding.
    """
    permissions.require_to_keep_words(actor)
    words, group = words_of(line), _locked(group_id)
    before = _words(group)
    group.words.all().delete()
    _put(group, words)
    SynonymGroup.objects.filter(pk=group.pk).update(note=note.strip(), **_changed(actor, now))
    _record("changed", group, words, actor, now, before=before)


@transaction.atomic
def remove_synonyms(*, actor: identity.Actor, group_id: int, now: datetime) -> tuple[str, ...]:
    """
    Remove a group; returns its words, so that a page can offer to bring them back.

    :raises NotAllowed, SynonymsUnknown: as for adding.
    """
    permissions.require_to_keep_words(actor)
    group = _locked(group_id)
    words = tuple(_words(group))
    _record("removed", group, words, actor, now)
    group.delete()
    return words


def _changed(actor: identity.Actor, now: datetime) -> dict[str, object]:
    return {"changed_at": now, "changed_by": actor.label, "changed_name": actor.name}


def _locked(group_id: int) -> SynonymGroup:
    group = SynonymGroup.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise SynonymsUnknown
    return group


def _words(group: SynonymGroup) -> list[str]:
    return list(group.words.values_list("word", flat=True))


def _put(group: SynonymGroup, words: Iterable[str]) -> None:
    """The unique word decides who was first."""
    for position, word in enumerate(words):
        try:
            with transaction.atomic():
                SynonymWord.objects.create(group=group, word=word, position=position)
        except IntegrityError as exc:
            raise SynonymTaken(say("“{word}”已在另一组同义词中", word=word), field="words", remedy="到那一组里修改") from exc


def _record(
    event: str, group: SynonymGroup, words: Sequence[str], actor: identity.Actor, now: datetime, before: Sequence[str] | None = None
) -> None:
    detail = {"group": group.pk, "words": list(words)} | ({"before": list(before)} if before is not None else {})
    security.record(f"catalog:synonyms:{event}", at=now, actor=actor.label, office=actor.office, detail=detail)

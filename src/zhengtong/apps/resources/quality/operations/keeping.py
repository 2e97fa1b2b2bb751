"""Keeping the dictionary of standard items: by the approvers of the bureau, every version kept, each change in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.quality.models import StandardItem, StandardVersion, StandardWord
from zhengtong.apps.resources.quality.operations.measuring import STANDARDS_CHANGED
from zhengtong.apps.resources.quality.queries.standards import StandardUnknown, content_of
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.apps.resources.quality.rules.standards import RefusedRow, StandardContent, StandardInvalid, check, read_csv
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outbox import api as outbox


class StandardTaken(Conflict):
    """代码或名称已属于另一个标准数据元。"""

    code = "standard-taken"


class StandardWithdrawn(Conflict):
    """这个标准数据元已经废止,不能再改。"""

    code = "standard-withdrawn"


@transaction.atomic
def add_standard(*, actor: identity.Actor, code: str, content: StandardContent, now: datetime) -> int:
    """
    Add a standard item; returns its number.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises StandardInvalid: naming what is wrong.
    :raises StandardTaken: if the code, the name or a synonym belongs to another one.
    """
    permissions.require_to_keep(actor)
    return _add(actor, code, content, now)


def _add(actor: identity.Actor, code: str, content: StandardContent, now: datetime) -> int:
    check(code, content)
    try:
        with transaction.atomic():
            row = StandardItem.objects.create(code=code, changed_at=now, **content.document())
    except IntegrityError as exc:
        raise StandardTaken(say("代码 {code} 已有标准数据元", code=code), field="code", remedy="换一个代码,或修改已有的那个") from exc
    _put_words(row, content)
    _tell(row, content, "added", actor=actor, now=now, words=content.words())
    return row.pk


@transaction.atomic
def change_standard(*, actor: identity.Actor, standard_id: int, content: StandardContent, reason: str = "", now: datetime) -> None:
    """
    Give a standard item another content, as its next version; the same content changes nothing.

    :raises NotAllowed, StandardInvalid, StandardTaken: as for adding.
    :raises StandardUnknown: if there is none.
    :raises StandardWithdrawn: if it is not in force.
    """
    permissions.require_to_keep(actor)
    _change(actor, _locked(standard_id), content, reason, now)


def _change(actor: identity.Actor, row: StandardItem, content: StandardContent, reason: str, now: datetime) -> bool:
    check(row.code, content)
    if row.withdrawn_at:
        raise StandardWithdrawn(say("标准数据元 {code} 已经废止", code=row.code), field="code", remedy="另立一个新的代码")
    before = content_of(row)
    if before == content:
        return False
    for name, value in content.document().items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, now
    row.save()
    row.words.all().delete()
    _put_words(row, content)
    _tell(row, content, "changed", actor=actor, now=now, reason=reason, words=sorted({*before.words(), *content.words()}))
    return True


@transaction.atomic
def withdraw_standard(*, actor: identity.Actor, standard_id: int, reason: str, now: datetime) -> None:
    """
    Put a standard item out of force; items that were linked to it are not any more.

    :raises NotAllowed, StandardUnknown, StandardWithdrawn: as for changing.
    :raises StandardInvalid: without a reason.
    """
    permissions.require_to_keep(actor)
    row = _locked(standard_id)
    if row.withdrawn_at:
        raise StandardWithdrawn
    if not reason.strip():
        raise StandardInvalid("废止必须说明理由", field="reason", remedy="写明由什么代替,或依据什么废止")
    row.version, row.changed_at, row.withdrawn_at = row.version + 1, now, now
    row.save()
    row.words.all().delete()
    content = content_of(row)
    _tell(row, content, "withdrawn", actor=actor, now=now, reason=reason.strip()[:300], words=content.words())


def starter() -> bytes:
    """A file of the standard items that most catalogs need, in our own words, for a bureau to begin with."""
    return (resources.files("zhengtong.apps.resources.quality") / "data" / "standards.csv").read_bytes()


@dataclass(frozen=True)
class Imported:
    """What became of a file; ``refused`` are the rows that were not taken."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[RefusedRow, ...]


@transaction.atomic
def import_standards(*, actor: identity.Actor, data: bytes, now: datetime) -> Imported:
    """
    Take a file of standard items: new codes are added, known ones changed; bad rows are kept out and listed.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises StandardInvalid: if it is no such file.
    """
    permissions.require_to_keep(actor)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    refused = list[RefusedRow]()
    for found in read_csv(data):
        if isinstance(found, RefusedRow):
            refused.append(found)
            continue
        line, code, content = found
        row = StandardItem.objects.select_for_update().filter(code=code).first()
        try:
            with transaction.atomic():
                if row is None:
                    _add(actor, code, content, now)
                    counts["added"] += 1
                else:
                    counts["changed" if _change(actor, row, content, "", now) else "unchanged"] += 1
        except (StandardInvalid, StandardTaken, StandardWithdrawn) as exc:
            refused.append(RefusedRow(line, f"{code} {content.name}", exc.sentence, exc.remedy))
    detail = {**counts, "refused": len(refused)}
    security.record("quality:standards:imported", at=now, actor=actor.label, office=actor.office, rows=sum(counts.values()), detail=detail)
    return Imported(**counts, refused=tuple(refused))


def _locked(standard_id: int) -> StandardItem:
    row = StandardItem.objects.select_for_update().filter(pk=standard_id).first()
    if row is None:
        raise StandardUnknown
    return row


def _put_words(row: StandardItem, content: StandardContent) -> None:
    """The unique word decides who was first."""
    for word in content.words():
        try:
            with transaction.atomic():
                StandardWord.objects.create(word=word, standard=row)
        except IntegrityError as exc:
            raise StandardTaken(
                say("“{word}”已是另一个标准数据元的名称或同义词", word=word), field="synonyms", remedy="到那一个里修改,或去掉这个词"
            ) from exc


def _tell(
    row: StandardItem, content: StandardContent, event: str, *, actor: identity.Actor, now: datetime, words: list[str], reason: str = ""
) -> None:
    StandardVersion.objects.create(
        standard=row,
        number=row.version,
        document=content.document() | {"withdrawn": row.withdrawn_at is not None},
        reason=reason,
        at=now,
        by=actor.label,
        by_name=actor.name,
    )
    detail: dict[str, Any] = {"code": row.code, "name": row.name, "version": row.version} | ({"reason": reason} if reason else {})
    security.record(f"quality:standard:{event}", at=now, actor=actor.label, office=actor.office, detail=detail)
    outbox.publish(STANDARDS_CHANGED, {"words": words, "standard": row.pk}, at=now)

"""
Files that somebody uploads: checked by content, sealed, kept in the file store.

Threat model: see ``rules.files``. Besides: somebody fills the disk (a draft has so many files and no more); a file outlives its draft (it
is removed with it, and replaced by the next one of the same purpose).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.filing.models import Draft, Upload
from zhengtong.apps.affairs.filing.operations.drafting import open_row
from zhengtong.apps.affairs.filing.queries import drafts
from zhengtong.apps.affairs.filing.queries.drafts import DraftUnknown, Filer
from zhengtong.apps.affairs.filing.rules import files
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys

STORE = "filing"
_MOST_FILES = 60


@dataclass(frozen=True)
class Content:
    """A file in the clear, for one answer."""

    name: str
    media_type: str
    data: bytes


@transaction.atomic
def upload(*, filer: Filer, public: uuid.UUID, purpose: str, name: str, content: bytes, field: str, now: datetime) -> uuid.UUID:
    """
    Keep a file for a field, or for a material (``material:`` and its name); the one before it goes.

    :raises FileRefused: naming the rule; :raises DraftUnknown, AlreadyFiled: as for every write.
    """
    media = files.media_type(content, field=field)
    row = open_row(filer, public)
    before = list(Upload.objects.filter(draft=row, purpose=purpose)) if purpose.startswith("material:") else []
    if Upload.objects.filter(draft=row).count() - len(before) >= _MOST_FILES:
        raise files.FileRefused(say("一份申请最多 {most} 个文件", most=_MOST_FILES), field=field, remedy="合并成一个 PDF 再上传")
    number = uuid.uuid4()
    sealed = seal(node_keys().seal, content, f"filing:file:{number}")
    stored = default_storage.save(f"{STORE}/{number.hex[:2]}/{number.hex}", ContentFile(sealed.encode()))
    for old in before:
        transaction.on_commit(partial(default_storage.delete, old.stored))
        old.delete()
    Upload.objects.create(
        public=number,
        draft=row,
        purpose=purpose,
        name=files.tidy_name(name),
        media_type=media,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored=stored,
        at=now,
    )
    Draft.objects.filter(pk=row.pk).update(changed_at=now)
    return number


def own_file(*, filer: Filer, public: uuid.UUID, upload: uuid.UUID) -> Content:
    """
    A file of one's own draft or filing.

    :raises DraftUnknown: for every other.
    """
    return _opened(drafts.upload_of(filer, public, upload))


@transaction.atomic
def file_of_case(*, actor: identity.Actor, number: str, upload: uuid.UUID, now: datetime) -> Content:
    """
    A file of a case, for whoever holds it; on record before it is shown.

    :raises NotYours: if the actor holds no open step of the case; :raises DraftUnknown: if it has no such file.
    """
    found = Upload.objects.select_related("draft").filter(public=upload, draft__case_number=number).first()
    if found is None:
        raise DraftUnknown("没有这个文件")
    if not cases.may_read(actor, number):
        raise identity.NotYours("只有正在办理这个办件的人可以打开材料")
    security.record(
        "filing:file:read",
        at=now,
        actor=actor.label,
        office=actor.office,
        purpose="办理办件",
        case=number,
        items=(found.purpose,),
        subjects=(found.draft.party_digest,),
        rows=1,
        detail={"sha256": found.sha256},
    )
    return _opened(found)


def _opened(row: Upload) -> Content:
    with default_storage.open(row.stored) as stored:
        sealed = stored.read().decode()
    return Content(row.name, row.media_type, unseal(node_keys().seal, sealed, f"filing:file:{row.public}"))

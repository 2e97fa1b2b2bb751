"""
What applicants do with their own cases: hand in what was missing, give up.

Threat model: see ``queries.parties``. Besides: an answer that answers nothing would start the office's time again, so everything that was
asked for is answered with words or a file. A file is read by who works on the case, and that leaves a trace.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from zhengtong.apps.affairs.cases.models import Material, SuppliedFile
from zhengtong.apps.affairs.cases.operations import storing
from zhengtong.apps.affairs.cases.operations.acting import Done, ReasonMissing, StepOver, address_of, do
from zhengtong.apps.affairs.cases.operations.reading import may_read
from zhengtong.apps.affairs.cases.operations.storing import Loaded
from zhengtong.apps.affairs.cases.queries.cases import case
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.queries.parties import Owner, owned
from zhengtong.apps.affairs.cases.rules import files
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.engines.workflow import acts
from zhengtong.engines.workflow.case import Waiting
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys

_LONGEST = 200
_STORE = "cases"


@dataclass(frozen=True)
class Given:
    """What an applicant hands in for one thing that was missing: words, or a file with its name."""

    text: str = ""
    name: str = ""
    content: bytes = b""


@transaction.atomic
def supply(*, by: identity.Actor, owner: Owner, number: str, visit: int, given: Sequence[Given], act_id: str, now: datetime) -> Done:
    """
    Hand in everything that a step asked for, in the order in which it was asked; the step's time runs again (行政许可法 32).

    :param by: who has signed in; ``owner`` is the applicant for whom they act.
    :raises CaseUnknown: unless it is the applicant's. :raises StepOver: if nothing is asked for any more.
    :raises Invalid, FileUnfit: naming the first thing (``given-0`` …) that is not answered.
    """
    loaded = _own(owner, number)
    if act_id in loaded.case.seen:
        return Done(number, repeated=True, result=loaded.case.result)
    asked = loaded.case.visits.get(visit)
    if asked is None or asked.waiting is not Waiting.SUPPLEMENT:
        raise StepOver("现在没有要您补正的材料", field="visit", remedy="刷新页面,看现在由谁办")
    for place, what in enumerate(asked.waits_for):
        _lay(loaded.id, what, given[place] if place < len(given) else Given(), f"given-{place}", now)
    done = do(loaded, by, acts.EndSupplement(id=act_id, by=by.label, number=visit, lapsed=False), now)
    if not done.repeated:
        _tell(loaded, visit, say("申请人补正了材料:{number}", number=number), now)
    return done


@transaction.atomic
def give_up(*, by: identity.Actor, owner: Owner, number: str, reason: str, act_id: str, now: datetime) -> Done:
    """
    The applicant takes the application back; the case ends.

    :raises CaseUnknown: unless it is theirs. :raises ReasonMissing: without a reason. :raises CaseEnded, NotAllowed: once it has ended.
    """
    loaded = _own(owner, number)
    if act_id in loaded.case.seen:
        return Done(number, repeated=True, result=loaded.case.result)
    if not reason.strip():
        raise ReasonMissing("请写明为什么撤回", field="reason")
    held = list(loaded.places)
    done = do(loaded, by, acts.Withdraw(id=act_id, by=by.label, reason=reason.strip()[:_LONGEST]), now, reason=reason.strip()[:_LONGEST])
    if not done.repeated:
        for visit in held:
            _tell(loaded, visit, say("申请人撤回了申请:{number}", number=number), now)
    return done


@dataclass(frozen=True)
class FileView:
    """A file in the clear, for one answer."""

    name: str
    media_type: str
    data: bytes


@transaction.atomic
def read_file(*, actor: identity.Actor, number: str, file: uuid.UUID, now: datetime) -> FileView:
    """
    A file that an applicant handed in, for who works on the case; recorded before it is opened.

    :raises CaseUnknown: unless the actor works on the case and there is such a file.
    """
    view = case(number, actor=actor, now=now)
    row = SuppliedFile.objects.select_related("material__case").filter(public=file, material__case_id=view.id).first()
    if row is None or not may_read(actor, number):
        raise CaseUnknown
    subjects = (row.material.case.applicant_digest,)
    security.record(
        "cases:file:read", at=now, actor=actor.label, office=actor.office, case=number, subjects=subjects, items=(row.material.name,)
    )
    with default_storage.open(row.stored) as kept:
        sealed = kept.read().decode()
    return FileView(row.name, row.media_type, unseal(node_keys().seal, sealed, f"cases:file:{row.public}"))


def _own(owner: Owner, number: str) -> Loaded:
    if not owned(owner).filter(number=number).exists():
        raise CaseUnknown
    return storing.load(number)


def _lay(case_id: int, what: str, given: Given, field: str, now: datetime) -> None:
    """A material of the file, answered with words or a file."""
    text = given.text.strip()
    if not text and not given.content:
        raise Invalid(say("“{what}”还没有补正", what=what), field=field, remedy="写明情况,或上传文件")
    if len(text) > _LONGEST:
        raise Invalid(say("说明最多 {most} 个字", most=_LONGEST), field=field, remedy="详细内容请作为文件上传")
    media = files.media_type(given.content, field=field) if given.content else ""
    name = files.tidy_name(given.name) if given.content else ""
    facts = {"source": "10", "reference": text or name, "there": True, "at": now}
    material, _made = Material.objects.update_or_create(case_id=case_id, name=what[:200], defaults=facts)
    if given.content:
        number = uuid.uuid4()
        sealed = seal(node_keys().seal, given.content, f"cases:file:{number}")
        stored = default_storage.save(f"{_STORE}/{number.hex[:2]}/{number.hex}", ContentFile(sealed.encode()))
        digest = hashlib.sha256(given.content).hexdigest()
        facts = {"name": name, "media_type": media, "size": len(given.content), "sha256": digest, "stored": stored, "at": now}
        SuppliedFile.objects.create(public=number, material=material, **facts)


def _tell(loaded: Loaded, visit: int, text: str, now: datetime) -> None:
    place = loaded.places.get(visit)
    address = address_of(loaded.number)
    if place is not None and place.account_id is not None:
        notices.tell_account(place.account_id, text, address=address, now=now)
    elif place is not None:
        notices.tell(place.post.role, place.office, text, address=address, now=now)

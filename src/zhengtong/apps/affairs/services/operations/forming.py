"""Writing the form of a version that is worked on: one change at a time, each can be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from zhengtong.apps.affairs.services.models import FormChange, ItemVersion, ServiceItem
from zhengtong.apps.affairs.services.operations import storing
from zhengtong.apps.affairs.services.operations.editing import ItemChangedMeanwhile, save_item
from zhengtong.apps.affairs.services.queries.forms import digest_of, text_of
from zhengtong.apps.affairs.services.queries.items import ItemView, own_item, standing_of
from zhengtong.apps.affairs.services.rules import states
from zhengtong.apps.affairs.services.rules.states import Act, ItemState
from zhengtong.apps.affairs.services.rules.vocabulary import VersionState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.forms.document import Finding, findings
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import kept, say

LONGEST_FORM = 200_000
#: where the refusals stand, which are written together
REFUSALS = "x-refuse"
#: changes of a draft's form that can be taken back
MOST_CHANGES = 50


class FormRefused(Invalid):
    """表单的定义不合规则。"""

    code = "service-form-refused"

    def __init__(self, found: tuple[Finding, ...]) -> None:
        first = found[0]
        super().__init__(first.sentence, field=first.path, remedy=first.remedy)
        self.findings = found


class NothingToTakeBack(Conflict):
    """没有可以撤销的改动。"""

    code = "service-form-nothing-to-undo"


@transaction.atomic
def save_form(
    *, actor: identity.Actor, item_id: int, document: Mapping[str, Any], told: str, about: str | None, revision: int, now: datetime
) -> ItemView:
    """
    Write the form of the version that is worked on.

    :param told: what was done, for the history.
    :param about: the path that was written: what is wrong there refuses it, what is wrong elsewhere is only shown. None for the whole form,
        empty for a change that writes nothing new, such as a move.
    :param revision: of the version that the actor looked at.
    :raises ItemUnknown: for somebody of neither the office nor the bureau.
    :raises ItemNotAllowed: for anybody but a steward of the office.
    :raises ItemState: if no version is worked on, or it is in review.
    :raises ItemChangedMeanwhile: if somebody else was first.
    :raises FormRefused: with every finding.
    """
    row, version = _at_hand(actor, item_id, revision)
    if len(text_of(document)) > LONGEST_FORM:
        sentence = say("表单超过 {most} 个字符", most=LONGEST_FORM)
        raise FormRefused((Finding("", sentence, say("去掉不用的字段,或拆成几个事项")),))
    wrong = tuple(one for one in findings(dict(document)) if not one.unfinished and _concerns(one.path, about))
    if wrong:
        raise FormRefused(wrong)
    return _changed(row, version, dict(document), told, actor, now)


@transaction.atomic
def undo_form(*, actor: identity.Actor, item_id: int, revision: int, now: datetime) -> ItemView:
    """
    Take the last change of a draft's form back.

    :raises ItemUnknown, ItemNotAllowed, ItemState, ItemChangedMeanwhile: as :func:`save_form`.
    :raises NothingToTakeBack: if nothing was changed, or the form has been replaced since.
    """
    row, version = _at_hand(actor, item_id, revision)
    last = FormChange.objects.filter(version=version).first()
    if last is None or last.after_sha256 != digest_of(own_item(item_id, actor).content.form):
        raise NothingToTakeBack(remedy="表单没有改动过,或之后已整体换过")
    before = json.loads(last.before)
    last.delete()
    return _written(row, version, before, say("撤销表单改动"), actor, now)


def begin_version(*, actor: identity.Actor, item_id: int, revision: int, now: datetime) -> ItemView:
    """
    Begin a version that says what the published one says, so that its form can be changed.

    :raises ItemUnknown, ItemNotAllowed, ItemState, ItemChangedMeanwhile: as :func:`save_item`.
    """
    return save_item(actor=actor, item_id=item_id, content=own_item(item_id, actor).content, revision=revision, now=now)


def _at_hand(actor: identity.Actor, item_id: int, revision: int) -> tuple[ServiceItem, ItemVersion]:
    row = storing.locked(item_id, actor)
    version = storing.working(row)
    states.require(actor, Act.EDIT, standing_of(row, version.state if version else None))
    if version is None:
        raise ItemState("已发布的版本不能改", remedy="先开始一个新版本,再改它的表单")
    if version.revision != revision:
        raise ItemChangedMeanwhile(remedy="看清现在的表单,再做一次修改")
    return row, version


def _concerns(path: str, about: str | None) -> bool:
    """Whether a finding is about what was written; one of JSON Schema itself hides all others, so that it always is."""
    if about is None:
        return True
    return bool(about) and (
        path in {about, f"{about}/x-when", f"{about}/x-from"}
        or path.startswith("properties")
        or (about == REFUSALS and path.startswith(REFUSALS))
    )


def _changed(row: ServiceItem, version: ItemVersion, document: dict[str, Any], told: str, actor: identity.Actor, now: datetime) -> ItemView:
    before = own_item(row.pk, actor).content.form
    if text_of(before) == text_of(document):
        return own_item(row.pk, actor)
    FormChange.objects.create(
        version=version,
        at=now,
        actor=actor.label,
        actor_name=actor.name,
        told=kept(told),
        before=text_of(before),
        after_sha256=digest_of(document),
    )
    old = FormChange.objects.filter(version=version).values_list("pk", flat=True)[MOST_CHANGES:]
    FormChange.objects.filter(pk__in=list(old)).delete()
    return _written(row, version, document, told, actor, now)


def _written(row: ServiceItem, version: ItemVersion, document: dict[str, Any], told: str, actor: identity.Actor, now: datetime) -> ItemView:
    content = msgspec.structs.replace(own_item(row.pk, actor).content, form=document)
    version.document = storing.document_of(content)
    version.revision += 1
    version.state = VersionState.DRAFT
    version.save()
    row.changed_at = now
    row.save()
    storing.tell(row, "form", actor=actor, now=now, version=version.number, reason=str(told))
    return own_item(row.pk, actor)

"""
A draft begins, is filled in as somebody goes on, and follows its item's form.

Threat model. A crafted request changes what a register gave: the rules refuse it by the state that the server holds, whatever the page
showed. Somebody else's draft: every write finds its row by account and party. Two browsers at once: the row is locked, the later one wins
field by field, and nothing is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from zhengtong.apps.affairs.filing.models import Draft, DraftField, DraftMaterial, Upload
from zhengtong.apps.affairs.filing.operations.asking import ask
from zhengtong.apps.affairs.filing.queries import drafts
from zhengtong.apps.affairs.filing.queries.drafts import DraftView, Filer, NotFileable, held_of
from zhengtong.apps.affairs.filing.queries.keeping import sealed
from zhengtong.apps.affairs.filing.rules import fields as rules
from zhengtong.apps.affairs.filing.rules.fields import Held, Told
from zhengtong.apps.affairs.filing.rules.materials import Way
from zhengtong.apps.affairs.filing.rules.meanings import SILENT
from zhengtong.apps.affairs.services import api as services
from zhengtong.engines.forms.document import Form
from zhengtong.kernel.errors import Conflict, Invalid


class AlreadyFiled(Conflict):
    """这份申请已经提交。"""

    code = "draft-filed"


def begin(*, filer: Filer, item_code: str, now: datetime) -> uuid.UUID:
    """
    Begin a filing, or go on with the one there is, and ask every source that the applicant's own number opens.

    :raises ItemUnknown: if there is no such item. :raises NotFileable: if it takes no filings, or has no form.
    """
    item = services.item(item_code)
    if not item.may_be_filed:
        raise NotFileable("这个事项现在不受理申请", remedy="看办事指南上的说明,或拨打咨询电话")
    form = drafts.form_of(item)
    row = Draft.objects.filter(account_id=filer.account_id, party_digest=filer.digest, item_code=item_code, filed_at=None).first()
    if row is not None:
        _rebase(row, item, now)
        return row.public
    row = _new(filer, item, now)
    # what another field's value finds is asked for when that is given
    told = ask(form, form.fields, own=filer.party.code, answers={}, case=f"draft-{row.public.hex[:12]}", now=now)
    hear(row.pk, form, told, now=now)
    return row.public


def _new(filer: Filer, item: services.Item, now: datetime) -> Draft:
    public = uuid.uuid4()
    agent = filer.agent
    row = Draft(
        public=public,
        account_id=filer.account_id,
        party_kind=filer.party.kind,
        party_digest=filer.digest,
        party_sealed=sealed(f"{public}:party", filer.party.code),
        party_name=filer.party.name,
        agent_kind=agent.kind if agent else "",
        agent_sealed=sealed(f"{public}:agent", agent.code) if agent else "",
        agent_name=agent.name if agent else "",
        agent_basis=filer.basis if agent else "",
        contact_sealed=sealed(f"{public}:contact", filer.contact),
        channel=filer.channel,
        visit_id=filer.visit_id,
        item_code=item.code,
        item_version=item.version,
        item_name=item.name,
        began_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # begun in another window at the same moment
        return Draft.objects.get(account_id=filer.account_id, party_digest=filer.digest, item_code=item.code, filed_at=None)
    return row


@transaction.atomic
def _rebase(found: Draft, item: services.Item, now: datetime) -> None:
    """Let a draft follow the version in force: what is still asked stays, what has gone is forgotten, and the applicant is told."""
    row = Draft.objects.select_for_update().get(pk=found.pk)
    if row.item_version == item.version or row.filed_at is not None:
        return
    form = drafts.form_of(item)
    row.rebased_from = row.rebased_from or row.item_version
    row.item_version, row.item_name, row.changed_at = item.version, item.name, now
    row.save()
    before = drafts.form_of(services.item_version(row.item_code, row.rebased_from)).fields
    gone = [key for key in row.fields.values_list("key", flat=True) if key not in form.fields or _changed(before, form, key)]
    row.fields.filter(key__in=gone).delete()
    row.materials.exclude(name__in=[one.name for one in item.materials]).delete()


def _changed(before: Mapping[str, Any], form: Form, key: str) -> bool:
    """Whether a question of the same name asks for something else now."""
    old, new = before.get(key), form.fields[key]
    return old is None or old.kind is not new.kind or old.options != new.options or old.source != new.source


def refresh(view: DraftView, *, filer: Filer, keys: Iterable[str] | None = None, now: datetime) -> DraftView:
    """
    Ask the sources of fields that were never asked or were silent; returns the draft as it stands then.

    :param view: the draft as it was just read; it is read again only if something was asked.
    :param keys: these fields alone; None: all.
    """
    if view.filed_at is not None:
        return view
    wanted = [key for key in (view.form.fields if keys is None else keys) if _due(view, key)]
    if wanted:
        told = ask(view.form, wanted, own=view.party.code, answers=view.answers, case=drafts.case_of(view), now=now)
        if told:
            hear(view.id, view.form, told, now=now)
            return drafts.draft(filer, view.public)
    return view


def _due(view: DraftView, key: str) -> bool:
    field = view.form.fields.get(key)
    if field is None or field.source is None:
        return False
    held = view.fields.get(key)
    return held is None or held.meaning is None or held.meaning in SILENT


@transaction.atomic
def hear(draft_id: int, form: Form, told: Mapping[str, Told], *, now: datetime) -> None:
    """Take what sources said into a draft that is not filed."""
    row = Draft.objects.select_for_update().get(pk=draft_id)
    if row.filed_at is not None:
        return
    there = {one.key: held_of(one, row.public) for one in row.fields.filter(key__in=list(told))}
    keep(row, {name: rules.heard(form.fields[name], there.get(name), one) for name, one in told.items()})
    Draft.objects.filter(pk=draft_id).update(changed_at=now)


def keep(row: Draft, helds: Mapping[str, Held]) -> None:
    """Write fields as they are now."""
    made = [_row(row, one) for one in helds.values()]
    if made:
        columns = ["value_sealed", "state", "resource", "item", "provider", "fetched_at", "evidence", "meaning", "said_sealed"]
        DraftField.objects.bulk_create(made, update_conflicts=True, unique_fields=["draft", "key"], update_fields=columns)


def _row(row: Draft, one: Held) -> DraftField:
    context = f"{row.public}:{one.key}"
    return DraftField(
        draft=row,
        key=one.key,
        value_sealed=sealed(context, one.value),
        state=one.state,
        resource=one.resource,
        item=one.item,
        provider=one.provider,
        fetched_at=one.fetched_at,
        evidence=one.evidence,
        meaning=one.meaning or "",
        said_sealed=sealed(f"{context}:said", one.said),
    )


@transaction.atomic
def save(*, filer: Filer, public: uuid.UUID, values: Mapping[str, Any], now: datetime) -> None:
    """
    Keep what was typed on a page, right or wrong: whoever comes back finds it. The form's rules are asked when one goes on.

    :param values: by field; None takes a value back.
    :raises FieldLocked: if a value that a register gave is changed; :raises AlreadyFiled: after submission.
    :raises Invalid: for a field that the form has not.
    """
    row = open_row(filer, public)
    form = drafts.form_of(services.item_version(row.item_code, row.item_version))
    if unknown := [key for key in values if key not in form.fields]:
        raise Invalid("表单里没有这个字段", field=unknown[0], remedy="刷新页面后再填")
    there = {one.key: held_of(one, row.public) for one in row.fields.all()}
    changed: dict[str, Held] = {}
    for key, value in values.items():
        now_held = rules.typed(form.fields[key], there.get(key), value)
        if now_held != there.get(key):
            changed[key] = now_held
    _forget_dependent(row, form, there, changed)
    keep(row, changed)
    row.changed_at, row.rebased_from = now, 0
    row.save(update_fields=["changed_at", "rebased_from"])


def _forget_dependent(row: Draft, form: Form, there: Mapping[str, Held], changed: Mapping[str, Held]) -> None:
    """What was found by a number that has changed is another's: it is asked for anew."""
    stale = [
        key
        for key, field in form.fields.items()
        if field.source is not None
        and field.source.by in changed
        and key in there
        and key not in changed
        and (there[field.source.by].value if field.source.by in there else None) != changed[field.source.by].value
    ]
    row.fields.filter(key__in=stale).delete()


@transaction.atomic
def take_way(*, filer: Filer, public: uuid.UUID, name: str, way: Way, reference: str, accepted: str, now: datetime) -> None:
    """
    Say how a required document gets into the file.

    :param accepted: the text of a promise that was agreed to.
    :raises Invalid: if the way is not open for this document, or a promise was not agreed to.
    """
    row = open_row(filer, public)
    view = drafts.view_of(row)
    needed = next((one for one in drafts.materials(view) if one.name == name), None)
    if needed is None:
        raise Invalid("这个事项不需要这份材料", field="name", remedy="刷新页面")
    if not any(one.way is way and one.reference == reference for one in needed.choices):
        raise Invalid("这份材料不能这样提交", field="way", remedy="从列出的方式里选")
    if way is Way.PROMISE and not accepted.strip():
        raise Invalid("请先阅读并同意承诺内容", field="accepted", remedy="勾选同意,或改为上传")
    if way is Way.UPLOAD and view.upload(f"material:{name}") is None:
        raise Invalid("请选择要上传的文件", field="file", remedy="选择文件后再提交")
    values = {"way": way, "reference": reference, "text": accepted.strip(), "at": now}
    DraftMaterial.objects.update_or_create(draft=row, name=name, defaults=values)
    Draft.objects.filter(pk=row.pk).update(changed_at=now)


@transaction.atomic
def drop(*, filer: Filer, public: uuid.UUID) -> None:
    """Give up a draft; everything in it is gone."""
    row = open_row(filer, public)
    for stored in Upload.objects.filter(draft=row).values_list("stored", flat=True):
        transaction.on_commit(partial(default_storage.delete, stored))
    row.delete()


def open_row(filer: Filer, public: uuid.UUID) -> Draft:
    """
    The row of one's own draft, held until the transaction ends.

    :raises DraftUnknown: for another's. :raises AlreadyFiled: once it is filed.
    """
    found = drafts.row_of(filer, public)
    row = Draft.objects.select_for_update().get(pk=found.pk)
    if row.filed_at is not None:
        raise AlreadyFiled(remedy="到“我的空间”查看办理进度")
    return row

"""
A draft is handed in: every value from a source is asked for again, everything is checked, and one case begins.

Threat model. Prefilled values changed in the browser: they were never taken from it. Values that were true when the draft began and are not
any more: the sources are asked again now, and what changed is shown before anything is filed. A second click, a reload, a request that was
retried: the row is locked, the case's key derives from the draft, and the receipt of the first is what the second gets.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.filing.models import Draft
from zhengtong.apps.affairs.filing.operations.asking import ask
from zhengtong.apps.affairs.filing.operations.drafting import hear
from zhengtong.apps.affairs.filing.queries import drafts
from zhengtong.apps.affairs.filing.queries.drafts import DraftView, Filer
from zhengtong.apps.affairs.filing.rules import fields as rules
from zhengtong.apps.affairs.filing.rules.materials import CODE_OF, Needed, Way, spared_share
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.forms.answers import asked, kept, wrong
from zhengtong.engines.forms.document import Field, Finding
from zhengtong.engines.forms.kinds import Kind, shown
from zhengtong.kernel.actors import Role
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import listed, say

#: the process of items that name none
_USUAL_PROCESS = "promised"
_FIRST_TRY = timedelta(minutes=1)
MATERIAL_PATH = "materials"


class NotComplete(Invalid):
    """申请还没有填完。"""

    code = "draft-incomplete"

    def __init__(self, found: tuple[Finding, ...]) -> None:
        super().__init__(found[0].sentence, field=found[0].path, remedy=found[0].remedy)
        self.found = found


class SourceChanged(Conflict):
    """登记的信息在您填写期间有变化,请再核对一次。"""

    code = "draft-source-changed"


def submit(*, filer: Filer, public: uuid.UUID, by: Any = "process:filing", now: datetime) -> str:
    """
    Hand a draft in and return the case's number; done again, the number there is.

    :param by: who opens the case: filing itself, or the clerk of the one window.
    :raises NotComplete: with every finding, in the order of asking.
    :raises SourceChanged: if a source says something else than when the draft was filled in; the draft has the new values.
    """
    view = drafts.draft(filer, public)
    if view.filed_at is not None:
        return view.case_number
    _check(view)
    _verify_again(view, now)
    return _file(filer, public, by, now)


def _check(view: DraftView) -> None:
    found = findings(view, drafts.materials(view))
    if found:
        raise NotComplete(found)


def findings(view: DraftView, needed: list[Needed]) -> tuple[Finding, ...]:
    """Everything that keeps a draft from being handed in; materials have the path ``materials/<number>``."""
    reason = drafts.refused(view)
    if reason:
        return (Finding("", reason),)
    found = []
    for one in wrong(view.form, view.answers):
        held, field = view.fields.get(one.path), view.form.fields.get(one.path)
        if field is not None and rules.blocked(field, held):
            office = held.provider if held else ""
            sentence = say("{office}没有您的“{title}”登记", office=office, title=field.title)
            found.append(Finding(one.path, sentence, say("这一项以登记为准,请先到{office}办理登记", office=office)))
        else:
            found.append(one)
    found += [
        Finding(f"{MATERIAL_PATH}/{place}", say("材料“{name}”还没有选定提交方式", name=one.name), "选择承诺或上传")
        for place, one in enumerate(needed)
        if not one.settled
    ]
    return tuple(found)


def _verify_again(view: DraftView, now: datetime) -> None:
    """Ask every source of what is prefilled once more."""
    names = [key for page in asked(view.form, view.answers) for key in page.fields if view.form.fields[key].source is not None]
    wanted = [key for key in names if key in view.fields and view.fields[key].meaning is not None]
    told = ask(view.form, wanted, own=view.party.code, answers=view.answers, case=drafts.case_of(view), now=now)
    if not told:
        return
    after = {name: rules.heard(view.form.fields[name], view.fields.get(name), one) for name, one in told.items()}
    hear(view.id, view.form, told, now=now)
    changed = [view.form.fields[name].title for name, one in after.items() if one.value != view.fields[name].value]
    if changed:
        raise SourceChanged(say("登记的信息有变化:{titles}", titles=listed(changed)), remedy="看过新的内容,再提交一次")


@transaction.atomic
def _file(filer: Filer, public: uuid.UUID, by: Any, now: datetime) -> str:
    row = Draft.objects.select_for_update().get(pk=drafts.row_of(filer, public).pk)
    if row.filed_at is not None:
        return row.case_number
    view = drafts.view_of(row)
    needed = drafts.materials(view)
    found = findings(view, needed)
    if found:
        raise NotComplete(found)
    for one in needed:
        if one.taken is not None and one.name not in view.taken:
            row.materials.create(name=one.name, way=one.taken.way, reference=one.taken.reference, at=now)
    number = cases.open_case(
        by=by,
        key=f"draft-{public.hex}",
        process=view.item.process or _USUAL_PROCESS,
        office=view.item.office,
        filing=_filing(view, needed),
        now=now,
    )
    owed = owed_of(view)
    cases.hold(number=number, owed=owed, now=now)
    row.fields.filter(key__in=[one.key for one in owed]).update(ask_at=now + _FIRST_TRY)
    row.filed_at = row.changed_at = now
    row.case_number = number
    row.spared, row.materials_total = spared_share(needed)
    row.save()
    security.record(
        "filing:case:filed",
        at=now,
        actor=filer.label,
        office=view.item.office,
        case=number,
        subjects=(view.digest,),
        detail={"item": view.item.code, "version": view.item.version, "channel": view.channel, "owed": [one.key for one in owed]},
    )
    _tell_corrections(view, number, now)
    return number


def owed_of(view: DraftView) -> tuple[cases.Owed, ...]:
    """What silent sources owe of what is asked; the decision waits for it."""
    names = [key for page in asked(view.form, view.answers) for key in page.fields]
    fields = [view.form.fields[key] for key in names]
    return tuple(
        cases.Owed(one.key, one.title, view.fields[one.key].provider or view.fields[one.key].resource)
        for one in fields
        if rules.unresolved(one, view.fields.get(one.key))
    )


def _filing(view: DraftView, needed: list[Needed]) -> cases.Filing:
    answers = kept(view.form, view.answers)
    facts = {
        key: value
        for key, value in answers.items()
        if view.form.fields[key].kind in {Kind.CHOICE, Kind.YES_NO, Kind.NUMBER, Kind.AMOUNT} and isinstance(value, str | int)
    }
    materials = [
        cases.MaterialGiven(one.name, CODE_OF[one.taken.way], _reference(view, one), there=True)
        if one.taken is not None
        else cases.MaterialGiven(one.name, there=False)
        for one in needed
    ]
    return cases.Filing(
        item_code=view.item.code,
        item_name=view.item.name,
        item_version=str(view.item.version),
        applicant=view.party,
        answers={view.form.fields[key].title: in_words(view.form.fields[key], value) for key, value in answers.items()},
        facts=facts,
        materials=materials,
        source=view.channel,
        agent=view.agent,
        agent_basis=view.basis,
        contact=view.contact,
    )


def _reference(view: DraftView, one: Needed) -> str:
    if one.taken is not None and one.taken.way is Way.UPLOAD:
        file = view.upload(f"material:{one.name}")
        return file.name if file else ""
    return one.taken.reference if one.taken else ""


def in_words(field: Field, value: Any) -> Any:
    """A value as the file of the case says it: choices by their labels, entries of a group one by one."""
    if field.kind is Kind.GROUP:
        inner = {one.key: one for one in field.fields}
        return [{inner[key].title: in_words(inner[key], each) for key, each in entry.items() if key in inner} for entry in value]
    labels = dict(field.options)
    if field.kind is Kind.CHOICE:
        return labels.get(value, value)
    if field.kind is Kind.CHOICES:
        return [labels.get(one, one) for one in value]
    return shown(field.kind, value)


def _tell_corrections(view: DraftView, number: str, now: datetime) -> None:
    """Who keeps a register hears that an applicant says it is wrong; what they say stays sealed in the filing."""
    found: dict[str, list[str]] = {}
    for key, held in view.fields.items():
        if held.corrected and key in view.form.fields:
            found.setdefault(held.resource, []).append(view.form.fields[key].title)
    for resource, titles in found.items():
        detail, about = {"fields": titles}, (view.digest,)
        security.record(
            "filing:correction:noted",
            at=now,
            actor="process:filing",
            resource=resource,
            case=number,
            subjects=about,
            detail=detail,
        )
        kept_by = catalog.resources_by_code({resource}).get(resource)
        if kept_by is not None:
            text = say("申请人认为登记有误:{titles}(办件 {number})", titles=listed(titles), number=number)
            notices.tell(Role.STEWARD, kept_by.office, text, address=reverse("filing:corrections"), now=now)

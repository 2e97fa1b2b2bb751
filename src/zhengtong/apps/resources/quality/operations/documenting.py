"""Duties of offices and the entries that document them: the bureau imports the lists, stewards link."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.models import Duty, DutyEntry
from zhengtong.apps.resources.quality.queries.duties import DutyUnknown
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.apps.resources.quality.rules.duties import DutyInvalid, DutyRow, read_duties
from zhengtong.apps.resources.quality.rules.standards import RefusedRow
from zhengtong.kernel.sentences import say


@dataclass(frozen=True)
class DutiesTaken:
    """What became of a file of duties."""

    taken: int
    refused: tuple[RefusedRow, ...]


@transaction.atomic
def import_duties(*, actor: identity.Actor, data: bytes, now: datetime) -> DutiesTaken:
    """
    Take a file of duties: known numbers of an office are written over, what is not in the file stays; bad rows are kept out and listed.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises DutyInvalid, StandardInvalid: if it is no such file.
    """
    permissions.require_to_keep(actor)
    rows = list(read_duties(data))
    known = organisations.offices_by_code({row.office for row in rows if isinstance(row, DutyRow)})
    good, refused = list[DutyRow](), list[RefusedRow]()
    for row in rows:
        if isinstance(row, RefusedRow):
            refused.append(row)
        elif row.office not in known:
            refused.append(RefusedRow(row.line, row.office, say("没有代码为 {code} 的单位", code=row.office), "核对统一社会信用代码"))
        else:
            good.append(row)
    Duty.objects.bulk_create(
        [Duty(office_id=row.office, number=row.number, name=row.name, legal_basis=row.legal_basis, changed_at=now) for row in good],
        update_conflicts=True,
        unique_fields=["office", "number"],
        update_fields=["name", "legal_basis", "changed_at"],
    )
    recount_duties({row.office for row in good})
    detail = {"taken": len(good), "refused": len(refused)}
    security.record("quality:duties:imported", at=now, actor=actor.label, office=actor.office, rows=len(good), detail=detail)
    return DutiesTaken(len(good), tuple(refused))


@transaction.atomic
def link_duty(*, actor: identity.Actor, duty_id: int, code: str, now: datetime) -> None:
    """
    Say that a published entry documents a duty; saying it twice says it once.

    :raises DutyUnknown: if there is no such duty.
    :raises NotAllowed: if the actor is no steward of its office.
    :raises DutyInvalid: if the office has published no entry with this code.
    """
    duty = _locked(actor, duty_id)
    view = catalog.resources_by_code([code.strip()]).get(code.strip())
    if view is None or view.office != duty.office_id:
        raise DutyInvalid(say("本单位没有已发布的目录 {code}", code=code.strip() or "—"), field="code", remedy="填写本单位已发布目录的代码")
    _made, fresh = DutyEntry.objects.get_or_create(duty=duty, resource_id=view.id)
    if fresh:
        _told(duty, view.id, "linked", actor=actor, now=now)


@transaction.atomic
def unlink_duty(*, actor: identity.Actor, duty_id: int, resource_id: int, now: datetime) -> None:
    """
    Say that an entry does not document a duty after all.

    :raises DutyUnknown, NotAllowed: as for linking.
    """
    duty = _locked(actor, duty_id)
    if DutyEntry.objects.filter(duty=duty, resource=resource_id).delete()[0]:
        _told(duty, resource_id, "unlinked", actor=actor, now=now)


def _locked(actor: identity.Actor, duty_id: int) -> Duty:
    duty = Duty.objects.select_for_update().filter(pk=duty_id).first()
    if duty is None:
        raise DutyUnknown
    permissions.require_to_link(actor, duty.office_id)
    return duty


def _told(duty: Duty, resource_id: int, event: str, *, actor: identity.Actor, now: datetime) -> None:
    recount_duties([duty.office_id])
    detail = {"duty": duty.number, "name": duty.name, "entry": resource_id}
    security.record(f"quality:duty:{event}", at=now, actor=actor.label, office=actor.office, provider=duty.office_id, detail=detail)


def entries_came_or_went(ids: Collection[int]) -> None:
    """Count anew for the offices whose duties these entries document, because they are published now or are not any more."""
    rows = DutyEntry.objects.filter(resource__in=list(ids))
    offices = {str(office) for office in rows.values_list("duty__office", flat=True)} if ids else set()
    recount_duties(offices)


def recount_duties(offices: Collection[str]) -> None:
    """Count the duties of these offices; one statement."""
    if not offices:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into quality_dutytally (office_id, duties, documented) "
            "select d.office_id, count(*), count(*) filter (where exists (select 1 from quality_dutyentry e "
            "join quality_entryscore s on s.resource_id = e.resource_id where e.duty_id = d.id)) "
            "from quality_duty d where d.office_id = any(%s) group by 1 "
            "on conflict (office_id) do update set duties = excluded.duties, documented = excluded.documented",
            [sorted(offices)],
        )

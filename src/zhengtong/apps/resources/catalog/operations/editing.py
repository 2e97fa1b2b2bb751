"""Writing entries: draft, working copy, undo."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import Resource, ResourceVersion
from zhengtong.apps.resources.catalog.operations import storing
from zhengtong.apps.resources.catalog.queries.resources import ResourceView, bureau_code, content_of, view_of
from zhengtong.apps.resources.catalog.rules import permissions
from zhengtong.apps.resources.catalog.rules.completeness import faults
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.findings import Incomplete
from zhengtong.apps.resources.catalog.rules.states import Act
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.kernel.errors import Conflict


class ChangedMeanwhile(Conflict):
    """您打开之后,别人改过这条目录;请重新打开后再改。"""

    code = "catalog-changed-meanwhile"


@transaction.atomic
def create_draft(*, actor: identity.Actor, office: str, content: Content, now: datetime) -> ResourceView:
    """
    Begin an entry of an office.

    :raises NotAllowed: if the actor is no steward of the office.
    :raises OfficeUnknown: if there is no such office.
    :raises Incomplete: if the content cannot be kept even as a draft.
    """
    place = organisations.office(office)
    permissions.require(actor, Act.EDIT, office=office, bureau=bureau_code(place.region), state=State.DRAFT)
    _require_storable(content)
    row = Resource(office_id=place.id, created_at=now, changed_at=now)
    storing.fill(row, content)
    row.save()
    storing.store_items(row, content.items)
    storing.tell(row, "created", actor=actor, now=now)
    return _view(row)


@transaction.atomic
def save_draft(*, actor: identity.Actor, resource_id: int, revision: int, content: Content, now: datetime) -> ResourceView:
    """
    Replace the working copy. Editing a published entry begins a new one; readers keep seeing what was published.

    :raises NotAllowed: if the actor is no steward of its office.
    :raises WrongState: while the entry is under review.
    :raises ChangedMeanwhile: if ``revision`` is not the one that the edit began with.
    :raises Incomplete: if the content cannot be kept even as a draft.
    """
    row = storing.locked(resource_id)
    state = storing.moved(row, Act.EDIT, actor=actor)
    if row.revision != revision:
        raise ChangedMeanwhile("这条目录在您打开之后被别人改过,您的修改没有保存", remedy="重新打开后再改")
    _require_storable(content)
    row.state = state
    storing.fill(row, content)
    storing.store_items(row, content.items)
    storing.finish(row, "edited", actor=actor, now=now)
    return _view(row)


@transaction.atomic
def discard_changes(*, actor: identity.Actor, resource_id: int, now: datetime) -> ResourceView:
    """
    Throw the working copy away and go back to the last version.

    :raises NotAllowed: if the actor is no steward of its office.
    :raises WrongState: if there is no working copy, or no version to go back to.
    """
    row = storing.locked(resource_id)
    state = storing.moved(row, Act.DISCARD, actor=actor)
    last = ResourceVersion.objects.get(resource=row, number=row.version)
    content = Content.of(last.document)
    storing.fill(row, content)
    storing.store_items(row, content.items)
    row.state, row.return_reason = state, ""
    storing.finish(row, "discarded", actor=actor, now=now)
    return _view(row)


@transaction.atomic
def delete_draft(*, actor: identity.Actor, resource_id: int, now: datetime) -> None:
    """
    Delete an entry that was never published; the ledger keeps that it was.

    :raises NotAllowed: if the actor is no steward of its office.
    :raises WrongState: if it has a version or is under review.
    """
    row = storing.locked(resource_id)
    storing.moved(row, Act.DELETE, actor=actor)
    storing.record(row, "deleted", actor=actor, now=now)
    row.delete()


def _require_storable(content: Content) -> None:
    found = faults(content)
    if found:
        raise Incomplete(found)


def _view(row: Resource) -> ResourceView:
    fresh = Resource.objects.select_related("office__region").get(pk=row.pk)
    return view_of(fresh, content_of(fresh))

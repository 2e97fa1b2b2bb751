"""Entries as readers and as their own office see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import Item, Resource, ResourceVersion
from zhengtong.apps.resources.catalog.rules import permissions, states
from zhengtong.apps.resources.catalog.rules.clocks import clock_of
from zhengtong.apps.resources.catalog.rules.completeness import gaps
from zhengtong.apps.resources.catalog.rules.content import CONTENT_FIELDS, ITEM_FIELDS, Content, ItemContent
from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.vocabulary import State, classification_name
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say


class ResourceUnknown(NotFound):
    """没有这条目录,或您无权查看。"""

    code = "resource-unknown"


@dataclass(frozen=True)
class ResourceView:
    """
    An entry. ``content`` is what was published, or the working copy where the function that returned it says so.

    ``office`` is a credit code and ``region`` a division code; ``served_version`` is what readers see, None when there is nothing to see.
    """

    id: int
    code: str
    office: str
    office_name: str
    region: str
    region_name: str
    content: Content
    state: str
    version: int
    served_version: int | None
    revision: int
    published_on: date | None
    review_began_at: datetime | None
    return_reason: str
    created_at: datetime
    changed_at: datetime
    source: str
    source_id: str
    provider_text: str
    flags: tuple[dict[str, str], ...]

    @property
    def ref(self) -> str:
        """How addresses name the entry: its code, else its number."""
        return self.code or str(self.id)

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.content.name

    @property
    def sharing_type(self) -> str:
        """The entry's sharing type; empty where its source gave none."""
        return self.content.sharing_type

    @property
    def legal_basis(self) -> str:
        """The law behind the entry; for type 3 the one that forbids sharing."""
        return self.content.legal_basis

    @property
    def items(self) -> tuple[ItemContent, ...]:
        """The data items in order."""
        return self.content.items

    @property
    def class_name(self) -> str:
        """类 and 项 in words."""
        return classification_name(self.content.class_code)


def _rows() -> QuerySet[Resource]:
    return Resource.objects.select_related("office__region")


def content_of(row: Resource) -> Content:
    """The working copy of a row; the caller prefetches ``items`` where there are many rows."""
    parts = {name: _tuple(getattr(row, name)) for name in CONTENT_FIELDS}
    items = tuple(ItemContent(**{name: _tuple(getattr(item, name)) for name in ITEM_FIELDS}) for item in row.items.all())
    return Content(**parts, items=items)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def view_of(row: Resource, content: Content) -> ResourceView:
    """The view of a row with this content; the caller selects office and region with it."""
    return ResourceView(
        id=row.pk,
        code=row.code or "",
        office=row.office.code,
        office_name=row.office.name,
        region=row.office.region_id,
        region_name=row.office.region.name,
        content=content,
        state=row.state,
        version=row.version,
        served_version=row.served_version,
        revision=row.revision,
        published_on=row.published_on,
        review_began_at=row.review_began_at,
        return_reason=row.return_reason,
        created_at=row.created_at,
        changed_at=row.changed_at,
        source=row.source,
        source_id=row.source_id,
        provider_text=row.provider_text,
        flags=tuple(row.flags),
    )


def _published(rows: QuerySet[Resource]) -> list[ResourceView]:
    found = list(rows.filter(served_version__isnull=False))
    wanted = {row.pk: row.served_version for row in found}
    documents = {
        (resource, number): document
        for resource, number, document in ResourceVersion.objects.filter(
            resource__in=wanted, number__in={number for number in wanted.values() if number}
        ).values_list("resource_id", "number", "document")
    }
    views = []
    for row in found:
        document = documents[row.pk, row.served_version or 0]
        view = view_of(row, Content.of(document))
        views.append(replace(view, published_on=date.fromisoformat(document["published_on"])))
    return views


def _named(ref: str | int) -> QuerySet[Resource]:
    text = str(ref)
    return _rows().filter(pk=int(text)) if text.isdigit() else _rows().filter(code=text)


def resource(ref: str | int) -> ResourceView:
    """
    An entry by code or number, as it was published.

    :raises ResourceUnknown: if there is none, or nothing of it is published.
    """
    found = _published(_named(ref))
    if not found:
        raise ResourceUnknown(say("没有已发布的目录 {ref}", ref=ref), field="resource")
    return found[0]


def resources_by_id(ids: Iterable[int]) -> dict[int, ResourceView]:
    """Published entries by number, in two queries; unknown and unpublished ones are absent."""
    return {view.id: view for view in _published(_rows().filter(pk__in=list(ids)))}


def published_ids(*, after: int = 0, limit: int = 1000) -> list[int]:
    """Numbers of published entries behind ``after``, in order: the way to walk through all of them."""
    rows = Resource.objects.filter(served_version__isnull=False, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def resources_by_code(codes: Iterable[str]) -> dict[str, ResourceView]:
    """Published entries by code, in two queries; unknown and unpublished ones are absent."""
    wanted = list(codes)
    return {view.code: view for view in _published(_rows().filter(code__in=wanted))} if wanted else {}


def bureau_code(region: str) -> str:
    """The credit code of the bureau in charge of a region; empty where there is none."""
    return organisations.bureau_code(region)


def working_copy(ref: str | int, *, actor: identity.Actor) -> ResourceView:
    """
    An entry as its own office and the bureau see it, published or not.

    :raises ResourceUnknown: if there is none.
    :raises NotAllowed: if the actor belongs to neither.
    """
    row = _named(ref).prefetch_related(Prefetch("items", Item.objects.order_by("position"))).first()
    if row is None:
        raise ResourceUnknown(say("没有目录 {ref}", ref=ref), field="resource")
    permissions.require_to_see(actor, office=row.office.code, bureau=bureau_code(row.office.region_id))
    return view_of(row, content_of(row))


def is_insider(view: ResourceView, *, actor: identity.Actor) -> bool:
    """Whether the actor sees the entry's working copy and timeline."""
    # most readers keep and review nothing, whichever bureau is in charge
    if not actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD, identity.Role.BUREAU_APPROVER):
        return False
    return permissions.may_see_unpublished(actor, office=view.office, bureau=bureau_code(view.region))


def missing(view: ResourceView) -> list[Finding]:
    """Everything that the content of a view still lacks under this installation's rules; empty when it may be reviewed."""
    return gaps(view.content, pattern=settings.ENVIRONMENT.resource_code_pattern)


def open_acts(view: ResourceView, *, actor: identity.Actor) -> frozenset[states.Act]:
    """What the actor may do to the entry as it stands."""
    bureau = bureau_code(view.region)
    possible = states.possible(view.state, served=view.served_version is not None, version=view.version)
    return frozenset(act for act in possible if permissions.may(actor, act, office=view.office, bureau=bureau, state=view.state))


def require_to_edit(view: ResourceView, *, actor: identity.Actor) -> None:
    """
    Refuse whoever may not edit the entry in any state.

    :raises NotAllowed: naming the role that is needed.
    """
    permissions.require(actor, states.Act.EDIT, office=view.office, bureau=bureau_code(view.region), state=view.state)


def review_clock(view: ResourceView, *, now: datetime) -> Watch | None:
    """How long the bureau still has to review and publish (D2, 条例 Art. 17); None unless it has the entry before it."""
    if view.state != State.APPROVED or view.review_began_at is None:
        return None
    return watch(clock_of(view.review_began_at), working_days.current(), now)

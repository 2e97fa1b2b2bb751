"""Items as everybody, their office and the bureau see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from zhengtong.apps.affairs.services.models import ItemEvent, ItemVersion, Material, ServiceItem
from zhengtong.apps.affairs.services.queries.forms import item_findings
from zhengtong.apps.affairs.services.queries.sources import supplies
from zhengtong.apps.affairs.services.rules import checking, codes, sources, states
from zhengtong.apps.affairs.services.rules.content import Content, content_of
from zhengtong.apps.affairs.services.rules.differences import Change, changes
from zhengtong.apps.affairs.services.rules.states import Act, Standing
from zhengtong.apps.affairs.services.rules.vocabulary import OPEN_STATES, STATE_LABELS, VERSION_LABELS, State, VersionState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say

Role = identity.Role
_TONES = {VersionState.SUBMITTED: "waiting", VersionState.RETURNED: "refused", VersionState.DRAFT: "active", VersionState.PUBLISHED: "done"}
_STATE_TONES = {State.IN_USE: "done", State.SUSPENDED: "waiting", State.CANCELLED: "refused", State.DRAFT: ""}


class ItemUnknown(NotFound):
    """没有这个事项,或您无权查看。"""

    code = "service-item-unknown"


@dataclass(frozen=True)
class ItemView:
    """
    An item with one of its versions: the published one for the public, the one that is worked on for its office and the bureau.

    ``version_state`` says which it is; ``served`` is the number of the published version, None without one.
    """

    id: int
    code: str
    basic: str
    level: str
    type: str
    office: str
    office_name: str
    region: str
    region_name: str
    state: int
    state_reason: str
    version: int
    version_state: str
    revision: int
    served: int | None
    return_reason: str
    content: Content
    changed_at: datetime
    published_at: datetime | None

    @property
    def name(self) -> str:
        """What the item is called."""
        return self.content.task_name

    @property
    def state_label(self) -> str:
        """The item's state in words."""
        return STATE_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """How its state is marked."""
        return _STATE_TONES[State(self.state)]

    @property
    def version_label(self) -> str:
        """The version's state in words."""
        return VERSION_LABELS[self.version_state]

    @property
    def version_tone(self) -> str:
        """How the version's state is marked."""
        return _TONES.get(VersionState(self.version_state), "")

    @property
    def may_be_filed(self) -> bool:
        """Whether somebody may ask for it now: in use, and this version is the published one."""
        return self.state == State.IN_USE and self.version_state == VersionState.PUBLISHED

    @property
    def share(self) -> sources.Share:
        """How many of its required materials nobody has to hand in."""
        return sources.planned_share(self.content)


def versions_with_materials() -> QuerySet[ItemVersion]:
    """Versions with all that makes their content."""
    return ItemVersion.objects.prefetch_related(Prefetch("materials", Material.objects.order_by("position")))


def content_in(version: ItemVersion) -> Content:
    """What a version says; the caller prefetches ``materials``."""
    return content_of(version.document | {"materials": [one.document for one in version.materials.all()]})


def rows() -> QuerySet[ServiceItem]:
    """Items with office and region."""
    return ServiceItem.objects.select_related("office__region")


def view_of(row: ServiceItem, version: ItemVersion, served: int | None) -> ItemView:
    """The view of an item with a version."""
    return ItemView(
        id=row.pk,
        code=row.code,
        basic=row.basic_id,
        level=row.level,
        type=row.basic_id[2:4],
        office=row.office_id,
        office_name=row.office.name,
        region=row.office.region.code,
        region_name=row.office.region.name,
        state=row.state,
        state_reason=row.state_reason,
        version=version.number,
        version_state=version.state,
        revision=version.revision,
        served=served,
        return_reason=version.return_reason,
        content=content_in(version),
        changed_at=row.changed_at,
        published_at=version.published_at,
    )


def bureau_code(row: ServiceItem) -> str:
    """The bureau that looks after an item; empty where no level has one."""
    return organisations.bureau_code(row.office.region.code)


def standing_of(row: ServiceItem, working: str | None) -> Standing:
    """Where an item stands, for the rules."""
    return Standing(row.state, working, row.office_id, bureau_code(row))


def public_item(code: str, *, number: int | None = None) -> ItemView:
    """
    An item as the public sees it; a version that was replaced by its number.

    :raises ItemUnknown: if there is none, or it was never published.
    """
    row = rows().filter(code=code).exclude(state=State.DRAFT).first()
    found = versions_with_materials().filter(item=row, published_at__isnull=False)
    version = (found.filter(number=number) if number is not None else found.filter(state=VersionState.PUBLISHED)).first() if row else None
    if row is None or version is None:
        raise ItemUnknown(say("没有编码为 {code} 的事项", code=code), field="code")
    return view_of(row, version, version.number if version.state == VersionState.PUBLISHED else None)


def public_items(codes_: Iterable[str]) -> dict[str, ItemView]:
    """Published versions by code; unknown codes are absent."""
    found = versions_with_materials().filter(state=VersionState.PUBLISHED, item__code__in=list(codes_))
    return {one.item.code: view_of(one.item, one, one.number) for one in found.select_related("item__office__region")}


def _latest(row: ServiceItem) -> tuple[ItemVersion, int | None]:
    kept = {one.state: one for one in versions_with_materials().filter(item=row).exclude(state=VersionState.REPLACED)}
    served = kept.get(VersionState.PUBLISHED)
    working = next((kept[state] for state in OPEN_STATES if state in kept), served)
    if working is None:
        raise ItemUnknown
    return working, served.number if served else None


def own_item(item_id: int, actor: identity.Actor) -> ItemView:
    """
    An item as its office and the bureau see it: the version that is worked on, else the published one.

    :raises ItemUnknown: for anybody else.
    """
    row = rows().filter(pk=item_id).first()
    if row is None or not states.may_see(actor, standing_of(row, None)):
        raise ItemUnknown
    return view_of(row, *_latest(row))


def acts(view: ItemView, actor: identity.Actor) -> tuple[Act, ...]:
    """What somebody may do to an item now."""
    working = view.version_state if view.version_state in OPEN_STATES else None
    return states.acts_of(actor, Standing(view.state, working, view.office, organisations.bureau_code(view.region)))


def findings(view: ItemView) -> tuple[checking.Finding, ...]:
    """Everything that is wrong with a version, the materials that a connected source could supply among it."""
    known = supplies(one.material_name for one in view.content.materials)
    found = [*checking.check(view.content, task_type=view.type), *unreasoned(view.content, known), *item_findings(view.content)]
    return tuple(sorted(found, key=lambda one: not one.blocks))


def unreasoned(content: Content, known: dict[str, sources.Supply]) -> list[checking.Finding]:
    """Materials that are asked for without a reason although a connected source could supply them."""
    found = []
    for row, one in enumerate(content.materials, start=1):
        supply = known.get(one.material_name)
        if sources.must_say_why(one, supply) and supply is not None:
            sentence = say(
                "“{name}”可以由“{source}”提供,不应要求提交", name=one.material_name, source=supply.resource_name or supply.licence_type
            )
            remedy = say("来源改为共享数据或电子证照,或登记仍要提交的理由(会向社会公开)")
            found.append(checking.Finding("reason", "avoidable", sentence, remedy, table="materials", row=row))
    return found


def served_content(item_id: int) -> Content | None:
    """What the published version says; None without one."""
    version = versions_with_materials().filter(item=item_id, state=VersionState.PUBLISHED).first()
    return content_in(version) if version else None


def pending_changes(view: ItemView) -> tuple[Change, ...]:
    """What the version that is worked on says otherwise than the published one; nothing where none is worked on."""
    return () if view.version_state not in OPEN_STATES else changes(served_content(view.id), view.content)


def difference(item_id: int, before: int, after: int, actor: identity.Actor) -> tuple[Change, ...]:
    """
    What changed from one version to another.

    :raises ItemUnknown: for somebody who may not see the item, or for a number that does not exist.
    """
    own_item(item_id, actor)
    found = {one.number: content_in(one) for one in versions_with_materials().filter(item=item_id, number__in=[before, after])}
    if after not in found or before not in found:
        raise ItemUnknown
    return changes(found[before], found[after])


@dataclass(frozen=True)
class VersionLine:
    """A version in the list of an item's versions."""

    number: int
    state_label: str
    tone: str
    made_at: datetime
    published_at: datetime | None
    replaced_at: datetime | None


def versions(item_id: int) -> list[VersionLine]:
    """An item's versions, the newest first."""
    return [
        VersionLine(
            one.number,
            VERSION_LABELS[one.state],
            _TONES.get(VersionState(one.state), ""),
            one.made_at,
            one.published_at,
            one.replaced_at,
        )
        for one in ItemVersion.objects.filter(item=item_id)
    ]


@dataclass(frozen=True)
class EventLine:
    """A line of an item's history."""

    at: datetime
    kind: str
    version: int | None
    actor_name: str
    reason: str


def events(item_id: int, *, limit: int = 100) -> list[EventLine]:
    """What happened to an item, the newest first."""
    found = ItemEvent.objects.filter(item=item_id)[:limit]
    return [EventLine(one.at, one.kind, one.version, one.actor_name, one.reason) for one in found]


# ------------------------------------------------------------------ the list of officials
@dataclass(frozen=True)
class WorkFilter:
    """What the list of officials is narrowed to; empty: to nothing."""

    text: str = ""
    office: str = ""
    state: str = ""
    version: str = ""
    type: str = ""
    order: str = "changed"


ORDERS = ("changed", "name", "code")


@dataclass(frozen=True)
class ItemRow:
    """A line of the list."""

    id: int
    code: str
    name: str
    type: str
    office_name: str
    state_label: str
    state_tone: str
    version: int
    version_state: str
    version_label: str
    version_tone: str
    changed_at: datetime
    cursor: str


def looked_after(actor: identity.Actor) -> QuerySet[ServiceItem]:
    """Items of the actor's offices, and of the regions whose bureau they approve for."""
    return rows().filter(Q(office__in=actor.offices(Role.STEWARD)) | _of_bureaus(actor))


def _of_bureaus(actor: identity.Actor) -> Q:
    """Items of the regions whose bureau the actor approves for, without regions below that have a bureau of their own."""
    found = Q(pk__in=[])
    for bureau in organisations.offices_by_code(actor.offices(Role.BUREAU_APPROVER)).values():
        if bureau.is_bureau:
            within = Q(office__region__code__startswith=bureau.region)
            for below in organisations.bureau_regions(bureau.region):
                within &= ~Q(office__region__code__startswith=below)
            found |= within
    return found


def _narrowed(found: QuerySet[ServiceItem], chosen: WorkFilter) -> QuerySet[ServiceItem]:
    if chosen.text:
        found = found.filter(
            Q(name__icontains=chosen.text) | Q(code__startswith=chosen.text.upper()) | Q(office__name__contains=chosen.text)
        )
    if chosen.office:
        found = found.filter(office__code=chosen.office)
    if chosen.state.isdecimal():
        found = found.filter(state=int(chosen.state))
    if chosen.version:
        found = found.filter(versions__state=chosen.version)
    return found.filter(basic__code__regex=f"^..{chosen.type}") if chosen.type.isdecimal() else found


def worklist(actor: identity.Actor, chosen: WorkFilter, *, after: str = "", limit: int = 50) -> list[ItemRow]:
    """Items of the actor's offices and regions, by key."""
    found = _narrowed(looked_after(actor), chosen)
    fields = {"name": ("name", "pk"), "code": ("code",)}.get(chosen.order, ("-changed_at", "-pk"))
    found = _after(found, chosen.order, after).order_by(*fields)
    listed = list(found.prefetch_related(Prefetch("versions", ItemVersion.objects.exclude(state=VersionState.REPLACED)))[:limit])
    return [_row(one, chosen.order) for one in listed]


def _after(found: QuerySet[ServiceItem], order: str, after: str) -> QuerySet[ServiceItem]:
    first, _, number = after.rpartition("|")
    if not after:
        return found
    if order == "code":
        return found.filter(code__gt=after)
    if not number.isdecimal():
        return found.none()
    if order == "name":
        return found.filter(Q(name__gt=first) | Q(name=first, pk__gt=int(number)))
    try:
        moment = datetime.fromisoformat(first)
    except ValueError:
        return found.none()
    return found.filter(Q(changed_at__lt=moment) | Q(changed_at=moment, pk__lt=int(number)))


def _row(one: ServiceItem, order: str) -> ItemRow:
    version = max(one.versions.all(), key=lambda version: version.number)
    cursor = {"name": f"{one.name}|{one.pk}", "code": one.code}.get(order, f"{one.changed_at.isoformat()}|{one.pk}")
    return ItemRow(
        id=one.pk,
        code=one.code,
        name=one.name,
        type=one.basic_id[2:4],
        office_name=one.office.name,
        state_label=STATE_LABELS[one.state],
        state_tone=_STATE_TONES[State(one.state)],
        version=version.number,
        version_state=version.state,
        version_label=VERSION_LABELS[version.state],
        version_tone=_TONES.get(VersionState(version.state), ""),
        changed_at=one.changed_at,
        cursor=cursor,
    )


def work_count(actor: identity.Actor, chosen: WorkFilter) -> int:
    """How many items the list holds."""
    return _narrowed(looked_after(actor), chosen).count()


def work_offices(actor: identity.Actor) -> list[tuple[str, str]]:
    """The offices whose items the list can show."""
    return list(looked_after(actor).order_by("office__name").values_list("office__code", "office__name").distinct())


def work_views(actor: identity.Actor, chosen: WorkFilter, *, after: int = 0, limit: int = 500) -> list[ItemView]:
    """The items of the list with their contents, by id, for files."""
    found = list(_narrowed(looked_after(actor), chosen).filter(pk__gt=after).order_by("pk")[:limit])
    return views_of(found)


def views_of(found: Iterable[ServiceItem]) -> list[ItemView]:
    """Items with the version that is worked on, else the published one."""
    kept: dict[int, dict[str, ItemVersion]] = {}
    listed = list(found)
    for one in versions_with_materials().filter(item__in=listed).exclude(state=VersionState.REPLACED):
        kept.setdefault(one.item_id, {})[one.state] = one
    views = []
    for row in listed:
        by_state = kept.get(row.pk, {})
        served = by_state.get(VersionState.PUBLISHED)
        version = next((by_state[state] for state in OPEN_STATES if state in by_state), served)
        if version is not None:
            views.append(view_of(row, version, served.number if served else None))
    return views


def waiting(actor: identity.Actor, *, limit: int = 200) -> list[ItemRow]:
    """What waits for somebody: what the bureau has to review, what a steward got back."""
    found = looked_after(actor)
    mine = Q(office__in=actor.offices(Role.STEWARD), versions__state=VersionState.RETURNED)
    mine |= _of_bureaus(actor) & Q(versions__state=VersionState.SUBMITTED)
    kept = Prefetch("versions", ItemVersion.objects.exclude(state=VersionState.REPLACED))
    return [_row(one, "changed") for one in found.filter(mine).order_by("changed_at", "pk").distinct().prefetch_related(kept)[:limit]]


def local_codes() -> dict[str, str]:
    """Local code → our code of every item that came from a local list."""
    return dict(ServiceItem.objects.exclude(local_code="").values_list("local_code", "code"))


def parsed(view: ItemView) -> codes.ItemCode:
    """The parts of an item's code."""
    return codes.parse(view.code)

"""What items of different offices have in common, by samples: the worklist, one comparison, and what there is of one item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.quality.models import ContentPair, ContentVerdict, EntryScore, ItemSample, ItemUse
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.apps.resources.quality.rules.contents import WHY_LABELS, Content, Why
from zhengtong.kernel.errors import Invalid, NotFound


class ComparisonUnknown(NotFound):
    """没有这样的比对结果,或您无权查看。"""

    code = "content-comparison-unknown"


@dataclass(frozen=True)
class Side:
    """An item of a published entry: how many different values were seen, and when."""

    use: int
    name: str
    resource: int
    resource_name: str
    office: str
    office_name: str
    group: int | None
    values: int
    sampled_at: datetime


@dataclass(frozen=True)
class ComparisonView:
    """
    Two items of two offices. ``there`` are the hundredths of the first one's values that the second has too, ``back`` the other way round,
    None where too few could be compared.
    """

    id: int
    kind: Content
    first: Side
    second: Side
    there: int | None
    back: int | None
    compared: int
    forms: int
    together: int
    settled: bool

    @property
    def key(self) -> str:
        """Where the next page of a list begins."""
        return f"{self.together}|{self.id}"


@dataclass(frozen=True)
class ContentFilter:
    """``kind`` is what was found; ``settled`` shows what the bureau gave a reason for."""

    kind: Content = Content.ALIKE
    settled: bool = False


def _visible(actor: identity.Actor) -> QuerySet[ContentPair]:
    if permissions.may_keep(actor):
        return ContentPair.objects.all()
    offices = list(actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD))
    return ContentPair.objects.filter(Q(office_first__in=offices) | Q(office_second__in=offices))


def comparisons(actor: identity.Actor, wanted: ContentFilter, *, after: str = "", limit: int = 50) -> list[ComparisonView]:
    """
    What was found, the clearest first: for the bureau's approvers all of it, for others what concerns their offices.

    :raises Invalid: if ``after`` is no key of this list.
    """
    rows = _visible(actor).filter(kind=wanted.kind, settled=wanted.settled)
    # an item may have come to another group since it was compared
    same = Q(first__group=F("second__group"))
    rows = rows.filter(same) if wanted.kind == Content.APART else rows.exclude(same)
    if after:
        together, _, number = after.partition("|")
        try:
            rows = rows.filter(Q(together__lt=int(together)) | Q(together=int(together), pk__gt=int(number)))
        except ValueError as exc:
            raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
    return _views(rows.order_by("-together", "pk")[:limit])


def comparison(actor: identity.Actor, one: int, other: int) -> ComparisonView:
    """
    What two items have in common, in either order.

    :raises ComparisonUnknown: if they were not compared, or concern neither the actor's offices nor the bureau.
    """
    found = _views(_visible(actor).filter(first=min(one, other), second=max(one, other)))
    if not found:
        raise ComparisonUnknown
    return found[0]


def contents_of_group(actor: identity.Actor, group_id: int, *, limit: int = 100) -> list[ComparisonView]:
    """What the same item of different offices has in common, the least first; what the actor may see of it."""
    rows = _visible(actor).filter(first__group=group_id, second__group=group_id)
    return _views(rows.order_by(F("there").asc(nulls_last=True), "pk")[:limit])


_SIDE = ("name", "resource_id", "office_id", "office__name", "office__code", "group_id", "sample__values", "sample__sampled_at")


def _views(rows: QuerySet[ContentPair]) -> list[ComparisonView]:
    only = [f"{side}__{name}" for side in ("first", "second") for name in _SIDE]
    related = [f"{side}__{name}" for side in ("first", "second") for name in ("office", "sample")]
    own = ("kind", "there", "back", "compared", "forms", "together", "settled")
    # the hashes stay where they are: no page has a use for them
    found = list(rows.select_related(*related).only(*own, *only))
    resources = {use.resource_id for row in found for use in (row.first, row.second)}
    names = dict(EntryScore.objects.filter(pk__in=resources).values_list("pk", "name"))
    return [
        ComparisonView(
            id=row.pk,
            kind=Content(row.kind),
            first=_side(row.first, names),
            second=_side(row.second, names),
            there=row.there,
            back=row.back,
            compared=row.compared,
            forms=row.forms,
            together=row.together,
            settled=row.settled,
        )
        for row in found
    ]


def _side(use: ItemUse, names: dict[int, str]) -> Side:
    return Side(
        use=use.pk,
        name=use.name,
        resource=use.resource_id,
        resource_name=names.get(use.resource_id, ""),
        office=use.office_id,
        office_name=use.office.name,
        group=use.group_id,
        values=use.sample.values,
        sampled_at=use.sample.sampled_at,
    )


@dataclass(frozen=True)
class SampleView:
    """Whether an item's column was sampled, and why not."""

    resource: int
    resource_name: str
    office_name: str
    why: Why
    values: int
    sampled_at: datetime

    @property
    def why_label(self) -> str:
        """The reason in words."""
        return WHY_LABELS[self.why]


def samples_of_group(actor: identity.Actor, group_id: int, *, limit: int = 100) -> list[SampleView]:
    """What was sampled of an item and what was not; of the actor's offices, for the bureau of all. Entries without data are absent."""
    rows = ItemSample.objects.filter(use__group=group_id).select_related("use__office").defer("hashes", "forms").order_by("pk")
    if not permissions.may_keep(actor):
        rows = rows.filter(use__office__in=list(actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD)))
    found = list(rows[:limit])
    names = dict(EntryScore.objects.filter(pk__in={row.use.resource_id for row in found}).values_list("pk", "name"))
    return [
        SampleView(row.use.resource_id, names.get(row.use.resource_id, ""), row.use.office.name, Why(row.why), row.values, row.sampled_at)
        for row in found
    ]


def content_verdict(one: int, other: int) -> ContentVerdict | None:
    """What the bureau said of two items; None while it said nothing."""
    return ContentVerdict.objects.filter(first=min(one, other), second=max(one, other)).first()

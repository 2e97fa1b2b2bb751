"""The public guide: search, navigation, what applies to me. Only items in use are listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, Value, When

from zhengtong.apps.affairs.services.models import ServiceItem
from zhengtong.apps.affairs.services.rules import searching
from zhengtong.apps.affairs.services.rules.vocabulary import PERSON, State
from zhengtong.apps.resources.catalog import api as catalog

_NEAR, _LOOKED_AT = 10, 400
_SITEMAP = 50_000


@dataclass(frozen=True)
class GuideQuestion:
    """
    What somebody looks for; empty: nothing said.

    ``served`` is a code of A.4. ``asked`` says that the question about special groups was answered, so that items for others are left out.
    """

    text: str = ""
    topic: str = ""
    event: str = ""
    office: str = ""
    region: str = ""
    served: str = ""
    residence: str = ""
    industry: str = ""
    audience: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True)
class Card:
    """An item in a list of the guide."""

    code: str
    name: str
    office_name: str
    type: str
    region_name: str
    cursor: str


def _in_use() -> QuerySet[ServiceItem]:
    return ServiceItem.objects.filter(state=State.IN_USE).select_related("office__region")


def _holding(word: str) -> Q:
    pairs = searching.pairs(word)
    return Q(pairs__contains=pairs) if pairs else Q(words__contains=word)


def _worded(found: QuerySet[ServiceItem], text: str) -> QuerySet[ServiceItem]:
    """Items that hold every word, or what the bureau said means the same."""
    for word in searching.asked(text):
        held = _holding(word)
        for group in catalog.synonym_groups(text=word, limit=5):
            if word in {searching.folded(one) for one in group.words}:
                for other in group.words:
                    held |= _holding(searching.folded(other))
        found = found.filter(held)
    return found


def _narrowed(question: GuideQuestion) -> QuerySet[ServiceItem]:
    found = _in_use()
    if question.topic:
        found = found.filter(topics__contains=[question.topic])
    if question.event:
        found = found.filter(events__contains=[question.event])
    if question.office:
        found = found.filter(office__code=question.office)
    if question.region:
        found = found.filter(office__region__code__startswith=question.region)
    if question.served:
        found = found.filter(served__contains=[question.served])
    if question.residence:
        found = found.filter(Q(residence=[]) | Q(residence__contains=[question.residence]))
    if question.industry:
        found = found.filter(Q(industries=[]) | Q(industries__contains=[question.industry]))
    if question.audience or (question.asked and question.served == PERSON):
        found = found.filter(Q(audience=[]) | Q(audience__overlap=list(question.audience)))
    return found


def _ranked(found: QuerySet[ServiceItem], text: str) -> QuerySet[ServiceItem]:
    """The item of that name, then those whose name begins with or holds the words, then the others, by name."""
    plain = text.strip()
    if plain:
        cases = [When(name=plain, then=Value(0)), When(name__startswith=plain, then=Value(1)), When(name__contains=plain, then=Value(2))]
        found = found.annotate(rank=Case(*cases, default=Value(3), output_field=IntegerField()))
    else:
        found = found.annotate(rank=Value(0, output_field=IntegerField()))
    return found.order_by("rank", "name", "pk")


def guide(question: GuideQuestion, *, after: str = "", limit: int = 20) -> list[Card]:
    """Items in use that answer a question, by key."""
    found = _ranked(_worded(_narrowed(question), question.text), question.text)
    rank, _, rest = after.partition("|")
    name, _, number = rest.rpartition("|")
    if rank.isdecimal() and number.isdecimal():
        later = Q(rank=int(rank)) & (Q(name__gt=name) | Q(name=name, pk__gt=int(number)))
        found = found.filter(Q(rank__gt=int(rank)) | later)
    return [_card(one, f"{getattr(one, 'rank')}|{one.name}|{one.pk}") for one in found[:limit]]  # noqa: B009 - annotated


def guide_count(question: GuideQuestion) -> int:
    """How many items answer a question."""
    return _worded(_narrowed(question), question.text).count()


def near(question: GuideQuestion) -> list[Card]:
    """Where nothing holds every word: what holds at least half of the pairs, most first."""
    pairs = set(searching.pairs(question.text))
    if not pairs:
        return []
    found = _narrowed(question).filter(pairs__overlap=sorted(pairs))[:_LOOKED_AT]
    weighed = [(len(pairs & set(one.pairs)), one) for one in found]
    good = sorted((pair for pair in weighed if pair[0] * 2 >= len(pairs)), key=lambda pair: (-pair[0], pair[1].name))
    return [_card(one, "") for _weight, one in good[:_NEAR]]


def _card(one: ServiceItem, cursor: str) -> Card:
    return Card(one.code, one.name, one.office.name, one.basic_id[2:4], one.office.region.name, cursor)


def _counted(column: str) -> dict[str, int]:
    rows = _in_use().order_by().annotate(one=Func(F(column), function="unnest")).values("one").annotate(count=Count("pk"))
    return {row["one"]: row["count"] for row in rows}


@dataclass(frozen=True)
class Navigation:
    """How many items in use stand under each topic (``p:…`` persons, ``c:…`` companies), life event, office and region."""

    total: int
    topics: dict[str, int]
    events: dict[str, int]
    offices: list[tuple[str, str, int]]
    regions: list[tuple[str, str, int]]


def navigation() -> Navigation:
    """The ways into the guide."""
    found = _in_use().order_by()
    offices = found.values_list("office__code", "office__name").annotate(count=Count("pk")).order_by("office__name")
    regions = found.values_list("office__region__code", "office__region__name").annotate(count=Count("pk")).order_by("office__region__code")
    return Navigation(found.count(), _counted("topics"), _counted("events"), list(offices), list(regions))


def sitemap() -> Iterator[tuple[str, datetime]]:
    """Every item in use with the moment of its last change."""
    yield from _in_use().order_by("pk").values_list("code", "changed_at")[:_SITEMAP]


@dataclass(frozen=True)
class Update:
    """An item that was published lately."""

    code: str
    name: str
    office_name: str
    summary: str
    at: datetime


def updates(*, limit: int = 50) -> list[Update]:
    """The items published last, the newest first."""
    found = _in_use().filter(published_at__isnull=False, versions__state="published").order_by("-published_at", "-pk")
    told = found.values_list("code", "name", "office__name", "versions__document__summary", "published_at")[:limit]
    return [Update(code, name, office, summary or "", at) for code, name, office, summary, at in told if at is not None]

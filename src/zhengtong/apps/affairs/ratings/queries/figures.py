"""The public figures, with what is too small left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Q, QuerySet, Sum, When

from zhengtong.apps.affairs.ratings.models import BranchFact, Figure
from zhengtong.apps.affairs.ratings.rules.vocabulary import CROWD

#: in the outbox: a rating or its ticket has changed; body: row of the case
CHANGED = "ratings:changed"


@dataclass(frozen=True)
class FigureView:
    """
    One line of the figures; a value of None is too small to be published, or does not exist. Shares are in percent.

    :ivar cases: cases that ended in the month.
    """

    office: str
    office_name: str
    item_code: str
    item_name: str
    month: str
    cases: int | None
    completion: float | None
    no_visit: float | None
    one_visit: float | None
    online: float | None
    avoided: int | None
    avoided_share: float | None
    p50: float | None
    p90: float | None
    in_time: float | None
    ratings: int | None
    good: float | None
    bad_in_time: float | None


@dataclass(frozen=True)
class Delay:
    """What the steps of a department cost joint approvals: working days over budget, of how many steps."""

    office_name: str
    steps: int | None
    over: int | None


@dataclass(frozen=True)
class Wanted:
    """Which figures: of an office (credit code), a month, an item; empty: of all."""

    office: str = ""
    month: date | None = None
    item: str = ""


def share(part: int, whole: int) -> float | None:
    """Percent with one decimal; None where the whole is smaller than a crowd."""
    return round(100 * part / whole, 1) if whole >= CROWD else None


def _found(wanted: Wanted) -> QuerySet[Figure]:
    rows = Figure.objects.select_related("office")
    if wanted.office:
        rows = rows.filter(office__code=wanted.office)
    if wanted.month:
        rows = rows.filter(month=wanted.month)
    return rows.filter(item_code=wanted.item) if wanted.item else rows


def figures(wanted: Wanted, *, after: str = "", limit: int = 100) -> list[FigureView]:
    """Lines, the newest month first, published ones before the others, then by item and office; ``after`` how many were seen."""
    begin = int(after) if after.isdecimal() else 0
    # by whether a line is published, never by how much is in one that is not
    few = Case(When(cases__lt=CROWD, then=1), default=0)
    rows = _found(wanted).annotate(few=few).order_by("-month", "few", "item_code", "office_id")
    return [_view(row) for row in rows[begin : begin + limit]]


def total(wanted: Wanted) -> FigureView | None:
    """The sum of the lines that are published; what is left out of them is left out here too, so that it cannot be worked out."""
    names = ("cases", "no_visit", "one_visit", "online", "materials", "avoided", "timed", "in_time")
    sums = _found(wanted).filter(cases__gte=CROWD).aggregate(**{name: Sum(name, default=0) for name in names})
    rated = _found(wanted).filter(ratings__gte=CROWD).aggregate(all=Sum("ratings", default=0), good=Sum("good_ratings", default=0))
    bad = _found(wanted).filter(bad_due__gte=CROWD).aggregate(all=Sum("bad_due", default=0), good=Sum("bad_in_time", default=0))
    came = _found(wanted).filter(received__gte=CROWD).aggregate(all=Sum("received", default=0), good=Sum("received_ended", default=0))
    if not sums["cases"]:
        return None
    return _line(
        Figure(
            **sums,
            ratings=rated["all"],
            good_ratings=rated["good"],
            bad_due=bad["all"],
            bad_in_time=bad["good"],
            received=came["all"],
            received_ended=came["good"],
        ),
        "",
        "",
        "",
    )


def of_item(codes: Iterable[str], office: str) -> FigureView | None:
    """The newest published line of an item at an office."""
    row = Figure.objects.select_related("office").filter(item_code__in=list(codes), office__code=office, cases__gte=CROWD).first()
    return _view(row) if row else None


def delays(wanted: Wanted) -> list[Delay]:
    """Cost of delay by department, the dearest first, of joint approvals that ended in the month."""
    rows = BranchFact.objects.filter(fact__ended__isnull=False)
    if wanted.month:
        rows = rows.filter(fact__ended=wanted.month)
    if wanted.office:
        rows = rows.filter(office__code=wanted.office)
    if wanted.item:
        rows = rows.filter(fact__item_code=wanted.item)
    summed = rows.values("office__name").annotate(steps=Count("pk"), days=Sum("over")).order_by("-days", "office__name")
    return [
        Delay(one["office__name"], one["steps"], one["days"]) if one["steps"] >= CROWD else Delay(one["office__name"], None, None)
        for one in summed
    ]


def months() -> list[date]:
    """The months of which there are figures, newest first."""
    return list(Figure.objects.order_by("-month").values_list("month", flat=True).distinct())


def offices() -> list[tuple[str, str]]:
    """The offices of which there are figures: code, name."""
    return list(Figure.objects.filter(Q(cases__gt=0)).order_by("office__name").values_list("office__code", "office__name").distinct())


def _view(row: Figure) -> FigureView:
    return _line(row, row.office.code, row.office.name, f"{row.month:%Y-%m}")


def _line(row: Figure, office: str, office_name: str, month: str) -> FigureView:
    shown = row.cases >= CROWD
    return FigureView(
        office,
        office_name,
        row.item_code,
        row.item_name,
        month,
        row.cases if shown else None,
        share(row.received_ended, row.received),
        share(row.no_visit, row.cases),
        share(row.one_visit, row.cases),
        share(row.online, row.cases),
        row.avoided if shown else None,
        round(100 * row.avoided / row.materials, 1) if shown and row.materials else None,
        round(row.p50, 1) if shown and row.p50 is not None else None,
        round(row.p90, 1) if shown and row.p90 is not None else None,
        share(row.in_time, row.timed),
        row.ratings if row.ratings >= CROWD else None,
        share(row.good_ratings, row.ratings),
        share(row.bad_in_time, row.bad_due),
    )

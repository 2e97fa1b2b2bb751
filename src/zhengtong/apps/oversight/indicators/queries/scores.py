"""The portal, its offices and its datasets by their scores."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Avg, Count, Q, QuerySet, Sum

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.oversight.indicators.models import DatasetScore, Evidence, PortalScore
from zhengtong.apps.oversight.indicators.rules import index, mqa
from zhengtong.apps.oversight.indicators.rules.index import Facts, Value

_MOST_OFFICES = 5_000


@dataclass(frozen=True)
class Portal:
    """The whole portal, or one office of it: datasets measured, MQA's mean points, the seventeen indicators, what to mend first."""

    datasets: int
    mqa: float | None
    values: list[Value]
    #: metric, points lost in all, datasets concerned; most first
    lost: list[tuple[str, float, int]]

    @property
    def whole(self) -> float | None:
        """The mean of the layers."""
        return index.whole(self.values)

    @property
    def layers(self) -> dict[str, float | None]:
        """The layers' means."""
        return index.layers(self.values)

    @property
    def rating(self) -> str:
        """What MQA's points are called."""
        return mqa.rating(self.mqa or 0.0)

    @property
    def mend_first(self) -> list[tuple[Value, float]]:
        """Indicators that would bring most."""
        return index.mend_first(self.values)


@dataclass(frozen=True)
class OfficeScore:
    """An office: its open datasets, their mean points, the share updated on time."""

    code: str
    name: str
    datasets: int
    rows: int
    points: float
    on_time: float


@dataclass(frozen=True)
class DatasetScoreView:
    """A dataset with what it lost, most first."""

    number: int
    title: str
    office: str
    points: float
    lost: list[tuple[str, float]]

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.points}:{self.number}"


def _measured(office: str = "") -> QuerySet[DatasetScore]:
    rows = DatasetScore.objects.filter(dataset__state=opendata.State.OPEN)
    return rows.filter(office=office) if office else rows


def portal(*, today: date, office: str = "") -> Portal:
    """The portal's scores, or those of one office's datasets."""
    rows = _measured(office)
    figures = rows.aggregate(
        datasets=Count("pk"),
        mqa=Avg("points"),
        rows=Sum("rows"),
        filled=Avg("filled"),
        themes=Count("theme", distinct=True),
        offices=Count("office", distinct=True),
        described=Count("pk", filter=Q(described=True)),
        has_rows=Count("pk", filter=Q(has_rows=True)),
        all_forms=Count("pk", filter=Q(all_forms=True)),
        clean=Count("pk", filter=Q(dataset__current__passed=[])),
    )
    count = figures["datasets"]

    def share(name: str) -> float | None:
        return figures[name] / count if count else None

    evidence = dict(Evidence.objects.filter(removed_at__isnull=True).values_list("indicator").annotate(Count("pk")))
    codes = {office} if office else {one.code for one in organisations.search_offices(limit=_MOST_OFFICES)}
    staffed = identity.staffed_offices(identity.Role.STEWARD, on=today) & identity.staffed_offices(identity.Role.SHARING_HEAD, on=today)
    conditional = opendata.conditional_total(office=office)
    said = participation.figures(office=office)
    facts = Facts(
        offices=len(codes),
        offices_open=figures["offices"],
        offices_staffed=len(codes & staffed),
        datasets=count,
        themes=figures["themes"],
        rows=figures["rows"] or 0,
        filled=figures["filled"],
        on_time=_on_time(rows, today),
        clean=share("clean"),
        mqa=figures["mqa"] / mqa.MOST if figures["mqa"] is not None else None,
        described=share("described"),
        with_rows=share("has_rows"),
        with_all_forms=share("all_forms"),
        unconditional=count / (count + conditional) if count + conditional else None,
        reuses=said.reuses,
        reuse_kinds=said.kinds,
        reuse_datasets=said.datasets,
        reuse_rating=said.telling / said.reuses if said.reuses else None,
        reuses_decided=said.decided / said.filed if said.filed else None,
        answered_in_time=said.in_time / said.answered if said.answered else None,
        rating=said.stars,
        evidence=evidence,
    )
    mean = round(figures["mqa"], 1) if figures["mqa"] is not None else None
    return Portal(count, mean, index.values(facts), _lost(rows))


def _on_time(rows: QuerySet[DatasetScore], today: date) -> float | None:
    """The share of datasets whose data are as new as their cycle asks for."""
    cycles = Counter(
        opendata.days_late(cycle or "", day, today) <= 0
        for cycle, day in rows.values_list("dataset__current__facts__update_cycle", "dataset__current__data_at__date")
    )
    total = sum(cycles.values())
    return cycles[True] / total if total else None


def _lost(rows: QuerySet[DatasetScore]) -> list[tuple[str, float, int]]:
    points, datasets = Counter[str](), Counter[str]()
    for lost in rows.exclude(lost={}).values_list("lost", flat=True).iterator(chunk_size=2000):
        points.update(lost)
        datasets.update(lost.keys())
    return [(key, round(total, 1), datasets[key]) for key, total in points.most_common()]


def office_scores(*, today: date) -> list[OfficeScore]:
    """Every office with open datasets, best first."""
    figures = _measured().values("office").annotate(datasets=Count("pk"), mean=Avg("points"), all_rows=Sum("rows"))
    found = figures.order_by("-mean", "office")
    late: Counter[str] = Counter()
    for office, cycle, day in _measured().values_list("office", "dataset__current__facts__update_cycle", "dataset__current__data_at__date"):
        late[office] += opendata.days_late(cycle or "", day, today) > 0
    names = organisations.offices_by_code([one["office"] for one in found])
    return [
        OfficeScore(
            one["office"],
            names[one["office"]].name if one["office"] in names else one["office"],
            one["datasets"],
            one["all_rows"] or 0,
            round(one["mean"], 1),
            round(100 * (1 - late[one["office"]] / one["datasets"]), 1),
        )
        for one in found
    ]


def dataset_scores(*, office: str = "", metric: str = "", after: str = "", limit: int = 50) -> list[DatasetScoreView]:
    """Datasets, those that lost most first; of one office, and of one metric where it lost points."""
    rows = _measured(office).select_related("dataset").order_by("points", "dataset_id")
    if metric in mqa.METRIC_LABELS:
        rows = rows.filter(lost__has_key=metric)
    points, _, number = after.partition(":")
    if number.isdecimal() and points.replace(".", "", 1).isdecimal():
        rows = rows.filter(Q(points__gt=float(points)) | Q(points=float(points), dataset_id__gt=int(number)))
    return [
        DatasetScoreView(one.dataset_id, one.dataset.title, one.office, one.points, sorted(one.lost.items(), key=lambda pair: -pair[1]))
        for one in rows[:limit]
    ]


def trend(*, days: int = 60) -> list[tuple[date, float | None, float | None, int]]:
    """The portal day by day, oldest first: MQA's mean, the index, the datasets."""
    rows = list(PortalScore.objects.order_by("-day").values_list("day", "mqa", "index", "datasets")[:days])
    return rows[::-1]


def evidence(*, indicator: str = "") -> list[Evidence]:
    """Papers on record, newest first."""
    rows = Evidence.objects.filter(removed_at__isnull=True)
    return list(rows.filter(indicator=indicator) if indicator else rows)

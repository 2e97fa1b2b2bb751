"""Open datasets as the public sees them: lists with exact facets, one dataset with its versions, a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion, VersionFile
from zhengtong.apps.flow.opendata.queries.access import ConditionalOnly, version_open_to_all
from zhengtong.apps.flow.opendata.queries.access import listed as _open
from zhengtong.apps.flow.opendata.queries.openings import DatasetUnknown
from zhengtong.apps.flow.opendata.rules import freshness, searching
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.vocabulary import FILE_NAMES, LICENCES, MEDIA_TYPES, THEME_LABELS, Form, Licence, State
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say, told

ORDERS = ("newest", "title", "downloads")
#: facet → the column that holds its values
_FACETS = {
    "theme": "current__facts__theme",
    "office": "current__facts__office",
    "region": "current__facts__region",
    "within": "regions__region",
    "licence": "current__facts__licence",
    "cycle": "current__facts__update_cycle",
}
#: the facet of districts counts rows of another table: a dataset may lie in many
_WITHIN = "within"
_AT_A_TIME = 500
FACET_LABELS = {"theme": "主题", "office": "单位", "region": "地区", "within": "数据所在地", "licence": "许可协议", "cycle": "更新周期"}


class DatasetGone(NotFound):
    """这个数据集已停止开放。"""

    code = "dataset-gone"
    status = 410


@dataclass(frozen=True)
class Question:
    """What a visitor looks for: words, chosen facets (theme, office, region, within, licence, cycle), and the order."""

    text: str = ""
    chosen: Mapping[str, str] | None = None
    order: str = "newest"


@dataclass(frozen=True)
class Card:
    """An open dataset in a list. ``cursor`` is where the list goes on behind it."""

    id: int
    title: str
    summary: str
    theme: str
    office: str
    office_name: str
    rows: int
    columns: int
    version: int
    made_at: datetime
    downloads: int
    cursor: str
    conditional: bool = False


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet, its word, and how many datasets would be left with it."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class FileView:
    """A file of a version."""

    id: int
    form: Form
    name: str
    media_type: str
    stored: str
    size: int
    sha256: str
    rows: int | None
    downloads: int


@dataclass(frozen=True)
class VersionView:
    """A version, as it was made."""

    number: int
    made_at: datetime
    data_at: datetime
    rows: int
    content: str
    facts: dict[str, str]
    columns: list[dict[str, Any]]
    keys: list[str]
    profile: list[dict[str, Any]]
    preview: list[list[str]]
    passed: list[dict[str, Any]]
    delta: dict[str, int]
    files: tuple[FileView, ...]
    #: whether everybody may have the rows; where not, there are no files, no preview, and a profile without values
    open_to_all: bool = True


@dataclass(frozen=True)
class DatasetView:
    """An open dataset with the version that is shown, and all that there are."""

    id: int
    version: VersionView
    newest: int
    versions: tuple[tuple[int, datetime, int, dict[str, int]], ...]
    licence: Licence
    theme_label: str
    cycle_label: str
    published_at: datetime
    #: since when the newest data lies in the hub, when it must be there again, and by how many days it is late (0: on time)
    data_at: datetime
    due: date
    late: int
    downloads: int
    #: on which terms the rows are given; None: to everybody
    conditions: Conditions | None = None


def _asked(question: Question, *, without: str = "") -> QuerySet[Dataset]:
    rows = _open()
    for name, value in (question.chosen or {}).items():
        if name != without and name in _FACETS:
            rows = rows.filter(**{_FACETS[name]: value})
    for word in question.text.split():
        compared = searching.plain(word)
        if compared:
            rows = rows.filter(pairs__contains=searching.pairs(word), words__contains=compared)
    return rows


def search(question: Question, *, after: str = "", limit: int = 20) -> list[Card]:
    """Open datasets in order, behind a cursor of an earlier list."""
    rows = _asked(question).select_related("current")
    value, _, number = after.rpartition("~")
    last = int(number) if number.isdecimal() and len(number) < 19 else None  # noqa: PLR2004 - a bigint has no more digits
    match question.order:
        case "title":
            rows = rows.order_by("title_key", "pk")
            behind = Q(title_key__gt=value) | Q(title_key=value, pk__gt=last)
        case "downloads":
            rows = rows.order_by("-downloads", "-pk")
            count = int(value) if value.isdecimal() and len(value) < 19 else 0  # noqa: PLR2004 - as above
            behind = Q(downloads__lt=count) | Q(downloads=count, pk__lt=last)
        case _:
            rows = rows.order_by("-published_at", "-pk")
            moment = _moment(value)
            last = last if moment else None
            behind = Q(published_at__lt=moment) | Q(published_at=moment, pk__lt=last)
    if last is not None:
        rows = rows.filter(behind)
    return [_card(row, question.order) for row in rows[:limit]]


def all_cards(question: Question) -> Iterator[Card]:
    """All open datasets that match, in order, a page at a time."""
    after = ""
    while found := search(question, after=after, limit=_AT_A_TIME):
        yield from found
        after = found[-1].cursor


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _card(row: Dataset, order: str) -> Card:
    version = row.current
    assert version is not None  # noqa: S101 - open datasets have one
    assert row.published_at is not None  # noqa: S101 - a constraint of the table
    place = {"title": row.title_key, "downloads": str(row.downloads)}.get(order, row.published_at.isoformat())
    facts = version.facts
    return Card(
        id=row.pk,
        title=facts["title"],
        summary=facts["summary"],
        theme=facts["theme"],
        office=facts["office"],
        office_name=facts["office_name"],
        rows=version.rows,
        columns=len(version.columns),
        version=version.number,
        made_at=version.made_at,
        downloads=row.downloads,
        cursor=f"{place}~{row.pk}",
        conditional=row.conditional,
    )


def count(question: Question) -> int:
    """How many open datasets match."""
    return _asked(question).count()


def facets(question: Question) -> dict[str, list[FacetValue]]:
    """Every facet with exact counts under all other choices, most frequent first."""
    chosen = question.chosen or {}
    found = {}
    for name, column in _FACETS.items():
        asked = _asked(question, without=name)
        if name == _WITHIN:
            asked = asked.filter(regions__level=organisations.district_level())
        rows = asked.values_list(column).annotate(total=Count("pk")).order_by("-total", column)
        counted = [(value, total) for value, total in rows if value]
        words = _offices([value for value, _total in counted]) if name == "office" else {}
        found[name] = [
            FacetValue(value, words.get(value) or _label(name, value), total, chosen.get(name) == value) for value, total in counted
        ]
    return found


def _label(name: str, value: str) -> str:
    match name:
        case "theme":
            return say(THEME_LABELS.get(value, value))
        case "licence":
            return LICENCES[value].name if value in LICENCES else value
        case "cycle":
            return say(catalog.CYCLE_LABELS.get(value, value))  # type: ignore[call-overload]  # codes are texts
        case "region" | "within":
            return _region(value)
        case _:
            return value


def _region(code: str) -> str:
    try:
        return organisations.region(code).name
    except organisations.RegionUnknown:
        return code


def _offices(codes: list[str]) -> dict[str, str]:
    rows = _open().filter(current__facts__office__in=codes).values_list("current__facts__office", "current__facts__office_name")
    return dict(rows.distinct())


def themes() -> list[tuple[str, str, int]]:
    """All themes with how many open datasets they have."""
    counted = dict(_open().values_list("current__facts__theme").annotate(total=Count("pk")))
    return [(theme, say(label), counted.get(theme, 0)) for theme, label in THEME_LABELS.items()]


def figures() -> dict[str, int]:
    """How much is open: datasets, offices, rows, downloads."""
    rows = list(_open().values_list("current__facts__office", "current__rows", "downloads"))
    return {
        "datasets": len(rows),
        "offices": len({office for office, _rows, _downloads in rows}),
        "rows": sum(one for _office, one, _downloads in rows),
        "downloads": sum(one for _office, _rows, one in rows),
    }


def found(number: int) -> Dataset:
    """
    An open dataset with its current version.

    :raises DatasetUnknown: if there is none.
    :raises DatasetGone: if it was withdrawn.
    """
    row = Dataset.objects.select_related("current").filter(pk=number, current__isnull=False, published_at__isnull=False).first()
    if row is None:
        raise DatasetUnknown
    if row.state != State.OPEN:
        raise DatasetGone(say("这个数据集已停止开放:{reason}", reason=told(row.reason)) if row.state == State.WITHDRAWN else "")
    return row


def dataset(number: int, *, version: int | None = None, now: datetime) -> DatasetView:
    """
    An open dataset, at its newest version or an earlier one.

    :raises DatasetUnknown: if there is none, or it has no such version.
    :raises DatasetGone: if it was withdrawn.
    """
    row = found(number)
    newest = row.current
    assert newest is not None  # noqa: S101 - filtered above
    shown = newest if version is None else DatasetVersion.objects.filter(dataset=row, number=version).first()
    if shown is None:
        raise DatasetUnknown
    listed = DatasetVersion.objects.filter(dataset=row).values_list("number", "made_at", "rows", "delta")[:100]
    data_at = row.data_at or newest.data_at
    cycle, updated_on = newest.facts["update_cycle"], clock.local_date(data_at)
    return DatasetView(
        id=row.pk,
        version=_version(shown, open_to_all=version_open_to_all(row, shown)),
        newest=newest.number,
        versions=tuple(listed),
        licence=LICENCES[shown.facts["licence"]],
        theme_label=THEME_LABELS[shown.facts["theme"]],
        cycle_label=_label("cycle", cycle),
        published_at=row.published_at or newest.made_at,
        data_at=data_at,
        due=freshness.due(cycle, updated_on),
        late=max(0, freshness.days_late(cycle, updated_on, clock.local_date(now))),
        downloads=row.downloads,
        conditions=Conditions.of(row.conditions),
    )


#: what a profile says of values themselves
_VALUES = frozenset({"least", "greatest", "top", "bars"})


def _version(row: DatasetVersion, *, open_to_all: bool) -> VersionView:
    plain = [{name: value for name, value in column.items() if name not in _VALUES} for column in row.profile]
    return VersionView(
        number=row.number,
        made_at=row.made_at,
        data_at=row.data_at,
        rows=row.rows,
        content=row.content,
        facts=row.facts,
        columns=row.columns,
        keys=row.keys,
        profile=row.profile if open_to_all else plain,
        preview=row.preview if open_to_all else [],
        passed=row.passed,
        delta=row.delta,
        files=tuple(_file(one) for one in row.files.all()) if open_to_all else (),
        open_to_all=open_to_all,
    )


def _file(row: VersionFile) -> FileView:
    form = Form(row.form)
    return FileView(row.pk, form, FILE_NAMES[form], MEDIA_TYPES[form], row.stored, row.size, row.sha256, row.rows, row.downloads)


def file(number: int, version: int, name: str) -> tuple[FileView, str]:
    """
    A file of a version of an open dataset, with the dataset's title.

    :raises DatasetUnknown: if there is no such file.
    :raises DatasetGone: if the dataset was withdrawn.
    :raises ConditionalOnly: if its rows go to applicants alone.
    """
    row = found(number)
    form = next((form for form, known in FILE_NAMES.items() if known == name), None)
    kept = VersionFile.objects.filter(version__dataset=row, version__number=version, form=form).select_related("version").first()
    if form is None or kept is None:
        raise DatasetUnknown
    if not version_open_to_all(row, kept.version):
        raise ConditionalOnly
    return _file(kept), kept.version.facts["title"]

"""
Open datasets for the protocols of outsiders: selected, ordered and counted in a number of queries that does not grow with the page.

Datasets whose rows go to applicants alone are among them, described and no more. Whatever is found by its files, its place or its rows is
found among those that are open to all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import Count, F, Func, JSONField, Max, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform

from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion, VersionFile
from zhengtong.apps.flow.opendata.queries.access import listed, open_rows, version_open_to_all
from zhengtong.apps.flow.opendata.queries.datasets import DatasetGone
from zhengtong.apps.flow.opendata.queries.openings import DatasetUnknown
from zhengtong.apps.flow.opendata.rules import searching
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.published import Published, PublishedFile, keywords
from zhengtong.apps.flow.opendata.rules.selecting import Condition, Selection
from zhengtong.apps.flow.opendata.rules.vocabulary import FILE_NAMES, MEDIA_TYPES, ROW_FORMS, THEME_LABELS, Form, State
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.sentences import say, told

_ORDERS = {
    "modified": "changed_at",
    "created": "published_at",
    "title": "title_key",
    "id": "pk",
}
#: field of a selection → the column that holds its only value
_COLUMNS = {
    "organization": "current__facts__office",
    "groups": "current__facts__theme",
    "license_id": "current__facts__licence",
    "frequency": "current__facts__update_cycle",
    "id": "pk",
}
_MOMENTS = {"metadata_modified": "changed_at", "metadata_created": "published_at"}
_THEMES = {label: theme for theme, label in THEME_LABELS.items()}
_LARGEST = 2**63 - 1


def _described() -> QuerySet[Dataset]:
    return listed().filter(published_at__isnull=False)


def _open() -> QuerySet[Dataset]:
    return open_rows().filter(published_at__isnull=False)


def _selected(selection: Selection) -> QuerySet[Dataset]:
    rows = _described()
    for word in selection.words:
        compared = searching.plain(word)
        if compared:
            rows = rows.filter(pairs__contains=searching.pairs(word), words__contains=compared)
    for condition in selection.conditions:
        found = _condition(condition)
        rows = rows.exclude(found) if condition.negated else rows.filter(found)
    return rows


def _condition(condition: Condition) -> Q:
    match condition.field:
        case "metadata_modified" | "metadata_created":
            found = _between(_MOMENTS[condition.field], condition)
        case "tags":
            found = _any(_tag(value) for value in condition.values)
        case "res_format":
            wanted = {one.lower() for one in condition.values} & {form.value for form in ROW_FORMS}
            found = Q(current__in=VersionFile.objects.filter(form__in=wanted, version__in=_open().values("current")).values("version"))
        case "placed":
            found = Q(current__facts__has_any_keys=["longitude", "region_item"], current__table__isnull=False, pk__in=_open().values("pk"))
        case "title":
            found = _any(Q(title__icontains=value) for value in condition.values)
        case "id":
            found = Q(pk__in=[int(value) for value in condition.values if value.isdecimal() and int(value) <= _LARGEST])
        case field:
            found = Q(**{f"{_COLUMNS[field]}__in": list(condition.values)})
    return found


def _between(column: str, condition: Condition) -> Q:
    found = Q(pk__isnull=False)
    if condition.lower:
        found &= Q(**{f"{column}__gte" if condition.lower_included else f"{column}__gt": condition.lower})
    if condition.upper:
        found &= Q(**{f"{column}__lte" if condition.upper_included else f"{column}__lt": condition.upper})
    return found


def _any(found: Iterable[Q]) -> Q:
    whole = Q(pk__in=[])
    for one in found:
        whole |= one
    return whole


def _tag(word: str) -> Q:
    found = Q(current__columns__contains=[{"name": word}]) | Q(current__facts__office_name=word)
    return found | Q(current__facts__theme=_THEMES[word]) if word in _THEMES else found


def published(selection: Selection, *, start: int = 0, limit: int = 100) -> list[Published]:
    """A stretch of the open datasets that match, in the selection's order."""
    column = _ORDERS[selection.order]
    sign = "-" if selection.descending else ""
    rows = _selected(selection).order_by(f"{sign}{column}", f"{sign}pk")[start : start + limit]
    return _views(rows.select_related("current__table").defer("current__preview").prefetch_related("current__files"))


def published_one(number: int) -> Published:
    """
    One open dataset at its current version.

    :raises DatasetUnknown: if there is none.
    :raises DatasetGone: if it was withdrawn.
    """
    row = Dataset.objects.filter(pk=number, current__isnull=False, published_at__isnull=False).only("state", "reason").first()
    if row is None:
        raise DatasetUnknown
    if row.state != State.OPEN:
        raise DatasetGone(say("这个数据集已停止开放:{reason}", reason=told(row.reason)) if row.state == State.WITHDRAWN else "")
    found = published(Selection((), (Condition("id", (str(number),)),), "id"), limit=1)
    if not found:  # it was withdrawn between the two statements
        raise DatasetUnknown
    return found[0]


def _views(rows: Iterable[Dataset]) -> list[Published]:
    views = []
    for row in rows:
        version = row.current
        assert version is not None  # noqa: S101 - filtered
        assert row.published_at is not None  # noqa: S101 - filtered
        view = Published(
            id=row.pk,
            version=version.number,
            rows=0,
            content="",
            facts=version.facts,
            columns=tuple(version.columns),
            keys=tuple(version.keys),
            profile=(),
            files=(),
            made_at=version.made_at,
            data_at=version.data_at,
            published_at=row.published_at,
            modified_at=row.changed_at,
            has_rows=False,
            restricted=True,
            conditions=Conditions.of(row.conditions),
        )
        views.append(_opened(view, version) if version_open_to_all(row, version) else view)
    names = organisations.region_names({one.facts.get("region", "") for one in views})
    return [replace(one, region_name=names.get(one.facts.get("region", ""), "")) for one in views]


def _opened(view: Published, version: DatasetVersion) -> Published:
    """The description with what everybody may have besides: the files and what was measured on the rows."""
    files = tuple(
        PublishedFile(Form(one.form), FILE_NAMES[Form(one.form)], MEDIA_TYPES[Form(one.form)], one.size, one.sha256, one.rows)
        for one in version.files.all()
    )
    return replace(
        view,
        rows=version.rows,
        content=version.content,
        profile=tuple(version.profile),
        files=files,
        place=version.place,
        has_rows=hasattr(version, "table"),
        restricted=False,
        conditions=None,
    )


def published_versions(number: int, *, limit: int = 100) -> list[tuple[int, datetime, int]]:
    """The versions of a dataset, newest first: number, when it was made, rows."""
    return list(DatasetVersion.objects.filter(dataset=number).values_list("number", "made_at", "rows")[:limit])


def published_files(*, title: str, form: str, sha256: str, start: int, limit: int) -> tuple[int, list[tuple[int, Form]]]:
    """Files of current versions by part of the dataset's title, form and hash (empty: any): how many, and a stretch of number and form."""
    shown = [*ROW_FORMS, Form.DICTIONARY]
    rows = VersionFile.objects.filter(version__in=_open().values("current"), form__in=shown)
    for column, value in (("version__dataset__title__icontains", title), ("form", form), ("sha256", sha256)):
        if value:
            rows = rows.filter(**{column: value})
    found = rows.order_by("version__dataset_id", "pk").values_list("version__dataset_id", "form")[start : start + limit]
    return rows.count(), [(number, Form(one)) for number, one in found]


def published_changes() -> list[tuple[int, datetime]]:
    """Every open dataset with when it last changed."""
    return list(_open().order_by("pk").values_list("pk", "changed_at"))


def standing_files(number: int) -> set[str]:
    """The names of those files of a dataset's current version that lie in the file store whole."""
    rows = VersionFile.objects.filter(version__dataset=number, version__dataset__current=F("version"))
    return {FILE_NAMES[Form(one.form)] for one in rows if _stands(one)}


def _stands(file: VersionFile) -> bool:
    try:
        return int(default_storage.size(file.stored)) == file.size
    except OSError:
        return False


def conditional_total(*, office: str = "") -> int:
    """How many datasets, of an office or of all, are described to everybody while their rows go to applicants alone."""
    rows = listed().exclude(pk__in=open_rows().values("pk"))
    return rows.filter(current__facts__office=office).count() if office else rows.count()


def published_total(selection: Selection) -> int:
    """How many open datasets match."""
    return _selected(selection).count()


def published_names(*, start: int = 0, limit: int | None = None) -> list[int]:
    """The numbers of all open datasets, in order."""
    rows = _described().order_by("pk").values_list("pk", flat=True)
    return list(rows[start:] if limit is None else rows[start : start + limit])


def published_state() -> tuple[int, datetime | None]:
    """How many datasets are open and when any of them last changed: another pair is another catalogue."""
    found = _described().aggregate(total=Count("pk"), last=Max("changed_at"))
    return found["total"], found["last"]


def published_counts(selection: Selection, fields: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each field (organization, groups, license_id, frequency, tags, res_format) how many of the matching datasets have each value."""
    rows = _selected(selection)
    found: dict[str, dict[str, int]] = {}
    for field in fields:
        if field in _COLUMNS:
            counted = rows.values_list(_COLUMNS[field]).annotate(total=Count("pk")).order_by("-total", _COLUMNS[field])
            found[field] = {value: total for value, total in counted if value}
        elif field == "tags":
            found[field] = _tags(rows)
        else:
            forms = rows.filter(pk__in=_open().values("pk"), current__files__form__in=ROW_FORMS).values_list("current__files__form")
            found[field] = {
                form.upper(): total for form, total in forms.annotate(total=Count("pk")).order_by("-total", "current__files__form")
            }
    return found


def _tags(rows: QuerySet[Dataset]) -> dict[str, int]:
    names = Func(F("current__columns"), Value("$[*].name"), function="jsonb_path_query_array", output_field=JSONField())
    counted: Counter[str] = Counter()
    for theme, office, columns in rows.annotate(names=names).values_list("current__facts__theme", "current__facts__office_name", "names"):
        counted.update(keywords([THEME_LABELS[theme], office, *columns]))
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def published_offices() -> list[tuple[str, str, int, datetime]]:
    """Offices with open datasets by code: code, name, how many, when the first was opened."""
    rows = (
        _described()
        .values_list("current__facts__office")
        .annotate(name=Max(KeyTextTransform("office_name", "current__facts")), total=Count("pk"), first=Max("published_at"))
    )
    return [(code, name, total, first) for code, name, total, first in rows.order_by("current__facts__office")]

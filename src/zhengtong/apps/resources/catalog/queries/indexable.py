"""The truth that the search index is derived from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import islice

from django.db.models import F, Func, JSONField, Q, Value

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import Resource, ResourceVersion
from zhengtong.apps.resources.catalog.rules.indexed import Indexable

_BATCH = 1000
#: Of a document's items, which are nine tenths of it, index and hits want the names alone; PostgreSQL picks them faster than they travel.
WITHOUT_ITEMS = Func(F("document"), Value("items"), template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField())
ITEM_NAMES = Func(F("document"), Value("$.items[*].name"), function="jsonb_path_query_array", output_field=JSONField())


def indexable(ids: Sequence[int] | None = None) -> Iterator[Indexable]:
    """Every published entry, or those of ``ids`` that are published, by number; never more than ``_BATCH`` of them in memory."""
    rows = (
        ResourceVersion.objects.filter(number=F("resource__served_version"), resource__published_on__isnull=False)
        .order_by("resource_id")
        .values_list(
            *("resource_id", "number", WITHOUT_ITEMS, ITEM_NAMES, "resource__code", "resource__office__code", "resource__published_on")
        )
    )
    if ids is not None:
        rows = rows.filter(resource_id__in=ids)
    offices: dict[str, organisations.OfficeView] = {}
    stream = rows.iterator(chunk_size=_BATCH)
    while batch := list(islice(stream, _BATCH)):
        offices |= organisations.offices_by_code({row[5] for row in batch} - offices.keys())
        for number, version, document, items, code, office, published_on in batch:
            place = offices[office]
            yield Indexable(
                id=number,
                version=version,
                code=code or "",
                document=document,
                items=tuple(items),
                office=office,
                office_names=_names(place),
                region=place.region,
                region_name=place.region_name,
                published_on=published_on or date.min,
            )


def stamps() -> dict[int, int]:
    """What the index should hold: the stamp of every published entry by number, without reading the documents."""
    rows = ResourceVersion.objects.filter(number=F("resource__served_version"), resource__published_on__isnull=False).values_list(
        "resource_id", "number", "resource__code", "resource__office__code", "resource__published_on"
    )
    found = list(rows)
    offices = organisations.offices_by_code({row[3] for row in found})
    return {
        number: Indexable(
            id=number,
            version=version,
            code=code or "",
            document={},
            items=(),
            office=office,
            office_names=_names(offices[office]),
            region=offices[office].region,
            region_name=offices[office].region_name,
            published_on=published_on or date.min,
        ).stamp
        for number, version, code, office, published_on in found
    }


def of_offices(codes: Collection[str]) -> list[int]:
    """Entries whose indexed text names one of these offices: their own, and those of offices that went into them."""
    named = Q(office__code__in=codes) | Q(office__successor__code__in=codes)
    return list(Resource.objects.filter(named).order_by("pk").values_list("pk", flat=True))


def _names(office: organisations.OfficeView) -> tuple[str, ...]:
    """What people call an office: after a merger also what its successor is called."""
    successor = (office.successor_name,) if office.successor_name else ()
    return tuple(dict.fromkeys((office.name, office.short_name, *office.former_names, *successor)))

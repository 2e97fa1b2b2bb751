"""The truth that the search index is derived from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import islice

from django.db.models import F, Func, JSONField, Q, Value

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import Resource, ResourceVersion
from zhengtong.apps.resources.catalog.rules.indexed import Indexable, stamp_of

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


def stamps(above: int, upto: int, offices: dict[str, organisations.OfficeView]) -> dict[int, int]:
    """
    What the index should hold between two numbers: the stamp of every published entry by number, without reading the documents.

    ``offices`` are those known so far; those that are met are added.
    """
    published = {"number": F("resource__served_version"), "resource__published_on__isnull": False}
    rows = ResourceVersion.objects.filter(**published, resource_id__gt=above, resource_id__lte=upto)
    found = list(rows.values_list("resource_id", "number", "resource__office__code"))
    offices |= organisations.offices_by_code({office for _id, _number, office in found} - offices.keys())
    places = {office: _place(offices[office]) for office in {row[2] for row in found}}
    return {number: stamp_of(version, places[office]) for number, version, office in found}


def _place(office: organisations.OfficeView) -> tuple[str, ...]:
    return (office.code, office.region, office.region_name, *_names(office))


def highest() -> int:
    """The highest number that an entry has; 0 if there is none."""
    return Resource.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def of_offices(codes: Collection[str]) -> list[int]:
    """Entries whose indexed text names one of these offices: their own, and those of offices that went into them."""
    named = Q(office__code__in=codes) | Q(office__successor__code__in=codes)
    return list(Resource.objects.filter(named).order_by("pk").values_list("pk", flat=True))


def _names(office: organisations.OfficeView) -> tuple[str, ...]:
    """What people call an office: after a merger also what its successor is called."""
    successor = (office.successor_name,) if office.successor_name else ()
    return tuple(dict.fromkeys((office.name, office.short_name, *office.former_names, *successor)))

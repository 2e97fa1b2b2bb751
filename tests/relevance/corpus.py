"""The corpus that the judgments are made for: the demo city's catalog, taken in through the import."""

from __future__ import annotations

import json
from datetime import date

from factories import world
from relevance.measuring import Entry
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import ResourceVersion
from zhengtong.project.demo import resources
from zhengtong.project.demo.catalog import catalog_entries
from zhengtong.project.demo.founding import SYNONYMS
from zhengtong.project.demo.offices import offices
from zhengtong.project.demo.territory import YUNZHOU


def demo_city() -> None:
    """Offices, entries and synonyms of the demo city, and the index."""
    region = YUNZHOU.city.code[:4]
    organisations.load_regions([("37", "山东省"), (region, YUNZHOU.city.name)], actor="process:test", now=world.NOW)
    for one in offices():
        organisations.add_office(
            code=one.credit_code,
            name=one.name,
            short_name=one.short,
            level=organisations.Level.CITY,
            region=region,
            actor="process:test",
            now=world.NOW,
            valid_from=date(2019, 1, 1),
            is_bureau=one.key == "data_bureau",
        )
    bureau = next(one.credit_code for one in offices() if one.key == "data_bureau")
    records = [
        resources.content_of(entry).document()
        | {"code": entry.code, "office_name": entry.office.name, "published_on": "2026-01-05", "source_id": entry.code}
        for entry in catalog_entries()
    ]
    catalog.import_file(
        data=json.dumps(records, ensure_ascii=False).encode(),
        file_name="city.json",
        office=bureau,
        by="process:test",
        now=world.NOW,
        source="city",
        options=catalog.Options(publish=True, whole_region=True),
    )
    approver = world.official(identity.Role.BUREAU_APPROVER, at=organisations.office(bureau))
    catalog.add_synonyms(actor=approver, text="\n".join(SYNONYMS), note="", now=world.NOW)
    catalog.rebuild()


def corpus() -> list[Entry]:
    """Every published entry as a judge sees it."""
    rows = ResourceVersion.objects.select_related("resource__office").order_by("resource_id")
    return [
        Entry(
            id=row.resource_id,
            code=row.resource.code or "",
            name=row.document["name"],
            offices=f"{row.resource.office.name} {row.resource.office.short_name}",
            items=tuple(item["name"] for item in row.document["items"]),
            summary=row.document["summary"],
        )
        for row in rows
    ]


def search(text: str) -> list[int]:
    """What the catalog's own search finds first."""
    found = catalog.search(catalog.SearchQuestion(text), facets=False)
    return [hit.id for hit in (*found.hits, *found.also)]

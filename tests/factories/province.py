"""
A catalog of the size of a province: 16 cities, 137 counties, the demo city's offices on each of the three levels.

The demo city's entries are taken in once, through the import that everybody uses. Every other office then gets copies of its counterpart's
rows, made by the database from those rows themselves: whatever columns an entry has, a copy has them too, and only what must differ differs
(number, code, office, name, summary, dates). The same size gives the same catalog.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Model

import zhengtong
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.organisations.models import Office
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Item, Resource, ResourceEvent, ResourceVersion
from zhengtong.kernel.codes import credit_code
from zhengtong.project.demo import resources
from zhengtong.project.demo.catalog import catalog_entries
from zhengtong.project.demo.offices import offices
from zhengtong.project.demo.territory import YUNZHOU

BY = "process:factory"
SOURCE = "factory"
PROVINCE = "37"
#: so many of the areas that the list of divisions has for the province; zones, which have a 7 in their code, come last
COUNTIES = 137
DIVISIONS = Path(zhengtong.__file__).parent / "toolkit/ui/static/dist/divisions"
FOUNDED = date(2018, 10, 1)
#: order numbers that each region has in each class
_CODES = 3000
_LEVELS = {2: (organisations.Level.PROVINCE, "省"), 4: (organisations.Level.CITY, "市"), 6: (organisations.Level.COUNTY, "县")}
#: how the copies of one entry are called: where it is about, or which part of it this is
_VARIANTS: tuple[str, ...] = ("{name}", "{place}{name}", "{name}(历史归档)", "{name}(镇街上报)", "{name}(专项核查)", "{name}(第三方报送)")


@dataclass(frozen=True)
class Province:
    """What was made, as counted in the database."""

    regions: int
    offices: int
    entries: int
    items: int


def regions(folder: Path = DIVISIONS) -> list[tuple[str, str]]:
    """(code, name) of the province, its cities and its counties, zones last among these and cut off."""
    found = [(PROVINCE, name) for code, name in _rows(folder, "provinces") if code == PROVINCE]
    found += [(code, name) for code, name in _rows(folder, "cities") if code.startswith(PROVINCE)]
    areas = [(code, name) for code, name in _rows(folder, "areas") if code.startswith(PROVINCE)]
    zones_last = sorted(areas, key=lambda one: (one[0][4] == "7", one[0]))
    return found + sorted(zones_last[:COUNTIES])


def _rows(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["code"], row["name"]


def found(*, entries: int, now: datetime, tell: Callable[[str], None] = lambda _text: None, divisions: Path = DIVISIONS) -> Province:
    """
    Make the province in an empty database; the search index is for the caller to build.

    :param entries: how many entries are published in the end, about; at least as many as the demo city has.
    """
    places = regions(divisions)
    organisations.load_regions(places, actor=BY, now=now)
    by_key = _offices(places)
    tell(f"{len(places)} regions, {sum(map(len, by_key.values()))} offices")
    _take_templates(by_key, now)
    tell("templates taken in")
    _copy(places, entries, tell)
    _settle()
    counts = (Resource.objects.filter(served_version__isnull=False).count(), Item.objects.count())
    return Province(len(places), Office.objects.count(), *counts)


def _offices(places: list[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """The offices of every region; key of the office in the demo city → region → credit code."""
    found: dict[str, dict[str, str]] = {}
    rows = []
    for region, place in places:
        level, sign = _LEVELS[len(region)]
        for number, one in enumerate(offices(YUNZHOU), start=1):
            authority = "9" if one.credit_code[0] == "9" else "1"
            code = credit_code.compose(
                authority=authority, category=one.credit_code[1], region=region.ljust(6, "0"), organisation=f"MB{number:06}"
            )
            found.setdefault(one.key, {})[region] = code
            short = one.short.replace("市", sign, 1) if one.short.startswith("市") else one.short
            rows.append(
                Office(
                    code=code,
                    name=place + one.name.removeprefix(YUNZHOU.city.name),
                    short_name=short.replace("云州", place.removesuffix(sign)),
                    level=level,
                    region_id=region,
                    is_bureau=one.key == "data_bureau",
                    valid_from=FOUNDED,
                )
            )
    Office.objects.bulk_create(rows, batch_size=2000)
    return found


def _take_templates(by_key: dict[str, dict[str, str]], now: datetime) -> None:
    """The demo city's entries, as the province's own, through the import."""
    province = organisations.region(PROVINCE).name
    named = dict(Office.objects.filter(region=PROVINCE).values_list("code", "name"))
    records = [
        resources.content_of(entry).document()
        | {"office_name": named[by_key[entry.office.key][PROVINCE]], "published_on": "2024-01-01", "source_id": entry.code}
        for entry in catalog_entries()
    ]
    catalog.import_file(
        data=json.dumps(records, ensure_ascii=False).replace(YUNZHOU.city.name, province).encode(),
        file_name="entries.json",
        office=by_key["data_bureau"][PROVINCE],
        by=BY,
        now=now,
        source=SOURCE,
        options=catalog.Options(publish=True, whole_region=True),
    )


# one row for each entry that a region shall have: whose it is, of which template, under which number, name and code
_PLAN = """
    create temp table plan on commit drop as
    select nextval(pg_get_serial_sequence('catalog_resource', 'id')) as id, t.id as template, o.id as office,
        replace(replace(v.form, '{place}', %(place)s), '{name}', t.name) as name,
        left(replace(replace(v.form_key, '{place}', %(place_key)s), '{name}', t.name_key), 200) as name_key,
        replace(
            replace(t.summary, t.office_name, o.name), t.name, replace(replace(v.form, '{place}', %(place)s), '{name}', t.name)
        ) as summary,
        t.class_code || '/'
            || lpad((%(before)s + row_number() over (partition by t.class_code order by v.number, t.id))::text, 6, '0') as code,
        date '2018-10-01' + ((t.rank * 37 + v.number * 131 + %(before)s) %% 2900)::int as day
    from unnest(%(forms)s::text[], %(form_keys)s::text[]) with ordinality v(form, form_key, number)
    cross join (
        select r.id, r.name, r.name_key, r.summary, r.class_code, o.name as office_name, o.code as office_code,
            row_number() over (order by r.id) as rank
        from catalog_resource r join organisations_office o on o.id = r.office_id where r.source = %(source)s
    ) t
    join organisations_office o on o.region_id = %(region)s and substr(o.code, 9, 8) = substr(t.office_code, 9, 8)
    where (v.number - 1) * %(templates)s + t.rank <= %(quota)s
    order by v.number, t.id
"""
_MOMENT = "p.day + time '09:30' at time zone 'Asia/Shanghai'"
_OWN = {
    Resource: {
        "id": "p.id",
        "code": "p.code",
        "office_id": "p.office",
        "name": "p.name",
        "name_key": "p.name_key",
        "summary": "p.summary",
        "published_on": "p.day",
        "created_at": _MOMENT,
        "changed_at": _MOMENT,
        "source": "''",
        "source_id": "''",
        "source_record": "null",
        "source_reading": "null",
        "provider_text": "''",
    },
    Item: {"id": "nextval(pg_get_serial_sequence('catalog_item', 'id'))", "resource_id": "p.id"},
    ResourceVersion: {
        "id": "nextval(pg_get_serial_sequence('catalog_resourceversion', 'id'))",
        "resource_id": "p.id",
        "document": "t.document || jsonb_build_object('name', p.name, 'summary', p.summary, 'code', p.code, 'published_on', p.day::text)",
        "published_at": _MOMENT,
    },
    ResourceEvent: {
        "id": "nextval(pg_get_serial_sequence('catalog_resourceevent', 'id'))",
        "resource_id": "p.id",
        "at": _MOMENT,
        "event": "'published'",
    },
}


def _statement(model: type[Model], own: dict[str, str]) -> str:
    """Copy the templates' rows of a model; a column that differs is named in ``own``."""
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(own.get(column, f"t.{column}") for column in columns)
    key = "id" if model is Resource else "resource_id"
    table = model._meta.db_table
    return f"insert into {table} ({', '.join(columns)}) select {values} from plan p join {table} t on t.{key} = p.template order by p.id"


def _keyed(form: str) -> str:
    """A form of names as its sort key."""
    parts = form.replace("{", "\0{").replace("}", "}\0").split("\0")
    return " ".join(part if part.startswith("{") else catalog.sort_key(part) for part in parts if part)


def _copy(places: list[tuple[str, str]], entries: int, tell: Callable[[str], None]) -> None:
    templates = Resource.objects.filter(source=SOURCE, served_version__isnull=False).count()
    given = 0
    for number, (region, place) in enumerate(places[1:], start=1):
        quota = (entries - templates) * number // (len(places) - 1) - given
        given += quota
        values = {
            "place": place,
            "place_key": catalog.sort_key(place),
            "region": region,
            "quota": quota,
            "templates": templates,
            "forms": list(_VARIANTS),
            "form_keys": [_keyed(form) for form in _VARIANTS],
            "before": number * _CODES,
            "source": SOURCE,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local synchronous_commit = off")
            cursor.execute(_PLAN, values)
            for model, own in _OWN.items():
                cursor.execute(_statement(model, own))
        if number % 20 == 0 or number == len(places) - 1:
            tell(f"{templates + given} entries in {number + 1} regions")


def _settle() -> None:
    """Codes go on behind the copies', readers of the outbox begin behind them, and the database counts its rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into catalog_codesequence (class_code, last) "
            "select class_code, max(split_part(code, '/', 2)::bigint) from catalog_resource where code is not null group by class_code "
            "on conflict (class_code) do update set last = excluded.last"
        )
        cursor.execute("vacuum analyze")

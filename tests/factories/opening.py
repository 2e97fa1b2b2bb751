"""A resource in the hub, and its way to an open dataset, each step by whoever may."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from factories.exchange import addressed
from factories.sharing import NOW, Circle, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Build, Dataset

#: key, name, data type, is key, searchable, sensitivity
ITEMS = (
    ("dm", "行政区划代码", "C", True, True, ""),
    ("mc", "行政区划名称", "C", False, False, ""),
    ("lxr", "联系人姓名", "C", False, False, "name"),
    ("rks", "人口数", "I", False, False, ""),
    ("mj", "面积", "N", False, False, ""),
    ("gx", "更新日期", "D", False, False, ""),
)
MAPPING = {"dm": "code", "mc": "name", "lxr": "person", "rks": "people", "mj": "area", "gx": "updated"}


def divisions(url: str, rows: int = 12) -> None:
    """A department's table of divisions, with a column that names people."""
    with psycopg.connect(url) as connection:
        connection.execute("create schema civil")
        connection.execute(
            "create table civil.division (code text primary key, name text, person text, people int, area numeric(12, 2), updated date)"
        )
        for number in range(rows):
            connection.execute(
                "insert into civil.division values (%s, %s, %s, %s, 12.5, '2026-06-01')",
                (f"3701{number:02d}", f"第{number}区", f"王小{'明红强'[number % 3]}", 1000 + number),
            )


@dataclass
class Opening:
    """A circle of offices with a resource of divisions whose data is in the hub."""

    url: str
    circle: Circle = field(default_factory=Circle)

    def __post_init__(self) -> None:
        self.resource = resource(self.circle.provider, name="行政区划代码", sharing_type="1", items=ITEMS)
        wanted = exchange.TableBinding(url=addressed(self.url), schema="civil", table="division", mapping=MAPPING)
        exchange.bind_table(by=self.circle.keeper, resource_id=self.resource, wanted=wanted, now=NOW)
        self.collect()

    def collect(self) -> None:
        """Bring the department's rows into the hub."""
        run = exchange.request_collect(by=self.circle.keeper, resource_id=self.resource, now=NOW)
        assert exchange.carry_out(run) is exchange.RunState.FINISHED

    def change(self, statement: str) -> None:
        """Change the department's table, and collect."""
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)
        self.collect()

    def proposal(self, **changes: Any) -> opendata.Proposal:
        """A complete proposal of the columns that name nobody."""
        facts: dict[str, Any] = {
            "title": "行政区划代码",
            "summary": "全市各区的代码、名称和人口",
            "theme": "government",
            "licence": "cc-by-4.0",
            "attribution": "市民政局",
            "contact": "0531-86000000",
            "items": {"dm": "none", "mc": "none", "rks": "none", "mj": "none", "gx": "none"},
        }
        return opendata.Proposal(**{**facts, **changes})

    # ------------------------------------------------------------------ the course, step by step
    def build(self) -> opendata.BuildState:
        """What the worker does with the build that is open."""
        return opendata.carry_out(self.open_build())

    def open_build(self) -> UUID:
        """The build that waits for the worker."""
        return Build.objects.get(state="queued", dataset__resource_id=self.resource).pk

    def proposed(self, **changes: Any) -> int:
        """A proposal whose gates were measured; the dataset's number."""
        number = opendata.propose(actor=self.circle.keeper, resource_id=self.resource, proposal=self.proposal(**changes), now=NOW)
        self.build()
        return number

    def approved(self, **changes: Any) -> int:
        """A proposal that waits for the bureau."""
        number = self.proposed(**changes)
        opendata.approve(actor=self.circle.chief, number=number, now=NOW)
        return number

    def opened(self, *, at: datetime = NOW, **changes: Any) -> int:
        """An open dataset with its first version."""
        number = self.approved(**changes)
        opendata.publish(actor=self.circle.approver, number=number, now=at)
        assert self.build() is opendata.BuildState.DONE
        return number


def copies(number: int, count: int) -> list[int]:
    """More open datasets of the same files, past the course: for lists and pages."""
    found = []
    for place in range(count):
        row = Dataset.objects.select_related("resource", "current").get(pk=number)
        version, resource = row.current, row.resource
        assert version is not None
        files = list(version.files.all())
        resource.pk, resource.code = None, f"306001/{900000 + Dataset.objects.count()}"
        resource.save(force_insert=True)
        row.pk, row.resource, row.current, row.state, row.published_at = None, resource, None, "measuring", None
        row.title = f"{row.title}{place}"
        row.save(force_insert=True)
        version.pk, version.dataset = None, row
        version.facts = {**version.facts, "title": row.title}
        version.save(force_insert=True)
        for file in files:
            file.pk, file.version, file.stored = None, version, f"{file.stored}.{row.pk}"
            file.save(force_insert=True)
        row.current, row.state, row.published_at = version, "open", NOW
        row.save()
        found.append(row.pk)
    return found

"""
The course of the open datasets: declared in the catalog, bound, collected, proposed, measured, approved, published, as offices do it.

Everything goes by the product's own operations under the accounts of the offices, in phases over all datasets, so that a running worker
takes its share of the long work. Every phase looks first what was done, so the course goes on where it was interrupted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
import psycopg

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Unavailable
from zhengtong.project.demo import plans
from zhengtong.project.demo.city import DEFAULT_SEED
from zhengtong.project.demo.draw import Draw
from zhengtong.project.demo.offices import Office, offices
from zhengtong.project.demo.opened import columns, sources
from zhengtong.project.demo.opened.declared import Declared
from zhengtong.project.demo.opened.sources import Item
from zhengtong.project.demo.staff import APPROVER, BY, STAFF, Bars, account, actor_named, known, prefix

SOURCE = "demo-open"
_CYCLES = {"实时": "1", "每日": "2", "每周": "3", "每月": "4", "每季度": "5", "每年": "6", "每半年": "7"}
#: behind the serials of the other entries
_SERIAL = 800_000
#: how long the worker's share may take, in seconds
_PATIENCE = 600.0
_PAUSE = 0.2
#: datasets that are given on conditions: rides could be tied to riders, and lifts to those who live with them
CONDITIONS = {
    "bus_ridership": opendata.Conditions("both", "出行与交通规划研究、公益出行服务", "加密保存,不转让;不得用于识别个人出行", 365, 90),
    "elevators": opendata.Conditions("company", "电梯维护保养、保险定价与安全研究", "仅限签约单位使用,不公开单台设备信息", 365, 180),
}
#: what nobody has to see to
_SETTLED = {opendata.State.OPEN, opendata.State.RETURNED, opendata.State.WITHDRAWN}


@dataclass(frozen=True)
class Entry:
    """A dataset with what the catalog says of it."""

    declared: Declared
    office: Office
    code: str
    items: tuple[Item, ...]

    def content(self) -> catalog.Content:
        """As a catalog entry."""
        one = self.declared
        return catalog.Content(
            name=f"{one.title}信息" if not one.title.endswith(("信息", "名录", "公告", "名单")) else one.title,
            summary=one.summary,
            class_code=self.code.partition("/")[0],
            format_class="3",
            format_types=("postgresql",),
            sharing_type="1",
            sharing_modes=("database",),
            legal_basis="《中华人民共和国政府信息公开条例》与本单位职责规定",
            is_open=True,
            open_condition="无条件开放,注明来源",
            update_cycle=_CYCLES[one.cycle],
            data_level="一般数据",
            items=tuple(self._item(item) for item in self.items),
        )

    def _item(self, item: Item) -> catalog.ItemContent:
        column = item.column
        return catalog.ItemContent(
            key=item.key,
            name=column.name,
            data_type=column.letter,
            length=column.length,
            precision=column.decimals,
            is_key=column.key,
            nullable=not column.key,
            searchable=column.name in {"所属区县", "县区", "区县"},
            sensitivity="company" if column.name == "统一社会信用代码" else "",
            description=f"单位:{item.unit}" if item.unit else "",
        )


@dataclass
class Course:
    """
    One pass over the datasets.

    :param helped: whether a worker runs that takes its share.
    :param stopped: asked between datasets; what is done stays, and the next pass goes on.
    """

    datasets: Sequence[Declared]
    url: str
    companies: Callable[[], pl.DataFrame]
    bars: Bars
    now: datetime
    helped: bool = False
    stopped: Callable[[], bool] = lambda: False
    _actors: dict[str, Actor] = field(default_factory=dict)

    def run(self) -> int:
        """
        Open whatever was never proposed or is under way; what people returned or withdrew is left to them. Returns how many are open.

        :raises Unavailable: if a dataset does not get on, naming it and what holds it back.
        """
        self._accounts()
        numbers = {one.key: place for place, one in enumerate(offices(), start=1)}
        found = {one.key: one for one in offices()}
        codes = {one.table: f"307{numbers[one.office]:03}/{_SERIAL + place:06}" for place, one in enumerate(self.datasets, start=1)}
        ids = self._ids(codes)
        waiting = [one for one in self.datasets if self._state(ids.get(one.table)) not in _SETTLED]
        if waiting:
            entries = self._entries(waiting, found, codes)
            self._declare([one for one in entries if one.declared.table not in ids], found["data_bureau"].credit_code)
            ids = self._ids(codes)
            resource = {one.declared.table: ids[one.declared.table] for one in entries}
            self._collect(entries, resource)
            self._publish(entries, resource)
        self._plan()
        return sum(self._state(number) is opendata.State.OPEN for number in ids.values())

    def _plan(self) -> None:
        """What the offices had planned to open this year, against what they opened."""
        offices_of = sorted({*STAFF.values(), *(prefix(one.office) for one in self.datasets)} - {STAFF["data_bureau"]})
        self.bars.begin("开放数据:各单位年度开放计划", len(offices_of))
        plans.keep(offices_of, self._actor, now=self.now, stopped=self.stopped)

    # ------------------------------------------------------------------ who
    def _accounts(self) -> None:
        there, listed = known(), {one.key: one for one in offices()}
        for key in sorted({one.office for one in self.datasets}):
            office = listed[key]
            account(f"{prefix(key)}.steward", f"{office.short}数据专员", office.credit_code, there, self.now, role=Role.STEWARD)
            account(f"{prefix(key)}.head", f"{office.short}共享负责人", office.credit_code, there, self.now, role=Role.SHARING_HEAD)

    def _actor(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = actor_named(username, on=local_date(self.now))
        return self._actors[username]

    def _steward(self, entry: Entry) -> Actor:
        return self._actor(f"{prefix(entry.declared.office)}.steward")

    # ------------------------------------------------------------------ what
    def _entries(self, waiting: Sequence[Declared], found: dict[str, Office], codes: dict[str, str]) -> list[Entry]:
        """The datasets with their columns; tables that are not there are made and filled."""
        self.bars.begin("开放数据:各单位业务表", len(waiting))
        entries, draw, companies = [], Draw(DEFAULT_SEED), self.companies()
        with psycopg.connect(self.url, autocommit=True) as connection:
            there = sources.there(connection)
            for done, one in enumerate(waiting, start=1):
                listed = sources.items(columns.made(one, draw, companies, local_date(self.now)))
                if f"{one.office}.{one.table}" not in there:
                    sources.load(connection, one, listed)
                entries.append(Entry(one, found[one.office], codes[one.table], listed))
                self.bars.advance(done)
        return entries

    def _declare(self, entries: Sequence[Entry], bureau: str) -> None:
        """What is not in the catalog is taken in by the bureau as published, in one file."""
        self.bars.begin("开放数据:编目", len(entries))
        if not entries:
            return
        today = local_date(self.now).isoformat()
        records = [
            one.content().document()
            | {
                "code": one.code,
                "office": one.office.credit_code,
                "office_name": one.office.name,
                "published_on": today,
            }
            for one in entries
        ]
        catalog.import_file(
            data=json.dumps(records, ensure_ascii=False).encode(),
            file_name="云州市公共数据开放目录.json",
            office=bureau,
            by=BY,
            now=self.now,
            source=SOURCE,
            options=catalog.Options(publish=True, whole_region=True),
            progress=lambda done, _total: self.bars.advance(done),
        )

    @staticmethod
    def _ids(codes: dict[str, str]) -> dict[str, int]:
        found = catalog.resources_by_code(codes.values())
        return {table: found[code].id for table, code in codes.items() if code in found}

    @staticmethod
    def _state(resource_id: int | None) -> opendata.State | None:
        there = opendata.of_resource(resource_id) if resource_id else None
        return there[1] if there else None

    # ------------------------------------------------------------------ into the hub
    def _collect(self, entries: Sequence[Entry], resource: dict[str, int]) -> None:
        self.bars.begin("开放数据:挂接与归集", len(entries))
        landed = exchange.landed(list(resource.values()))
        for done, one in enumerate(entries, start=1):
            resource_id = resource[one.declared.table]
            if resource_id in landed or self._ended():
                continue
            by = self._steward(one)
            if exchange.binding(resource_id) is None:
                exchange.bind_table(by=by, resource_id=resource_id, wanted=self._binding(one), now=self.now)
            # every second table is the worker's; a run that is open already is somebody's too
            with suppress(exchange.RunOpen):
                if self.helped and done % 2:
                    exchange.start_collect(by=by, resource_id=resource_id, now=self.now)
                else:
                    exchange.carry_out(exchange.request_collect(by=by, resource_id=resource_id, now=self.now))
            self.bars.advance(done)
        self._wait(entries, lambda one: resource[one.declared.table] in exchange.landed([resource[one.declared.table]]), "没有归集完成")

    def _binding(self, one: Entry) -> exchange.TableBinding:
        mapping = {item.key: item.key for item in one.items}
        return exchange.TableBinding(
            url=self.url, schema=one.declared.office, table=one.declared.table, mapping=mapping, every_minutes=24 * 60
        )

    # ------------------------------------------------------------------ into the open
    def _publish(self, entries: Sequence[Entry], resource: dict[str, int]) -> None:
        self.bars.begin("开放数据:提议与检测", len(entries))
        numbers = {one.code: self._proposed(one, resource[one.declared.table]) for one in entries if not self._ended()}
        self._build(entries, numbers, opendata.State.MEASURING)
        self.bars.begin("开放数据:审核与发布", len(entries))
        held = []
        for one in entries:
            if not self._ended():
                try:
                    self._reviewed(one, numbers[one.code])
                except opendata.Blocked as exc:
                    held.append((one, exc))
        self._build(entries, numbers, opendata.State.RELEASED)
        for one, why in held:
            raise Unavailable(f"数据集“{one.declared.title}”没有开放:{why.sentence}", remedy=why.remedy)

    def _proposed(self, one: Entry, resource_id: int) -> int:
        there = opendata.of_resource(resource_id)
        if there:
            return there[0]
        proposal = opendata.Proposal(
            title=one.declared.title,
            summary=one.declared.summary,
            theme=one.declared.theme,
            licence="cc-by-4.0",
            attribution=f"来源:{one.office.name}",
            contact=f"{one.office.name}{one.declared.contact} 0000-86{int(one.code[3:6]):03}{int(one.code[-3:]) % 100:02}",
            items={item.key: "none" for item in one.items},
            place=opendata.guessed_place(one.content().items),
            conditions=CONDITIONS.get(one.declared.table),
        )
        return opendata.propose(actor=self._steward(one), resource_id=resource_id, proposal=proposal, now=self.now)

    def _reviewed(self, one: Entry, number: int) -> None:
        """Head and bureau consent. What the gates found is in the way, and in the message of whoever looks why a dataset stands still."""
        state = opendata.opening(number, actor=self._steward(one)).state
        if state is opendata.State.MEASURED:
            opendata.approve(actor=self._actor(f"{prefix(one.declared.office)}.head"), number=number, now=self.now)
            state = opendata.State.APPROVED
        if state is opendata.State.APPROVED:
            opendata.publish(actor=self._actor(APPROVER), number=number, now=self.now)

    def _build(self, entries: Sequence[Entry], numbers: dict[str, int], busy: opendata.State) -> None:
        """Work off builds from the last on, while the worker does so from the first on."""
        for done, one in enumerate(reversed(entries), start=1):
            if self._ended():
                return
            opendata.work_off(numbers[one.code])
            self.bars.advance(done)
        self._wait(entries, lambda one: opendata.opening(numbers[one.code], actor=self._steward(one)).state is not busy, "文件没有生成")

    def _wait(self, entries: Sequence[Entry], ready: Callable[[Entry], bool], otherwise: str) -> None:
        """Until the worker's share is done as well."""
        deadline = time.monotonic() + _PATIENCE
        for one in entries:
            while not ready(one):
                if self._ended():
                    return
                if not self.helped or time.monotonic() > deadline:
                    raise Unavailable(f"数据集“{one.declared.title}”{otherwise}", remedy="再次启动会从这里继续")
                time.sleep(_PAUSE)

    def _ended(self) -> bool:
        return self.stopped()

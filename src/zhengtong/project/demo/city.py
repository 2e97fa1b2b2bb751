"""The demo city as a stream of table chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import polars as pl

from zhengtong.project.demo import departments, dirt
from zhengtong.project.demo.companies import Companies
from zhengtong.project.demo.draw import Draw
from zhengtong.project.demo.people import People
from zhengtong.project.demo.tables import BY_NAME, DIVISIONS, TableSpec
from zhengtong.project.demo.territory import YUNZHOU, Territory

#: people by scale
SCALES: Mapping[str, int] = MappingProxyType({"tiny": 2_000, "small": 20_000, "city": 1_000_000})
PEOPLE_PER_COMPANY = 10
CHUNK = 100_000
DEFAULT_SEED = 20_250_801
DEFAULT_DAY = date(2026, 6, 30)


@dataclass
class Report:
    """What was generated: rows by table, and faults by (table, column, kind). Complete when the stream has ended."""

    rows: Counter[str] = field(default_factory=Counter)
    faults: dirt.Count = field(default_factory=Counter)


class DemoCity:
    """
    A city under one seed. The same arguments give the same rows in the same order.

    :param persons: a multiple of ten; see :data:`SCALES`.
    :param territory: the divisions to live in; by default a city that does not exist.
    :param as_of: the day on which ages are true and after which nothing happened.
    :raises Invalid: if ``persons`` does not fit the territory.
    """

    def __init__(
        self, persons: int, *, seed: int = DEFAULT_SEED, territory: Territory = YUNZHOU, as_of: date = DEFAULT_DAY, chunk: int = CHUNK
    ) -> None:
        draw = Draw(seed)
        self.people = People(draw, territory, persons, as_of)
        self.companies = Companies(draw, territory, self.people, max(persons // PEOPLE_PER_COMPANY, 1), as_of)
        self.territory = territory
        self._world = departments.World(draw, territory, self.people, self.companies, as_of)
        self._chunk = max(chunk // 10, 1) * 10
        self.report = Report()

    def chunks(self) -> Iterator[tuple[TableSpec, pl.DataFrame]]:
        """
        Every table in chunks, tables interleaved; memory is bounded by the chunk size and the companies.

        A call starts over, and fills :attr:`report` anew.
        """
        report = self.report = Report()
        yield self._finish(report, DIVISIONS.qualified, departments.divisions(self._world))
        for first in range(0, self.people.count, self._chunk):
            people = self.people.rows(first, self._chunk)
            for name, build in departments.FROM_PEOPLE.items():
                yield self._finish(report, name, build(self._world, people))
        for first in range(0, len(self.companies), self._chunk):
            rows = self.companies.rows.slice(first, self._chunk)
            for name, build in departments.FROM_COMPANIES.items():
                yield self._finish(report, name, build(self._world, rows))

    @staticmethod
    def _finish(report: Report, name: str, clean: pl.DataFrame) -> tuple[TableSpec, pl.DataFrame]:
        """Number the clean rows, soil them, and hand them over in the order of the table's columns."""
        table = BY_NAME[name]
        frame = dirt.soil(name, clean, report.rows[name], report.faults)
        report.rows[name] += clean.height
        return table, frame.select([column.name for column in table.columns])

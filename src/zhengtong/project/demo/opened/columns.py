"""How columns are made: one function a kind, each from the row's number under the city's seed, whole columns at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from zhengtong.project.demo import words
from zhengtong.project.demo.draw import PER, Draw, joined, padded, weighted
from zhengtong.project.demo.opened.declared import Declared, Made
from zhengtong.project.demo.opened.places import Town, towns

_MICRO = 1_000_000
_ORDINALS = pl.Series([*(f"第{one}" for one in "一二三四五六七八九十"), *(f"第十{one}" for one in "一二三四五六七八九")])
_HOURS = pl.Series(["08:30-17:30", "09:00-17:00(周一闭馆)", "08:00-20:00", "全天", "09:00-21:00", "08:30-12:00,13:30-17:00"])
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_CHANGES_FROM = 2019
_YEAR = 365.25


@dataclass(frozen=True)
class Column:
    """A column with its values, and what it is in the catalog: a letter of the guide, its length, its decimals."""

    name: str
    values: pl.Series
    letter: str
    length: int | None = None
    decimals: int | None = None
    key: bool = False


@dataclass
class Rows:
    """What the columns of one row have in common: its number, its place, its company, its day; and the axes that count the rows."""

    declared: Declared
    draw: Draw
    companies: pl.DataFrame
    as_of: date
    axes: dict[str, pl.Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        steps = [(axis.name, AXES[axis.generator](self.as_of, axis.arguments)) for axis in self.declared.axes]
        self.count = math.prod(len(values) for _name, values in steps) if steps else self.declared.rows or 0
        self.index = pl.int_range(self.count, eager=True).alias("index")
        width = self.count
        for name, values in steps:
            width //= len(values)
            place = self.index // width % len(values)
            self.axes[name] = values.gather(place).alias(name)

    def below(self, stream: str, limit: int) -> pl.Series:
        """A whole number under ``limit`` for every row."""
        return self.draw.below(f"{self.declared.table}:{stream}", self.index, limit)

    def pick(self, stream: str, among: pl.Series) -> pl.Series:
        """One of a list for every row."""
        return among.gather(self.below(stream, len(among)))

    def share(self, stream: str) -> pl.Series:
        """From 0 to 1, evenly."""
        return self.below(stream, _MICRO) / _MICRO

    @cached_property
    def places(self) -> list[Town]:
        """The towns that rows lie in."""
        return list(towns())

    @cached_property
    def place(self) -> pl.Series:
        """The town of every row, as its place in the list: towns of the districts that stand first are more often meant."""
        return (self.share("place").pow(1.3) * len(self.places)).cast(pl.Int64)

    def of_town(self, name: str) -> pl.Series:
        """An attribute of the row's town."""
        return pl.Series([getattr(one, name) for one in self.places]).gather(self.place)

    @cached_property
    def company(self) -> pl.DataFrame:
        """The row's company."""
        return self.companies[self.below("company", self.companies.height)]

    @cached_property
    def day(self) -> pl.Series:
        """The row's day, from the year that its first ``day`` column names until today; later ones are more frequent."""
        since = next((int(one.arguments[0]) for one in self.declared.columns if one.generator == "day" and one.arguments), _CHANGES_FROM)
        length = (self.as_of - date(since, 1, 1)).days
        ago = (self.share("day").pow(1.6) * length).cast(pl.Int64) + 1
        return pl.select(pl.lit(self.as_of) - pl.duration(days=pl.lit(ago))).to_series()

    @cached_property
    def elapsed(self) -> pl.Series:
        """Years since the first moment of the axis that is about time."""
        for values in self.axes.values():
            if values.dtype == pl.Date():
                return ((values - values.min()).dt.total_days() / _YEAR).cast(pl.Float64)
            if values.dtype == pl.Int64():
                return (values - values.min()).cast(pl.Float64)
            if values.dtype == pl.String() and values.str.contains(r"^20\d\d-\d\d$").all():
                months = values.str.slice(0, 4).cast(pl.Int64) * 12 + values.str.slice(5, 2).cast(pl.Int64)
                return ((months - months.min()) / 12).cast(pl.Float64)
        return pl.zeros(self.count, dtype=pl.Float64, eager=True)

    @cached_property
    def season(self) -> pl.Series:
        """1 in the middle of January, -1 in the middle of July."""
        for values in self.axes.values():
            if values.dtype == pl.Date():
                turn = (values.dt.ordinal_day() - 15) / _YEAR
            elif values.dtype == pl.String() and values.str.contains(r"^20\d\d-\d\d$").all():
                turn = (values.str.slice(5, 2).cast(pl.Int64) - 1) / 12
            else:
                continue
            return (turn * (2 * math.pi)).cos()
        return pl.zeros(self.count, dtype=pl.Float64, eager=True)

    def level(self, stream: str) -> pl.Series:
        """From 0.55 to 1.45, the same for all rows that differ in time alone."""
        others = [values.cast(pl.String) for values in self.axes.values() if not self._is_time(values)]
        if not others:
            return pl.repeat(1.0, self.count, eager=True)
        whole = joined(*others)
        places = {value: number for number, value in enumerate(whole.unique().sort().to_list())}
        return (
            self.draw.below(f"{self.declared.table}:{stream}:level", whole.replace_strict(places, return_dtype=pl.Int64), 91) / 100 + 0.55
        )

    @staticmethod
    def _is_time(values: pl.Series) -> bool:
        return values.dtype in (pl.Date(), pl.Int64()) or bool(values.str.contains(r"^20\d\d-(?:\d\d|Q\d)$").all())


# ------------------------------------------------------------------ axes
def _months(as_of: date, arguments: tuple[str, ...]) -> pl.Series:
    last = as_of.year * 12 + as_of.month - 2
    return pl.Series([f"{one // 12}-{one % 12 + 1:02}" for one in range(last - int(arguments[0]) + 1, last + 1)])


def _quarters(as_of: date, arguments: tuple[str, ...]) -> pl.Series:
    last = as_of.year * 4 + (as_of.month - 1) // 3 - 1
    return pl.Series([f"{one // 4}-Q{one % 4 + 1}" for one in range(last - int(arguments[0]) + 1, last + 1)])


def _days(as_of: date, arguments: tuple[str, ...]) -> pl.Series:
    return pl.Series([as_of - timedelta(days=ago) for ago in range(int(arguments[0]), 0, -1)])


AXES: Mapping[str, Callable[[date, tuple[str, ...]], pl.Series]] = {
    "years": lambda as_of, arguments: pl.Series(range(int(arguments[0]), as_of.year), dtype=pl.Int64),
    "quarters": _quarters,
    "months": _months,
    "days": _days,
    "counties": lambda _as_of, _arguments: pl.Series(list(dict.fromkeys(town.county for town in towns()))),
    "towns": lambda _as_of, _arguments: pl.Series([town.name for town in towns()]),
    "list": lambda _as_of, arguments: pl.Series(arguments),
}


# ------------------------------------------------------------------ columns
def _integer(column: Made, values: pl.Series) -> Column:
    return Column(column.name, values.cast(pl.Int64), "I")


def _number(column: Made, values: pl.Series, decimals: int) -> Column:
    if not decimals:
        return _integer(column, values.round(0))
    return Column(column.name, values.round(decimals), "N", 14, decimals)


def _text(column: Made, values: pl.Series) -> Column:
    longest = int(values.str.len_chars().max() or 1)  # type: ignore[arg-type]
    return Column(column.name, values, "C", next((size for size in (20, 50, 100, 200) if longest <= size), 500))


def _day(column: Made, values: pl.Series) -> Column:
    return Column(column.name, values, "D")


def _between(rows: Rows, column: Made) -> pl.Series:
    low, high = float(column.arguments[0]), float(column.arguments[1])
    return rows.share(column.name) * (high - low) + low


def _skewed(rows: Rows, column: Made) -> pl.Series:
    low, high = float(column.arguments[0]), float(column.arguments[1])
    return rows.share(column.name).pow(3) * (high - low) + low


def _wave(rows: Rows, column: Made) -> Column:
    mean, swing, noise, decimals, least = (float(one) for one in (*column.arguments, "0")[:5])
    # neighbouring places see the same weather: half of the noise belongs to the place, half to the row
    values = mean + swing * rows.season + noise * (rows.share(column.name) * 2 - 1) + noise * 0.4 * (rows.level(column.name) - 1)
    return _number(column, values.clip(least), int(decimals))


def _trend(rows: Rows, column: Made) -> Column:
    base, growth, noise, decimals = (float(one) for one in column.arguments)
    values = base * rows.level(column.name) * (rows.elapsed * math.log1p(growth / 100)).exp()
    return _number(column, values * (1 + noise / 100 * (rows.share(column.name) * 2 - 1)), int(decimals))


def _of(rows: Rows, column: Made) -> Column:
    choices = [one.partition("*") for one in column.arguments]
    return _text(column, rows.pick(column.name, weighted([(name, int(weight or 1)) for name, _star, weight in choices])))


def _templated(rows: Rows, column: Made) -> Column:
    template = ",".join(column.arguments)
    parts: list[pl.Series | str] = []
    for number, part in enumerate(_PLACEHOLDER.split(template)):
        if number % 2:
            parts.append(_WORDS[part](rows, f"{column.name}:{number}"))
        elif part:
            parts.append(part)
    return _text(column, joined(*parts))


_WORDS: Mapping[str, Callable[[Rows, str], pl.Series]] = {
    "town": lambda rows, _stream: rows.of_town("name").str.replace(r"(?:街道|镇|乡)$", ""),
    "county": lambda rows, _stream: rows.of_town("county"),
    "short": lambda rows, _stream: rows.of_town("county").str.replace(r"[区县市]$", ""),
    "road": lambda rows, stream: rows.pick(stream, words.ROADS),
    "word": lambda rows, stream: joined(rows.pick(stream, words.COMPANY_FIRST), rows.pick(f"{stream}:2", words.COMPANY_SECOND)),
    "sur": lambda rows, stream: rows.pick(stream, words.SURNAMES.filter(words.SURNAMES.str.len_chars() == 1)),
    "ord": lambda rows, stream: rows.pick(stream, _ORDINALS),
    "n": lambda rows, _stream: (rows.index + 1).cast(pl.String),
    "nnn": lambda rows, _stream: padded(rows.index + 1, 4),
    "k": lambda rows, stream: (rows.below(stream, 880) + 1).cast(pl.String),
    "year": lambda rows, _stream: rows.day.dt.year().cast(pl.String),
    "month": lambda rows, _stream: padded(rows.day.dt.month(), 2),
    "co": lambda rows, _stream: rows.company["name"],
}


def _address(rows: Rows, column: Made) -> Column:
    door = (rows.below("door", 898) + 1).cast(pl.String)
    return _text(column, joined(rows.of_town("county"), rows.of_town("name"), rows.pick("road", words.ROADS), door, "号"))


def _coordinate(rows: Rows, column: Made) -> Column:
    middle, width = ("longitude", "wide") if column.generator == "longitude" else ("latitude", "high")
    # the sum of two even draws: dense in the middle of the town, thin at its edge
    off = rows.share(column.generator) + rows.share(f"{column.generator}:2") - 1
    return Column(column.name, (rows.of_town(middle) + off * rows.of_town(width)).round(6), "N", 9, 6)


def _after(rows: Rows, column: Made) -> Column:
    days = _between(rows, column).cast(pl.Int64)
    return _day(column, pl.select(pl.lit(rows.day) + pl.duration(days=pl.lit(days))).to_series())


def _recent(rows: Rows, column: Made) -> Column:
    ago = rows.below(column.name, int(column.arguments[0])) + 1
    return _day(column, pl.select(pl.lit(rows.as_of) - pl.duration(days=pl.lit(ago))).to_series())


def _moment(rows: Rows, column: Made) -> Column:
    start = pl.lit(rows.day).cast(pl.Datetime("us")) + pl.duration(seconds=pl.lit(rows.below(column.name, 36_000) + 28_800))
    return Column(column.name, pl.select(start.alias(column.name)).to_series(), "T")


def _phone(rows: Rows, column: Made) -> Column:
    return _text(column, joined("0000-86", padded(rows.below(column.name, 100_000), 5)))


def _perhaps(rows: Rows, column: Made) -> Column:
    """``of``, left empty in a part of the rows given in hundredths by the first argument."""
    filled = _of(rows, Made(column.name, "of", column.arguments[1:]))
    empty = rows.below(f"{column.name}:empty", PER) < int(column.arguments[0]) * 100
    values = pl.select(pl.when(empty).then(None).otherwise(pl.lit(filled.values))).to_series()
    return Column(column.name, values, "C", filled.length)


def _county_codes() -> dict[str, str]:
    return {town.county: town.county_code for town in towns()}


COLUMNS: Mapping[str, Callable[[Rows, Made], Column]] = {
    "serial": lambda rows, one: _text(one, joined(one.arguments[0], padded(rows.index + 1, int(one.arguments[1])))),
    "seq": lambda rows, one: _integer(one, rows.index + 1),
    "text": _templated,
    "of": _of,
    "perhaps": _perhaps,
    "county": lambda rows, one: _text(one, rows.of_town("county")),
    "countycode": lambda rows, one: _text(one, rows.of_town("county_code")),
    "town": lambda rows, one: _text(one, rows.of_town("name")),
    "towncode": lambda rows, one: _text(one, rows.of_town("code")),
    "codeof": lambda rows, one: _text(one, rows.axes[one.arguments[0]].replace_strict(_county_codes())),
    "address": _address,
    "longitude": _coordinate,
    "latitude": _coordinate,
    "phone": _phone,
    "hours": lambda rows, one: _text(one, rows.pick(one.name, _HOURS)),
    "int": lambda rows, one: _integer(one, _between(rows, one)),
    "skew": lambda rows, one: _integer(one, _skewed(rows, one)),
    "num": lambda rows, one: _number(one, _between(rows, one), int(one.arguments[2])),
    "money": lambda rows, one: Column(one.name, _skewed(rows, one).round(2), "Y", 14, 2),
    "year": lambda rows, one: _integer(one, _between(rows, one)),
    "day": lambda rows, one: _day(one, rows.day),
    "after": _after,
    "recent": _recent,
    "moment": _moment,
    "company": lambda rows, one: _text(one, rows.company["name"]),
    "credit": lambda rows, one: _text(one, rows.company["code"]),
    "trade": lambda rows, one: _text(one, rows.company["industry"]),
    "wave": _wave,
    "trend": _trend,
}


def made(declared: Declared, draw: Draw, companies: pl.DataFrame, as_of: date) -> list[Column]:
    """All columns of a dataset, axes first, then its own in the order in which they are declared."""
    rows = Rows(declared, draw, companies, as_of)
    columns = [_axis_column(name, values) for name, values in rows.axes.items()]
    for one in declared.columns:
        column = COLUMNS[one.generator](rows, one)
        columns.append(Column(one.name, column.values.alias(one.name), column.letter, column.length, column.decimals, one.key))
    return columns


def _axis_column(name: str, values: pl.Series) -> Column:
    if values.dtype == pl.Date():
        return Column(name, values, "D", key=True)
    if values.dtype == pl.Int64():
        return Column(name, values, "I", key=True)
    return Column(name, values, "C", 50, key=True)

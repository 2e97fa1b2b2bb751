"""
Dirt on purpose, at rates that are known exactly.

Rows of a table are numbered from 0. For each dirty column a multiplication modulo ten thousand scatters the row numbers, and neighbouring
ranges of the result get the kinds of dirt: so one value has one fault at most, every ten thousand rows hold exactly the documented number,
and a test can count.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from zhengtong.kernel.codes.credit_code import ALPHABET
from zhengtong.project.demo.draw import PER

_SCATTER = 7_919  # prime to ten thousand
_CENTURY = "19"
WRONG_CHECK, OLD_NUMBER, FULL_WIDTH, BLANKS = "wrong-check-character", "old-15-digit-number", "full-width-digits", "trailing-blanks"
MISSING, OTHER_DATE, OTHER_DOT, DUPLICATE = "missing", "other-date-format", "other-dot", "duplicate-row"


@dataclass(frozen=True)
class Dirt:
    """``per_10_000`` rows of a table have this fault in this column (no column: the row stands twice)."""

    kind: str
    column: str
    per_10_000: int


#: the documented faults. An old number is only given to people born before 2000, another dot only to names with a dot.
FAULTS: Mapping[str, tuple[Dirt, ...]] = {
    "public_security.czrk_jbxx": (Dirt(MISSING, "LXDH", 300), Dirt(BLANKS, "HKSZD_XZ", 50)),
    "civil_affairs.marriage_registration": (
        Dirt(WRONG_CHECK, "groom_id", 40),
        Dirt(OLD_NUMBER, "groom_id", 100),
        Dirt(OLD_NUMBER, "bride_id", 100),
        Dirt(OTHER_DATE, "register_date", 150),
        Dirt(BLANKS, "bride_name", 60),
    ),
    "human_resources.ac01_cbxx": (
        Dirt(WRONG_CHECK, "AAC002", 30),
        Dirt(OLD_NUMBER, "AAC002", 50),
        Dirt(FULL_WIDTH, "AAC002", 20),
        Dirt(BLANKS, "AAC003", 80),
        Dirt(OTHER_DOT, "AAC003", 5_000),
        Dirt(MISSING, "AAE005", 500),
        Dirt(FULL_WIDTH, "AAE005", 30),
        Dirt(DUPLICATE, "", 40),
    ),
    "market_regulation.company": (
        Dirt(WRONG_CHECK, "uscc", 60),
        Dirt(FULL_WIDTH, "uscc", 20),
        Dirt(OTHER_DATE, "established_on", 200),
        Dirt(MISSING, "contact_phone", 800),
        Dirt(BLANKS, "entity_name", 50),
    ),
    "natural_resources.不动产登记簿": (Dirt(OLD_NUMBER, "证件号码", 200), Dirt(WRONG_CHECK, "证件号码", 30), Dirt(BLANKS, "权利人", 50)),
    "housing_fund.gjj_grzh": (Dirt(FULL_WIDTH, "ZJHM", 40), Dirt(MISSING, "SJHM", 200), Dirt(DUPLICATE, "", 20)),
    "health.ehr_resident": (
        Dirt(WRONG_CHECK, "id_card", 100),
        Dirt(OLD_NUMBER, "id_card", 60),
        Dirt(FULL_WIDTH, "id_card", 40),
        Dirt(OTHER_DATE, "birthday", 800),
        Dirt(OTHER_DOT, "full_name", 5_000),
        Dirt(BLANKS, "full_name", 100),
        Dirt(MISSING, "tel", 1_000),
        Dirt(DUPLICATE, "", 80),
    ),
    "taxation.dj_nsrxx": (Dirt(WRONG_CHECK, "NSRSBH", 20), Dirt(OTHER_DATE, "DJRQ", 100)),
}

Count = Counter[tuple[str, str, str]]


def positions(table: str, column: str, row: pl.Series) -> pl.Series:
    """Where row numbers land among ten thousand, for one column of a table."""
    offset = int.from_bytes(hashlib.sha256(f"{table}.{column}".encode()).digest()[:4], "big") % PER
    return (row * _SCATTER + offset) % PER


def chosen_rows(table: str, fault: Dirt, row: pl.Series) -> pl.Series:
    """Which of the numbered rows a fault is meant for."""
    start = 0
    for other in FAULTS[table]:
        if other == fault:
            break
        start += other.per_10_000 if other.column == fault.column else 0
    place = positions(table, fault.column, row)
    return (place >= start) & (place < start + fault.per_10_000)


def soil(table: str, frame: pl.DataFrame, first_row: int, count: Count) -> pl.DataFrame:
    """
    The frame with its faults; ``count`` grows by what was really changed, by (table, column, kind).

    :param first_row: the number of the frame's first row in its table.
    """
    row = pl.int_range(first_row, first_row + frame.height, eager=True)
    for fault in FAULTS.get(table, ()):
        mask = chosen_rows(table, fault, row)
        if fault.kind == DUPLICATE:
            continue
        clean = frame[fault.column]
        faulty = _MAKERS[fault.kind](clean, row)
        mask &= faulty.is_null() | (faulty != clean)
        mask = mask.fill_null(value=False)
        count[table, fault.column, fault.kind] += int(mask.sum())
        frame = frame.with_columns(pl.select(pl.when(mask).then(faulty).otherwise(clean).alias(fault.column)).to_series())
    for fault in FAULTS.get(table, ()):
        if fault.kind == DUPLICATE:
            again = frame.filter(chosen_rows(table, fault, row))
            count[table, fault.column, fault.kind] += again.height
            frame = frame.vstack(again)
    return frame


def _wrong_check(value: pl.Series, _row: pl.Series) -> pl.Series:
    following = {character: ALPHABET[(place + 1) % 10] for place, character in enumerate(ALPHABET)}
    last = value.str.slice(-1).replace_strict(following, default="0", return_dtype=pl.String)
    return value.str.slice(0, 17) + last


def _old_number(value: pl.Series, _row: pl.Series) -> pl.Series:
    old = value.str.slice(0, 6) + value.str.slice(8, 9)
    return pl.select(pl.when(value.str.slice(6, 2) == _CENTURY).then(old).otherwise(value).alias(value.name)).to_series()


def _full_width(value: pl.Series, _row: pl.Series) -> pl.Series:
    return pl.select(pl.lit(value).str.replace_many({digit: chr(ord(digit) + 0xFEE0) for digit in "0123456789"})).to_series()


def _blanks(value: pl.Series, row: pl.Series) -> pl.Series:
    return value + pl.Series([" ", "  ", "\u3000", "\t"]).gather(row % 4)


def _missing(value: pl.Series, _row: pl.Series) -> pl.Series:
    return pl.Series(value.name, [None], dtype=value.dtype).new_from_index(0, len(value))


def _other_date(value: pl.Series, row: pl.Series) -> pl.Series:
    """Three other ways to write a date that the column writes as ``2026-06-30`` or ``20260630``."""
    digits = value.str.replace_all("-", "", literal=True)
    year, month, day = digits.str.slice(0, 4), digits.str.slice(4, 2), digits.str.slice(6, 2)
    short = [part.str.strip_chars_start("0") for part in (month, day)]
    slashes, dots, words = (
        year + "/" + short[0] + "/" + short[1],
        year + "." + month + "." + day,
        year + "年" + short[0] + "月" + short[1] + "日",
    )
    way = row % 3
    return pl.select(pl.when(way == 0).then(slashes).when(way == 1).then(dots).otherwise(words).alias(value.name)).to_series()


def _other_dot(value: pl.Series, row: pl.Series) -> pl.Series:
    dots = pl.Series([".", "•", "‧"]).gather(row % 3)
    parts = value.str.split_exact("·", 1).struct.unnest()
    whole = parts["field_0"] + dots + parts["field_1"]
    return pl.select(pl.when(parts["field_1"].is_null()).then(value).otherwise(whole).alias(value.name)).to_series()


_MAKERS: Mapping[str, Callable[[pl.Series, pl.Series], pl.Series]] = {
    WRONG_CHECK: _wrong_check,
    OLD_NUMBER: _old_number,
    FULL_WIDTH: _full_width,
    BLANKS: _blanks,
    MISSING: _missing,
    OTHER_DATE: _other_date,
    OTHER_DOT: _other_dot,
}

"""Rules agree with plain Python, say what they ask, and travel as plain dicts."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.dataflow import oracle
from zhengtong.engines.dataflow.conversion import converted
from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.rules import (
    KINDS,
    Checker,
    CodeList,
    Convertible,
    CreditCode,
    IdentityNumber,
    Length,
    NotNull,
    Pattern,
    Range,
    Rule,
    Unique,
    raw_name,
    rule_from_dict,
)

_bodies = st.builds(
    "{:06}{:04}{:02}{:02}{:03}".format,
    st.integers(0, 999_999),
    st.integers(0, 2100),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 999),
)
_identity = st.one_of(
    _bodies.map(oracle.with_identity_check),
    _bodies.map(lambda body: body + "0"),
    _bodies.map(lambda body: oracle.with_identity_check(body).lower()),
    st.text("0123456789X", min_size=14, max_size=19),
    st.text(max_size=18),
)
_credit_bodies = st.builds(
    "{}{}{}".format,
    st.text(oracle.ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(oracle.ALPHABET, min_size=9, max_size=9),
)
_credit = st.one_of(
    _credit_bodies.map(oracle.with_credit_check),
    _credit_bodies.map(lambda body: body + "7"),
    _credit_bodies.map(lambda body: "I" + oracle.with_credit_check(body)[1:]),
    st.text(oracle.ALPHABET + "IOSVZ", min_size=18, max_size=18),
    st.text(max_size=18),
)
_TEXT = Item(key="v", name="值")


def refusals(items: list[Item], rules: list[Rule], columns: dict[str, list[str | None]]) -> list[list[str]]:
    """The ids of the rules that refuse each row of texts."""
    checker = Checker(items, rules)
    frame = pl.DataFrame({raw_name(item.key): pl.Series(columns[item.key], dtype=pl.String) for item in items})
    lazy = frame.lazy().with_columns(converted(item, pl.col(raw_name(item.key)), pl.String()).alias(item.key) for item in items)
    checked = checker.apply(lazy).collect()
    return [checker.ids(masks) for masks in checked.select(checker.words).iter_rows()]


def broken(rule: Rule, values: list[str | None], item: Item = _TEXT) -> list[bool]:
    return [bool(ids) for ids in refusals([item], [rule], {"v": values})]


@given(st.lists(_identity, min_size=1, max_size=20), st.booleans())
def test_identity_numbers(values: list[str], legacy: bool) -> None:  # noqa: FBT001 - drawn
    expected = [not oracle.is_identity_number(value, legacy=legacy) for value in values]
    assert broken(IdentityNumber(item="v", legacy=legacy), [*values]) == expected


@given(st.lists(_credit, min_size=1, max_size=20))
def test_credit_codes(values: list[str]) -> None:
    assert broken(CreditCode(item="v"), [*values]) == [not oracle.is_credit_code(value) for value in values]


def test_real_numbers_pass() -> None:
    assert not any(broken(IdentityNumber(item="v"), ["11010519491231002X", "440524188001010014", None]))
    codes = ["91110000600037341L", "91330000755918469E", "11430000006122244L", "11370800MB28559184", None]
    assert not any(broken(CreditCode(item="v"), [*codes]))


@pytest.mark.parametrize("first", ["N2", "A1", "Y1"])
def test_credit_codes_may_begin_with_a_letter(first: str) -> None:
    assert broken(CreditCode(item="v"), [oracle.with_credit_check(f"{first}110105MA0000000"), f"{first}110105MA00000000"]) == [False, True]


_values = st.lists(
    st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["", " ", "　", "\x1f", "\u200b", "01", "02", "中文", "a\n"])),
    min_size=1,
    max_size=20,
)


@given(_values)
@example(["\x1f", "\u200b", "\ufeff\u3000", "\x85", "\x1fa", "\0"])
def test_not_null_refuses_blanks_too(values: list[str | None]) -> None:
    assert broken(NotNull(item="v"), values) == [value is None or not oracle.stripped(value) for value in values]


@given(_values)
def test_code_list(values: list[str | None]) -> None:
    assert broken(CodeList(item="v", codes=("01", "中文")), values) == [value not in {None, "01", "中文"} for value in values]


@given(_values, st.integers(0, 3), st.integers(3, 6))
def test_length_counts_characters(values: list[str | None], least: int, most: int) -> None:
    expected = [value is not None and not least <= len(value) <= most for value in values]
    assert broken(Length(item="v", least=least, most=most), values) == expected


@given(_values)
def test_pattern_matches_the_whole_text(values: list[str | None]) -> None:
    expected = [value is not None and not re.fullmatch(r"[0-9]{2}|a", value) for value in values]
    assert broken(Pattern(item="v", pattern=r"[0-9]{2}|a"), values) == expected


@given(st.lists(st.decimals(-200, 200, places=2), min_size=1, max_size=20))
def test_range_of_decimals(values: list[Decimal]) -> None:
    item = Item(key="v", type=ItemType.DECIMAL, precision=10, scale=2)
    rule = Range(item="v", low="-0.505", high="100")
    expected = [not Decimal("-0.505") <= value <= 100 for value in values]
    assert broken(rule, [str(value) for value in values], item) == expected


@given(st.lists(st.datetimes(datetime(2023, 12, 30), datetime(2024, 1, 2)), min_size=1, max_size=20))
def test_range_of_moments_is_in_beijing_time(values: list[datetime]) -> None:
    item = Item(key="v", type=ItemType.DATETIME)
    expected = [not datetime(2023, 12, 31, 8) <= value <= datetime(2024, 1, 1) for value in values]
    rule = Range(item="v", low="2023-12-31T00:00:00+00:00", high="2024-01-01")
    assert broken(rule, [value.isoformat(" ") for value in values], item) == expected


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None, "x" * 9]), st.sampled_from(["1", "2"])), min_size=1, max_size=20))
def test_unique_keeps_the_first_row_that_no_other_rule_refuses(rows: list[tuple[str | None, str]]) -> None:
    items = [Item(key="v", length=5), Item(key="w")]
    got = refusals(
        items, [Convertible(item="v"), Unique(item="v", also=("w",))], {"v": [row[0] for row in rows], "w": [row[1] for row in rows]}
    )
    seen: set[tuple[str | None, str]] = set()
    for row, ids in zip(rows, got, strict=True):
        if row[0] is None:
            assert ids == []
        elif len(row[0]) > 5:
            assert ids == ["type:v"]
        else:
            assert ids == (["unique:v"] if row in seen else [])
            seen.add(row)


def test_a_value_that_does_not_convert_breaks_only_its_type() -> None:
    item = Item(key="v", type=ItemType.INTEGER, nullable=False)
    rules: list[Rule] = [Convertible(item="v"), NotNull(item="v"), Range(item="v", low="0", high="9")]
    assert refusals([item], rules, {"v": ["5", "12", "x", None]}) == [[], ["range:v"], ["type:v"], ["not-null:v"]]


def test_many_rules_need_more_than_one_word() -> None:
    rules: list[Rule] = [CodeList(item="v", id=f"r{number}", codes=(str(number),)) for number in range(150)]
    got = refusals([_TEXT], rules, {"v": ["77", None]})
    assert got == [[f"r{number}" for number in range(150) if number != 77], []]


EXAMPLES: list[Rule] = [
    NotNull(item="v"),
    CodeList(item="v", codes=("1", "2"), source="GB/T 2261.1"),
    Range(item="v", low="1"),
    Length(item="v", least=1, most=3),
    Pattern(item="v", pattern="[a-z]+", meaning="小写字母"),
    IdentityNumber(item="v", legacy=True),
    CreditCode(item="v", id="uscc"),
    Unique(item="v", also=("w",)),
    Convertible(item="v", type="date"),
]


def test_every_kind_has_an_example() -> None:
    assert {rule.kind for rule in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule.kind)
def test_a_rule_reads_back_from_json_and_speaks(rule: Rule) -> None:
    assert rule_from_dict(json.loads(json.dumps(rule.to_dict()))) == rule
    assert "姓名" in rule.sentence("姓名")
    assert rule.remedy


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "magic", "item": "v"},
        {"kind": "not-null"},
        {"kind": "code-list", "item": "v"},
        {"kind": "not-null", "item": "v", "colour": 1},
    ],
)
def test_an_unknown_rule_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(BadPlan):
        rule_from_dict(document)


@pytest.mark.parametrize(
    ("item", "rules"),
    [
        (_TEXT, [NotNull(item="other")]),
        (_TEXT, [NotNull(item="v"), NotNull(item="v")]),
        (_TEXT, [Range(item="v", low="1")]),
        (Item(key="v", type=ItemType.INTEGER), [Range(item="v")]),
        (Item(key="v", type=ItemType.INTEGER), [Range(item="v", low="one")]),
        (Item(key="v", type=ItemType.INTEGER), [CreditCode(item="v")]),
        (_TEXT, [Pattern(item="v", pattern="(?=a)")]),
        (_TEXT, [Length(item="v", least=3, most=1)]),
        (_TEXT, [Unique(item="v", also=("w",))]),
    ],
)
def test_a_rule_that_cannot_apply_is_refused(item: Item, rules: list[Rule]) -> None:
    with pytest.raises(BadPlan):
        Checker([item], rules)

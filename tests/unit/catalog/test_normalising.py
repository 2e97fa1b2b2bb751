"""Foreign values: what is understood, and that nothing breaks on what is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.resources.catalog.rules import normalising as normal
from zhengtong.apps.resources.catalog.rules.vocabulary import CYCLE_LABELS, DATA_TYPE_LABELS, FORMAT_LABELS, MODE_LABELS, SHARING_LABELS

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4),
)


@given(ANYTHING)
def test_no_value_breaks_a_reader(value: Any) -> None:
    for read in (
        *(normal.text, normal.listed, normal.cycle, normal.formats, normal.openness, normal.sharing, normal.modes, normal.day),
        *(normal.data_type, normal.size, normal.yes, normal.format_class),
    ):
        read(value)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *(("每年", "6"), ("年", "6"), ("按年", "6"), ("按年更新", "6"), ("每年更新", "6"), ("年度", "6"), ("每天", "2"), ("每日", "2")),
        *(
            ("按日更新", "2"),
            ("实时", "1"),
            ("实时更新", "1"),
            ("每周", "3"),
            ("每月", "4"),
            ("每季度", "5"),
            ("季度", "5"),
            ("每半年", "7"),
        ),
        *(("不定期", "8"), ("不定期更新", "8"), ("每 年", "6"), ("6", "6")),
    ],
)
def test_cycles_are_known_in_every_spelling(said: str, code: str) -> None:
    assert normal.cycle(said) == (code, "", True)


@pytest.mark.parametrize("said", ["每两年", "其他", "每届任期", "自定义"])
def test_a_cycle_without_a_code_is_kept_word_for_word_and_flagged(said: str) -> None:
    assert normal.cycle(said) == ("9", said, False)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_dates_are_read_in_every_spelling(moment: date) -> None:
    year, month, day = moment.year, moment.month, moment.day
    spellings = (
        *(moment.isoformat(), f"{year}-{month}-{day}", f"{year}/{month}/{day}", f"{year}.{month:02}.{day}", f"{year}年{month}月{day}日"),
        *(f"{year}{month:02}{day:02}", f"{year}-{month}-{day} 12:30:00", f" {year} - {month} - {day}", moment),
    )
    assert {normal.day(one) for one in spellings} == {(moment, True)}


@pytest.mark.parametrize("said", ["2021-13-45", "2021-02-30", "昨天", "2021年", "20211345", "2021-1-123"])
def test_a_date_that_is_none_is_said_to_be_none(said: str) -> None:
    assert normal.day(said) == (None, False)


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("['file']", ["file"]),
        ('["a", "b"]', ["a", "b"]),
        (["csv", "csv"], ["csv"]),
        ("国土资源、能源\r\n\t信息传输", ["国土资源、能源", "信息传输"]),
        ("教育,文化;体育", ["教育", "文化", "体育"]),
        ("暂无", []),
        ("[broken", ["[broken"]),
    ],
)
def test_lists_are_read_however_they_are_written(said: Any, parts: list[str]) -> None:
    assert normal.listed(said) == parts


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("['xls', 'xml', 'json']", ("2", ["xls", "xml", "json"], [])),
        ("EXCEL,DOC", ("2", ["excel", "doc"], [])),
        ("DB数据库", ("3", ["db数据库"], [])),
        ("['link', '其他']", ("", [], ["link", "其他"])),
        (["api"], ("7", ["api"], [])),
        ("", ("", [], [])),
        ("电子表格", ("2", [], [])),
    ],
)
def test_formats_give_a_class_and_say_what_they_could_not_read(said: Any, expected: tuple[str, list[str], list[str]]) -> None:
    assert normal.formats(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("无条件开放", (True, "无条件开放", True)),
        ("有条件开放", (True, "有条件开放", True)),
        ("不予开放", (False, "", True)),
        ("是", (True, "", True)),
        (0, (False, "", True)),
        ("", (None, "", True)),
        ("看情况", (None, "", False)),
    ],
)
def test_openness_is_read_or_said_to_be_unread(said: Any, expected: tuple[bool | None, str, bool]) -> None:
    assert normal.openness(said) == expected


def test_our_own_words_and_codes_are_read_back() -> None:
    assert [normal.cycle(label)[0] for code, label in CYCLE_LABELS.items() if code != "9"] == [code for code in CYCLE_LABELS if code != "9"]
    assert [normal.sharing(label)[0] for label in SHARING_LABELS.values()] == list(SHARING_LABELS)
    assert [normal.sharing(f"0{code}")[0] for code in SHARING_LABELS] == list(SHARING_LABELS)
    assert [normal.format_class(label) for label in FORMAT_LABELS.values()] == list(FORMAT_LABELS)
    assert [normal.data_type(label)[0] for label in DATA_TYPE_LABELS.values()] == list(DATA_TYPE_LABELS)
    assert [normal.data_type(f"{label}{code}")[0] for code, label in DATA_TYPE_LABELS.items()] == list(DATA_TYPE_LABELS)
    assert [normal.modes(label)[0] for label in MODE_LABELS.values()] == [[code] for code in MODE_LABELS]


@pytest.mark.parametrize(("said", "expected"), [("varchar(50)", (50, None)), ("10,2", (10, 2)), (18, (18, None)), ("", (None, None))])
def test_sizes_are_read_from_what_databases_say(said: Any, expected: tuple[int | None, int | None]) -> None:
    assert normal.size(said) == expected

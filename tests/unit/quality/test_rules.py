"""What an entry is worth, when it is late, what is the same item, what a file of standard items may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.catalog import content
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.rules.facts import Bound, Facts
from zhengtong.apps.resources.quality.rules.freshness import freshness
from zhengtong.apps.resources.quality.rules.judging import BY_CODE, REMEDY_LABELS, RULE_LABELS, RULES, judge
from zhengtong.apps.resources.quality.rules.naming import group_key, normalised
from zhengtong.apps.resources.quality.rules.standards import RefusedRow, StandardContent, StandardInvalid, deviations, read_csv

TODAY = date(2026, 6, 10)
WHOLE = Facts(
    says=content(contact="业务科 0531-8600001", data_updated_on=TODAY), published_on=TODAY, today=TODAY, bound=Bound(collected_on=TODAY)
)


def broken(facts: Facts) -> set[str]:
    return {fault.rule for fault in judge(facts).faults}


def says(**changes: object) -> Facts:
    return replace(WHOLE, says=replace(WHOLE.says, **changes))  # type: ignore[type-var]


def test_an_entry_that_lacks_nothing_has_every_point() -> None:
    assert judge(WHOLE).score == 100, broken(WHOLE)


def test_every_rule_has_its_words() -> None:
    assert set(RULE_LABELS) == set(REMEDY_LABELS) == set(BY_CODE)
    assert len(BY_CODE) == len(RULES)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (says(class_code=""), "class-missing"),
        (says(summary=" "), "summary-missing"),
        (says(summary="殡葬火化信息。"), "summary-thin"),
        (says(summary="火化记录"), "summary-thin"),
        (says(format_class=""), "format-missing"),
        (says(format_types=()), "format-type-missing"),
        (says(items=()), "items-missing"),
        (says(sharing_type=""), "sharing-missing"),
        (says(sharing_modes=()), "modes-missing"),
        (says(is_open=None), "open-missing"),
        (says(is_open=True), "open-condition-missing"),
        (says(update_cycle=""), "cycle-missing"),
        (says(contact=""), "contact-unreachable"),
        (says(contact="业务科 138****0001"), "contact-unreachable"),
        (says(items=(catalog.ItemContent("x1", "x1", length=9, is_key=True),)), "item-names-empty"),
        (says(items=(catalog.ItemContent("a", "字段 12", length=9, is_key=True),)), "item-names-empty"),
        (says(items=(catalog.ItemContent("a", "姓名", is_key=True),)), "item-lengths-missing"),
        (says(items=(catalog.ItemContent("a", "姓名", length=9),)), "key-item-missing"),
        (says(legal_basis=""), "basis-missing"),
        (says(sharing_type="3", legal_basis="内部规定"), "refused-without-law"),
        (says(sharing_purpose=""), "conditions-missing"),
        (says(data_level=""), "level-missing"),
        (replace(WHOLE, flags=({"kind": "cycle-custom"},)), "import-flagged"),
        (replace(WHOLE, flags=({"kind": "provider-unknown"},)), "provider-unknown"),
        (replace(WHOLE, bound=None), "unbound"),
        (replace(WHOLE, bound=Bound()), "never-collected"),
        (replace(WHOLE, today=TODAY + timedelta(days=5)), "collection-late"),
        (replace(WHOLE, bound=None, today=TODAY + timedelta(days=5)), "update-late"),
        (replace(says(update_cycle="8"), today=TODAY + timedelta(days=400)), "review-late"),
    ],
)
def test_each_rule_finds_its_breach(facts: Facts, rule: str) -> None:
    assert rule in broken(facts)
    assert judge(facts).score < 100


def test_what_the_import_said_and_a_rule_says_too_costs_once() -> None:
    assert "import-flagged" not in broken(replace(WHOLE, flags=({"kind": "summary-is-name"},)))


def test_a_rule_about_items_costs_in_proportion() -> None:
    items = (catalog.ItemContent("a", "姓名", length=9, is_key=True), catalog.ItemContent("b", "字段1", length=9))
    assert {fault.rule: fault.points for fault in judge(says(items=items)).faults} == {"item-names-empty": 3}


@given(st.integers(0, 800), st.sampled_from(["", "1", "2", "3", "4", "5", "6", "7", "8", "9", "?"]))
def test_an_entry_is_late_from_the_day_it_is_measured_again(days: int, cycle: str) -> None:
    facts = says(update_cycle=cycle)
    fresh = freshness(facts)
    on = TODAY + timedelta(days=days)
    found = judge(replace(facts, today=on))
    assert found.late == (fresh.late_from is not None and on >= fresh.late_from)
    assert (found.recheck_on is not None and found.recheck_on > on) or found.late or fresh.late_from is None
    assert 0 <= found.score <= 100


@pytest.mark.parametrize(
    ("one", "other"), [("公民身份号码", "公民 身份号码"), ("姓名(监护人)", "姓名"), ("联系电话*", "联系电话"), ("ＩＤ号", "id号")]
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


def test_what_every_table_has_is_collected_by_nobody_twice() -> None:
    assert group_key("备注", "C") == ""
    assert group_key("死亡日期", "D") == group_key("死亡日期", "T") != group_key("死亡日期", "C")
    assert group_key("姓名", "C", "DE0002") == "s:DE0002"


HEAD = "代码,名称,同义词,数据类型,长度,数据长度,代码集,敏感类别,定义,来源标准\n"


def test_good_rows_are_taken_and_bad_ones_kept_out_with_their_line() -> None:
    text = (
        HEAD
        + "DE0001,公民身份号码,身份证号、居民身份证号码,c,,18,,identity,公民唯一终身不变的号码,GB 11643\n"
        + "de2,小写,,C,,,,,定义,\n"
        + "DE0003,没有定义,,C,,,,,,\n"
        + "DE0004,长度,,C,,十八,,,定义,\n"
        + "DE0001,重复,,C,,,,,定义,\n"
        + ",,,,,,,,,\n"
    )
    rows = list(read_csv(text.encode("gb18030")))
    taken = [row for row in rows if not isinstance(row, RefusedRow)]
    assert [(line, code, one.data_type, one.length, one.synonyms) for line, code, one in taken] == [
        (2, "DE0001", "C", 18, ("身份证号", "居民身份证号码"))
    ]
    assert [row.line for row in rows if isinstance(row, RefusedRow)] == [3, 4, 5, 6]


@pytest.mark.parametrize("data", [b"a,b\n1,2", b"\xff\xfe\x00", b"x" * (5 * 2**20)])
def test_what_is_no_such_file_is_refused_whole(data: bytes) -> None:
    with pytest.raises(StandardInvalid):
        list(read_csv(data))


def test_how_an_item_deviates_from_its_standard() -> None:
    standard = StandardContent("性别", "C", "人的性别", length=1, code_list="GB/T 2261.1")
    assert deviations(data_type="N", length=2, dictionary="", standard=standard) == ["data_type", "length", "code_list"]
    assert deviations(data_type="C", length=None, dictionary="按 GB/T 2261.1 填写", standard=standard) == []

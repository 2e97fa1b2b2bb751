"""The rules of consistency, one by one: what breaks each, which element it names, and that good items break none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.services import STEPS, content
from zhengtong.apps.affairs.services.rules import checking, sources, tabulating
from zhengtong.apps.affairs.services.rules.content import Content, Fee, Material, Question, Result, Step, content_of
from zhengtong.apps.affairs.services.rules.elements import ELEMENTS, TABLES, Kind


def broken(said: Content, task_type: str = "07") -> set[tuple[str, str]]:
    return {(one.field, one.rule) for one in checking.check(said, task_type=task_type) if one.blocks}


def test_a_good_item_breaks_no_rule() -> None:
    assert not checking.check(content(), task_type="07")
    assert not checking.check(content(), task_type="01")


_FEE = Fee(fee_name="工本费", fee_stand="10 元")


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"task_name": ""}, "task_name", "required"),
        ({"is_fee": None}, "is_fee", "required"),
        ({"steps": ()}, "steps", "required"),
        ({"promise_day": 0, "steps": ()}, "project_type", "at-once"),
        ({"project_type": "1"}, "promise_day", "at-once"),
        ({"promise_day": 21}, "promise_day", "promise"),
        ({"steps": (*STEPS, Step(step_name="公示", step_days=1))}, "steps", "step-days"),
        ({"limit_scene_num": 1, "online_handle_depth": "3"}, "limit_scene_explain", "visit-reason"),
        ({"is_online": False, "handle_type": ("1",), "online_handle_depth": ""}, "is_express", "visit-post"),
        ({"limit_scene_num": 1, "limit_scene_explain": "核验原件"}, "limit_scene_num", "wholly-online"),
        ({"handle_type": ("1",)}, "handle_type", "online"),
        ({"online_handle_depth": ""}, "online_handle_depth", "online"),
        ({"is_fee": True, "fees": (_FEE,), "is_pay_online": True}, "fee_basis", "fee"),
        ({"is_fee": True, "fee_basis": "某文件", "is_pay_online": True}, "fees", "fee"),
        ({"is_fee": True, "fee_basis": "某文件", "fees": (_FEE,)}, "is_pay_online", "fee"),
        ({"is_fee": True, "fee_basis": "某文件", "fees": (Fee(fee_name="费"),), "is_pay_online": False}, "fee_stand", "fee"),
        ({"is_pay_online": True}, "is_pay_online", "no-fee"),
        ({"fees": (_FEE,)}, "fees", "no-fee"),
        ({"user_topic_type": ()}, "user_topic_type", "topic"),
        ({"corp_topic_type": ("permit",)}, "corp_topic_type", "topic"),
        ({"server_type": ("1", "2")}, "corp_topic_type", "topic"),
        ({"supervise_way": "0000 1110000"}, "supervise_way", "phones"),
        ({"results": (Result(result_name="证明书", result_type="30"),)}, "result_guid", "sample"),
        ({"results": (Result(result_name="优待证", result_type="20", result_guid="s"),)}, "result_type", "result-type"),
        ({"results": (Result(result_name="关于许可的批复", result_type="10", result_guid="s"),)}, "result_type", "result-type"),
        ({"server_type": ("7",)}, "server_type", "code"),
        ({"by_law": "法" * 1001}, "by_law", "length"),
        ({"promise_day": -1}, "promise_day", "range"),
        ({"online_handle_url": "www.example.gov.cn"}, "online_handle_url", "url"),
        ({"materials": (Material(material_name="甲"), Material(material_name="甲"))}, "materials", "unique"),
        ({"materials": (Material(),)}, "material_name", "required"),
        ({"materials": (Material(material_name="甲", source="shared"),)}, "resource", "source"),
        ({"materials": (Material(material_name="甲", source="shared", resource="307/1"),)}, "resource_item", "source"),
        ({"materials": (Material(material_name="甲", source="licence"),)}, "licence_type", "source"),
        ({"materials": (Material(material_name="甲", source="case", case_item="1"),)}, "case_item", "source"),
        ({"materials": (Material(material_name="甲", source=""),)}, "source", "source"),
        ({"materials": (Material(material_name="甲", reason="无"),)}, "reason", "source"),
    ],
)
def test_each_rule_names_its_element(changes: dict[str, Any], field: str, rule: str) -> None:
    assert (field, rule) in broken(content(**changes))


@pytest.mark.parametrize(("changes", "field"), [({"questions": ()}, "questions"), ({"steps": STEPS[:3]}, "steps")])
def test_a_licence_needs_questions_and_all_its_steps(changes: dict[str, Any], field: str) -> None:
    assert (field, "licence") in broken(content(**changes), "01")
    assert not broken(content(**changes), "07")


def test_units_that_differ_are_a_warning_only() -> None:
    found = checking.check(content(promise_type="2"), task_type="07")
    assert [(one.field, one.blocks) for one in found] == [("promise_type", False)]


def test_every_finding_says_rule_and_remedy_and_where() -> None:
    found = checking.check(Content(materials=(Material(),), fees=(Fee(),), is_fee=True), task_type="01")
    assert all(one.rule and one.sentence and one.remedy and one.label for one in found)
    assert next(one for one in found if one.table == "materials").anchor == "materials-0-material_name"


# ------------------------------------------------------------------ contents and files
def _value(kind: Kind, choices: list[str]) -> st.SearchStrategy[Any]:
    plain = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12).filter(lambda text: text[:1] not in "='+-@")
    words = st.lists(plain.map(lambda text: text.replace("、", "").replace(",", "").replace(",", "")).filter(bool), max_size=3).map(tuple)
    made: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.NUMBER: st.none() | st.integers(0, 999),
        Kind.FLAG: st.none() | st.booleans(),
        Kind.DAY: st.none() | st.dates(),
        Kind.CHOICE: st.sampled_from(["", *choices]),
        Kind.CHOICES: st.lists(st.sampled_from(choices or ["1"]), unique=True, max_size=3).map(tuple),
        Kind.WORDS: words,
        Kind.JSON: st.just({}) | st.just({"type": "object", "title": "申请"}),
    }
    return made.get(kind, plain)


def _rows(table: str, made: type) -> st.SearchStrategy[Any]:
    columns = {one.name: _value(one.kind, list(one.choices)) for one in TABLES[table]}
    first = TABLES[table][0].name
    return st.lists(st.builds(made, **{**columns, first: columns[first].filter(bool)}), max_size=2).map(tuple)


CONTENTS = st.builds(
    Content,
    **{**{name: _value(one.kind, list(one.choices)) for name, one in ELEMENTS.items()}, "task_name": st.just("事项")},
    materials=_rows("materials", Material),
    fees=_rows("fees", Fee),
    questions=_rows("questions", Question),
    steps=_rows("steps", Step),
    results=_rows("results", Result),
)


@given(CONTENTS)
def test_a_content_survives_its_document_and_is_judged_without_breaking(said: Content) -> None:
    assert content_of(said.document()) == said
    assert {one.blocks for one in checking.check(said, task_type="01")} <= {True, False}


@given(CONTENTS)
def test_cells_say_what_the_elements_said(said: Content) -> None:
    for name, column in ELEMENTS.items():
        assert tabulating.value_of(column, str(tabulating._cell(column, getattr(said, name)))) == getattr(said, name)


# ------------------------------------------------------------------ sources
_COMPANY = sources.Connected("102001/1", "企业登记基本信息", "市场监管局", ("统一社会信用代码", "住所"), ("uscc", "address"))


@pytest.mark.parametrize(
    ("name", "item"), [("住所证明材料", "住所"), ("统一社会信用代码(复印件)", "统一社会信用代码"), ("企业登记", "统一社会信用代码")]
)
def test_a_connected_source_is_known_by_its_items_or_its_name(name: str, item: str) -> None:
    found = sources.supply_of(name, {}, [_COMPANY])
    assert found is not None
    assert (found.resource, found.item) == ("102001/1", item)


@pytest.mark.parametrize("name", ["公司章程", "照片", "", "材料"])
def test_what_nobody_holds_has_no_source(name: str) -> None:
    assert sources.supply_of(name, {}, [_COMPANY]) is None


def test_the_planned_share_counts_what_is_required() -> None:
    said = content(
        materials=(
            Material(material_name="甲", source="shared"),
            Material(material_name="乙", source="upload"),
            Material(material_name="丙", source="commitment"),
            Material(material_name="丁", source="upload", is_need="2"),
        )
    )
    assert sources.planned_share(said) == sources.Share(2, 3)
    assert sources.planned_share(msgspec.structs.replace(said, materials=())).percent is None

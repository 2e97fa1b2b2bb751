"""Forms: reading a document, what is asked, what is wrong, what it costs."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.forms.answers import asked, kept, refusal, schema_of, wrong
from zhengtong.engines.forms.document import InvalidForm, findings, form
from zhengtong.engines.forms.effort import effort
from zhengtong.engines.forms.kinds import KIND_LABELS, Kind, is_value, masked, read, shown
from zhengtong.kernel.errors import Invalid, ZhengtongError


def document() -> dict[str, Any]:
    """Opening a company, in small."""
    return {
        "title": "企业设立登记",
        "type": "object",
        "properties": {
            "kind": {
                "type": "string",
                "title": "企业类型",
                "oneOf": [{"const": "ltd", "title": "有限公司"}, {"const": "sole", "title": "个体"}],
            },
            "name": {"type": "string", "title": "企业名称", "minLength": 4, "maxLength": 100},
            "capital": {
                "type": "integer",
                "format": "amount",
                "title": "注册资本",
                "minimum": 100,
                "x-when": 'kind == "ltd"',
            },
            "owner": {
                "type": "string",
                "format": "cn-identity",
                "title": "经营者身份证号",
                "x-from": {"resource": "307001/000001", "item": "gmsfhm"},
                "x-lock": True,
            },
            "foreign": {"type": "boolean", "title": "是否有外资"},
            "shareholders": {
                "type": "array",
                "title": "股东",
                "minItems": 1,
                "maxItems": 3,
                "x-when": 'kind == "ltd"',
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "format": "cn-name", "title": "姓名"},
                        "share": {"type": "integer", "title": "比例", "minimum": 1, "maximum": 100},
                    },
                    "required": ["name", "share"],
                },
            },
            "lease": {"type": "object", "format": "period", "title": "租期"},
            "plan": {"type": "string", "format": "file", "title": "平面图"},
        },
        "required": ["kind", "name", "capital", "owner", "foreign", "shareholders"],
        "x-pages": [
            {"key": "what", "title": "开什么", "fields": ["kind", "name"]},
            {"key": "money", "title": "资本", "fields": ["capital"]},
            {"key": "who", "title": "谁", "fields": ["owner", "foreign", "shareholders"]},
            {"key": "where", "title": "在哪里", "fields": ["lease", "plan"], "when": "foreign == False"},
        ],
        "x-refuse": [{"when": 'kind == "sole" and foreign', "sentence": "有外资的不能登记为个体工商户。"}],
    }


GIVEN = {
    "kind": "ltd",
    "name": "云城某某有限公司",
    "capital": 10_000_00,
    "owner": "11010519491231002X",
    "foreign": False,
    "shareholders": [{"name": "张三", "share": 60}, {"name": "买买提·阿不都", "share": 40}],
}


def test_a_form_is_read_and_its_answers_are_complete() -> None:
    made = form(document())
    assert [page.key for page in asked(made, GIVEN)] == ["what", "money", "who", "where"]
    assert wrong(made, GIVEN) == ()
    assert refusal(made, GIVEN) == ""


def test_what_an_answer_makes_needless_is_neither_asked_nor_kept() -> None:
    made = form(document())
    answers = GIVEN | {"kind": "sole"}
    assert [page.key for page in asked(made, answers)] == ["what", "who", "where"]
    assert "capital" not in kept(made, answers)
    assert "shareholders" not in kept(made, answers)
    assert wrong(made, answers) == ()
    assert refusal(made, answers | {"foreign": True}) == "有外资的不能登记为个体工商户。"


def test_a_question_whose_condition_has_no_answer_yet_waits() -> None:
    made = form(document())
    assert [page.key for page in asked(made, {})] == ["what", "who"]
    assert [one.path for one in wrong(made, {})] == ["kind", "name", "owner", "foreign"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "短"}, "name"),
        ({"capital": 99}, "capital"),
        ({"capital": "100"}, "capital"),
        ({"owner": "11010519491231002x"}, "owner"),
        ({"owner": "110105194912310021"}, "owner"),
        ({"kind": "club"}, "kind"),
        ({"foreign": "no"}, "foreign"),
        ({"shareholders": []}, "shareholders"),
        ({"shareholders": [{"name": "张三"}]}, "shareholders/0/share"),
        ({"shareholders": [{"name": "张三1", "share": 1}]}, "shareholders/0/name"),
        ({"shareholders": [{"name": "张三", "share": 101}]}, "shareholders/0/share"),
        ({"shareholders": [{"name": "张三", "share": 1}] * 4}, "shareholders"),
        ({"shareholders": ["张三"]}, "shareholders/0"),
        ({"lease": {"from": "2026-02-30"}}, "lease"),
        ({"lease": {"to": "2026-02-01"}}, "lease"),
        ({"plan": "../../etc/passwd"}, "plan"),
    ],
)
def test_a_wrong_answer_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    found = wrong(form(document()), GIVEN | change)
    assert [one.path for one in found] == [path]
    assert found[0].sentence


def test_a_page_looks_at_its_own_fields_alone() -> None:
    assert [one.path for one in wrong(form(document()), {}, only=frozenset({"name"}))] == ["name"]


def _spoilt(path: str, value: object) -> dict[str, Any]:
    says: Any = copy.deepcopy(document())
    *way, last = path.split("/")
    part = says
    for step in way:
        part = part[int(step) if isinstance(part, list) else step]
    if value is None:
        del part[int(last) if isinstance(part, list) else last]
    else:
        part[int(last) if isinstance(part, list) else last] = value
    return dict(says)


@pytest.mark.parametrize(
    ("path", "value", "found_at"),
    [
        ("type", "array", ""),
        ("properties", {}, "required/capital"),
        ("properties/name/title", "", "name"),
        ("properties/name/type", "number", "name"),
        ("properties/name/format", "cn-moon", "name"),
        ("properties/name/minLength", 300, "name"),
        ("properties/name/maxLength", 201, "name"),
        ("properties/kind/oneOf", [], "properties/kind/oneOf"),
        ("properties/kind/oneOf", [{"const": "a"}, {"const": "a"}], "kind"),
        ("properties/capital/x-when", "kind = 1", "capital/x-when"),
        ("properties/capital/x-when", "plan == 1", "capital/x-when"),
        ("properties/owner/x-from", {"resource": "1"}, "owner/x-from"),
        ("properties/owner/x-from", {"resource": "1", "item": "a", "by": "plan"}, "owner/x-from"),
        ("properties/shareholders/items/properties", {}, "shareholders"),
        ("required", ["kind", "nobody"], "required/nobody"),
        ("x-pages/0/fields", ["kind"], "x-pages"),
        ("x-pages/1/fields", ["capital", "name"], "x-pages/1"),
        ("x-pages/1/fields", ["capital", "other"], "x-pages/1"),
        ("x-pages/0/when", "plan == 1", "x-pages/0"),
        ("x-refuse/0/sentence", "", "x-refuse/0"),
        ("x-refuse/0/when", "nobody", "x-refuse/0"),
    ],
)
def test_a_form_that_breaks_a_rule_is_refused_by_path(path: str, value: object, found_at: str) -> None:
    says = _spoilt(path, value)
    assert any(one.path == found_at and one.sentence for one in findings(says)), findings(says)
    with pytest.raises(InvalidForm):
        form(says)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
    )
)
def test_any_document_is_read_or_refused(says: object) -> None:
    assert findings(says)
    with pytest.raises(InvalidForm):
        form(says)


@given(st.dictionaries(st.sampled_from([*document()["properties"], "other"]), st.none() | st.text() | st.integers() | st.lists(st.text())))
def test_any_answers_are_judged_and_never_break(answers: dict[str, Any]) -> None:
    made = form(document())
    wrong(made, answers)
    refusal(made, answers)
    assert set(kept(made, answers)) <= made.fields.keys()


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Kind.IDENTITY, " 11010519491231002x ", "11010519491231002X"),
        (Kind.CREDIT_CODE, "91110000600037341l", "91110000600037341L"),
        (Kind.NAME, "买买提•阿不都", "买买提·阿不都"),
        (Kind.NAME, "𠮷田 ", "𠮷田"),
        (Kind.PHONE, "+86 138-0000-1234", "13800001234"),
        (Kind.PHONE, "0531-66001234", "0531-66001234"),
        (Kind.BANK_CARD, "6222 0212 3456 7890 128", "6222021234567890128"),
        (Kind.AMOUNT, "¥1,200.50元", 120_050),
        (Kind.AMOUNT, "1200.5", 120_050),
        (Kind.NUMBER, "1,024", 1024),
        (Kind.DATE, "2026年3月1日", "2026-03-01"),
        (Kind.DATE, "20260301", "2026-03-01"),
        (Kind.PERIOD, "2026-03-01/2027-02-28", {"from": "2026-03-01", "to": "2027-02-28"}),
        (Kind.REGION, "370100", "370100"),
        (Kind.YES_NO, "yes", True),
        (Kind.LINES, " 一\r\n二 ", "一\n二"),
    ],
)
def test_what_people_type_becomes_its_standard_form(kind: Kind, typed: str, value: object) -> None:
    assert read(kind, typed) == value
    if isinstance(value, str):
        assert is_value(kind, value)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.NAME, "张三<script>"),
        (Kind.PHONE, "12345"),
        (Kind.BANK_CARD, "6222021234567890127"),
        (Kind.AMOUNT, "1.005"),
        (Kind.AMOUNT, "NaN"),
        (Kind.AMOUNT, "1e99"),
        (Kind.NUMBER, "1.5"),
        (Kind.DATE, "2026-02-30"),
        (Kind.DATE, "昨天"),
        (Kind.PERIOD, "2026-03-01/2026-02-01"),
        (Kind.EMAIL, "a b@c"),
        (Kind.TEXT, "一\n二"),
        (Kind.YES_NO, "true"),
        (Kind.FILE, "a.pdf"),
        (Kind.REGION, "990000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(kind: Kind, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(kind, typed)
    assert refused.value.sentence
    assert refused.value.remedy


@given(st.sampled_from([kind for kind in Kind if kind not in {Kind.CHOICES, Kind.GROUP}]), st.text())
def test_reading_is_settled_after_once(kind: Kind, typed: str) -> None:
    try:
        value = read(kind, typed)
    except ZhengtongError:
        return
    if isinstance(value, str):
        assert read(kind, value) == value
        assert is_value(kind, value)


def test_personal_values_are_masked_and_read_out() -> None:
    assert masked(Kind.NAME, "张三丰") == "张**"
    assert masked(Kind.PHONE, "13800001234") == "138****1234"
    assert masked(Kind.IDENTITY, "11010519491231002X") == "110105********002X"
    assert masked(Kind.BANK_CARD, "6222021234567890128") == "***************0128"
    assert masked(Kind.EMAIL, "wang@example.cn") == "w***@example.cn"
    assert masked(Kind.ADDRESS, "云城区中山路一号") == "云城区中山路**"
    assert masked(Kind.TEXT, "公开") == "公开"
    assert shown(Kind.AMOUNT, 120_050) == "1,200.50"
    assert set(KIND_LABELS) == set(Kind)


def test_what_sources_give_costs_nobody_a_click() -> None:
    made = form(document())
    alone, helped = effort(made, GIVEN), effort(made, GIVEN, prefilled={"owner", "plan"})
    assert (alone.pages, alone.fields, alone.documents, alone.spared) == (4, 8, 1, 0)
    assert (helped.prefilled, helped.documents, helped.spared) == (2, 0, 1)
    assert helped.clicks == alone.clicks - 2
    assert helped.seconds < alone.seconds


def test_a_field_is_plain_json_schema_for_others() -> None:
    made = form(document())
    assert schema_of(made.fields["capital"]) == {"type": "integer", "format": "amount", "minimum": 100}
    assert schema_of(made.fields["shareholders"])["maxItems"] == 3

"""Changing a form one thing at a time."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.forms.test_forms import document
from zhengtong.engines.forms import drafting
from zhengtong.engines.forms.document import findings, form
from zhengtong.engines.forms.drafting import FieldDraft, FieldUnknown, KeyTaken, PageDraft
from zhengtong.engines.forms.kinds import KIND_LABELS, Kind
from zhengtong.kernel.errors import Invalid

#: three forms that the demo city publishes
DOCUMENTS = Path(__file__).parent / "documents"


def order(made: dict[str, Any]) -> list[str]:
    return [key for page in made["x-pages"] for key in page["fields"]]


def begun() -> dict[str, Any]:
    made, page = drafting.add_page(drafting.blank("表"), PageDraft("第一页"))
    return drafting.add_field(made, "first", FieldDraft(Kind.TEXT, "第一问"), page=page)[0]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_field_is_written_and_read_back(kind: Kind) -> None:
    chosen = kind in {Kind.CHOICE, Kind.CHOICES}
    says = FieldDraft(
        kind=kind,
        title="某事",
        hint="怎么填",
        required=True,
        when='first == "1"',
        options=(("a", "甲"), ("b", "乙")) if chosen else (),
        least=1 if kind in drafting.BOUNDED else None,
        most=2 if kind in drafting.BOUNDED else None,
        resource="307001/000001",
        item="name",
        by="first",
        locked=True,
    )
    made, path = drafting.add_field(begun(), "it", says, page="page1")
    assert drafting.field_at(made, path) == says
    if kind is Kind.GROUP:
        assert [one.unfinished for one in findings(made)] == [True]
        made, inner = drafting.add_field(made, "name", FieldDraft(Kind.NAME, "姓名", required=True), group="it")
        assert (inner, drafting.field_at(made, inner).kind) == ("it/name", Kind.NAME)
    assert not findings(made)
    read = form(made).fields["it"]
    assert (read.kind, read.title, read.required, read.locked, read.options) == (kind, "某事", True, True, says.options)
    assert (read.least, read.most) == ((1, 2) if kind in drafting.BOUNDED else (None, None))
    # a change to another kind leaves nothing of the old one
    changed = drafting.change_field(made, path, FieldDraft(Kind.YES_NO, "是吗"))
    assert changed["properties"]["it"] == {"type": "boolean", "title": "是吗"}
    assert "it" not in changed["required"]
    assert set(KIND_LABELS) == set(Kind)


def test_members_that_the_editor_does_not_know_stay() -> None:
    made = begun()
    made["properties"]["first"]["examples"] = ["甲"]
    made["x-owner"] = "民政局"
    changed = drafting.change_field(made, "first", FieldDraft(Kind.LINES, "说说看"))
    assert changed["properties"]["first"]["examples"] == ["甲"]
    assert changed["x-owner"] == "民政局"


def test_a_key_is_nobody_elses_and_a_name() -> None:
    for key in ("first", "9", "名", "if", "a-b"):
        with pytest.raises(KeyTaken):
            drafting.add_field(begun(), key, FieldDraft(Kind.TEXT, "又一问"), page="page1")
    assert drafting.free_key(begun()) == "field1"
    with pytest.raises(FieldUnknown):
        drafting.add_field(begun(), "second", FieldDraft(Kind.TEXT, "又一问"), page="none")
    with pytest.raises(FieldUnknown):
        drafting.add_field(begun(), "second", FieldDraft(Kind.TEXT, "又一问"), group="first")
    for path in ("none", "shareholders/none", "none/name"):
        with pytest.raises(FieldUnknown):
            drafting.field_at(document(), path)


def test_fields_move_within_a_page_and_on_to_the_next() -> None:
    made = document()
    assert order(drafting.move_field(made, "name", -1))[:2] == ["name", "kind"]
    down = drafting.move_field(made, "name", 1)
    assert [page["fields"] for page in down["x-pages"][:2]] == [["kind"], ["name", "capital"]]
    assert list(down["properties"]) == order(down), "properties are in the order of asking"
    assert drafting.move_field(made, "kind", -1)["x-pages"] == made["x-pages"], "there is nothing before the first"
    up = drafting.move_field(made, "capital", -1)
    assert [page["key"] for page in up["x-pages"]] == ["what", "who", "where"], "a page that holds nothing goes"
    inner = drafting.move_field(made, "shareholders/share", -1)
    assert list(inner["properties"]["shareholders"]["items"]["properties"]) == ["share", "name"]


def test_removing() -> None:
    made = document()
    gone = drafting.remove_field(made, "capital")
    assert "capital" not in gone["properties"]
    assert "capital" not in gone["required"]
    assert [page["key"] for page in gone["x-pages"]] == ["what", "who", "where"]
    # what looked at it is found wrong, with its place
    assert {one.path for one in findings(drafting.remove_field(made, "kind"))} == {"capital/x-when", "shareholders/x-when", "x-refuse/0"}
    page = drafting.remove_page(made, "what")
    assert page["x-pages"][0]["fields"] == ["kind", "name", "capital"]
    assert drafting.remove_page(made, "where")["x-pages"][-1]["fields"] == ["owner", "foreign", "shareholders", "lease", "plan"]
    with pytest.raises(Invalid):
        drafting.remove_page(begun(), "page1")
    assert "name" not in drafting.remove_field(made, "shareholders/name")["properties"]["shareholders"]["items"]["required"]


def test_pages_and_refusals() -> None:
    made = document()
    assert [one["key"] for one in drafting.move_page(made, "money", -1)["x-pages"]] == ["money", "what", "who", "where"]
    changed = drafting.change_page(made, "money", PageDraft("钱", "说明", 'kind == "ltd"'))
    assert drafting.page_at(changed, "money") == PageDraft("钱", "说明", 'kind == "ltd"')
    assert "when" not in drafting.change_page(changed, "money", PageDraft("钱"))["x-pages"][1]
    said = drafting.with_refusals(made, [("foreign", "不行。")])
    assert drafting.refusals_in(said) == [("foreign", "不行。")]
    assert not findings(said)
    added, key = drafting.add_page(made, PageDraft("又一页"))
    assert [(one.path, one.unfinished) for one in findings(added)] == [("x-pages/4", True)]
    assert key == "page1"


def test_a_form_without_pages_gets_one_for_each_field() -> None:
    made = document()
    del made["x-pages"]
    changed = drafting.move_field(made, "name", -1)
    # the first field's page took the second in, so that the page of the second went
    assert order(changed)[:2] == ["kind", "name"]
    assert len(changed["x-pages"]) == len(made["properties"]) - 1


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "kind", "string", "object", 'kind == "a"', "丙"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "title", "key", "fields", "when", "x-when", "oneOf", "const", "resource"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["x-pages", "x-refuse", "required", "properties", "title"]), STRANGE)
def test_no_document_breaks_the_reader(member: str, value: Any) -> None:
    made: Any = document()
    made[member] = value
    findings(made)


@given(st.sampled_from(["x-when", "x-from", "oneOf", "items", "minLength", "maximum", "title", "type", "format"]), STRANGE)
def test_no_field_breaks_the_reader(member: str, value: Any) -> None:
    made = document()
    for key in ("kind", "shareholders"):
        changed = copy.deepcopy(made)
        changed["properties"][key][member] = value
        findings(changed)


@given(st.lists(st.tuples(st.sampled_from(["move", "page", "drop"]), st.integers(0, 9), st.sampled_from([-1, 1])), max_size=12))
def test_whatever_is_moved_every_field_stays_on_one_page(acts: list[tuple[str, int, int]]) -> None:
    made = document()
    for act, place, step in acts:
        fields, pages = order(made), [one["key"] for one in made["x-pages"]]
        if act == "move":
            made = drafting.move_field(made, fields[place % len(fields)], step)
        elif act == "page":
            made = drafting.move_page(made, pages[place % len(pages)], step)
        elif len(pages) > 1:
            made = drafting.remove_page(made, pages[place % len(pages)])
        assert sorted(order(made)) == sorted(document()["properties"])
        assert list(made["properties"]) == order(made)
        assert all(page["fields"] for page in made["x-pages"])


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.json")), ids=lambda path: path.stem)
def test_forms_of_the_demo_city_go_through_the_editor_unchanged(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    assert not findings(made)
    assert drafting.paths(made)
    for one in drafting.paths(made):
        written = drafting.change_field(made, one, drafting.field_at(made, one))
        assert form(written).fields == form(made).fields, one
        assert form(written).pages == form(made).pages
    for page in drafting.page_entries(made):
        assert form(drafting.change_page(made, page["key"], drafting.page_at(made, page["key"]))).pages == form(made).pages
    assert form(drafting.with_refusals(made, drafting.refusals_in(made))).refusals == form(made).refusals

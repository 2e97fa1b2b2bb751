"""Completeness, states, permissions, differences, words: the rules that need no database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.catalog import content
from zhengtong.apps.resources.catalog.rules import completeness, permissions, segmenting, states
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.differences import changed_fields, compare
from zhengtong.apps.resources.catalog.rules.naming import item_keys, sort_key
from zhengtong.apps.resources.catalog.rules.providers import Providers
from zhengtong.apps.resources.catalog.rules.states import Act
from zhengtong.apps.resources.catalog.rules.vocabulary import State

PATTERN = r"^[1-3]\d{2}\d{3}\d*/\d+$"


def missing(**changes: object) -> list[str]:
    return [finding.field for finding in completeness.gaps(replace(content(), **changes), pattern=PATTERN)]


def test_a_whole_entry_lacks_nothing() -> None:
    assert missing() == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"summary": " "}, ["summary"]),
        ({"class_code": "9"}, ["class_code"]),
        ({"items": ()}, ["items"]),
        ({"items": (), "format_class": "1"}, []),
        ({"sharing_type": "1"}, ["sharing_condition"]),
        ({"sharing_type": "1", "sharing_condition": ""}, []),
        ({"sharing_scope": "", "sharing_purpose": ""}, ["sharing_scope", "sharing_purpose"]),
        ({"sharing_type": "3", "legal_basis": "内部规定"}, ["legal_basis"]),
        ({"sharing_type": "3", "legal_basis": "国务院决定(国发〔2016〕51号)", "sharing_modes": ()}, []),
        ({"sharing_type": "3", "sharing_condition": ""}, ["sharing_condition"]),
        ({"is_open": True}, ["open_condition"]),
        ({"is_open": None}, ["is_open"]),
        ({"update_cycle": "9"}, ["update_cycle_text"]),
        ({"data_level": ""}, ["data_level"]),
    ],
)
def test_each_gap_is_found(changes: dict[str, object], fields: list[str]) -> None:
    assert missing(**changes) == fields


def test_a_local_pattern_of_codes_is_followed() -> None:
    assert completeness.class_code_fits("002438161", r"^\d{9}/\d{6}$")
    assert not completeness.class_code_fits("002438161", PATTERN)


def test_no_way_leads_round_the_two_reviews() -> None:
    reached = {
        act: states.after(act, state, served=False, version=0) for state in State for act in states.possible(state, served=False, version=0)
    }
    assert [act for act, state in reached.items() if state is State.PUBLISHED] == [Act.PUBLISH]
    assert states.possible(State.APPROVED, served=False, version=0) == {Act.PUBLISH, Act.RETURN}
    assert Act.PUBLISH not in states.possible(State.SUBMITTED, served=True, version=1)
    with pytest.raises(states.WrongState):
        states.after(Act.PUBLISH, State.DRAFT, served=False, version=0)
    assert states.after(Act.DISCARD, State.DRAFT, served=False, version=2) is State.WITHDRAWN


@dataclass(frozen=True)
class Person:
    office: str = "A"
    roles: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def has(self, role: str, office: str) -> bool:
        return (role, office) in self.roles


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("state", list(State))
def test_every_act_needs_its_own_role(act: Act, state: State) -> None:
    where = {"office": "A", "bureau": "B", "state": state}
    nobody = Person()
    elsewhere = Person(roles=frozenset({("steward", "C"), ("sharing_head", "C"), ("bureau_approver", "A"), ("developer", "A")}))
    for person in (nobody, elsewhere):
        with pytest.raises(permissions.NotAllowed):
            permissions.require(person, act, **where)
    holders = [
        role
        for role, at in (("steward", "A"), ("sharing_head", "A"), ("bureau_approver", "B"))
        if permissions.may(Person(roles=frozenset({(role, at)})), act, **where)
    ]
    reviewer = ["bureau_approver"] if state is State.APPROVED else ["sharing_head"]
    special = {
        Act.APPROVE: ["sharing_head"],
        Act.PUBLISH: ["bureau_approver"],
        Act.RETURN: reviewer,
        Act.WITHDRAW: ["sharing_head", "bureau_approver"],
    }
    assert holders == special.get(act, ["steward"])


def test_imports_and_unpublished_entries_are_for_the_office_and_its_bureau() -> None:
    steward, head, approver = (
        Person(roles=frozenset({one})) for one in (("steward", "A"), ("sharing_head", "A"), ("bureau_approver", "B"))
    )
    assert [permissions.may_import(one, office="A", bureau="B") for one in (steward, head, approver)] == [True, False, True]
    permissions.require_import(approver, office="A", bureau="B", publish=True)
    with pytest.raises(permissions.NotAllowed):
        permissions.require_import(steward, office="A", bureau="B", publish=True)
    with pytest.raises(permissions.NotAllowed):
        permissions.require_import(head, office="A", bureau="B", publish=False)
    with pytest.raises(permissions.NotAllowed):
        permissions.require_to_see(Person(), office="A", bureau="B")


def test_a_content_survives_its_document_and_differs_only_where_it_was_changed() -> None:
    whole = content()
    assert Content.of(whole.document()) == whole
    assert not compare(whole.document(), whole.document())
    other = replace(whole, update_cycle="6", items=whole.items[::-1])
    found = compare(whole.document(), other.document())
    assert [(one.label, one.before, one.after) for one in found.fields] == [("更新周期", "每日", "每年")]
    assert {one.kind for one in found.items} == {"moved"}
    assert changed_fields(whole.document(), other.document()) == ["update_cycle", "items"]


@given(st.lists(st.text("姓名证件号1aＡ- ", max_size=6), max_size=8))
def test_item_keys_are_valid_and_differ(names: list[str]) -> None:
    keys = item_keys(names)
    assert len(set(keys)) == len(names)
    assert not [key for key in keys if not completeness._KEY.match(key)]


@given(st.text("不动产登记信息统计局abc12 /.", max_size=12), st.text("不动产登记信息统计局abc12 ", max_size=12))
def test_whatever_is_asked_in_the_words_of_a_text_finds_it(before: str, after: str) -> None:
    asked = "登记信息"
    marks = segmenting.marks(f"{before}{asked}{after}")
    assert all(mark in marks for word in segmenting.question(asked) for mark in word)


def test_codes_latin_words_and_lone_signs_are_asked_for_whole() -> None:
    assert segmenting.question("307001/000001") == [["307001/000001"]]
    assert segmenting.question("PM2.5") == [["pm2.5"]]
    assert segmenting.question("json/xml") == [["json"], ["xml"]]
    assert segmenting.question("税") == [["税"]]
    assert sort_key("甲") < sort_key("乙")


def test_an_office_is_known_by_all_its_names_unless_two_bear_one() -> None:
    known = Providers(
        [
            ("A", "合肥市", ("合肥市教育局", "教育局", "合肥市教委"), True),
            ("B", "合肥市", ("合肥市统计局", "统计局"), True),
            ("C", "蜀山区", ("蜀山区统计局", "统计局"), False),
        ]
    )
    assert [known.code_of(name) for name in ("合肥市教育局", "市教育局", "合肥市教委", "市统计局", "蜀山区统计局")] == [
        "A",
        "A",
        "A",
        "B",
        "C",
    ]
    assert [known.code_of(name) for name in ("统计局", "区统计局", "不存在")] == ["", "", ""]

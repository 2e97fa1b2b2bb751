"""States, terms, values, disclosure, status lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.affairs.licences.rules import documents, states, statuslist, types
from zhengtong.apps.affairs.licences.rules.types import Field, TypeDraft
from zhengtong.apps.affairs.licences.rules.vocabulary import Act, FieldKind, State, Verdict
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.parties import PartyKind

NOW = datetime(2026, 6, 10, 2, tzinfo=UTC)
DAY = date(2026, 6, 10)
KEY = PrivateKey.generate(Scheme.ED25519)


def test_every_act_fits_the_states_it_says() -> None:
    fits = {(act, state) for state in State for act in states.possible(state)}
    for act in Act:
        for state in State:
            if (act, state) in fits:
                states.after(act, state)
            else:
                with pytest.raises(states.WrongState):
                    states.after(act, state)
    assert states.after(Act.SUSPEND, State.VALID)[0] is State.SUSPENDED
    assert states.after(Act.RESUME, State.SUSPENDED)[0] is State.VALID
    assert states.after(Act.ANNOTATE, State.SUSPENDED)[0] is State.SUSPENDED
    assert not states.possible(State.REVOKED)


@pytest.mark.parametrize(
    ("state", "since", "until", "says"),
    [
        (State.VALID, DAY, DAY, Verdict.VALID),
        (State.VALID, DAY, None, Verdict.VALID),
        (State.VALID, DAY, DAY - timedelta(days=1), Verdict.EXPIRED),
        (State.VALID, DAY + timedelta(days=1), None, Verdict.EXPIRED),
        (State.SUSPENDED, DAY, None, Verdict.SUSPENDED),
        (State.REVOKED, DAY, None, Verdict.REVOKED),
        (State.CANCELLED, DAY, None, Verdict.REVOKED),
        (State.EXPIRED, DAY, None, Verdict.EXPIRED),
    ],
)
def test_a_verdict_follows_state_and_term(state: State, since: date, until: date | None, says: Verdict) -> None:
    assert states.verdict(state, since, until, DAY) is says


def test_a_term_ends_the_day_before_its_anniversary() -> None:
    assert types.ends_on(date(2026, 6, 10), 5) == date(2031, 6, 9)
    assert types.ends_on(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert types.ends_on(date(2024, 2, 29), 4) == date(2028, 2, 28)
    assert types.ends_on(DAY, 0) is None


FIELDS = (
    Field("day", "日期", FieldKind.DATE),
    Field("sum", "金额", FieldKind.NUMBER, required=False),
    Field("who", "身份证号", FieldKind.IDENTITY, required=False, personal=True),
    Field("level", "等级", FieldKind.CHOICE, required=False, choices=("一级", "二级")),
)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "day"),
        ({"day": "2026/1/1"}, "day"),
        ({"day": "2026-01-01", "sum": "many"}, "sum"),
        ({"day": "2026-01-01", "who": "110105194912310021"}, "who"),
        ({"day": "2026-01-01", "level": "三级"}, "level"),
        ({"day": "2026-01-01", "other": "x"}, "other"),
    ],
)
def test_a_value_that_does_not_fit_is_named(values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        types.check_values(FIELDS, values)
    assert caught.value.field == field
    assert not any(value and value in str(caught.value.sentence) for value in values.values())


def test_values_come_out_in_standard_form() -> None:
    assert types.check_values(FIELDS, {"sum": "", "day": " 2026-01-01 "}) == {"day": "2026-01-01"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"suffix": "1"}, "suffix"),
        ({"years": 101}, "years"),
        ({"fields": ()}, "fields"),
        ({"fields": (FIELDS[0], FIELDS[0])}, "fields"),
        ({"fields": (Field("Bad", "x"),)}, "fields"),
        ({"fields": (Field("c", "x", FieldKind.CHOICE),)}, "fields"),
        ({"fields": (Field("c", "x", face=False),)}, "fields"),
    ],
)
def test_a_type_that_breaks_a_rule_is_refused(change: dict[str, object], field: str) -> None:
    good = {"name": "证照", "suffix": "001", "holder": PartyKind.PERSON, "fields": FIELDS}
    types.check_type(TypeDraft(**good))  # type: ignore[arg-type]
    with pytest.raises(Invalid) as caught:
        types.check_type(TypeDraft(**(good | change)))  # type: ignore[arg-type]
    assert caught.value.field == field


def shown(chosen: set[str]) -> str:
    fields, salts = {"CZZT": "张三", "KZ_a": "甲", "KZ_b": "乙"}, {"CZZT": "s1", "KZ_a": "s2", "KZ_b": "s3"}
    body = documents.body({"ZZBS": "x"}, fields, salts)
    disclosed = {key: (salts[key], fields[key]) for key in chosen}
    return documents.present(body, KEY.sign(documents.PREFIX + body), disclosed, KEY.sign, now=NOW)


def test_a_presentation_shows_what_was_chosen_and_nothing_else() -> None:
    text = shown({"KZ_a"})
    found = documents.read_presentation(text, KEY.public.verify)
    assert found is not None
    assert found.fields == {"KZ_a": "甲"}
    assert found.until == NOW + documents.LASTS
    assert "张三" not in found.body.decode()
    assert "乙" not in found.body.decode()


def test_every_changed_character_of_a_presentation_is_found() -> None:
    text = shown({"KZ_a"})
    for at in range(len(documents.QR_PREFIX), len(text) - 1, 7):
        other = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        try:
            assert documents.read_presentation(other, KEY.public.verify) is None
        except Invalid:
            continue


def test_a_value_that_was_put_under_another_digest_is_found() -> None:
    fields, salts = {"KZ_a": "甲"}, {"KZ_a": "s"}
    body = documents.body({"ZZBS": "x"}, fields, salts)
    forged = documents.present(body, KEY.sign(documents.PREFIX + body), {"KZ_a": ("s", "乙")}, KEY.sign, now=NOW)
    assert documents.read_presentation(forged, KEY.public.verify) is None


@pytest.mark.parametrize("text", ["", "ZT1.", "ZT1.x.y", "https://example.com", "ZT1.eJyrVgIAAJ4.AA"])
def test_what_is_no_presentation_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Invalid):
        documents.read_presentation(text, KEY.public.verify)


@given(st.dictionaries(st.integers(0, statuslist.SIZE - 1), st.sampled_from(State), max_size=20))
def test_a_status_list_gives_back_what_was_put_in(entries: dict[int, State]) -> None:
    text = statuslist.encode(entries.items())
    says = {State.VALID: 0, State.SUSPENDED: 1, State.EXPIRED: 3}
    for where, state in entries.items():
        assert statuslist.decode(text, where) == says.get(state, 2)
    free = next(one for one in range(statuslist.SIZE) if one not in entries)
    assert statuslist.decode(text, free) == 0

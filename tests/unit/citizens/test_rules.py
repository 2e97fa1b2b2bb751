"""Pure rules: levels, answers of the gateway, guessing, and rights to act for others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.affairs.citizens.rules import (
    Kind,
    Level,
    Outcome,
    Right,
    RightState,
    Scope,
    Standing,
    Why,
    covers,
    level_of,
    may_delegate,
    may_try,
    meaning_of,
    of_age,
    standing,
)

DAY = date(2026, 6, 10)
GIVEN = Standing(Right.DELEGATE, RightState.ACTIVE, DAY, DAY + timedelta(days=30))


def test_a_second_factor_raises_only_a_name_that_was_checked() -> None:
    assert level_of(checked=False, second_factor=True) is Level.DECLARED
    assert level_of(checked=True, second_factor=False) is Level.CHECKED
    assert level_of(checked=True, second_factor=True) is Level.STRONG


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, b'{"result": true}', Outcome.MATCH),
        (200, b'{"result": false}', Outcome.MISMATCH),
        (200, b'{"result": "yes"}', Outcome.FAILED),
        (200, b"<html>", Outcome.FAILED),
        (200, b"[]", Outcome.FAILED),
        (401, b'{"code": "unknown-key"}', Outcome.REFUSED),
        (403, b'{"code": "grant-suspended"}', Outcome.REFUSED),
        (404, b'{"code": "no-such-path"}', Outcome.REFUSED),
        (404, b"", Outcome.FAILED),
        (409, b'{"code": "replayed"}', Outcome.FAILED),
        (429, b'{"code": "quota-exhausted"}', Outcome.FAILED),
        (500, b"", Outcome.FAILED),
        (503, b'{"result": true}', Outcome.FAILED),
    ],
)
def test_yes_no_silence_and_refusal_are_four_things(status: int, body: bytes, meaning: Outcome) -> None:
    assert meaning_of(status, body) is meaning


@given(st.integers(100, 599), st.binary(max_size=40))
def test_nothing_but_a_plain_yes_is_a_yes(status: int, body: bytes) -> None:
    if meaning_of(status, body) is Outcome.MATCH:
        assert status < 400
        assert b"true" in body


def test_guessing_ends_for_the_number_and_for_the_address() -> None:
    assert may_try(Kind.NAME, about=4, address=19)
    assert not may_try(Kind.NAME, about=5, address=0)
    assert not may_try(Kind.NAME, about=0, address=20)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, Why.NONE),
        ({"state": RightState.INVITED}, Why.NOT_ACCEPTED),
        ({"state": RightState.REVOKED}, Why.ENDED),
        ({"state": RightState.DECLINED}, Why.ENDED),
        ({"since": DAY + timedelta(days=1)}, Why.NOT_YET),
        ({"until": DAY}, Why.NONE),
        ({"until": DAY - timedelta(days=1)}, Why.OVER),
        ({"confirmed": False}, Why.TO_BE_CHECKED),
        ({"giver_stands": False}, Why.GIVER_WITHOUT_RIGHT),
    ],
)
def test_a_right_says_why_it_is_not_in_force(change: dict[str, object], why: Why) -> None:
    assert standing(replace(GIVEN, **change), on=DAY) is why  # type: ignore[arg-type]


def test_a_child_grows_up_and_the_guardian_stops_on_the_eighteenth_birthday() -> None:
    ward = Standing(Right.GUARDIAN, RightState.ACTIVE, date(2020, 1, 1), None, born=date(2008, 6, 10))
    assert standing(ward, on=date(2026, 6, 9)) is Why.NONE
    assert standing(ward, on=date(2026, 6, 10)) is Why.GROWN_UP
    assert standing(replace(ward, born=None), on=date(2036, 6, 10)) is Why.NONE  # of age when it was declared
    assert not of_age(date(2008, 2, 29), on=date(2026, 2, 28))
    assert of_age(date(2008, 2, 29), on=date(2026, 3, 1))


@given(st.sampled_from(Right), st.sampled_from(Why))
def test_only_a_representative_in_force_lends(right: Right, why: Why) -> None:
    assert may_delegate(right, why) == (right is Right.REPRESENTATIVE and why is Why.NONE)


def test_a_scope_covers_what_it_says_and_no_more() -> None:
    assert covers(Scope.ALL, (), item="11370000")
    assert covers(Scope.LICENCES, (), licences=True)
    assert not covers(Scope.LICENCES, (), item="11370000")
    assert covers(Scope.ITEMS, ("11370000",), item="11370000")
    assert not covers(Scope.ITEMS, ("11370000",), item="11370001")
    assert not covers(Scope.ITEMS, ("11370000",), licences=True)

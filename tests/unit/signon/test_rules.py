"""Rules of signing on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.foundation.signon import rules
from zhengtong.kernel.actors import Actor, Role

NOW = datetime(2026, 6, 10, 2, tzinfo=UTC)
KEY = b"k" * 32


@given(st.integers(1), st.integers(1), st.text(min_size=1), st.text(min_size=1))
def test_subjects_differ_by_person_and_sector(one: int, other: int, here: str, there: str) -> None:
    assert (rules.subject(KEY, here, one) == rules.subject(KEY, here, other)) is (one == other)
    if here.strip().upper() != there.strip().upper():
        assert rules.subject(KEY, here, one) != rules.subject(KEY, there, one)


@pytest.mark.parametrize(
    ("prompt", "max_age", "signed_in", "asked", "satisfied"),
    [
        ("", "", 3600, None, True),
        ("", "60", 59, None, True),
        ("", "60", 61, None, False),
        ("", "0", 1, None, False),
        ("login", "", 0, None, False),
        ("login", "", 5, 10, True),
        ("login", "", 15, 10, False),
        ("login consent", "", 15, None, False),
        ("consent", "", 15, None, True),
        ("", "0", 5, 10, True),
        ("login", "", 700, 701, False),
    ],
)
def test_when_somebody_must_prove_anew_who_they_are(
    prompt: str, max_age: str, signed_in: int, asked: int | None, *, satisfied: bool
) -> None:
    asked_at = None if asked is None else NOW - timedelta(seconds=asked)
    wish = rules.wish(prompt, max_age)
    assert wish.satisfied(signed_in_at=NOW - timedelta(seconds=signed_in), now=NOW, asked_at=asked_at) is satisfied


def test_claims_are_those_of_the_scopes() -> None:
    official = Actor(1, "li.na", "李娜", "113700", "教育局", frozenset({(Role.STEWARD, "113700")}))
    citizen = Actor(2, "p-1", "王*", "", "")
    assert rules.claims(official, ["openid"]) == {}
    assert rules.claims(official, ["openid", "profile"]) == {"name": "李娜"}
    assert rules.claims(official, ["office"])["roles"] == [{"role": "steward", "office": "113700"}]
    assert rules.claims(citizen, ["profile", "office"]) == {"name": "王*"}

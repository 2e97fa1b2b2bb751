"""Pure rules of accounts: who may do what, passwords that run out, who must have a second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zhengtong.apps.foundation.identity import rules
from zhengtong.apps.foundation.identity.rules import Act, Actor, Duty, Role

NOW = datetime(2026, 6, 10, tzinfo=UTC)


def actor(duty: Duty | None = None, *roles: tuple[Role, str]) -> Actor:
    return Actor(1, "someone", "某人", "A", "A局", frozenset(roles), duty)


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.MANAGE_SYSTEMS])
def test_an_act_of_administration_belongs_to_exactly_one_duty(act: Act) -> None:
    assert len([duty for duty in Duty if rules.may(actor(duty), act)]) == 1
    assert not rules.may(actor(), act)
    with pytest.raises(rules.NotYours):
        rules.require(actor(), act)


def test_calling_systems_belong_to_their_office() -> None:
    for role in (Role.DEVELOPER, Role.STEWARD):
        assert rules.may(actor(None, (role, "A")), Act.MANAGE_SYSTEMS, office="A")
        assert not rules.may(actor(None, (role, "A")), Act.MANAGE_SYSTEMS, office="B")
    for duty in Duty:
        assert not rules.may(actor(duty), Act.MANAGE_SYSTEMS, office="A")


def test_a_password_lasts_ninety_days_and_one_that_was_given_none() -> None:
    assert rules.password_expired(None, now=NOW)
    assert not rules.password_expired(NOW - timedelta(days=90), now=NOW)
    assert rules.password_expired(NOW - timedelta(days=90, seconds=1), now=NOW)


def test_administrators_need_a_second_factor_except_in_the_demo() -> None:
    assert rules.must_enrol(Duty.AUDIT, has_second_factor=False, demo=False)
    assert not rules.must_enrol(Duty.AUDIT, has_second_factor=True, demo=False)
    assert not rules.must_enrol(Duty.AUDIT, has_second_factor=False, demo=True)
    assert not rules.must_enrol(None, has_second_factor=False, demo=False)

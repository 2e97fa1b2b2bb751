"""Pure decisions of participation."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import world
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation.rules import clocks, content, demands, receipts
from zhengtong.apps.flow.participation.rules.vocabulary import DEMAND_LABELS, EVENT_LABELS, DemandState, Lengthening, Subject
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Invalid

PARTIES = demands.Parties("office", "bureau")


def somebody(*roles: tuple[Role, str]) -> Actor:
    return Actor(1, "a", "甲", "office", "局", frozenset(roles))


BUREAU, HEAD, STEWARD = (
    somebody((Role.BUREAU_APPROVER, "bureau")),
    somebody((Role.SHARING_HEAD, "office")),
    somebody((Role.STEWARD, "office")),
)
STRANGER = somebody((Role.STEWARD, "other"), (Role.SHARING_HEAD, "other"), (Role.BUREAU_APPROVER, "other"))


@given(st.sampled_from(list(demands.Act)), st.sampled_from(list(DemandState)))
def test_nobody_from_elsewhere_may_do_anything(act: demands.Act, state: DemandState) -> None:
    assert not demands.may(STRANGER, act, PARTIES, state)
    with pytest.raises(demands.DemandUnknown):
        demands.require(STRANGER, act, PARTIES, state)


def test_only_the_head_or_the_bureau_says_no() -> None:
    assert not demands.may(STEWARD, demands.Act.REFUSE, PARTIES, DemandState.PROVIDER)
    assert demands.may(HEAD, demands.Act.REFUSE, PARTIES, DemandState.PROVIDER)
    assert demands.may(BUREAU, demands.Act.REFUSE, PARTIES, DemandState.BUREAU)
    assert not demands.may(HEAD, demands.Act.REFUSE, PARTIES, DemandState.BUREAU)


def test_every_act_begins_somewhere_and_every_state_has_its_word() -> None:
    for act in demands.Act:
        assert any(demands.may(who, act, PARTIES, state, step) for who in (BUREAU, HEAD) for state in DemandState for step in Lengthening)
    assert set(DEMAND_LABELS) == set(DemandState)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_receipt_is_of_its_content(token: str, text: str) -> None:
    once = receipts.once(Subject.DEMAND, token, text)
    assert once == receipts.once(Subject.DEMAND, token, text)
    assert once != receipts.once(Subject.DEMAND, token, text + "x")
    number = receipts.number(Subject.DEMAND, date(2026, 11, 22), once)
    assert number.startswith("XQ20261122-")
    assert len(number) <= 24
    assert receipts.opens("secret", receipts.digest("secret"))
    assert not receipts.opens("", receipts.digest("secret"))


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://example.com/",
        "javascript:alert(1)",
        "https://",
        "https://localhost/",
        "https://user:pw@example.com/",
        "https://exa mple.com/",
        "https://[::1",
        "https://example.com:99999/",
        "https://example.com/\u202egnp",
        "https://" + "a" * 300 + ".com/",
        "data:text/html,x",
        "//example.com/",
        "https:\\\\example.com",
    ],
)
def test_only_a_plain_https_address_is_a_link(link: str) -> None:
    with pytest.raises(Invalid):
        content.check_link(link)


@given(st.text(max_size=60))
def test_any_text_as_a_link_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        content.check_link(text)
        assert text.startswith("https://")


def test_good_links_are_taken() -> None:
    for link in ("https://example.com/", "https://例子.中国/a?b=1#c", "https://a.example.com:8443/x"):
        content.check_link(link)


@given(st.text(max_size=80))
def test_a_masked_contact_never_shows_a_long_run(text: str) -> None:
    assert len(content.masked(text)) == len(text)


def test_a_masked_contact_is_known_by_its_owner_alone() -> None:
    assert content.masked("13800000001") == "1********01"
    assert content.masked("wang@example.com") == "w***@e****le.c**"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("请打13800000001联系", ["mobile-phone"]),
        ("身份证11010519491231002X的记录", ["identity-number"]),
        ("１３８００００００01", ["mobile-phone"]),
        ("写信到 a.b@example.com", ["email"]),
        ("公交线路和站点坐标,2026年起", []),
        ("统一社会信用代码91370000MA3C0001XX", []),
    ],
)
def test_personal_data_in_free_text_is_seen(text: str, kinds: list[str]) -> None:
    assert opendata.kinds_in(text) == kinds


def test_periods_are_those_of_the_law_and_name_it() -> None:
    assert clocks.clock_of(clocks.PROVIDER, world.NOW).budget == 10
    assert clocks.clock_of(clocks.CORRECTION, world.NOW).budget == 10
    assert clocks.clock_of(clocks.BUREAU, world.NOW).budget == 5
    assert clocks.BASES[clocks.CORRECTION] == "《政务数据共享条例》第二十六条"
    assert "handed-up" in EVENT_LABELS

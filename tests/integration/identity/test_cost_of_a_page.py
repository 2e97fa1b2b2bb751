"""What a page asks the database before it says anything: the fixed cost of every signed-in request, held by counting."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories import catalog as catalog_factory
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import Account, SessionRecord
from zhengtong.apps.foundation.identity.queries import standing
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db

_IDENTITY = ("django_session", "identity_", "otp_totp")


def asked(client: Client, path: str) -> list[str]:
    """The statements of a page that was opened before."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [one["sql"].strip() for one in captured.captured_queries]


def about_identity(statements: list[str]) -> int:
    return sum(any(f" {name}" in one or f'"{name}' in one for name in _IDENTITY) for one in statements)


def test_who_is_behind_a_page_costs_three_queries_for_everybody() -> None:
    city = catalog_factory.city()
    city.published(name="火化登记信息")
    catalog.rebuild()
    for who in (city.steward, world.official(identity.Role.DEVELOPER)):
        statements = asked(world.signed_in(who), "/share/?q=火化")
        assert about_identity(statements) == 3
        assert len(statements) <= 5  # the synonyms' state and the unread notices besides
    administrator = world.signed_in(world.official(duty=identity.Duty.AUDIT))
    assert about_identity(asked(administrator, "/account/password/")) <= 4  # and the device of their second factor


def test_an_entry_and_a_tree_ask_each_thing_once() -> None:
    city = catalog_factory.city()
    entry = city.published(name="火化登记信息")
    catalog.rebuild()
    client = world.signed_in(world.official(identity.Role.DEVELOPER))
    statements = asked(client, f"/share/resources/{entry.code}/")
    assert len(statements) == len(set(statements)) <= 10
    assert len(asked(client, "/share/tree/class/")) <= 4


def test_what_is_taken_away_is_gone_at_the_next_request() -> None:
    actor = world.official(identity.Role.STEWARD)
    client = world.signed_in(actor)
    assert client.get("/work/catalog/new/").status_code == 200
    (office,) = actor.offices(identity.Role.STEWARD)
    security = world.official(duty=identity.Duty.SECURITY)
    now = clock.now()
    identity.withdraw_role(
        actor=security, account_id=actor.account_id, office=office, role=identity.Role.STEWARD, now=now, on=clock.local_date(now)
    )
    assert client.get("/work/catalog/new/").status_code == 403
    SessionRecord.objects.filter(account_id=actor.account_id).delete()
    assert client.get("/share/").status_code == 302


def test_a_session_stands_for_its_own_account_alone() -> None:
    one, other = world.official(), world.official()
    client = world.signed_in(one)
    key = client.session.session_key or ""
    assert standing(one.account_id, on=world.TODAY, session_key=key).seen_at is not None
    assert standing(other.account_id, on=world.TODAY, session_key=key).seen_at is None
    Account.objects.filter(pk=one.account_id).update(is_active=False)
    with pytest.raises(identity.AccountUnknown):
        standing(one.account_id, on=world.TODAY)

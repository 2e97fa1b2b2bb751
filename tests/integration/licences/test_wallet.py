"""The wallet: one's own licences and those of whom one acts for, as far as the right goes; shown, fetched, and who used them."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from factories import people, world
from factories.licences import COMPANY, Desk, publish
from factories.people import Gateway, gateway
from factories.world import NOW
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import ActingRight
from zhengtong.apps.affairs.licences import api
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock
from zhengtong.kernel.actors import Role
from zhengtong.kernel.parties import Party, PartyKind

__all__ = ["gateway"]
pytestmark = pytest.mark.django_db
AT = {"address": "10.0.0.9", "now": NOW}
SCOPES = citizens.Scope


def personal(desk: Desk) -> str:
    return publish(desk.office, desk.steward, desk.approver, name="健康证明", suffix="002", holder=PartyKind.PERSON)


def delegate(gateway: Gateway, scope: citizens.Scope, items: tuple[str, ...] = ()) -> Client:
    """Somebody who acts for the company within a scope."""
    chief, clerk = people.person(gateway, "王建国"), people.person(gateway, "赵六")
    gateway.has_company(COMPANY.code, COMPANY.name, chief)
    right_id = citizens.bind_company(person=chief, code=COMPANY.code, name=COMPANY.name, **AT)
    term = citizens.Term(since=world.TODAY, until=world.TODAY, scope=scope, items=items)
    who = {"name": clerk.party.name, "number": clerk.party.code}
    lent = citizens.give_delegate(person=chief, right_id=right_id, term=term, **who, **AT)
    citizens.accept_right(person=clerk, right_id=lent, accept=True, now=NOW)
    # the pages look at today's date, so the term runs for them too
    ActingRight.objects.filter(pk=lent).update(since=date(2026, 1, 1), until=date(2099, 1, 1))
    client = people.signed_in(clerk)
    assert client.post("/me/acting/", {"right": lent}).status_code == 302
    return client


def test_a_holder_shows_fields_and_fetches_the_file(desk: Desk, gateway: Gateway) -> None:
    who, other = people.person(gateway, "张小明"), people.person(gateway, "李四")
    name = desk.issue(who.party, type_code=personal(desk))
    client, stranger = people.signed_in(who), people.signed_in(other)
    assert name in client.get("/me/licences/").content.decode()
    assert name not in stranger.get("/me/licences/").content.decode()
    page = client.post(f"/me/licences/{name}/", {"field": ["CZZT", "KZ_place", "none"]}).content.decode()
    assert "<svg" in page
    text = page.partition("readonly>")[2].partition("</textarea>")[0]
    found = api.by_text(text.replace("&quot;", '"'), now=clock.now())
    assert set(found.fields) == {"CZZT", "KZ_place"}
    assert client.get(f"/me/licences/{name}/pdf").content.startswith(b"%PDF")
    assert client.get(f"/me/licences/{name}/exe").status_code == 404
    for address in (f"/me/licences/{name}/", f"/me/licences/{name}/pdf"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/me/licences/{name}/", {"field": ["CZZT"]}).status_code == 404


def test_who_used_it_is_told_without_the_official(desk: Desk, gateway: Gateway) -> None:
    who = people.person(gateway, "张小明")
    first = desk.issue(who.party, type_code=personal(desk))
    reader = world.official(Role.CLERK)
    api.read(actor=reader, identifier=first, purpose="核对健康证明", case="370100123456202606100001", now=NOW)
    security.unfold()
    client = people.signed_in(who)
    page = client.get(f"/me/licences/{first}/").content.decode()
    assert "核对健康证明" in page
    assert reader.office_name in page
    assert reader.username not in page
    assert reader.name not in page
    assert [one.case for one in api.uses(who.party, first)] == ["370100123456202606100001"]
    assert api.uses(Party(PartyKind.PERSON, people.number(), "某某"), first) == []


@pytest.mark.parametrize(("scope", "items", "status"), [(SCOPES.LICENCES, (), 200), (SCOPES.ALL, (), 200), (SCOPES.ITEMS, ("37",), 403)])
def test_a_delegate_has_the_companys_wallet_as_far_as_the_right_goes(
    desk: Desk, gateway: Gateway, scope: citizens.Scope, items: tuple[str, ...], status: int
) -> None:
    name = desk.issue()
    client = delegate(gateway, scope, items)
    answer = client.get("/me/licences/")
    assert answer.status_code == status
    assert (name in answer.content.decode()) is (status == 200)
    assert client.get(f"/me/licences/{name}/pdf").status_code == status
    assert client.post(f"/me/licences/{name}/", {"field": ["CZZT"]}).status_code == status


def test_declared_names_officials_and_strangers_have_no_wallet(desk: Desk, gateway: Gateway) -> None:
    gateway.silent = True
    who = citizens.register(stated=people.stated(people.number()), **AT)
    assert people.signed_in(who).get("/me/licences/").status_code == 403
    assert world.signed_in(desk.steward).get("/me/licences/").status_code == 403
    assert Client().get("/me/licences/").status_code == 302

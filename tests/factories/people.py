"""Citizens with accounts, and a register that answers what a test has written into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count

import pytest
from django.test import Client

from factories import world
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.operations import asking
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.codes import identity_number
from zhengtong.toolkit.relay import Answer, Origin, OriginSilent

PERSONS = {"number": "gmsfhm", "name": "xm", "household": "hh"}
COMPANIES = {"code": "uscc", "name": "entity_name", "representative": "legal_rep_name", "representative_number": "legal_rep_id"}
PASSWORD = world.PASSWORD
_numbers = count(1)


def number(born: date = date(1990, 5, 17)) -> str:
    """An identity number that nobody else in the run has."""
    return identity_number.compose(region="370102", birth_date=born, sequence=next(_numbers) % 900)


@dataclass
class Gateway:
    """Stands for the gateway: rows by key, or a status for everything; keeps what it was asked."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    status: int = 200
    silent: bool = False
    asked: list[tuple[Mapping[str, str], dict[str, dict[str, str]]]] = field(default_factory=list)

    def call(self, _origin: Origin, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        question = json.loads(body)
        self.asked.append((headers, question))
        assert method == "POST"
        assert target.endswith("/verify")
        if self.silent:
            raise OriginSilent("silent")
        (value,) = question["key"].values()
        row = self.rows.get(value)
        result = row is not None and all(row.get(item) == wanted for item, wanted in question["match"].items())
        document = {"result": result} if self.status == 200 else {"code": "grant-suspended"}
        return Answer(self.status, "", [], json.dumps(document).encode(), cut=False)

    def knows(self, identity: str, name: str, household: str = "H1") -> None:
        """The register of persons has somebody."""
        self.rows[identity] = {"xm": name, "hh": household}

    def has_company(self, code: str, name: str, chief: citizens.PersonView) -> None:
        """The register of companies has one."""
        self.rows[code] = {"entity_name": name, "legal_rep_name": chief.party.name, "legal_rep_id": chief.party.code}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """A gateway, a calling system with a key, and both registers set up to be asked."""
    there = Gateway()
    monkeypatch.setattr(asking.Origin, "call", lambda *given: there.call(*given))  # noqa: PLW0108 - a method would bind the origin
    place = world.office()
    identity.add_system(by="process:test", system_id="real-name", name="实名核验", office=place.code, now=world.NOW)
    identity.add_key(by="process:test", system_id="real-name", algorithm="hmac-sha256", now=world.NOW)
    for source, items in ((citizens.Source.PERSONS, PERSONS), (citizens.Source.COMPANIES, COMPANIES)):
        setting = citizens.RegisterSetting(source, "real-name", "202001/000001", "real-name", items)
        citizens.set_register(by="process:test", setting=setting, now=world.NOW)
    return there


def stated(identity: str, name: str = "张小明", phone: str = "13812345678") -> citizens.Registration:
    return citizens.Registration(name=name, number=identity, phone=phone, password=PASSWORD)


def person(gateway: Gateway, name: str = "张小明", born: date = date(1990, 5, 17), household: str = "H1") -> citizens.PersonView:
    """A citizen whose name has been checked."""
    identity = number(born)
    gateway.knows(identity, name, household)
    return citizens.register(stated=stated(identity, name), address="10.0.0.9", now=world.NOW)


def signed_in(who: citizens.PersonView) -> Client:
    """A browser in which a citizen has signed in."""
    client = Client()
    answer = client.post("/me/login/", {"number": who.party.code, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return client

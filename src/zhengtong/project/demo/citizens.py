"""
The citizens of the demo city, and the grants under which their names are checked: one with a company, a parent, an elder who is helped.

They are people whom the generated register of persons has; they register through the door that everybody takes, so the gateway has to run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import psycopg

from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel, GrantState
from zhengtong.kernel import clock
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import credit_code, identity_number
from zhengtong.kernel.errors import NotFound, Unavailable
from zhengtong.project.demo import space
from zhengtong.project.demo.staff import BY, PASSWORD, actor_named

SYSTEM = "real-name"
PURPOSE = "real-name"
_ADDRESS = "127.0.0.1"
_WAIT_SECONDS = 30
_GROWN_UP, _OLDEST_CHILD, _ELDER = 18, 15, 60
Made = TypeVar("Made")


@dataclass(frozen=True)
class Asked:
    """What is granted of a register: items by our names, who provides it, and how their accounts begin."""

    source: citizens.Source
    table: str
    provider: str
    items: dict[str, str]
    key: str


ASKED = (
    Asked(
        citizens.Source.PERSONS,
        "public_security.czrk_jbxx",
        "police",
        {"number": "gmsfhm", "name": "xm", "household": "hh"},
        "gmsfhm",
    ),
    Asked(
        citizens.Source.COMPANIES,
        "market_regulation.company",
        "market",
        {"code": "tyshxydm", "name": "scztmc", "representative": "fddbrxm", "representative_number": "fddbrzjhm"},
        "tyshxydm",
    ),
)


@dataclass(frozen=True)
class Person:
    """Somebody of the register of persons."""

    number: str
    name: str
    phone: str
    household: str


@dataclass(frozen=True)
class Cast:
    """The three, the parent's child, and the first one's company (code, name)."""

    owner: Person
    company: tuple[str, str]
    parent: Person
    child: Person
    elder: Person


def grant_checks(by_table: dict[str, int], bureau: str, *, now: datetime) -> None:
    """The data bureau registers its calling system, is granted verification of persons and companies, and sets it up."""
    on = local_date(now)
    developer = actor_named("bureau.developer", on=on)
    if not any(one.id == SYSTEM for one in identity.systems(offices=frozenset({bureau}))):
        identity.add_system(by=developer, system_id=SYSTEM, name="政务服务实名核验", office=bureau, now=now)
        identity.add_key(by=developer, system_id=SYSTEM, algorithm="hmac-sha256", now=now)
    held = {one.resource_id for one in sharing.grants_held(developer, state=GrantState.ACTIVE)}
    there = citizens.registers()
    for one in ASKED:
        resource_id = by_table[one.table]
        if resource_id not in held:
            _granted(one, resource_id, bureau, now)
        if one.source not in there:
            resource = catalog.resource(resource_id).code
            setting = citizens.RegisterSetting(one.source, SYSTEM, resource, PURPOSE, one.items)
            citizens.set_register(by=BY, setting=setting, now=now)
    exchange.publish(now=now)


def _granted(one: Asked, resource_id: int, bureau: str, now: datetime) -> None:
    """Apply, sign, answer and grant, each by whoever may."""
    on = local_date(now)
    request = sharing.Request(
        items=tuple(one.items.values()),
        channels=(Channel.VERIFY,),
        usage_basis="《国务院关于在线政务服务的若干规定》第八条:使用者实名注册",
        scenario="群众和企业注册、绑定时核验姓名、号码和法定代表人",
        usage_scope="政务服务平台,只得到是或否",
        purpose_code=PURPOSE,
        purpose="实名核验",
        since=on,
        until=on + timedelta(days=1095),
        system=SYSTEM,
        filters=(one.key,),
    )
    steward, head = actor_named("bureau.steward", on=on), actor_named("bureau.head", on=on)
    wanted = {resource_id: request.items}
    number = sharing.apply(actor=steward, office=bureau, wanted=wanted, draft=sharing.Draft(request), now=now)[0]
    sharing.submit(actor=steward, number=number, now=now)
    sharing.sign(actor=head, number=number, now=now)
    answer = sharing.Answer(agree=True, reason="符合共享条件", masks={})
    sharing.propose(actor=actor_named(f"{one.provider}.steward", on=on), number=number, answer=answer, now=now)
    sharing.conclude(actor=actor_named(f"{one.provider}.head", on=on), number=number, now=now)


def settle(databases: dict[str, str], *, today: date) -> list[tuple[str, str]]:
    """
    Let the three register, as far as they have not; returns (identity number, what they are) to be printed.

    :raises Unavailable: if the gateway does not answer for half a minute.
    """
    cast = _cast(databases, today)
    owner, parent, elder = (_registered(one) for one in (cast.owner, cast.parent, cast.elder))
    now = clock.now()
    if not citizens.rights_held(owner.id, on=today):
        code, name = cast.company
        _patiently(lambda: citizens.bind_company(person=owner, code=code, name=name, address=_ADDRESS, now=clock.now()))
    if not any(one.right is citizens.Right.GUARDIAN for one in citizens.rights_held(owner.id, on=today)):
        ward = {"name": cast.elder.name, "number": cast.elder.number, "household": "", "evidence": "监护公证书 (2026) 云证字第 12 号"}
        _patiently(lambda: citizens.add_guardian(person=owner, address=_ADDRESS, now=clock.now(), **ward))
    held = citizens.rights_held(parent.id, on=today)
    if not any(one.right is citizens.Right.GUARDIAN for one in held):
        child = {"name": cast.child.name, "number": cast.child.number, "household": cast.child.household, "evidence": ""}
        _patiently(lambda: citizens.add_guardian(person=parent, address=_ADDRESS, now=clock.now(), **child))
    if not citizens.rights_given(elder.id, on=today):
        term = citizens.Term(since=today, until=today + timedelta(days=180), note="代办医保待遇和体检预约")
        who = {"name": cast.parent.name, "number": cast.parent.number}
        right_id = citizens.give_agent(person=elder, term=term, address=_ADDRESS, now=now, **who)
        citizens.accept_right(person=parent, right_id=right_id, accept=True, now=now)
    space.furnish(owner.party, now=clock.now())
    return [
        (cast.owner.number, "法定代表人,已绑定企业"),
        (cast.parent.number, "家长,登记了孩子,代办长辈的事"),
        (cast.elder.number, "长辈,请人代办"),
    ]


def _registered(one: Person) -> citizens.PersonView:
    """Somebody with an account and a checked name."""

    def made() -> citizens.PersonView:
        number = citizens.account_of_number(one.number)
        if number is None:
            stated = citizens.Registration(one.name, one.number, one.phone, password=PASSWORD)
            number = citizens.register(stated=stated, address=_ADDRESS, now=clock.now(), is_demo=True).account_id
        person = citizens.person_of_account(number)
        if person.checked_at is None and citizens.check_again(person.id, now=clock.now()) is not citizens.Outcome.MATCH:
            raise Unavailable("实名核验还没有应答", remedy="确认网关在运行")
        return citizens.person_of_account(number)

    return _patiently(made)


def _patiently(act: Callable[[], Made]) -> Made:
    """A grant or key that was made a moment ago reaches the gateway within seconds."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return act()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def _cast(databases: dict[str, str], today: date) -> Cast:
    """The same three in every city of the same size: the first of the departments' tables that fit."""
    with psycopg.connect(databases["market_regulation"]) as source:
        companies = source.execute(
            "select legal_rep_id, uscc, entity_name from market_regulation.company where status = '在业' order by reg_id limit 200"
        ).fetchall()
    with psycopg.connect(databases["public_security"]) as source:
        rows = source.execute(
            'select "GMSFHM", "XM", coalesce("LXDH", \'\'), "HH", "YHZGX" from public_security.czrk_jbxx '
            'where "SWBZ" is distinct from \'1\' order by "GMSFHM" limit 20000'
        ).fetchall()
    people = [(Person(number, name, phone or "13800000000", household), relation) for number, name, phone, household, relation in rows]
    people = [(one, relation) for one, relation in people if identity_number.is_valid(one.number)]
    by_number = {one.number: one for one, _relation in people}
    chosen = next((row for row in companies if row[0] in by_number and credit_code.is_valid(row[1])), None)
    if chosen is None:
        raise NotFound("生成的数据里没有合适的法定代表人")
    owner = by_number[chosen[0]]
    families: dict[str, list[Person]] = {}
    for one, _relation in people:
        families.setdefault(one.household, []).append(one)
    ages = {one.number: identity_number.parse(one.number).age_on(today) for one, _relation in people}
    parent, child = next(
        (grown, young)
        for family in families.values()
        for grown in family
        for young in family
        if grown != owner
        and ages[grown.number] - ages[young.number] > _GROWN_UP
        and ages[young.number] <= _OLDEST_CHILD
        and ages[grown.number] < _ELDER
    )
    elder = next(one for one, _relation in people if ages[one.number] >= _ELDER and one not in {owner, parent})
    return Cast(owner, (chosen[1], chosen[2]), parent, child, elder)

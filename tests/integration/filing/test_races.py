"""Many at once: one draft, one case, no number twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import close_old_connections, connection

from factories.filing import NOW, Gateway, Town, answered, filer, person, simple_form
from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.affairs.filing.models import Draft
from zhengtong.kernel.errors import ZhengtongError

pytestmark = pytest.mark.django_db(transaction=True)
EIGHT = 8


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each gave, or raised."""
    gate, given = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        close_old_connections()
        gate.wait()
        try:
            given[place] = act()
        except ZhengtongError as exc:
            given[place] = exc
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return given


def test_two_windows_begin_one_draft_and_two_clicks_file_one_case(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [{"xm": "张小明", "sjh": "13812345678"}]
    item = town.item(simple_form(code))
    who = filer(person())
    publics = at_once([lambda: filing.begin(filer=who, item_code=item.code, now=NOW)] * 4)
    assert len(set(publics)) == 1
    assert Draft.objects.count() == 1
    filing.save(filer=who, public=publics[0], values={"why": "行动不便"}, now=NOW)
    numbers = at_once([lambda: filing.submit(filer=who, public=publics[0], now=NOW)] * 4)
    assert len(set(numbers)) == 1
    assert numbers[0] == Draft.objects.get().case_number


def test_eight_file_at_once_and_no_number_is_given_twice(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [{"xm": "张小明", "sjh": "13812345678"}]
    item = town.item(simple_form(code))
    everybody = [filer(person()) for _ in range(EIGHT)]
    publics = [answered(who, item.code) for who in everybody]
    filings = zip(everybody, publics, strict=True)
    acts = [lambda who=who, public=public: filing.submit(filer=who, public=public, now=NOW) for who, public in filings]
    numbers = at_once(acts)
    assert len({str(one) for one in numbers}) == EIGHT
    assert set(numbers) == set(Draft.objects.values_list("case_number", flat=True))


def test_workers_heal_a_field_once(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.says[code] = 500
    who = filer(person())
    public = answered(who, town.item(simple_form(code)).code, name="张小明", phone="13812345678")
    filing.submit(filer=who, public=public, now=NOW)
    gateway.says.clear()
    gateway.rows[code] = [{"xm": "张小明", "sjh": "13812345678"}]
    later = NOW + timedelta(minutes=5)
    assert sum(at_once([lambda: filing.heal(now=later)] * 3)) == 1


def test_the_last_seat_is_given_once_and_a_number_called_to_one_window(town: Town) -> None:
    staff = town.staff()
    where = {"office": town.desk.office.code, "code": "civic", "name": "中心", "address": "市民路", "opens": time(9), "closes": time(17)}
    filing.add_hall(actor=staff["approver"], seats=3, now=NOW, **where)
    everybody = [person() for _ in range(EIGHT)]
    facts = {"hall": "civic", "day": date(2026, 6, 11), "at": time(9), "now": NOW}
    given = at_once([lambda who=who: filing.book(account_id=who.account_id, party=who.party, **facts) for who in everybody])
    assert sum(isinstance(one, UUID) for one in given) == 3
    taken = at_once([lambda: filing.take_number(actor=staff["clerk"], hall="civic", now=NOW)] * EIGHT)
    assert sorted(taken) == list(range(1, EIGHT + 1))
    windows = [str(number) for number in range(EIGHT)]
    called = at_once([lambda at=at: filing.call_next(actor=staff["clerk"], hall="civic", window=at, now=NOW) for at in windows])
    assert sorted(called) == list(range(1, EIGHT + 1))

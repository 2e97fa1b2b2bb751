"""Demands from filing to answer, each step by whoever may and refused to everybody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from factories.sharing import NOW, Circle
from factories.voices import WISH, admitted, filed
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.models import Demand, Event, Support
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db
BASIS = "《数据安全法》第二十一条,属于重要数据"


def texts(actor: object) -> list[str]:
    return [str(one.text) for one in notices.notices(actor)]  # type: ignore[arg-type]


def test_a_strangers_demand_is_seen_by_nobody_before_the_bureau_has_read_it() -> None:
    circle = Circle()
    receipt = filed(provider=circle.provider.code)
    assert api.board(api.BoardFilter(), now=NOW) == []
    assert api.desk(circle.keeper, api.BoardFilter(), now=NOW) == []
    with pytest.raises(NotFound):
        api.public_demand(receipt.number, now=NOW)
    [waiting] = api.waiting(circle.approver, now=NOW)
    assert waiting.number == receipt.number
    for other in (circle.keeper, circle.stranger, circle.steward):
        with pytest.raises((NotFound, api.NotAllowed)):
            api.admit_demand(actor=other, number=receipt.number, now=NOW)
    api.admit_demand(actor=circle.approver, number=receipt.number, now=NOW)
    [shown] = api.board(api.BoardFilter(), now=NOW)
    assert (shown.holder, shown.clock.reading.due if shown.clock else None) == (circle.provider.name, date(2026, 6, 25))
    assert shown.contact == "1********01"
    assert any("收到一项数据需求" in text for text in texts(circle.keeper))


def test_the_private_link_opens_with_its_secret_alone() -> None:
    Circle()
    receipt = filed()
    assert api.own_demand(receipt.number, receipt.secret, now=NOW).title == WISH.title
    for wrong in ("", "x" * 40, receipt.secret[:-1]):
        with pytest.raises(api.DemandUnknown):
            api.own_demand(receipt.number, wrong, now=NOW)
    assert receipt.secret not in str(Demand.objects.values().get())
    api.withdraw_demand(number=receipt.number, secret=receipt.secret, actor=None, now=NOW)
    with pytest.raises(api.WrongState):
        api.withdraw_demand(number=receipt.number, secret=receipt.secret, actor=None, now=NOW)


def test_the_same_form_sent_twice_is_one_demand() -> None:
    Circle()
    assert filed() == filed()
    assert filed(form="another") != filed()
    assert Demand.objects.count() == 2
    assert Event.objects.filter(kind="filed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_demand() -> None:
    Circle()

    def send(_number: int) -> api.Receipt:
        try:
            return filed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(send, range(4)))
    assert len(found) == 1
    assert Demand.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "长" * 121),
        ("title", "请打13800000001"),
        ("purpose", "   "),
        ("items", ""),
        ("items", "11010519491231002X"),
        ("way", "sharing"),
        ("way", "x"),
        ("asker", "office"),
        ("asker", "x"),
        ("name", ""),
        ("contact", "1" * 200),
        ("frequency", "z"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(field: str, value: str) -> None:
    Circle()
    with pytest.raises(Invalid) as refused:
        filed(**{field: value})
    assert refused.value.field == field
    assert not Demand.objects.exists()


def test_an_officials_demand_goes_on_at_once_in_the_offices_name() -> None:
    circle = Circle()
    receipt = filed(actor=circle.steward, way="sharing", provider=circle.provider.code)
    [mine] = api.waiting(circle.keeper, now=NOW)
    assert (mine.number, mine.name) == (receipt.number, circle.consumer.name)
    api.satisfy(actor=circle.keeper, number=receipt.number, dataset=None, resource=circle.resource, now=NOW)
    found = api.public_demand(receipt.number, now=NOW)
    assert (found.state_label, found.resource, found.in_time) == ("已满足", circle.resource, True)
    assert any("有了答复" in text for text in texts(circle.steward))
    assert [view.number for view, _secret in api.asked_by(circle.steward, now=NOW)] == [receipt.number]


def test_an_office_that_lets_its_time_pass_loses_it_to_the_bureau_once() -> None:
    circle = Circle()
    receipt = admitted(circle)
    assert api.remind(now=NOW) == 0
    near = NOW + timedelta(days=14)
    assert api.remind(now=near) == 1
    assert api.remind(now=near) == 0
    late = NOW + timedelta(days=16)
    assert api.remind(now=late) == 1
    view = api.public_demand(receipt.number, now=late)
    assert (view.state_label, view.missed, view.holder) == ("主管部门办理", True, circle.bureau.name)
    assert any("到期没有答复" in text for text in texts(circle.approver))
    with pytest.raises(api.NotAllowed):
        api.promise(actor=circle.keeper, number=receipt.number, on=date(2026, 9, 1), reason="", now=late)
    much_later = late + timedelta(days=30)
    assert api.remind(now=much_later) == 1
    assert api.remind(now=much_later) == 0
    api.refuse(actor=circle.approver, number=receipt.number, reason=BASIS, now=much_later)
    assert api.public_demand(receipt.number, now=much_later).in_time is False
    assert api.board_figures().share == 0


def test_a_no_needs_the_head_and_a_basis() -> None:
    circle = Circle()
    number = admitted(circle).number
    with pytest.raises(api.NotAllowed):
        api.refuse(actor=circle.keeper, number=number, reason=BASIS, now=NOW)
    for words in ("", "不给", "请找王某13800000001询问具体情况"):
        with pytest.raises(Invalid):
            api.refuse(actor=circle.chief, number=number, reason=words, now=NOW)
    api.refuse(actor=circle.chief, number=number, reason=BASIS, now=NOW)
    assert api.public_demand(number, now=NOW).reason == BASIS
    with pytest.raises(api.NotAllowed):
        api.reopen(actor=circle.chief, number=number, reason="再看", now=NOW)
    api.reopen(actor=circle.approver, number=number, reason="再看", now=NOW)
    assert api.public_demand(number, now=NOW).state_label == "主管部门办理"


def test_what_is_wanted_in_the_open_is_not_answered_with_an_entry() -> None:
    circle = Circle()
    number = admitted(circle).number
    for wrong in (
        {"dataset": None, "resource": circle.resource},
        {"dataset": 10**9, "resource": None},
        {"dataset": None, "resource": None},
    ):
        with pytest.raises(Invalid):
            api.satisfy(actor=circle.keeper, number=number, now=NOW, **wrong)


def test_a_promise_is_recalled_when_its_day_has_passed() -> None:
    circle = Circle()
    number = admitted(circle).number
    with pytest.raises(Invalid):
        api.promise(actor=circle.keeper, number=number, on=date(2026, 6, 1), reason="", now=NOW)
    api.promise(actor=circle.keeper, number=number, on=date(2026, 6, 20), reason="正在整理", now=NOW)
    assert api.remind(now=NOW + timedelta(days=9)) == 0
    assert api.remind(now=NOW + timedelta(days=12)) == 1
    assert api.remind(now=NOW + timedelta(days=13)) == 0
    assert api.public_demand(number, now=NOW + timedelta(days=12)).promise_late


def test_support_counts_once_and_can_be_taken_back() -> None:
    circle = Circle()
    number = admitted(circle).number
    assert [api.support(number=number, visitor=one, now=NOW) for one in ("a", "a", "b")] == [1, 1, 2]
    assert api.take_support_back(number=number, visitor="a") == 1
    assert api.take_support_back(number=number, visitor="a") == 1
    assert Demand.objects.get(number=number).supports == 1
    other = filed(form="other").number
    with pytest.raises(NotFound):
        api.support(number=other, visitor="a", now=NOW)


def test_merging_moves_supporters_and_refuses_circles() -> None:
    circle = Circle()
    first, second = admitted(circle).number, admitted(circle, form="2").number
    for number, visitor in ((first, "a"), (second, "a"), (second, "b")):
        api.support(number=number, visitor=visitor, now=NOW)
    for wrong in (second, "", "XQ1"):
        with pytest.raises(Invalid):
            api.merge(actor=circle.approver, number=second, into=wrong, now=NOW)
    with pytest.raises(api.NotAllowed):
        api.merge(actor=circle.chief, number=second, into=first, now=NOW)
    api.merge(actor=circle.approver, number=second, into=first, now=NOW)
    assert Demand.objects.get(number=first).supports == Support.objects.filter(demand__number=first).count() == 2
    with pytest.raises(Invalid):
        api.merge(actor=circle.approver, number=first, into=second, now=NOW)


def test_several_are_passed_on_and_each_refusal_is_told() -> None:
    circle = Circle()
    numbers = [filed(form=str(one)).number for one in range(3)]
    done = api.assign_several(actor=circle.approver, numbers=[*numbers, "XQ0"], office=circle.provider.code, now=NOW)
    assert (done.done, [number for number, _error in done.refused]) == (tuple(numbers), ["XQ0"])
    assert len(api.waiting(circle.keeper, now=NOW)) == 3
    refused = api.assign_several(actor=circle.keeper, numbers=numbers, office=circle.consumer.code, now=NOW)
    assert not refused.done
    api.hand_back(actor=circle.keeper, number=numbers[0], reason="不归我局", now=NOW)
    assert api.public_demand(numbers[0], now=NOW).holder == circle.bureau.name


def test_a_contact_is_read_by_those_who_handle_it_and_the_ledger_knows() -> None:
    circle = Circle()
    number = admitted(circle).number
    with pytest.raises(NotFound):
        api.read_contact(actor=circle.stranger, number=number, now=NOW)
    assert api.read_contact(actor=circle.keeper, number=number, now=NOW) == "13800000001"
    with connection.cursor() as cursor:
        cursor.execute("select convert_from(body, 'utf8') from ledger_block order by height desc limit 1")
        [[body]] = cursor.fetchall()
    assert "participation:demand:contact-read" in body
    assert "13800000001" not in body


def test_lists_page_by_key_in_every_order_without_gaps() -> None:
    circle = Circle()
    numbers = {admitted(circle, form=str(one), title=f"第{one}种需要的数据", now=NOW + timedelta(minutes=one)).number for one in range(7)}
    for order in api.ORDERS:
        asked, seen, after = api.BoardFilter(order=order), list[str](), ""
        while rows := api.board(asked, now=NOW, after=after, limit=2):
            seen += [row.number for row in rows]
            after = rows[-1].cursor
        assert len(seen) == 7
        assert set(seen) == numbers
    assert len(api.board(api.BoardFilter(text="第3种"), now=NOW)) == 1
    assert api.board(api.BoardFilter(office="nobody"), now=NOW) == []
    for after in ("~", "x~1", "2026-01-01T00:00:00~1", f"{10**30}~{10**30}"):
        for order in api.ORDERS:
            api.board(api.BoardFilter(order=order), now=NOW, after=after)


def test_one_source_is_held_to_its_limit_and_nobody_else() -> None:
    for _ in range(api.MOST_AN_HOUR["demand"]):
        api.admit("demand", "address:192.0.2.1", now=NOW)
    with pytest.raises(api.TooMany):
        api.admit("demand", "address:192.0.2.1", now=NOW)
    api.admit("demand", "address:192.0.2.2", now=NOW)
    api.admit("comment", "address:192.0.2.1", now=NOW)
    api.admit("demand", "address:192.0.2.1", now=NOW + timedelta(hours=1))

"""Periods of demands, corrections and requests: made longer once, moved by the calendar audibly, waiting on the right desks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from factories import world
from factories.applying import Applying
from factories.opening import Opening
from factories.sharing import NOW, Circle
from factories.voices import MISTAKE, admitted
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import RequestEvent, RequestRung
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.models import Demand, FiredRung
from zhengtong.apps.foundation.calendar import api as calendar
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.engines.deadlines.clock import ExtensionRefused
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import told
from zhengtong.project import rescheduling

pytestmark = pytest.mark.django_db
#: the demand of a working office is due on this day, and after the storm of two days on that
DUE, MOVED = date(2026, 6, 25), date(2026, 6, 29)


def texts(actor: Actor) -> str:
    return "\n".join(str(one.text) for one in notices.notices(actor))


def due(number: str, actor: Actor) -> date | None:
    view = api.desk_demand(number, actor=actor, now=NOW)
    return view.clock.reading.due if view.clock else None


def storm() -> int:
    """A revision by which two working days of the period are none."""
    keeper = world.official(duty=identity.Duty.SYSTEM)
    lines = "2026-06-11 休 防台风停工\n2026-06-12 休 防台风停工"
    said = {"notice": "市防台风令第1号", "lines": lines, "reason": "全市停工"}
    return calendar.revise(actor=keeper, year=2026, settles=False, based_on=0, now=NOW, **said)


# ------------------------------------------------------------------ made longer, once
def test_the_bureau_lets_a_period_be_longer_and_everybody_reads_why() -> None:
    circle = Circle()
    number = admitted(circle).number
    assert due(number, circle.keeper) == DUE
    assert "ask-extension" in api.desk_demand(number, actor=circle.keeper, now=NOW).acts
    api.ask_extension(actor=circle.keeper, number=number, days=5, reason="历史数据要逐条核对", now=NOW)
    assert due(number, circle.keeper) == DUE
    assert [one.number for one in api.waiting(circle.approver, now=NOW)] == [number]
    assert "申请延期 5 个工作日" in texts(circle.approver)
    api.decide_extension(actor=circle.approver, number=number, consent=True, now=NOW)
    assert due(number, circle.keeper) == date(2026, 7, 2)
    assert api.waiting(circle.approver, now=NOW) == []
    assert "办理期限延长 5 个工作日" in texts(circle.keeper)
    public = api.public_demand(number, now=NOW)
    assert (public.lengthening, public.extension_days, public.extension_reason) == ("granted", 5, "历史数据要逐条核对")
    assert {one.kind for one in api.trail(number)} >= {"extension-asked", "extended"}
    with pytest.raises(api.WrongState, match="只能申请一次"):
        api.ask_extension(actor=circle.keeper, number=number, days=1, reason="还要再核对一遍", now=NOW)
    # an answer on a day that only the extension reaches is in time
    api.promise(actor=circle.keeper, number=number, on=date(2026, 9, 1), reason="", now=NOW + timedelta(days=20))
    assert Demand.objects.get(number=number).in_time is True


def test_a_refused_extension_changes_no_day_and_needs_words() -> None:
    circle = Circle()
    number = admitted(circle).number
    api.ask_extension(actor=circle.chief, number=number, days=10, reason="经办人出差", now=NOW)
    with pytest.raises(Invalid):
        api.decide_extension(actor=circle.approver, number=number, consent=False, reason=" ", now=NOW)
    api.decide_extension(actor=circle.approver, number=number, consent=False, reason="可以由他人办理", now=NOW)
    assert due(number, circle.keeper) == DUE
    assert "未获同意" in texts(circle.keeper)
    with pytest.raises(api.WrongState):
        api.decide_extension(actor=circle.approver, number=number, consent=True, now=NOW)


def test_an_extension_is_asked_by_the_office_decided_by_the_bureau_and_heals_nothing() -> None:
    circle = Circle()
    number = admitted(circle).number
    for other in (circle.stranger, circle.steward, circle.approver):
        with pytest.raises((api.DemandUnknown, api.NotAllowed)):
            api.ask_extension(actor=other, number=number, days=5, reason="核对数据", now=NOW)
    for days in (0, 11):
        with pytest.raises(Invalid) as caught:
            api.ask_extension(actor=circle.keeper, number=number, days=days, reason="核对数据", now=NOW)
        assert caught.value.field == "days"
    with pytest.raises(ExtensionRefused):
        api.ask_extension(actor=circle.keeper, number=number, days=5, reason="核对数据", now=NOW + timedelta(days=30))
    api.ask_extension(actor=circle.keeper, number=number, days=5, reason="核对数据", now=NOW)
    for other in (circle.keeper, circle.chief, circle.stranger):
        with pytest.raises((api.DemandUnknown, api.NotAllowed)):
            api.decide_extension(actor=other, number=number, consent=True, now=NOW)
    with pytest.raises(ExtensionRefused):
        api.decide_extension(actor=circle.approver, number=number, consent=True, now=NOW + timedelta(days=30))
    with pytest.raises(IntegrityError), transaction.atomic():
        Demand.objects.filter(number=number).update(extension_days=11)
    with pytest.raises(IntegrityError), transaction.atomic():
        Demand.objects.filter(number=number).update(lengthening="granted")


def test_a_longer_period_warns_anew_and_a_new_one_may_be_made_longer_again() -> None:
    circle = Circle()
    number = admitted(circle).number
    before = NOW + timedelta(days=14)
    assert api.remind(now=before) == 1
    assert api.remind(now=before) == 0
    api.ask_extension(actor=circle.keeper, number=number, days=5, reason="核对数据", now=before)
    api.decide_extension(actor=circle.approver, number=number, consent=True, now=before)
    assert api.remind(now=before) == 0
    assert api.remind(now=NOW + timedelta(days=22)) == 1
    api.assign(actor=circle.approver, number=number, office=circle.provider.code, now=NOW)
    assert "ask-extension" in api.desk_demand(number, actor=circle.keeper, now=NOW).acts


# ------------------------------------------------------------------ moved by the calendar
def test_demands_move_with_the_calendar_and_their_holders_hear_of_it() -> None:
    circle = Circle()
    number = admitted(circle).number
    pending = api.file_demand(wish=_wish(), form="other", actor=circle.steward, now=NOW).number
    FiredRung.objects.create(number=number, began_at=NOW, rung="due-today", at=NOW)
    revision = storm()
    before, after = calendar.around(revision)
    moves = {one.number: one for one in api.moves(before, after, now=NOW)}
    assert (moves[number].before, moves[number].after, moves[number].holder) == (DUE, MOVED, circle.provider.name)
    assert rescheduling.follow_calendar(now=NOW) == 2
    assert due(number, circle.keeper) == MOVED
    assert "办理期限由 2026-06-25 改为 2026-06-29" in texts(circle.keeper)
    assert pending in moves
    assert "工作日历调整" in texts(circle.steward)
    assert not FiredRung.objects.filter(number=number).exists()
    assert [one.kind for one in api.trail(number)].count("rescheduled") == 1
    assert rescheduling.follow_calendar(now=NOW) == 0


def _wish() -> api.Wish:
    return api.Wish("各区学校的坐标", "画一张图", "名称、经纬度", "", "open", "office", "教育科")


def test_corrections_and_requests_move_and_wait_on_the_desk(opening: Opening) -> None:
    circle = opening.circle
    applying = Applying(opening)
    applying.filed()
    receipt = api.file_correction(dataset=applying.dataset, mistake=MISTAKE, form="t", actor=None, now=NOW)
    [correction] = api.corrections_waiting(circle.keeper, now=NOW)
    assert correction.number == receipt.number
    assert api.corrections_waiting(circle.stranger, now=NOW) == []
    assert [one.number for one in opendata.requests_waiting(circle.keeper, now=NOW)] == [applying.number]
    for other in (circle.chief, circle.stranger, circle.approver):
        assert opendata.requests_waiting(other, now=NOW) == []
    page = world.signed_in(circle.keeper).get("/work/").content.decode()
    for place in (f"/work/openings/requests/{applying.number}/", f"/work/voices/{receipt.number}/"):
        assert place in page
    assert "至" in page
    elsewhere = world.signed_in(circle.stranger).get("/work/").content.decode()
    assert applying.number not in elsewhere
    assert receipt.number not in elsewhere
    row = RequestEvent.objects.get(request__number=applying.number, kind="filed").request
    RequestRung.objects.create(request=row, rung="due-today", at=NOW)
    revision = storm()
    before, after = calendar.around(revision)
    assert [one.number for one in opendata.request_moves(before, after, now=NOW)] == [applying.number]
    assert rescheduling.follow_calendar(now=NOW) == 2
    assert "答复期限由 2026-06-17 改为" in texts(circle.keeper)
    own = opendata.own_request(applying.number, applying.proven, now=NOW)
    assert any("工作日历调整" in str(told(one.reason)) for one in own.events)
    assert not RequestRung.objects.exists()


def test_the_preview_counts_what_would_move(opening: Opening) -> None:
    applying = Applying(opening)
    applying.filed()
    number = admitted(opening.circle).number
    keeper = world.official(duty=identity.Duty.SYSTEM)
    said = {"notice": "市防台风令第1号", "lines": "2026-06-11 休 防台风停工", "reason": "停工", "step": "preview"}
    page = world.signed_in(keeper).post("/manage/calendar/2026/change/", said).content.decode()
    assert "数据需求与纠错:1 个期限" in page
    assert "开放申请:1 个期限" in page
    assert number in page
    assert applying.number in page
    assert "换乘查询" not in page

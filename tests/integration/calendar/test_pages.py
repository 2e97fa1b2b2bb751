"""Pages of the working-day calendar: read by every official, changed by one administration, nothing written before it is confirmed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from factories import catalog as entries
from factories import world
from factories.sharing import Circle
from zhengtong.apps.foundation.calendar import api as calendar
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db
READING = ("/manage/calendar/2026/", "/manage/calendar/2027/", "/manage/calendar/history/", "/manage/calendar/2026/calendar.csv")
CHANGE = "/manage/calendar/2026/change/"


@pytest.fixture
def keeper() -> identity.Actor:
    return world.official(duty=identity.Duty.SYSTEM)


def filled(**changes: str) -> dict[str, str]:
    return {
        "notice": "市防台风令第1号",
        "lines": "2026-07-20 休 防台风停工",
        "reason": "全市停工",
        "mark": "休",
        "step": "preview",
        **changes,
    }


def test_every_official_reads_and_one_duty_changes(keeper: identity.Actor) -> None:
    keeping = world.signed_in(keeper)
    keeping.post(CHANGE, filled(step="confirm", based_on="0"))
    undo = "/manage/calendar/revisions/1/undo/"
    others = [world.official(identity.Role.STEWARD), world.official(identity.Role.BUREAU_APPROVER, at=world.office(is_bureau=True))]
    others += [world.official(duty=duty) for duty in (identity.Duty.SECURITY, identity.Duty.AUDIT)]
    for actor in (keeper, *others):
        browser = keeping if actor is keeper else world.signed_in(actor)
        assert browser.get("/manage/calendar/").status_code == 302
        assert [browser.get(address).status_code for address in READING] == [200] * len(READING)
        changes = actor is keeper
        for address in (CHANGE, undo):
            assert browser.get(address).status_code == (200 if changes else 403)
            assert address.encode() in b"".join(browser.get(one).content for one in READING) or not changes
            if not changes:
                assert browser.post(address, filled(step="confirm", based_on="1")).status_code == 403
                assert address.encode() not in b"".join(browser.get(one).content for one in READING)
    for address in (*READING, CHANGE, undo):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")
    assert calendar.last_number() == 1


def test_the_year_says_off_and_work_in_words(keeper: identity.Actor) -> None:
    browser = world.signed_in(keeper)
    page = browser.get("/manage/calendar/2026/").content.decode()
    assert page.count('<table class="month">') == 12
    assert "国办发明电〔2025〕7号" in page
    grids = page[: page.index('id="named"')]
    assert len(re.findall(r"<strong>\s*休\s*</strong>", grids)) > 25
    assert len(re.findall(r"<strong>\s*班\s*</strong>", grids)) == 7
    assert "暂定" in browser.get("/manage/calendar/2030/").content.decode()
    assert browser.get("/manage/calendar/2100/").status_code == 404


def test_a_change_is_previewed_and_then_confirmed(keeper: identity.Actor) -> None:
    circle = Circle()
    number = circle.signed()
    entry = entries.City(circle.bureau, circle.provider, circle.keeper, circle.chief, circle.approver).draft(name="待审核的目录")
    catalog.submit(actor=circle.keeper, resource_id=entry.id, now=world.NOW)
    catalog.approve(actor=circle.chief, resource_id=entry.id, now=world.NOW)
    browser = world.signed_in(keeper)
    lines = "2026-06-11 休 防台风停工\n2026-06-12 休 防台风停工"
    page = browser.post(CHANGE, filled(lines=lines)).content.decode()
    assert calendar.last_number() == 0
    assert number in page
    for day in ("2026-06-25", "2026-06-29", "2026-06-12", "2026-06-16"):
        assert day in page
    assert circle.provider.name in page
    assert "死亡" not in page
    assert "确认修订" in page
    edited = browser.post(CHANGE, filled(lines=lines, step="edit")).content.decode()
    assert "2026-06-12 休" in edited
    assert calendar.last_number() == 0
    answer = browser.post(CHANGE, filled(lines=lines, step="confirm", based_on="0"))
    assert (answer.status_code, answer["Location"]) == (302, "/manage/calendar/2026/")
    assert calendar.last_number() == 1
    assert "本表第 1 次修订" in browser.get("/manage/calendar/2026/").content.decode()


def test_faults_name_line_rule_and_remedy_and_nothing_is_done(keeper: identity.Actor) -> None:
    browser = world.signed_in(keeper)
    answer = browser.post(CHANGE, filled(lines="2026-07-20 休 停工\n2026-07-32 休 停工\n2026-07-22 停工", step="confirm", based_on="0"))
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("第 2 行", "2026-07-32", "不是日期", "第 3 行", "不是休、班或撤"):
        assert words in page
    assert "第 1 行" not in page
    assert calendar.last_number() == 0
    lacking = browser.post("/manage/calendar/2027/change/", filled(settles="on", lines="2027-01-01 休 元旦")).content.decode()
    assert "2027-10-01 国庆节" in lacking
    assert "春节" in lacking


def test_one_day_may_be_changed_without_a_list(keeper: identity.Actor) -> None:
    browser = world.signed_in(keeper)
    answer = browser.post(CHANGE, filled(lines="", day="2026-07-20", occasion="防台风停工"))
    assert "确认修订" in answer.content.decode()
    refused = browser.post(CHANGE, filled(lines="", day="2026-07-20", mark="班", occasion="防台风停工"))
    assert refused.status_code == 422
    assert "第 1 行" in refused.content.decode()
    cleared = browser.post(CHANGE, filled(lines="", day="2026-07-20", mark="撤"))
    assert "无从撤去" in cleared.content.decode()


def test_who_was_slower_sees_the_other_change_first(keeper: identity.Actor) -> None:
    browser = world.signed_in(keeper)
    browser.post(CHANGE, filled(step="confirm", based_on="0"))
    answer = browser.post(CHANGE, filled(lines="2026-07-21 休 停工", step="confirm", based_on="0"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "重新预览" in page
    assert 'name="based_on" value="1"' in page
    assert calendar.last_number() == 1


def test_undoing_is_previewed_too_and_both_stay_in_the_history(keeper: identity.Actor) -> None:
    browser = world.signed_in(keeper)
    browser.post(CHANGE, filled(step="confirm", based_on="0"))
    address = "/manage/calendar/revisions/1/undo/"
    page = browser.post(address, {"reason": "台风转向", "step": "preview"}).content.decode()
    assert "2026-07-20" in page
    assert browser.post(address, {"reason": "台风转向", "step": "confirm", "based_on": "1"}).status_code == 302
    history = browser.get("/manage/calendar/history/").content.decode()
    for words in ("撤销第 1 次修订", "台风转向", "全市停工", "已撤销", keeper.name):
        assert words in history
    assert browser.get(address).status_code == 409


def test_the_reckoner_counts_day_by_day(keeper: identity.Actor) -> None:
    browser = world.signed_in(keeper)
    page = browser.get("/manage/calendar/2026/?since=2026-09-24&days=3").content.decode()
    assert "至 2026-09-30 二十四时届满" in page
    assert "中秋节" in page
    assert browser.get("/manage/calendar/2026/?since=x&days=3").status_code == 422
    assert browser.get("/manage/calendar/2026/?since=2026-01-01&days=0").status_code == 422
    beyond = browser.get("/manage/calendar/2026/?since=2101-01-01&days=3")
    assert beyond.status_code == 422
    assert "不在日历所及" in beyond.content.decode()


def test_the_export_has_every_day(keeper: identity.Actor) -> None:
    lines = world.signed_in(keeper).get("/manage/calendar/2026/calendar.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 366
    assert lines[0].startswith("date,weekday,working,reason")
    assert lines[1].startswith("2026-01-01,4,0,元旦")


def test_officials_find_the_calendar_on_their_desk() -> None:
    browser = world.signed_in(world.official(identity.Role.STEWARD))
    assert 'href="/manage/calendar/"' in browser.get("/work/").content.decode()
    assert 'href="/work/notices/"' in browser.get(f"/manage/calendar/{clock.today().year}/").content.decode()


def test_the_workbench_shows_what_waits_for_review_with_its_clock() -> None:
    city = entries.city()
    draft = city.draft()
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    catalog.approve(actor=city.head, resource_id=draft.id, now=world.NOW)
    page = world.signed_in(city.approver).get("/work/").content.decode()
    assert draft.name in page
    assert "超期" in page
    assert draft.name not in world.signed_in(city.head).get("/work/").content.decode()

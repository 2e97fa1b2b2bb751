"""What people say of the demo city's cases: some hundred ratings by one-time codes, most of them good, and answers to some of the bad."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.project.demo.cases import Desks
from zhengtong.project.demo.offices import Office
from zhengtong.project.demo.staff import Bars
from zhengtong.project.demo.territory import YUNZHOU

#: office, code of the item, its name: what is done on the spot, and often
_ITEMS = (
    ("civil_affairs", "370711002000", "高龄津贴资格确认"),
    ("human_resources", "372014019000", "参保证明打印"),
    ("public_security", "372009041000", "无犯罪记录证明"),
)
#: one grade after another; two of eleven are bad
_GRADES = (1, 1, 2, 1, 4, 2, 1, 3, 1, 5, 1)
_SAID: Mapping[int, str] = {1: "", 2: "工作人员很耐心", 3: "", 4: "网上填了一遍,窗口又要填一遍", 5: "排队等了一个上午"}
_ANSWER = "已增开窗口并取消重复填写,欢迎继续监督。"
_EACH, _EACH_OF_FEW = 50, 6
_MONTH = 22


def speak(offices: Mapping[str, Office], bureau: Actor, bars: Bars, *, few: bool, now: datetime) -> None:
    """
    Let cases be filed, decided, delivered and rated on the days that have passed, those that are not there yet.

    :param few: a handful of one item, for the smallest city.
    """
    each = _EACH_OF_FEW if few else _EACH
    desks = Desks(offices, now)
    items = _ITEMS[:1] if few else _ITEMS
    bars.begin("好差评:评价、答复、复核", len(items) * each)
    done = 0
    for office, code, name in items:
        for turn in range(each):
            _rated(desks, office, code, name, turn, now)
            done += 1
            bars.advance(done)
        ratings.follow(now=now)
        _answered(desks, office, now)
    _appealed(desks, bureau, now)
    while ratings.follow_figures():
        pass


def _rated(desks: Desks, office: str, code: str, name: str, turn: int, now: datetime) -> None:
    key = f"demo-rated-{office}-{turn}"
    if cases.number_of(key):
        return
    clerk, calendar = desks.actor(office, Role.CLERK), working_days.current()
    days_ago = turn % (2 * _MONTH)
    at = now - timedelta(days=days_ago)
    while not calendar.is_working(local_date(at)):
        at -= timedelta(days=1)
    born = date(1960, 1, 1) + timedelta(days=97 * turn)
    person = identity_number.compose(region=YUNZHOU.counties[0].code[:6], birth_date=born, sequence=turn + 1)
    filing = cases.Filing(
        item_code=code,
        item_name=name,
        applicant=Party(PartyKind.PERSON, person, f"赵{'一二三四五六七八九'[turn % 9]}"),
        materials=(cases.MaterialGiven("居民身份证", "licence"), cases.MaterialGiven("申请表")),
        source="8" if turn % 3 == 0 else "1",
    )
    number = cases.open_case(by=clerk, key=key, process="instant", office=desks.offices[office].credit_code, filing=filing, now=at)
    view = cases.case(number, actor=clerk, now=at)
    branch = view.open[0]
    cases.complete(
        actor=desks.holding(branch), number=number, visit=branch.number, outcome="agree", reason="", act_id="demo/decide", now=at
    )
    way = "window" if turn % 3 == 0 else "online"
    cases.deliver(actor=clerk, number=number, way=way, act_id="demo/deliver", now=at)
    grade = _GRADES[turn % len(_GRADES)]
    link = ratings.make_link(actor=clerk, number=number, channel=ratings.Channel.QR, now=at)
    said = ratings.Said(grade, text=_SAID[grade], contact="13900000000" if grade == ratings.Grade.VERY_BAD else "")
    ratings.rate_by_link(code=link, said=said, now=at)


def _answered(desks: Desks, office: str, now: datetime) -> None:
    """Every second one is answered, from the second on."""
    handler = desks.actor(office, Role.HANDLER)
    for one in ratings.tickets(handler, "open", now=now)[1::2]:
        if "answer" in one.acts:
            ratings.answer(actor=handler, key=one.key, remedy="fixed", text=_ANSWER, now=now)


def _appealed(desks: Desks, bureau: Actor, now: datetime) -> None:
    """One is said to be mistaken, and one named one is called."""
    approver = desks.actor(_ITEMS[0][0], Role.APPROVER)
    if not ratings.counts(bureau)["appeal"]:
        appealable = [one for one in ratings.tickets(approver, "open", now=now) if "appeal" in one.acts]
        for one in appealable[:1]:
            ratings.appeal(actor=approver, key=one.key, reason="评价的是另一个单位的窗口", now=now)
    for one in ratings.tickets(bureau, "call", now=now)[:1]:
        ratings.call_back(actor=bureau, key=one.key, reached=True, content=True, note="已说明整改情况", now=now)

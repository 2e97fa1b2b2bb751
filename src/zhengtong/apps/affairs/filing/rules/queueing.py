"""Numbers that are called, half hours that are booked, and how consent is given at a window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

SLOT = timedelta(minutes=30)
#: how many days ahead may be booked
DAYS_AHEAD = 14


class TicketState(StrEnum):
    """Where a number stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    #: called, and nobody came
    MISSED = "missed"


TICKET_LABELS: Mapping[str, str] = {
    TicketState.WAITING: "等候",
    TicketState.CALLED: "正在办理",
    TicketState.SERVED: "已办完",
    TicketState.MISSED: "过号",
}


class Consent(StrEnum):
    """How somebody at a window agreed that data about them is read."""

    #: signed the sentence on paper, which stays with the file
    SIGNED = "signed"
    #: told the clerk the code that went to their phone
    CODE = "code"
    #: typed their own password at the counter
    PASSWORD = "password"  # noqa: S105 - the name of a way, no secret


CONSENT_LABELS: Mapping[str, str] = {
    Consent.SIGNED: "当场签字确认",
    Consent.CODE: "报出发到本人手机的验证码",
    Consent.PASSWORD: "本人在窗口输入密码",
}
CONSENT_TEXT = "本人同意政务服务窗口为办理本次事项,查询本人在政府部门登记的、办理该事项所需的信息,并代为填写和提交申请。"


class SlotRefused(Invalid):
    """这个时段不能预约。"""

    code = "slot-refused"


def slots(opens: time, closes: time) -> Iterator[time]:
    """The beginnings of the half hours in which a hall is open; the last one ends when it closes."""
    moment, end = datetime.combine(date.min, opens), datetime.combine(date.min, closes)
    while moment + SLOT <= end:
        yield moment.time()
        moment += SLOT


def check_slot(day: date, at: time, *, opens: time, closes: time, working: bool, now: datetime) -> None:
    """
    Refuse a time at which nobody can come.

    :param now: local time. :param working: whether the day is a working day.
    :raises SlotRefused: naming the field.
    """
    if at not in set(slots(opens, closes)):
        raise SlotRefused("大厅没有这个时段", field="at", remedy="从列出的时段里选")
    if not working:
        raise SlotRefused("这一天不是工作日", field="day", remedy="选择工作日")
    if datetime.combine(day, at, now.tzinfo) <= now:
        raise SlotRefused("这个时段已经过了", field="at", remedy="选择以后的时段")
    if day > now.date() + timedelta(days=DAYS_AHEAD):
        raise SlotRefused(say("只能预约 {days} 天以内的", days=DAYS_AHEAD), field="day", remedy="选择近一些的日子")

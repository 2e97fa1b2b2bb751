"""
The words of ratings.

Sources: GB/T 39046-2020 A.8 (five grades; stars are the reverse of the code), GB/T 39734 and 39735 (one rating per case, channels, second
level), 国办发〔2019〕51号 (bad ratings are answered, named ones called back, the rater stays unknown to the rated).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class Grade(IntEnum):
    """满意度, by its code: 1 is the best."""

    VERY_GOOD = 1
    GOOD = 2
    FAIR = 3
    BAD = 4
    VERY_BAD = 5

    @property
    def stars(self) -> int:
        """Stars are the reverse of the code."""
        return 6 - self


GRADE_LABELS: Mapping[int, str] = {
    Grade.VERY_GOOD: "非常满意",
    Grade.GOOD: "满意",
    Grade.FAIR: "基本满意",
    Grade.BAD: "不满意",
    Grade.VERY_BAD: "非常不满意",
}
#: 差评
BAD = (Grade.BAD, Grade.VERY_BAD)


class Channel(StrEnum):
    """Where somebody rated."""

    PC = "pc"
    MOBILE = "mobile"
    QR = "qr"
    SMS = "sms"


CHANNEL_LABELS: Mapping[str, str] = {
    Channel.PC: "电脑端",
    Channel.MOBILE: "移动端",
    Channel.QR: "二维码",
    Channel.SMS: "短信",
}

#: second level of cases that were filed online, then of those filed at a window; further ones are rows of the table of reasons
REASON_LABELS: Mapping[str, str] = {
    "efficiency": "办事效率",
    "guide": "办事指南精确度",
    "convenience": "办事便捷度",
    "platform": "平台操作性",
    "speed": "服务效率",
    "skill": "服务水平",
    "manner": "服务态度",
}


class TicketState(StrEnum):
    """Where the answer to a bad rating stands."""

    #: the office does not see it before it can no longer tell who it was
    WAITING = "waiting"
    OPEN = "open"
    ANSWERED = "answered"
    #: the rater changed their mind
    WITHDRAWN = "withdrawn"


TICKET_LABELS: Mapping[str, str] = {
    TicketState.WAITING: "等待转办",
    TicketState.OPEN: "待答复",
    TicketState.ANSWERED: "已答复",
    TicketState.WITHDRAWN: "评价人已改评",
}
TICKET_TONES: Mapping[str, str] = {
    TicketState.WAITING: "",
    TicketState.OPEN: "waiting",
    TicketState.ANSWERED: "done",
    TicketState.WITHDRAWN: "",
}


class Remedy(StrEnum):
    """What an office makes of a bad rating."""

    FIXED = "fixed"
    PLANNED = "planned"
    EXPLAINED = "explained"


REMEDY_LABELS: Mapping[str, str] = {
    Remedy.FIXED: "诉求合理,已经整改",
    Remedy.PLANNED: "情况复杂,限期整改",
    Remedy.EXPLAINED: "没有法律依据,已经说明",
}


class Appeal(StrEnum):
    """Whether the office says that a rating is mistaken, and what the bureau decided."""

    NONE = ""
    ASKED = "asked"
    UPHELD = "upheld"
    REJECTED = "rejected"


APPEAL_LABELS: Mapping[str, str] = {
    Appeal.ASKED: "申诉待复核",
    Appeal.UPHELD: "申诉成立,不计入",
    Appeal.REJECTED: "申诉不成立",
}

#: working days an office has for its answer where no term is set for it or its region; local rules have 5 to 15
USUAL_DAYS = 15
#: calendar days in which a rating may be changed
CHANGE_DAYS = 7
#: so many ratings must lie together before the rated see any of them, and so many cases before a figure is published
CROWD = 5
LONGEST_TEXT = 500

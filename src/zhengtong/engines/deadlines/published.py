"""
The published years, 2004 to 2026, from the package ``chinesecalendar``, with the number of the notice that decided.

Where the package and the notice disagree, the notice wins: ``CORRECTIONS`` names each such date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

from chinese_calendar.constants import Holiday, holidays, in_lieu_days, workdays

from zhengtong.engines.deadlines.calendar import Arrangement, WorkingCalendar

_JANUARY_FIRST_HOLIDAY = "New Year's Day"
_DECEMBER = 12

#: 国务院办公厅关于某年部分节假日安排的通知: the number by the year arranged
NOTICES: Mapping[int, str] = {
    2006: "国办发明电〔2005〕35号",
    2007: "国办发明电〔2006〕49号",
    2010: "国办发明电〔2009〕27号",
    2011: "国办发明电〔2010〕40号",
    2012: "国办发明电〔2011〕45号",
    2013: "国办发明电〔2012〕33号",
    2014: "国办发明电〔2013〕28号",
    2015: "国办发明电〔2014〕28号",
    2016: "国办发明电〔2015〕18号",
    2017: "国办发明电〔2016〕17号",
    2018: "国办发明电〔2017〕12号",
    2019: "国办发明电〔2018〕15号",
    2020: "国办发明电〔2019〕16号",
    2021: "国办发明电〔2020〕27号",
    2022: "国办发明电〔2021〕11号",
    2023: "国办发明电〔2022〕16号",
    2024: "国办发明电〔2023〕7号",
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}

_NAMES: Mapping[str, str] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    Holiday.anti_fascist_70th_day.value: "抗战胜利70周年纪念日",
}


def _named(name: str, year: int, *days: tuple[int, int]) -> dict[date, str]:
    return {date(year, month, day): name for month, day in days}


#: notices of their own for a part of a year that was already arranged; the package already holds these dates
AMENDMENTS: tuple[Arrangement, ...] = (
    Arrangement(
        2015,
        "国发明电〔2015〕1号",
        days_off=_named("抗战胜利70周年纪念日", 2015, (9, 3), (9, 4), (9, 5)),
        make_up_days=_named("抗战胜利70周年纪念日", 2015, (9, 6)),
        swapped=frozenset({date(2015, 9, 4)}),
        settles=False,
    ),
    Arrangement(
        2019,
        "国办发明电〔2019〕3号",
        days_off=_named("劳动节", 2019, (5, 1), (5, 2), (5, 3), (5, 4)),
        make_up_days=_named("劳动节", 2019, (4, 28), (5, 5)),
        swapped=frozenset({date(2019, 5, 2), date(2019, 5, 3)}),
        settles=False,
    ),
    Arrangement(2020, "国办发明电〔2020〕1号", days_off=_named("春节", 2020, (1, 31), (2, 1), (2, 2)), make_up_days={}, settles=False),
)

#: dates on which the package misses what the notice says: 12月31日(星期六)上班
CORRECTIONS: tuple[Arrangement, ...] = (
    Arrangement(2006, NOTICES[2006], days_off={}, make_up_days={date(2005, 12, 31): "元旦"}, settles=False),
)


def _year_of(day: date, holiday: str) -> int:
    """The year whose notice speaks of ``day``: the days around 1 January belong to the new year."""
    return day.year + (day.month == _DECEMBER and holiday == _JANUARY_FIRST_HOLIDAY)


def published_arrangements() -> tuple[Arrangement, ...]:
    """The yearly notices in order, then the amendments and corrections."""
    years = range(min(holidays).year, max(holidays).year + 1)
    yearly = []
    for year in years:
        off = {day: _NAMES[name] for day, name in holidays.items() if _year_of(day, name) == year}
        made_up = {day: _NAMES[name] for day, name in workdays.items() if _year_of(day, name) == year}
        notice = NOTICES.get(year, f"国务院办公厅关于{year}年部分节假日安排的通知")
        yearly.append(Arrangement(year, notice, off, made_up, frozenset(in_lieu_days.keys() & off.keys())))
    return (*yearly, *AMENDMENTS, *CORRECTIONS)


@cache
def published_calendar() -> WorkingCalendar:
    """The calendar of the published years alone; built once per process."""
    return WorkingCalendar(published_arrangements())


def calendar_with(tables: Iterable[Mapping[str, object]]) -> WorkingCalendar:
    """
    The published years and the administrator's tables after them.

    :param tables: see :meth:`Arrangement.from_plain`; a table that settles a published year replaces it.
    :raises InvalidArrangement: if a table cannot be read.
    """
    return WorkingCalendar((*published_arrangements(), *(Arrangement.from_plain(table) for table in tables)))

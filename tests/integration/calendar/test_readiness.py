"""``zhengtong check`` reads the administered table."""

from __future__ import annotations

import pytest

from factories import world
from zhengtong.apps.foundation.calendar import api as calendar
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.calendar import fixed_holidays
from zhengtong.kernel import clock
from zhengtong.project import readiness

pytestmark = pytest.mark.django_db


def notice(year: int) -> str:
    """A list that names everything a yearly notice must; the festivals' days do not matter here."""
    festivals = {f"{year}-03-{day:02}": name for day, name in enumerate(("春节", "清明节", "端午节", "中秋节"), start=1)}
    days = {day.isoformat(): name for day, name in fixed_holidays(year).items()} | festivals
    return "\n".join(f"{day} 休 {name}" for day, name in days.items())


def test_the_warning_about_next_year_goes_once_its_notice_is_entered() -> None:
    keeper = world.official(duty=identity.Duty.SYSTEM)
    this = clock.today().year
    before = readiness._calendar()
    for number, year in enumerate((this, this + 1)):
        calendar.revise(
            actor=keeper,
            year=year,
            notice=f"国办发明电〔{year - 1}〕某号",
            settles=True,
            lines=notice(year),
            reason="通知公布",
            based_on=number,
            now=world.NOW,
        )
    after = readiness._calendar()
    assert (after.level, str(this + 1) in after.sentence) == ("ok", True)
    calendar.undo(actor=keeper, number=2, reason="录错", based_on=2, now=world.NOW)
    again = readiness._calendar()
    assert before.level in {again.level, "error"}

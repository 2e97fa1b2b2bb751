"""The calendar for every official: a year, what decided each day, the history, a reckoner of due dates."""

from __future__ import annotations

from datetime import date, datetime, time

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zhengtong.apps.foundation.calendar import api
from zhengtong.apps.foundation.calendar.web.months import marked, months_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.calendar import FIRST_YEAR, LAST_YEAR, WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock
from zhengtong.engines.deadlines.explanation import Explanation, explain
from zhengtong.kernel import clock
from zhengtong.kernel.clock import CHINA
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal, date_input

_MOST_DAYS = 250
#: the head of a month's grid, and what a screen reader says for it
WEEKDAY_LABELS = {
    "一": "星期一",
    "二": "星期二",
    "三": "星期三",
    "四": "星期四",
    "五": "星期五",
    "六": "星期六",
    "日": "星期日",
}


class ReckonForm(forms.Form):
    """From which day, how many working days."""

    since = forms.DateField(label=_("起算日"), widget=date_input())
    days = forms.IntegerField(label=_("工作日数"), min_value=1, max_value=_MOST_DAYS)


@signed_in
@require_GET
def this_year(request: SignedIn) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """To the year in which we are."""
    return redirect("calendar:year", clock.today().year)


@signed_in
@require_GET
def year(request: SignedIn, year: int) -> HttpResponseBase:
    """Twelve months, the days that are not as their weekday says, and the reckoner."""
    api.require_year(year)
    today, calendar, table = clock.today(), api.current(), api.table()
    form = ReckonForm(request.GET if "since" in request.GET else None, initial={"since": today, "days": 10})
    explanation = _reckoned(form, calendar)
    named = [day for day in calendar.days(date(year, 1, 1), date(year, 12, 31)) if day.notice]
    context = {
        "year": year,
        "before": year - 1 if year > FIRST_YEAR else None,
        "next_year": year + 1 if year < LAST_YEAR else None,
        "settled": year in calendar.settled_years,
        "notice": api.year_notice(year),
        "weekdays": WEEKDAY_LABELS.items(),
        "months": months_of(year, calendar, table, today),
        "named": [(day, marked(day), table.days.get(day.date)) for day in named],
        "form": form,
        "explanation": explanation,
        "may_change": identity.may(request.actor, identity.Act.MANAGE_CALENDAR),
    }
    return render(request, "calendar/year.html", context, status=422 if form.errors else 200)


def _reckoned(form: ReckonForm, calendar: WorkingCalendar) -> Explanation | None:
    """The due date day by day; None before somebody asked, and where the answer lies beyond the calendar (the form then says so)."""
    if not form.is_bound or not form.is_valid():
        return None
    begun = datetime.combine(form.cleaned_data["since"], time(12), CHINA)
    try:
        return explain(Clock(begun, form.cleaned_data["days"], trigger=_now("起算日")), calendar, begun)
    except ZhengtongError as exc:
        add_refusal(form, exc)
        return None


@signed_in
@require_GET
def export(request: SignedIn, year: int) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """Every day of a year as CSV: whether offices work, why, and by which notice."""
    api.require_year(year)
    calendar, table = api.current(), api.table()
    rows = [("date", "weekday", "working", "reason", "occasion", "notice", "provisional", "revision")]
    rows += [
        (
            *(day.date.isoformat(), str(day.date.isoweekday()), str(int(day.working)), day.reason, day.occasion, day.notice),
            *(str(int(day.provisional)), str(table.days[day.date].revision) if day.date in table.days else ""),
        )
        for day in calendar.days(date(year, 1, 1), date(year, 12, 31))
    ]
    headers = {"Content-Disposition": f'attachment; filename="working-days-{year}.csv"'}
    return HttpResponse(csv_text.MARK + csv_text.encode(rows), content_type="text/csv; charset=utf-8", headers=headers)


@signed_in
@require_GET
def history(request: SignedIn) -> HttpResponseBase:
    """Who changed what, when and why."""
    context = {
        "revisions": api.revisions(),
        "labels": api.MARK_LABELS,
        "may_change": identity.may(request.actor, identity.Act.MANAGE_CALENDAR),
    }
    return render(request, "calendar/history.html", context)

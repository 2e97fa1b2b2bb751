"""Numbers that are called in a hall, its public display, appointments."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.filing import api
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.own_space import OfPerson, for_persons
from zhengtong.toolkit.ui.speech import refusal

_WINDOW = "window_number"


class HallForm(forms.Form):
    """A new hall."""

    code = forms.SlugField(label=gettext_lazy("代码"), help_text=gettext_lazy("字母、数字和连字符,出现在地址里。"), max_length=20)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200)
    opens = forms.TimeField(label=gettext_lazy("开门"), initial=time(9), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    closes = forms.TimeField(label=gettext_lazy("关门"), initial=time(17), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    seats = forms.IntegerField(label=gettext_lazy("每半小时可预约人数"), min_value=1, max_value=100, initial=4)


@signed_in
def add(request: SignedIn) -> HttpResponseBase:
    """Set up a hall of one's office."""
    if not request.actor.has(identity.Role.APPROVER, request.actor.office):
        raise identity.NotYours(_("大厅由本单位的审批人员设立"))
    form = HallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            api.add_hall(actor=request.actor, office=request.actor.office, now=clock.now(), **form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("大厅已设立。"))
            return redirect("filing:hall-display", form.cleaned_data["code"])
    context = {"form": form, "heading": _("设立大厅"), "submit": _("设立"), "back": reverse("shell:work")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@never_cache
@signed_in
def queue(request: SignedIn, code: str) -> HttpResponseBase:
    """A clerk's view of a hall: who comes today, numbers, calling."""
    today = clock.today()
    booked = api.appointments_in(request.actor, code, day=today)
    if request.method == "POST":
        _called(request, code)
        return redirect("filing:hall", code)
    context = {
        "queue": api.queue(code, day=today),
        "window": request.session.get(_WINDOW, ""),
        "booked": booked,
        "mine": request.session.get(_WINDOW, ""),
    }
    return render(request, "filing/hall.html", context)


def _called(request: SignedIn, code: str) -> None:
    act, window, now = request.POST.get("act", ""), request.POST.get("window", "").strip(), clock.now()
    try:
        if act == "take":
            number = api.take_number(actor=request.actor, hall=code, now=now)
            messages.success(request, _("号码 %(number)s") % {"number": number})
            return
        request.session[_WINDOW] = window[:10]
        if act == "miss":
            api.miss(actor=request.actor, hall=code, window=window, now=now)
        called = api.call_next(actor=request.actor, hall=code, window=window, now=now)
        if called is None:
            messages.success(request, _("现在没有人等候。"))
    except ZhengtongError as exc:
        messages.error(request, refusal(exc))


@never_cache
@require_GET
def display(request: HttpRequest, code: str) -> HttpResponseBase:
    """The wall: which number goes where. It renews itself, and needs no script."""
    answer = render(request, "filing/display.html", {"queue": api.queue(code, day=clock.today())})
    answer["Refresh"] = "10"
    return answer


# ---------------------------------------------------------------------- appointments
@for_persons()
@require_GET
def appointments(request: OfPerson) -> HttpResponseBase:
    """My appointments, and the halls where I may make one."""
    context = {
        "rows": api.appointments_of(request.holder.account_id, since=clock.today()),
        "halls": api.halls(),
    }
    return render(request, "filing/appointments.html", context)


@for_persons(2)
def book(request: OfPerson, code: str) -> HttpResponseBase:
    """Choose a day, then a half hour."""
    hall, today = api.hall(code), clock.today()
    calendar = working_days.current()
    days = [day for ahead in range(api.DAYS_AHEAD + 1) if calendar.is_working(day := today + timedelta(days=ahead))]
    text = request.POST.get("day") or request.GET.get("day") or ""
    chosen = next((day for day in days if day.isoformat() == text), days[0] if days else today)
    error = ""
    if request.method == "POST":
        try:
            api.book(
                account_id=request.holder.account_id,
                party=request.citizen.acting.party,
                hall=code,
                day=_day(text, chosen),
                at=_time(request.POST.get("at", "")),
                item_name=request.POST.get("item", "").strip()[:200],
                now=clock.now(),
            )
        except ZhengtongError as exc:
            error = refusal(exc)
        else:
            messages.success(request, _("已预约。"))
            return redirect("filing:appointments")
    context = {"hall": hall, "days": days, "chosen": chosen, "slots": api.free(code, day=chosen), "error": error}
    return render(request, "filing/book.html", context, status=422 if error else 200)


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as exc:
        raise api.SlotRefused(_("请选择时段"), field="at") from exc


@for_persons()
@require_POST
def cancel(request: OfPerson, public: UUID) -> HttpResponseBase:
    """Give a seat back."""
    api.cancel(account_id=request.holder.account_id, public=public, now=clock.now())
    messages.success(request, _("预约已取消。"))
    return redirect("filing:appointments")

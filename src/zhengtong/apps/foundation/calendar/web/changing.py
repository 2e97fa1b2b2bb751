"""Changing the calendar: write, look at what would move, confirm. For the system administrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from zhengtong.apps.foundation.calendar import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal, date_input

#: what a broken rule says: the rule and the remedy
_WORDS: Mapping[api.Fault, Promise] = {
    api.Fault.EMPTY: _("没有填写日期。每行写一天,例如 2027-01-01 休 元旦。"),
    api.Fault.TOO_LONG: _("共 %(value)s 行,一次最多 400 行。请分几次修订。"),
    api.Fault.DATE: _("第 %(line)s 行:“%(value)s”不是日期。请写成 2027-01-01 的样子。"),
    api.Fault.MARK: _("第 %(line)s 行:“%(value)s”不是休、班或撤。请在日期后空一格写其中一个字。"),
    api.Fault.NAME: _("第 %(line)s 行:休和班要写明节日或事由,最多 40 字。请在行末写上。"),
    api.Fault.YEAR: _("第 %(line)s 行:%(value)s 不在这一年(或上年十二月)内。请核对年份,或到那一年的页面修订。"),
    api.Fault.TWICE: _("第 %(line)s 行:%(value)s 已在前面出现。请只保留一行。"),
    api.Fault.ALREADY_WORKING: _("第 %(line)s 行:%(value)s 本来就上班。请核对日期,或删去这一行。"),
    api.Fault.NOT_HELD: _("第 %(line)s 行:本表没有规定 %(value)s,无从撤去。请核对日期,或删去这一行。"),
    api.Fault.LACKS_FIXED: _("全年安排缺少法定节日 %(value)s。请按通知补全,或不勾选“全年安排”。"),
    api.Fault.LACKS_FESTIVAL: _("全年安排里没有%(value)s。请按通知补全;合并放假的写作“国庆节、中秋节”。"),
}


class ChangeForm(forms.Form):
    """A notice and what it says of days: pasted, or one day at a time."""

    notice = forms.CharField(
        label=_("文号或标题"), max_length=200, help_text=_("国务院办公厅放假通知的文号,或本地停工命令的文号,例如 国办发明电〔2026〕7号。")
    )
    settles = forms.BooleanField(
        label=_("这是国务院办公厅的全年安排"), required=False, help_text=_("勾选后,这一年不再是暂定;通知里的每一个放假日和补班日都要列出。")
    )
    lines = forms.CharField(
        label=_("日期"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=_("每行一天:日期、休或班、节日或事由。写“撤”取消本表以前对那一天的规定。例如 2027-02-06 休 春节。"),
    )
    day = forms.DateField(label=_("只改一天:日期"), required=False, widget=date_input(), help_text=_("也可以不写上面的清单,只填这一天。"))
    mark = forms.ChoiceField(label=_("改为"), required=False, choices=[(word, _(word)) for word in api.MARK_LABELS.values()])
    occasion = forms.CharField(label=_("节日或事由"), required=False, max_length=40)
    reason = forms.CharField(label=_("修订理由"), max_length=400, help_text=_("期限因此变动的人会看到它。"))


class UndoForm(forms.Form):
    """Why a revision is undone."""

    reason = forms.CharField(label=_("撤销理由"), max_length=400, help_text=_("期限因此变动的人会看到它。"))


def _merged(data: QueryDict) -> QueryDict:
    """The single day put below the pasted lines, so that one list is judged and every fault has a line."""
    data = data.copy()
    if day := data.get("day", "").strip():
        line = f"{day} {data.get('mark', '')} {data.get('occasion', '').strip()}".strip()
        data["lines"] = "\n".join(part for part in (data.get("lines", "").rstrip(), line) if part)
        data["day"] = data["occasion"] = ""
    return data


def _add(form: forms.Form, error: ZhengtongError) -> None:
    if isinstance(error, api.DaysRefused):
        for fault in error.faults:
            form.add_error("lines", str(_WORDS[fault.fault]) % {"line": fault.line, "value": fault.value})
    else:
        add_refusal(form, error)


@never_cache
@signed_in
def change(request: SignedIn, year: int) -> HttpResponseBase:
    """Add, alter or remove days of a year."""
    identity.require(request.actor, identity.Act.MANAGE_CALENDAR)
    api.require_year(year)
    form = ChangeForm(_merged(request.POST)) if request.method == "POST" else ChangeForm(initial={"day": request.GET.get("day", "")})
    words = {"heading": _("修订工作日历"), "year": year, "back": reverse("calendar:year", args=[year]), "lines": True}

    def propose() -> api.Proposal:
        data = form.cleaned_data
        return api.propose(year=year, notice=data["notice"], settles=data["settles"], lines=data["lines"])

    def write(based_on: int) -> int:
        data, actor = form.cleaned_data, request.actor
        said = {"notice": data["notice"], "lines": data["lines"], "reason": data["reason"]}
        return api.revise(actor=actor, year=year, settles=data["settles"], based_on=based_on, now=clock.now(), **said)

    return _steps(request, form, words, propose, write)


@never_cache
@signed_in
def undo(request: SignedIn, number: int) -> HttpResponseBase:
    """Undo a revision by another one."""
    identity.require(request.actor, identity.Act.MANAGE_CALENDAR)
    proposal = api.propose_undoing(number)
    words = {
        "heading": _("撤销修订"),
        "year": proposal.year,
        "back": reverse("calendar:history"),
        "undoes": number,
        "notice": proposal.notice,
    }
    form = UndoForm(request.POST or None)
    return _steps(
        request,
        form,
        words,
        lambda: proposal,
        lambda based_on: api.undo(
            actor=request.actor, number=number, reason=form.cleaned_data["reason"], based_on=based_on, now=clock.now()
        ),
    )


def _steps(
    request: SignedIn,
    form: forms.Form,
    words: Mapping[str, object],
    propose: Callable[[], api.Proposal],
    write: Callable[[int], int],
) -> HttpResponseBase:
    """The form, then what would move, then it is done; nothing is written before the confirmation."""
    proposal = None
    if request.method == "POST" and form.is_valid() and request.POST.get("step") != "edit":
        try:
            proposal = propose()
            based_on = request.POST.get("based_on", "")
            if request.POST.get("step") == "confirm" and based_on.isdecimal():
                number = write(int(based_on))
                messages.success(request, _("工作日历已修订(第 %(number)s 次)。期限有变动的办件会收到通知。") % {"number": number})
                return redirect("calendar:year", words["year"])
        except ZhengtongError as exc:
            _add(form, exc)
            # somebody was quicker: what they changed is shown before it is confirmed once more
            proposal = propose() if isinstance(exc, api.ChangedMeanwhile) else None
    context = {**words, "form": form, "proposal": proposal}
    if proposal is not None:
        context["moves"] = slots.fill(slots.CALENDAR_PREVIEW, request, proposal)
    return render(request, "calendar/change.html", context, status=422 if form.errors else 200)

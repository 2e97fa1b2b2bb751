"""News of the portal: for everybody to read, for the bureau to write."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal

_MOMENT = {"type": "datetime-local"}


class NewsForm(forms.Form):
    """A piece of news."""

    use_required_attribute = False
    title = forms.CharField(label=_("标题"), max_length=120)
    text = forms.CharField(
        label=_("正文"), help_text=_("纯文字;空一行另起一段。"), widget=forms.Textarea(attrs={"rows": 8}), max_length=10_000
    )
    since = forms.DateTimeField(label=_("从何时起显示"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(
        label=_("到何时为止"),
        help_text=_("留空则一直显示。"),
        required=False,
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
    )


@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """What is published now."""
    return render(request, "opendata/news.html", {"news": api.news(now=clock.now())})


@signed_in
def desk(request: SignedIn) -> HttpResponseBase:
    """News of my bureau, and the form to write more or to change one (``?change=``)."""
    own = api.own_news(request.actor)
    changed = next((one for one in own if str(one.id) == request.GET.get("change")), None)
    begun = {name: getattr(changed, name) for name in ("title", "text", "since", "until")} if changed else {"since": clock.now()}
    form = NewsForm(request.POST if request.method == "POST" else None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            api.write_news(actor=request.actor, **form.cleaned_data, number=changed.id if changed else None, now=clock.now())
        except Invalid as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("公告已保存。"))
            return redirect("opendata:news-desk")
    context = {"form": form, "own": own, "changed": changed, "now": clock.now()}
    return render(request, "opendata/news_desk.html", context, status=422 if form.is_bound else 200)


@signed_in
@require_POST
def end(request: SignedIn, number: int) -> HttpResponseBase:
    """Take news down."""
    api.end_news(actor=request.actor, number=number, now=clock.now())
    messages.success(request, _now("公告已撤下。"))
    return redirect("opendata:news-desk")

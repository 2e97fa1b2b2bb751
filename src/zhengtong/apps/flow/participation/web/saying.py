"""What visitors say about a dataset: stars, comments, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Refused
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page


@require_POST
def rate(request: HttpRequest, dataset: int) -> HttpResponseBase:
    """Give stars, others than before, or none any more."""
    label = visitors.begin(request, "rating")
    stars = request.POST.get("stars", "")
    if stars == "0":
        api.take_rating_back(dataset=dataset, visitor=label)
        messages.success(request, _now("已取消评分。"))
    else:
        api.rate(dataset=dataset, stars=int(stars) if stars in {"1", "2", "3", "4", "5"} else 0, visitor=label, now=clock.now())
        messages.success(request, _now("谢谢您的评分,随时可以改。"))
    return visitors.remember(redirect("opendata:dataset", dataset), request, label)


class CommentForm(visitors.PublicForm):
    """A comment, or an answer to one."""

    parent = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    text = forms.CharField(
        label=_("评论"), help_text=_("审核后公开,请不要写个人信息。"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
    name = forms.CharField(label=_("称呼"), required=False, max_length=100)

    def visible(self) -> list[forms.BoundField]:
        """What people fill."""
        return [self["text"], self["name"]]


def comments(request: HttpRequest, dataset: int) -> HttpResponseBase:
    """All comments on a dataset, and a place to write one."""
    now, actor = clock.now(), visitors.actor_of(request)
    view = opendata.dataset(dataset, now=now)
    start = {"parent": request.GET.get("answer", "")[:24]}
    form = CommentForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST":
        label = visitors.begin(request, "comment")
        if form.is_valid() and (done := _commented(form, dataset, actor)):
            receipt, public = done
            if public:
                messages.success(request, _now("已公开。"))
                return redirect("participation:comments", dataset)
            return visitors.remember(redirect("participation:receipt", receipt.number, receipt.secret), request, label)

    def fetch(after: str, limit: int) -> Sequence[api.CommentView]:
        return api.comments(dataset, after=after, limit=limit)

    rows = page(request, fetch, lambda row: row.id, size=20)
    wanted = form["parent"].value() or ""
    context = {
        "dataset": view,
        "page": rows,
        "form": form,
        "answered": next((one for one in rows.rows if one.number == wanted), None),
    }
    return render(request, "participation/comments.html", context, status=422 if form.is_bound else 200)


def _commented(form: CommentForm, dataset: int, actor: Any) -> tuple[api.Receipt, bool] | None:
    facts = form.cleaned_data
    try:
        form.require_person()
        return api.comment(
            dataset=dataset, text=facts["text"], name=facts["name"], parent=facts["parent"], form=form.once(), actor=actor, now=clock.now()
        )
    except (Invalid, Conflict, Refused) as exc:
        add_refusal(form, exc)
        return None


class CorrectionForm(visitors.PublicForm):
    """A correction."""

    column = forms.ChoiceField(label=_("哪一列"), required=False)
    row = forms.CharField(label=_("哪一行"), help_text=_("能找到这一行的值,如代码或名称。"), max_length=300)
    wrong = forms.CharField(label=_("哪里不对"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
    right = forms.CharField(label=_("应当是什么"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
    evidence = forms.CharField(
        label=_("依据"), help_text=_("您怎么知道的:文件、网址、亲眼所见。"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )
    name = forms.CharField(label=_("称呼"), required=False, max_length=100)
    contact = forms.CharField(label=_("联系方式"), help_text=_("不公开,只给办理的人看,查看会留下记录。"), required=False, max_length=120)

    def __init__(self, data: Any = None, *, view: opendata.DatasetView, **facts: Any) -> None:
        super().__init__(data, **facts)
        column = self.fields["column"]
        assert isinstance(column, forms.ChoiceField)  # noqa: S101 - declared above
        column.choices = [("", _now("整行或整个数据集")), *((one["key"], one["name"]) for one in view.version.columns)]

    def mistake(self) -> api.Mistake:
        """What was written."""
        names = ("row", "column", "wrong", "right", "evidence", "name", "contact")
        return api.Mistake(**{name: self.cleaned_data[name] for name in names})


def correct(request: HttpRequest, dataset: int) -> HttpResponseBase:
    """Say what is wrong in a dataset."""
    view = opendata.dataset(dataset, now=clock.now())
    start = {"column": request.GET.get("column", "")[:60], "row": request.GET.get("row", "")[:300]}
    form = CorrectionForm(request.POST if request.method == "POST" else None, view=view, initial=start)
    if request.method == "POST":
        label = visitors.begin(request, "correction")
        if form.is_valid() and (receipt := _corrected(form, dataset, visitors.actor_of(request))):
            return visitors.remember(redirect("participation:receipt", receipt.number, receipt.secret), request, label)
    return render(request, "participation/correct.html", {"dataset": view, "form": form}, status=422 if form.is_bound else 200)


def _corrected(form: CorrectionForm, dataset: int, actor: Any) -> api.Receipt | None:
    try:
        form.require_person()
        return api.file_correction(dataset=dataset, mistake=form.mistake(), form=form.once(), actor=actor, now=clock.now())
    except (Invalid, Conflict, Refused) as exc:
        add_refusal(form, exc)
        return None

"""The gallery of what was made with open data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Refused
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page

_MOST_DIGITS = 18


@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """Public reuses by words and kind."""
    words = request.GET.get("q", "").strip()[:100]
    kind = request.GET.get("kind", "")
    kind = kind if kind in api.REUSE_LABELS else ""
    number = request.GET.get("dataset", "")
    dataset = int(number) if re.fullmatch(r"[0-9]{1,18}", number) else None

    def fetch(after: str, limit: int) -> Sequence[api.ReuseView]:
        return api.reuses(text=words, kind=kind, dataset=dataset, after=after, limit=limit)

    context = {
        "q": words,
        "kind": kind,
        "dataset": dataset,
        "kinds": [(one.value, _now(label)) for one, label in api.REUSE_LABELS.items()],
        "total": api.reuse_count(text=words, kind=kind, dataset=dataset),
        "page": page(request, fetch, lambda row: row.id, size=20),
    }
    return render(request, "participation/reuses.html", context)


class ReuseForm(visitors.PublicForm):
    """A reuse."""

    title = forms.CharField(label=_("名称"), max_length=120)
    kind = forms.ChoiceField(label=_("类型"))
    maker = forms.CharField(label=_("作者"), help_text=_("会公开。"), max_length=100)
    link = forms.CharField(label=_("网址"), help_text=_("以 https:// 开头。"), max_length=300)
    summary = forms.CharField(
        label=_("说明"), help_text=_("做了什么,给谁用;会公开。"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    datasets = forms.CharField(
        label=_("使用的数据集"), help_text=_("数据集的编号或网址,一行一个。"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )
    contact = forms.CharField(label=_("联系方式"), help_text=_("不公开,只给办理的人看,查看会留下记录。"), required=False, max_length=120)

    def __init__(self, data: Any = None, **facts: Any) -> None:
        super().__init__(data, **facts)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - declared above
        kind.choices = [(one.value, _now(label)) for one, label in api.REUSE_LABELS.items()]

    def work(self) -> api.Work:
        """
        What was written.

        :raises Invalid: if a line names no dataset.
        """
        facts = self.cleaned_data
        lines = [line.strip() for line in facts["datasets"].splitlines() if line.strip()]
        found = [re.search(r"(?:datasets/)?([0-9]{1,18})/?$", line, re.ASCII) for line in lines]
        if not all(found):
            raise Invalid("有一行不是数据集的编号或网址", field="datasets")
        numbers = tuple(dict.fromkeys(int(one[1]) for one in found if one))
        return api.Work(facts["title"], facts["kind"], facts["maker"], facts["link"].strip(), facts["summary"], numbers, facts["contact"])


def new(request: HttpRequest) -> HttpResponseBase:
    """Hand in a reuse."""
    start = {"datasets": request.GET.get("dataset", "")[:_MOST_DIGITS]}
    form = ReuseForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST":
        label = visitors.begin(request, "reuse")
        if form.is_valid() and (receipt := _filed(form, visitors.actor_of(request))):
            return visitors.remember(redirect("participation:receipt", receipt.number, receipt.secret), request, label)
    return render(request, "participation/reuse_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _filed(form: ReuseForm, actor: Any) -> api.Receipt | None:
    try:
        form.require_person()
        return api.file_reuse(work=form.work(), form=form.once(), actor=actor, now=clock.now())
    except (Invalid, Conflict, Refused) as exc:
        add_refusal(form, exc)
        return None

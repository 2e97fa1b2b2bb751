"""The gallery of what was made with open data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Refused
from zhengtong.toolkit import pictures
from zhengtong.toolkit.ui import cards
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page

_MOST_DIGITS = 18
#: a picture, and what is written besides
_MOST_BYTES = pictures.LARGEST_UPLOAD + 128 * 1024


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
    picture = forms.FileField(
        label=_("图片"),
        help_text=_("可以不传。一张截图或照片,PNG、JPEG 或 WebP,最大 5 MB;会重新生成,去掉拍摄地点等信息,审核后公开。"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    caption = forms.CharField(label=_("图片说明"), help_text=_("图上有什么,给看不到图的人;传图时必填。"), required=False, max_length=120)
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
        file = facts["picture"]
        picture = file.read() if file else b""
        link = facts["link"].strip()
        texts = (facts["title"], facts["kind"], facts["maker"], link, facts["summary"])
        return api.Work(*texts, numbers, facts["contact"], picture, facts["caption"])


def new(request: HttpRequest) -> HttpResponseBase:
    """Hand in a reuse."""
    start = {"datasets": request.GET.get("dataset", "")[:_MOST_DIGITS]}
    sent = request.method == "POST"
    form = ReuseForm(request.POST if sent else None, files=request.FILES if sent else None, initial=start)
    if sent:
        label = visitors.begin(request, "reuse", most=_MOST_BYTES)
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


@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponseBase:
    """One public reuse."""
    one = api.reuse(number)
    context = {
        "use": one,
        "canonical": request.build_absolute_uri(reverse("participation:reuse", args=[number])),
        "card": request.build_absolute_uri(reverse("participation:reuse-card", args=[number])),
    }
    return render(request, "participation/reuse.html", context)


@require_safe
def card(request: HttpRequest, number: str) -> HttpResponseBase:
    """The picture that social media show beside a reuse: its title, its maker, the data it uses."""
    one = api.reuse(number)
    used = "、".join(title for _number, title in one.datasets)
    lines = (one.maker, f"用到的数据:{used}") if used else (one.maker,)  # data: cards are Chinese
    return cards.answered(request, one.title, lines)


@require_safe
def picture(request: HttpRequest, number: str) -> HttpResponseBase:
    """The picture of a public reuse."""
    return _shown(request, api.public_picture(number, small=False), public=True)


@require_safe
def thumbnail(request: HttpRequest, number: str) -> HttpResponseBase:
    """The same, small."""
    return _shown(request, api.public_picture(number, small=True), public=True)


@require_safe
def own(request: HttpRequest, number: str, secret: str) -> HttpResponseBase:
    """The picture as its author sees it."""
    return _shown(request, api.own_picture(number, secret), public=False)


@require_safe
@signed_in
def at_desk(request: SignedIn, number: str) -> HttpResponseBase:
    """The picture for whoever decides about it."""
    return _shown(request, api.desk_picture(number, actor=request.actor), public=False)


def _shown(request: HttpRequest, content: bytes, *, public: bool) -> HttpResponseBase:
    """A picture; whoever keeps a public one asks first, so that it is gone at once when it is taken off."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if public and tag in parse_etags(request.headers.get("If-None-Match", "")):
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(content, content_type=pictures.MEDIA_TYPE)
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-cache" if public else "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer

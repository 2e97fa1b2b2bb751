"""Change the words of a dataset that is open."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal


class WordsForm(forms.Form):
    """What the public reads."""

    use_required_attribute = False
    title = forms.CharField(label=_("数据集名称"), max_length=300)
    summary = forms.CharField(label=_("一句话说明"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)
    theme = forms.ChoiceField(label=_("主题"))
    contact = forms.CharField(label=_("联系方式"), help_text=_("公众可以询问和纠错的单位电话或邮箱,不写个人的。"), max_length=200)

    def __init__(self, data: Any = None, *, opening: api.OpeningView) -> None:
        names = ("title", "summary", "theme", "contact")
        super().__init__(data, initial={name: getattr(opening, name) for name in names})
        theme = self.fields["theme"]
        assert isinstance(theme, forms.ChoiceField)  # noqa: S101 - declared above
        theme.choices = [(code, _now(label)) for code, label in api.THEME_LABELS.items()]


@signed_in
def reword(request: SignedIn, number: int) -> HttpResponseBase:
    """Title, summary, theme and contact; the dataset stays open."""
    opening = api.opening(number, actor=request.actor)
    if "reword" not in opening.acts:
        return redirect("opendata:opening", number)
    form = WordsForm(request.POST if request.method == "POST" else None, opening=opening)
    if request.method == "POST" and form.is_valid():
        try:
            api.reword(actor=request.actor, number=number, words=api.Words(**form.cleaned_data), now=clock.now())
        except (Invalid, Conflict) as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("说明已修改,正在生成新版本。"))
            return redirect("opendata:opening", number)
    request.standing = "/work/openings/"
    return render(request, "opendata/reword.html", {"form": form, "opening": opening}, status=422 if form.is_bound else 200)

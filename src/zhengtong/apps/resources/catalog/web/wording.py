"""Words that mean the same: everybody reads them, the bureau's approvers keep them."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said


class GroupsForm(forms.Form):
    """New groups, one a line."""

    use_required_attribute = False
    words = forms.CharField(
        label=_("新增同义词"),
        help_text=_("每行一组,用顿号隔开。例如:低保、最低生活保障、城乡低保"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        error_messages={"required": _("请至少填写一组同义词。")},
    )
    note = forms.CharField(label=_("说明"), required=False, max_length=200, help_text=_("为什么是同义词,例如依据的文件。"))


class GroupForm(forms.Form):
    """One group."""

    use_required_attribute = False
    words = forms.CharField(
        label=_("同义词"), help_text=_("用顿号隔开。"), max_length=600, error_messages={"required": _("请至少填写两个词。")}
    )
    note = forms.CharField(label=_("说明"), required=False, max_length=200)


@signed_in
def synonyms(request: SignedIn) -> HttpResponseBase:
    """The groups; who may adds to them."""
    text = request.GET.get("q", "").strip()[:40]
    form = GroupsForm(request.POST or None, initial={"words": request.GET.get("again", "")[:600]})
    if request.method == "POST" and form.is_valid():
        try:
            added = api.add_synonyms(actor=request.actor, text=form.cleaned_data["words"], note=form.cleaned_data["note"], now=clock.now())
        except (api.SynonymsInvalid, api.SynonymTaken) as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已新增 %d 组同义词,查找立即按新的同义词进行。") % added)
            return redirect("catalog:synonyms")
    shown = page(request, lambda after, limit: api.synonym_groups(text=text, after=after, limit=limit), lambda one: one.id)
    context = {"form": form, "q": text, "page": shown, "may_keep": api.may_keep_words(request.actor)}
    return render(request, "catalog/synonyms.html", context, status=422 if form.errors else 200)


@signed_in
def synonym(request: SignedIn, number: int) -> HttpResponseBase:
    """Change or remove a group."""
    api.require_to_keep_words(request.actor)
    group = api.synonym_group(number)
    form = GroupForm(request.POST or None, initial={"words": group.line, "note": group.note})
    if request.method == "POST" and form.is_valid():
        try:
            api.change_synonyms(
                actor=request.actor, group_id=number, line=form.cleaned_data["words"], note=form.cleaned_data["note"], now=clock.now()
            )
        except (api.SynonymsInvalid, api.SynonymTaken) as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已保存。"))
            return redirect("catalog:synonyms")
    return render(request, "catalog/synonym.html", {"form": form, "group": group}, status=422 if form.errors else 200)


@signed_in
@require_POST
def remove_synonym(request: SignedIn, number: int) -> HttpResponseBase:
    """Remove a group; the page it leads to has its words ready to be added again."""
    words = "、".join(api.remove_synonyms(actor=request.actor, group_id=number, now=clock.now()))
    messages.success(request, _now("已删除“%s”。要恢复,点“新增”即可。") % words)
    return redirect(f"{reverse('catalog:synonyms')}?{urlencode({'again': words})}")


@signed_in
def synonyms_csv(request: SignedIn) -> HttpResponseBase:
    """Every group as a file, which pastes back as it is."""
    head = [_now("同义词"), _now("说明"), _now("修改人"), _now("修改时间")]
    groups = api.synonym_groups(text=request.GET.get("q", "").strip()[:40], limit=100_000)
    rows = ([one.line, one.note, one.changed_name, one.changed_at] for one in groups)
    return HttpResponse(
        csv_text.MARK + csv_text.encode([head, *rows]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="synonyms.csv"'},
    )


@signed_in
@require_POST
def follow(request: SignedIn) -> HttpResponseBase:
    """Keep the question that was asked."""
    text = request.POST.get("q", "").strip()[:200]
    chosen = {name: request.POST[name][:100] for name in api.FACET_LABELS if request.POST.get(name)}
    try:
        api.keep_search(actor=request.actor, text=text, chosen=chosen, now=clock.now())
    except ZhengtongError as exc:
        messages.warning(request, said(exc.sentence))
    else:
        messages.success(request, _now("已关注。有新发布的目录符合这个查找时,会在“通知”里告诉您。"))
    return redirect("catalog:followed")


@signed_in
def followed(request: SignedIn) -> HttpResponseBase:
    """The questions I keep."""
    return render(request, "catalog/followed.html", {"searches": api.saved_searches(request.actor)})


@signed_in
@require_POST
def unfollow(request: SignedIn, number: int) -> HttpResponseBase:
    """Keep a question no longer."""
    api.forget_search(actor=request.actor, search_id=number)
    messages.success(request, _now("已取消关注。"))
    return redirect("catalog:followed")

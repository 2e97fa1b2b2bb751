"""The basket, and applying for everything in it at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.web.acts import require_open
from zhengtong.apps.flow.sharing.web.shown import words_of
from zhengtong.apps.flow.sharing.web.use import UseForm, initial_of
from zhengtong.apps.flow.sharing.web.use import words_of as words_of_template
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import refusal

#: applications checked and submitted together
_MOST_CHECKED = 50


@signed_in
@require_GET
def basket(request: SignedIn) -> HttpResponseBase:
    """What I have laid aside."""
    return render(request, "sharing/basket.html", {"lines": api.basket(request.actor)})


@signed_in
@require_POST
def put(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Lay a resource aside."""
    api.put_in_basket(actor=request.actor, resource_id=resource_id, now=clock.now())
    messages.success(request, _("已放入申请车。"))
    return redirect(_back(request))


@signed_in
@require_POST
def take(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Put a resource back."""
    api.take_from_basket(actor=request.actor, resource_id=resource_id)
    messages.success(request, _("已移出申请车。"))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("sharing:basket")


@signed_in
def apply(request: SignedIn) -> HttpResponseBase:
    """One form for everything in the basket."""
    lines = api.basket(request.actor)
    if not lines:
        if request.method == "POST":
            messages.warning(request, _("申请车里的资源已经形成申请(或已被移出),没有重复申请。请在下面的列表中继续办理。"))
            return redirect("sharing:applications")
        return redirect("sharing:basket")
    resources = [catalog.resource(line.resource_id) for line in lines]
    templates = api.templates(request.actor)
    if request.method != "POST":
        chosen: dict[str, Any] = {f"items_{line.resource_id}": list(line.items) for line in lines}
        return _form(request, UseForm(actor=request.actor, resources=resources, initial=chosen), templates)
    if "fill" in request.POST:
        return _form(request, UseForm(actor=request.actor, resources=resources, initial=_filled(request, templates)), templates)
    return _applied(request, UseForm(request.POST, actor=request.actor, resources=resources), templates)


def _applied(request: SignedIn, form: UseForm, templates: list[api.TemplateView]) -> HttpResponseBase:
    form.is_valid()
    keeps_draft = "draft" in request.POST and "office" in form.cleaned_data
    if not keeps_draft and not form.check_complete(today=clock.today()):
        return _form(request, form, templates)
    try:
        numbers = _apply(request, form)
    except (Invalid, api.NotShared, api.BasketChanged) as exc:
        form.add_error(exc.field if exc.field in form.fields else None, refusal(exc))
        return _form(request, form, templates)
    if keeps_draft:
        messages.success(request, _("已存为草稿,可在“我的申请”中继续。"))
        return redirect("sharing:applications")
    return redirect(f"{reverse('sharing:check')}?{urlencode({'number': numbers}, doseq=True)}")


def _apply(request: SignedIn, form: UseForm) -> list[str]:
    stated = {one.id: form.request_for(one.id) for one in form.resources}
    first = next(iter(stated.values()))
    numbers = api.apply(
        actor=request.actor,
        office=form.cleaned_data["office"],
        wanted={id_: one.items for id_, one in stated.items()},
        filters={id_: one.filters for id_, one in stated.items()},
        draft=api.Draft(first if len(stated) == 1 else api.Request(**{**vars(first), "items": (), "filters": ()})),
        now=clock.now(),
        from_basket=True,
    )
    if form.cleaned_data.get("keep_as"):
        _keep_template(request, form, first)
    return numbers


def _keep_template(request: SignedIn, form: UseForm, stated: api.Request) -> None:
    try:
        api.keep_template(
            actor=request.actor,
            office=form.cleaned_data["office"],
            title=form.cleaned_data["keep_as"],
            purpose_code=stated.purpose_code,
            purpose=stated.purpose,
            usage_basis=stated.usage_basis,
            scenario=stated.scenario,
            usage_scope=stated.usage_scope,
        )
    except Conflict as exc:
        # the applications are made; only the template was not kept
        messages.warning(request, refusal(exc))


def _filled(request: HttpRequest, templates: list[api.TemplateView]) -> dict[str, Any]:
    """What was filled in so far, with the words of the chosen template."""
    given: dict[str, Any] = {
        name: request.POST.getlist(name) if name == "channels" or name.startswith(("items_", "filters_")) else request.POST[name]
        for name in request.POST
    }
    template = next((one for one in templates if str(one.id) == request.POST.get("template")), None)
    return {**given, **(words_of_template(template) if template else {})}


def _form(
    request: SignedIn, form: UseForm, templates: list[api.TemplateView], number: str = "", *, delivered: bool = False
) -> HttpResponse:
    context = {"form": form, "templates": templates, "number": number, "delivered": delivered}
    return render(request, "sharing/apply.html", context, status=422 if form.errors else 200)


@signed_in
def edit(request: SignedIn, number: str) -> HttpResponseBase:
    """Change a draft, or what the provider found missing."""
    view = api.application(number, actor=request.actor, now=clock.now())
    require_open(view, api.ApplicationAct.EDIT, request.actor)
    resources = [catalog.resource(view.resource_id)]
    templates = api.templates(request.actor)
    delivered = view.state is not api.ApplicationState.DRAFT
    if request.method != "POST":
        return _form(
            request, UseForm(actor=request.actor, resources=resources, initial=initial_of(view)), templates, number, delivered=delivered
        )
    if "fill" in request.POST:
        filled = UseForm(actor=request.actor, resources=resources, initial=_filled(request, templates))
        return _form(request, filled, templates, number, delivered=delivered)
    form = UseForm(request.POST, actor=request.actor, resources=resources)
    form.is_valid()
    keeps_draft = "draft" in request.POST and not delivered
    if not keeps_draft and not form.check_complete(today=clock.today()):
        return _form(request, form, templates, number, delivered=delivered)
    stated = form.request_for(view.resource_id)
    try:
        api.edit(actor=request.actor, number=number, draft=api.Draft(stated, row_scope=view.row_scope), now=clock.now())
    except (Invalid, api.WrongState) as exc:
        form.add_error(exc.field if exc.field in form.fields else None, refusal(exc))
        return _form(request, form, templates, number, delivered=delivered)
    if keeps_draft or delivered:
        messages.success(request, _("已保存。"))
        return redirect("sharing:application", number)
    return redirect(f"{reverse('sharing:check')}?{urlencode({'number': number})}")


@signed_in
def check(request: SignedIn) -> HttpResponseBase:
    """Check your answers, then hand everything to one's own head."""
    now = clock.now()
    source = request.POST if request.method == "POST" else request.GET
    numbers = source.getlist("number")[:_MOST_CHECKED]
    if not numbers:
        return redirect("sharing:applications")
    if request.method == "POST":
        if api.submit_drafts(actor=request.actor, numbers=numbers, now=now):
            messages.success(request, _("已提交本单位共享工作机构负责人签批。"))
        else:
            messages.info(request, _("这些申请先前已经提交,没有重复提交。"))
        return redirect("sharing:applications")
    shown = [words_of(api.application(number, actor=request.actor, now=now)) for number in numbers]
    return render(request, "sharing/check.html", {"shown": shown})

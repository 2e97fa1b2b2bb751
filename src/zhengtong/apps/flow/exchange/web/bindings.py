"""Bind a resource step by step: address, table, columns and rules. Between the steps the address lies sealed in the session."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.flow.exchange import api
from zhengtong.apps.flow.exchange.web.fronts import SCHEDULES, minutes, sentence
from zhengtong.apps.flow.exchange.web.mapping import ItemsForm, operated
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.dataflow.errors import ExchangeFailure
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page

_TABLES_SHOWN = 200


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """What my offices have bound."""
    found = page(request, lambda after, limit: api.bindings(request.actor, after=after, limit=limit), lambda row: row[0].resource_id)
    return render(request, "exchange/bindings.html", {"page": found})


def _state(request: SignedIn, resource_id: int) -> dict[str, Any]:
    found = request.session.get(f"binding:{resource_id}")
    return found if isinstance(found, dict) else {}


class AddressForm(forms.Form):
    """Where the source is."""

    use_required_attribute = False
    url = forms.CharField(
        label=_("来源数据库地址"),
        help_text=_("形如 postgresql://账户:密码@主机:5432/库名;只读账户即可,密码封存后不再显示。"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


@signed_in
def address(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """First step: the address, tried at once; and how the binding stands."""
    resource, bound = operated(request, resource_id), api.binding(resource_id)
    to_table = bound is not None and not bound.is_file
    form, report = AddressForm(request.POST if request.method == "POST" else None), None
    form.fields["url"].required = not to_table
    if to_table and bound is not None:
        form.fields["url"].help_text = gettext("不填则沿用现在的地址 %s。") % bound.place
    if request.method == "POST" and form.is_valid():
        try:
            explored = api.explore(actor=request.actor, resource_id=resource_id, url=form.cleaned_data["url"])
        except (Invalid, ExchangeFailure) as exc:
            form.add_error("url", sentence(exc))
        else:
            report = explored.report
            if report.ok:
                request.session[f"binding:{resource_id}"] = {"token": explored.token, "place": explored.place}
                return redirect("exchange:binding-table", resource_id)
    context = {
        "resource": resource,
        "bound": bound,
        "form": form,
        "report": report,
        "schedules": SCHEDULES,
        "drop": api.drop_folder(resource_id),
        "editions": api.editions(resource_id) if bound and bound.is_file else [],
        "runs": api.runs(request.actor, resource_id=resource_id, limit=5) if bound else [],
    }
    return render(request, "exchange/binding.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
def table(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Second step: which table."""
    resource, state = operated(request, resource_id), _state(request, resource_id)
    if "token" not in state:
        return redirect("exchange:binding", resource_id)
    if request.method == "POST":
        schema, _dot, name = request.POST.get("table", "").partition("\x1f")
        request.session[f"binding:{resource_id}"] = {**state, "schema": schema, "table": name}
        return redirect("exchange:binding-mapping", resource_id)
    wanted = request.GET.get("q", "").strip().lower()
    found = [
        one
        for one in api.source_tables(actor=request.actor, resource_id=resource_id, token=state["token"])
        if wanted in f"{one.schema}.{one.name} {one.comment}".lower()
    ]
    context = {"resource": resource, "place": state["place"], "tables": found[:_TABLES_SHOWN], "found": len(found), "wanted": wanted}
    return render(request, "exchange/binding_table.html", context)


class MappingForm(ItemsForm):
    """Columns for items, rules for values, how and how often to collect."""

    mode = forms.ChoiceField(
        label=_("归集方式"), choices=[("full", _("全量")), ("incremental", _("增量:只取变化的行"))], widget=forms.RadioSelect
    )
    cursor = forms.ChoiceField(label=_("增量依据的列"), required=False, help_text=_("每次变更都会增大的列,如更新时间。"))
    overlap = forms.CharField(
        label=_("向前回看"), required=False, max_length=30, help_text=_("迟到的变更也不漏:时间列如 10 minutes,数值列填数字。")
    )
    every = forms.ChoiceField(label=_("多久归集一次"), choices=SCHEDULES, required=False)

    def __init__(self, data: Any = None, *, resource: catalog.ResourceView, fit: api.Fit, bound: api.BindingView | None) -> None:
        super().__init__(data, resource=resource, fit=fit, bound=bound)
        cursor = self.fields["cursor"]
        assert isinstance(cursor, forms.ChoiceField)  # noqa: S101 - declared above
        cursor.choices = [("", gettext("请选择")), *((one.name, one.name) for one in fit.columns)]
        if bound is None:
            self.fields["mode"].initial = "full"
            return
        begun = {"mode": bound.mode, "overlap": bound.overlap, "every": str(bound.every_minutes or ""), "cursor": bound.cursor}
        for name, value in begun.items():
            self.fields[name].initial = value


@signed_in
def mapping(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Third step: which column feeds which item, what the values must keep, how often; look first, then save."""
    resource, state = operated(request, resource_id), _state(request, resource_id)
    if "table" not in state:
        return redirect("exchange:binding", resource_id)
    token, schema, name = state["token"], state["schema"], state["table"]
    fit = api.fit(actor=request.actor, resource_id=resource_id, token=token, schema=schema, table=name)
    bound = api.binding(resource_id)
    form = MappingForm(request.POST if request.method == "POST" else None, resource=resource, fit=fit, bound=bound)
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        try:
            _save(request, resource_id, state, form)
        except (Invalid, ExchangeFailure) as exc:
            form.take(exc)
        else:
            request.session.pop(f"binding:{resource_id}", None)
            messages.success(request, gettext("挂接已保存。"))
            return redirect("exchange:binding", resource_id)
    chosen = form.chosen()
    findings = api.findings(resource_id=resource_id, found=fit.columns, chosen=chosen)
    rows = api.sample(actor=request.actor, resource_id=resource_id, token=token, schema=schema, table=name, chosen=chosen)
    context = {
        "resource": resource,
        "place": state["place"],
        "table": f"{schema}.{name}",
        "form": form,
        "item_rows": list(form.item_rows(findings)),
        "general": [one for one in findings if not one.item],
        "sample": [[row.get(item.key) for item in resource.items] for row in rows],
    }
    return render(request, "exchange/binding_mapping.html", context, status=422 if form.is_bound and form.errors else 200)


def _save(request: SignedIn, resource_id: int, state: dict[str, Any], form: MappingForm) -> None:
    facts = form.cleaned_data
    incremental = facts["mode"] == "incremental"
    wanted = api.TableBinding(
        url="",
        schema=state["schema"],
        table=state["table"],
        mapping={key: column for key, column in form.chosen().items() if column},
        rules=form.rules(),
        mode=facts["mode"],
        cursor=facts["cursor"] if incremental else "",
        overlap=facts["overlap"] if incremental else "",
        every_minutes=minutes(facts["every"]),
    )
    api.bind_explored(actor=request.actor, resource_id=resource_id, token=state["token"], wanted=wanted, now=clock.now())


@signed_in
@require_POST
def collect(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Collect now."""
    return redirect("exchange:run", api.start_collect(by=request.actor, resource_id=resource_id, now=clock.now()))


@signed_in
@require_POST
def schedule(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Collect so often."""
    every = request.POST.get("every", "")
    if every not in dict(SCHEDULES):
        raise Invalid(gettext("没有这种安排"), field="every")
    api.set_schedule(actor=request.actor, resource_id=resource_id, every_minutes=minutes(every), now=clock.now())
    messages.success(request, gettext("归集安排已更改。"))
    return redirect("exchange:binding", resource_id)

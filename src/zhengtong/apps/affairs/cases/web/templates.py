"""Process templates: the list, one version with its drawing, import and export of BPMN, offices and posts, publication."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.workflow import drawing
from zhengtong.engines.workflow.bpmn_reading import LARGEST
from zhengtong.engines.workflow.table import SILENCE_LABELS
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said

Role = identity.Role


class Upload(forms.Form):
    """A BPMN file."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("BPMN 文件"),
        help_text=_("BPMN 2.0,每个环节在一条泳道里;最大 2 MB。"),
        error_messages={"required": _("请选择文件。")},
        widget=forms.FileInput(attrs={"accept": ".bpmn,.xml"}),
    )


class Lanes(forms.Form):
    """The office of each lane and the post of each task."""

    def __init__(self, view: api.TemplateView, data: Any = None) -> None:
        super().__init__(data)
        known = organisations.offices_by_code(code for code in view.offices.values() if code)
        for lane in api.lanes(view.process):
            code = view.offices.get(lane, "")
            self.fields[f"office-{lane}"] = forms.CharField(
                label=_now("“%s”是哪个单位") % lane,
                help_text=_now("单位名称或统一社会信用代码;不填则是办件所属的单位。"),
                required=False,
                initial=known[code].name if code in known else code,
            )
        for step in view.process.steps:
            if step.duty:
                self.fields[f"post-{step.key}"] = forms.ChoiceField(
                    label=_now("“%s”由谁办") % step.name,
                    choices=[(post, _now(label)) for post, label in api.POST_LABELS.items()],
                    initial=view.posts.get(step.key, ""),
                )


def _author(actor: identity.Actor) -> bool:
    return actor.holds(Role.BUREAU_APPROVER)


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """Every process: the version in force and the draft."""
    return render(request, "cases/processes.html", {"rows": api.templates_listed(), "author": _author(request.actor)})


@signed_in
@require_GET
def detail(request: SignedIn, code: str, version: int) -> HttpResponseBase:
    """One version: drawing, steps with office and post, what is new in it."""
    view = api.template(code, version)
    offices = organisations.offices_by_code(one for one in view.offices.values() if one)
    steps = [
        (step, offices[held].name if (held := view.offices.get(step.duty.role, "")) in offices else "", view.posts.get(step.key, ""))
        for step in view.process.steps
        if step.duty
    ]
    context = {
        "one": view,
        "drawing": mark_safe(drawing.drawn(view.process, said=said)),  # noqa: S308 - the engine escapes what is in it
        "described": drawing.described(view.process),
        "steps": steps,
        "changes": api.differences(view.code, version),
        "versions": api.versions(view.code),
        "author": _author(request.actor),
        "post_labels": api.POST_LABELS,
        "outcome_labels": api.OUTCOME_LABELS,
        "silences": SILENCE_LABELS,
    }
    return render(request, "cases/process.html", context)


@signed_in
@require_GET
def file(_request: SignedIn, code: str, version: int) -> HttpResponseBase:
    """The version as a BPMN file."""
    answer = HttpResponse(api.exported(api.template(code, version)), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{code}-{version}.bpmn"'
    return answer


@signed_in
def take(request: SignedIn) -> HttpResponseBase:
    """Take a BPMN file as a draft."""
    api.require_author(request.actor)
    form = Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            if upload.size > LARGEST:
                raise Invalid("文件超过 2 MB", field="file", remedy="去掉文件里的图片和说明")  # noqa: TRY301 - one place that shows refusals
            code, version = api.take_process(actor=request.actor, file=upload.read(), now=clock.now())
        except Invalid as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _now("已作为草稿导入,请指定单位和岗位后发布。"))
            return redirect("cases:process", code, version)
    context = {"form": form, "heading": _now("导入流程"), "submit": _now("导入"), "lead": _now("同一流程已有草稿的,由这份文件替换。")}
    return render(request, "ui/form_page.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
def assign(request: SignedIn, code: str) -> HttpResponseBase:
    """Say which office stands behind each lane of the draft, and who does each task."""
    api.require_author(request.actor)
    view = api.draft(code)
    form = Lanes(view, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        offices = {lane: _code(facts[f"office-{lane}"]) for lane in api.lanes(view.process)}
        posts = {name.removeprefix("post-"): value for name, value in facts.items() if name.startswith("post-")}
        try:
            api.assign_lanes(actor=request.actor, code=code, offices=offices, posts=posts, now=clock.now())
        except Invalid as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _now("已保存。"))
            return redirect("cases:process", code, view.version)
    context = {"form": form, "heading": _now("指定单位和岗位:%s") % view.name, "submit": _now("保存")}
    return render(request, "ui/form_page.html", context, status=422 if form.is_bound and form.errors else 200)


def _code(text: str) -> str:
    found = organisations.office_by_name(text.strip()) if text.strip() else None
    return found.code if found else text.strip()


@signed_in
@require_POST
def publish(request: SignedIn, code: str) -> HttpResponseBase:
    """Let new cases begin on the draft."""
    version = api.publish_process(actor=request.actor, code=code, now=clock.now())
    messages.success(request, _now("已发布。新的办件按这一版办理,在办的仍按原来的版本。"))
    return redirect("cases:process", code, version)

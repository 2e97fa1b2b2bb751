"""Issue one licence by hand."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from zhengtong.apps.affairs.licences import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.codes.faults import tidy
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.parties import party
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal, date_input


class IssueForm(forms.Form):
    """Holder and term, and the fields of the type."""

    holder_name = forms.CharField(label=gettext_lazy("持证主体"), max_length=120)
    holder_code = forms.CharField(
        label=gettext_lazy("持证主体代码"), max_length=18, help_text=gettext_lazy("公民身份号码或统一社会信用代码")
    )
    begins = forms.DateField(label=gettext_lazy("有效期起"), widget=date_input())
    ends = forms.DateField(
        label=gettext_lazy("有效期止"), widget=date_input(), required=False, help_text=gettext_lazy("不填时按证照类型计算")
    )

    def __init__(self, kind: api.TypeView, data: object = None) -> None:
        super().__init__(data, initial={"begins": clock.today()})  # type: ignore[arg-type]
        for one in kind.fields:
            self.fields[one.key] = _control(one)


def _control(one: api.Field) -> forms.Field:
    if one.kind is api.FieldKind.CHOICE:
        return forms.ChoiceField(
            label=one.name, choices=[("", _("请选择")), *((text, text) for text in one.choices)], required=one.required
        )
    if one.kind is api.FieldKind.DATE:
        return forms.CharField(label=one.name, required=one.required, widget=date_input())
    return forms.CharField(label=one.name, required=one.required, max_length=400)


@signed_in
@require_http_methods(["GET", "POST"])
def issue(request: SignedIn, code: str) -> HttpResponseBase:
    """The form of a type, for those who issue for its office."""
    kind = api.type_view(code)
    if kind.office not in request.actor.offices(*api.ISSUERS):
        raise identity.NotYours("制发证照由颁发机构的数据专员、承办人员或审批人员办理")
    if not kind.published:
        raise api.TypeUnknown
    form = IssueForm(kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            name = api.issue_by_hand(
                actor=request.actor,
                type_code=code,
                office=kind.office,
                holder=party(kind.holder, tidy(given["holder_code"]), given["holder_name"], field="holder_code"),
                values={one.key: given[one.key] for one in kind.fields},
                begins=given["begins"],
                ends=given["ends"],
                now=clock.now(),
            )
        except ZhengtongError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("已制发。"))
            return redirect("licences:licence", name)
    request.standing = "/work/licences/types/"
    return render(request, "licences/issue.html", {"form": form, "type": kind}, status=422 if form.errors else 200)

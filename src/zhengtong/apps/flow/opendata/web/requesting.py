"""Pages for applicants without an account: apply, the private follow-up page, the files of a grant."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any, BinaryIO

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web.private import MachineTrap, PrivateDoor
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Refused, ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.streaming import stream

_DOOR = PrivateDoor(
    session="open-requests",
    own="opendata:own-request",
    way_in="opendata:enter",
    back="opendata:front",
    number_label=_("回执编号"),
    heading=_("查询我的申请"),
    admit=api.enter,
)
_BLOCK = 1 << 18
TONES = {
    api.RequestState.RECEIVED: "waiting",
    api.RequestState.SUPPLEMENT: "waiting",
    api.RequestState.PROPOSED: "waiting",
    api.RequestState.AGREED: "active",
    api.RequestState.GRANTED: "done",
    api.RequestState.REFUSED: "refused",
    api.RequestState.WITHDRAWN: "",
}


def _area(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class FilingForm(MachineTrap):
    """A request."""

    kind = forms.ChoiceField(label=_("申请人"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("单位名称或个人姓名"), max_length=200)
    credit_code = forms.CharField(label=_("统一社会信用代码"), help_text=_("单位申请时必填,18 位。"), max_length=18, required=False)
    contact_name = forms.CharField(label=_("联系人"), max_length=80)
    contact = forms.CharField(label=_("联系电话或邮箱"), help_text=_("只给办理申请的人看。"), max_length=120)
    purpose = _area(_("用途"))
    scenario = _area(_("使用场景"), _("数据用在什么产品、研究或服务里,怎样用。"))
    items = forms.MultipleChoiceField(label=_("需要的信息项"), widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label=_("使用期限(日)"))
    safety = _area(_("安全措施"), _("怎样存放、谁能接触、用完怎样销毁。"))
    promised = forms.BooleanField(label=_("我已阅读开放条件和安全要求,承诺遵守"), required=False)

    def __init__(self, data: Any = None, *, view: api.DatasetView) -> None:
        terms = view.conditions
        assert terms is not None  # noqa: S101 - the caller saw that it is conditional
        super().__init__(data, initial={"days": terms.longest})
        kinds = [one for one in api.APPLICANT_LABELS.items() if terms.audience in {"both", one[0]}]
        self._choose("kind", [(code, _now(label)) for code, label in kinds])
        self._choose("items", [(one["key"], one["name"]) for one in view.version.columns])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = choices

    def filing(self) -> api.Filing:
        """What was filled in."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "website"}
        return api.Filing(**facts | {"items": tuple(facts["items"]), "credit_code": facts["credit_code"].strip().upper()})


@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, number: int) -> HttpResponseBase:
    """Apply for rows of a conditional dataset."""
    view = api.dataset(number, now=clock.now())
    if view.conditions is None:
        return redirect("opendata:dataset", number)
    form = FilingForm(request.POST or None, view=view)
    if request.method == "POST" and form.is_valid():
        try:
            receipt, secret = api.file_request(
                number=number, filing=form.filing(), address=request.META.get("REMOTE_ADDR", ""), now=clock.now()
            )
        except (Invalid, Refused) as exc:
            add_refusal(form, exc)
        else:
            lead = _now("请保存专用链接:查看进度、补充材料、签订协议和取密钥都用它。")
            return _DOOR.handed_out(request, receipt, secret, heading=_now("申请已提交"), lead=lead)
    context = {"form": form, "dataset": view, "conditions": view.conditions, "audience": api.AUDIENCE_LABELS[view.conditions.audience]}
    return render(request, "opendata/apply.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """Look a request up by receipt number and code."""
    return _DOOR.enter(request)


@never_cache
@require_GET
def own(request: HttpRequest, number: str) -> HttpResponseBase:
    """The private page of a request; the code leaves the address as soon as it was read."""
    if code := request.GET.get("code", ""):
        return _DOOR.by_code(request, number, code)
    return _own(request, number)


def _own(request: HttpRequest, number: str, error: ZhengtongError | None = None) -> HttpResponseBase:
    proven = _DOOR.proven(request, number)
    if not proven:
        return _DOOR.turned_away(number)
    view = api.own_request(number, proven, now=clock.now())
    text, digest = api.agreement(number, proven)
    context = {
        "one": view,
        "tones": TONES,
        "agreement": text,
        "digest": digest,
        "error": error,
        "files": [api.FILE_NAMES[form] for form in api.GRANTED_FORMS],
        "typed": request.POST,
        "open": view.state not in {api.RequestState.GRANTED, api.RequestState.REFUSED, api.RequestState.WITHDRAWN},
    }
    return render(request, "opendata/own_request.html", context, status=error.status if error else 200)


_DONE = {
    "supplement": _("已补充,提供单位继续办理。"),
    "withdraw": _("已撤回申请。"),
    "revoke": _("密钥已注销。"),
    "report": _("使用情况已报送。"),
}


@never_cache
@require_POST
def own_act(request: HttpRequest, number: str) -> HttpResponseBase:
    """Supplement, withdraw, accept, change keys, report."""
    name, proven = request.POST.get("act", ""), _DOOR.proven(request, number)
    if not proven:
        return _DOOR.turned_away(number)
    common: dict[str, Any] = {"number": number, "proven": proven, "now": clock.now()}
    try:
        if name == "accept":
            sent: dict[str, Any] = {"name": request.POST.get("accepted_by", ""), "content": request.POST.get("content", "")}
            return _key_shown(request, number, api.accept(**common, **sent))
        if name == "replace":
            return _key_shown(request, number, api.replace_key(**common))
        _do(name, request, common)
    except (Invalid, Conflict, Refused) as exc:
        return _own(request, number, exc)
    messages.success(request, _DONE[name])
    return redirect("opendata:own-request", number)


def _do(name: str, request: HttpRequest, common: dict[str, Any]) -> None:
    match name:
        case "supplement":
            api.supplement(**common, text=request.POST.get("text", ""))
        case "withdraw":
            api.withdraw_request(**common)
        case "revoke":
            key = request.POST.get("key", "")
            api.revoke_key(**common, key=int(key) if key.isdecimal() and len(key) < 19 else 0)  # noqa: PLR2004 - a bigint's digits
        case "report":
            words: dict[str, Any] = {name: request.POST.get(name, "") for name in ("use", "results")}
            api.report(**common, due=_day(request.POST.get("due", "")), **words)
        case _:
            raise Invalid(_now("没有这种操作"), field="act")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Invalid(_now("日期写成 2027-01-01 的样子"), field="due") from exc


def _key_shown(request: HttpRequest, number: str, key: str) -> HttpResponse:
    lead = _now("凭它下载授权的文件、调用接口;不要交给别人。换新密钥后,旧密钥还能用 7 天。")
    return _DOOR.key_shown(request, number, key, lead=lead)


@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def granted(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """A file of a grant: a program sends ``Authorization: Bearer <key>``, a person types the key into the private page."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else request.POST.get("key", "").strip()
    given = api.give(key=key, number=number, name=name, now=clock.now())
    answer = stream(request, _pieces(given.source), content_type=given.media_type, filename=name)
    answer["Content-Length"] = str(given.size)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _pieces(source: BinaryIO) -> Generator[bytes, None, None]:
    with source:
        while block := source.read(_BLOCK):
            yield block

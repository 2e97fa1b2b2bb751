"""The second row of navigation: what lies behind the door in which one stands."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhengtong.apps.affairs.citizens.web.access import of as citizen_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.shell.doors import Door
from zhengtong.shell.manage import rooms

#: desk → addresses elsewhere that are tabs of it
_WITHIN = {"/work/quality/": ("/work/sources/", "/work/standards/", "/work/duties/")}


def of(request: HttpRequest, actor: identity.Actor | None) -> list[Door]:
    """The desks of the door behind which the visitor stands; none elsewhere."""
    path = place(request)
    for front, desks in (("opendata:front", _open), ("services:front", _services)):
        if path.startswith(reverse(front)):
            return desks(request)
    if actor is None:
        return _me(request) if citizen_of(request) is not None and path.startswith(reverse("citizens:home")) else []
    # the one page of administration that every official may read
    if path.startswith(reverse("calendar:this-year")) and actor.duty is None and not identity.may(actor, identity.Act.MANAGE_CALENDAR):
        return _work(request, actor)
    if path.startswith("/manage/"):
        return [Door(room.address, str(room.label), room.current) for room in rooms(request, actor)]
    if actor.duty is None and path.startswith("/work/"):
        return _work(request, actor)
    return _share(request) if actor.duty is None and path.startswith("/share/") else []


def place(request: HttpRequest) -> str:
    """Where the visitor stands: at the address, unless the page has said that it belongs to another desk."""
    standing: str = getattr(request, "standing", "")
    return standing or request.path


def _work(request: HttpRequest, actor: identity.Actor) -> list[Door]:
    entries = [
        (reverse("shell:work"), _("待办")),
        (reverse("cases:work"), pgettext("list", "办件")),
        (reverse("catalog:worklist"), _("目录编制")),
        (reverse("quality:offices"), _("目录质量")),
        (reverse("sharing:received"), _("收到的申请")),
        (reverse("sharing:given"), _("发出的授权")),
        (reverse("exchange:bindings"), pgettext("list", "挂接")),
        (reverse("exchange:runs"), pgettext("list", "运行")),
        (reverse("exchange:fronts"), pgettext("list", "前置库")),
        (reverse("opendata:openings"), pgettext("list", "数据开放")),
        (reverse("services:items"), _("服务事项")),
        (reverse("participation:desk-demands"), _("数据需求")),
        (reverse("participation:desk-voices"), _("公众反馈")),
        (reverse("citizens:desk-objections"), pgettext("list", "异议")),
        (reverse("licences:licences"), _("电子证照")),
        (reverse("ratings:work"), _("好差评")),
        (reverse("notices:notices"), _("通知")),
        (reverse("calendar:this-year"), _("工作日历")),
    ]
    if actor.has(identity.Role.CLERK, actor.office):
        entries.append((reverse("filing:window"), pgettext("desk", "窗口")))
    if actor.has(identity.Role.APPROVER, actor.office):
        entries.append((reverse("filing:hall-add"), _("设立大厅")))
    if actor.offices(identity.Role.STEWARD):
        entries.append((reverse("filing:corrections"), _("申请人认为有误的登记")))
    if actor.holds(identity.Role.CLERK):
        entries.append((reverse("citizens:claims"), _("监护登记")))
    if actor.offices(identity.Role.DEVELOPER, identity.Role.STEWARD):
        entries.append((reverse("identity:systems"), pgettext("list", "调用系统")))
    return [Door(address, label, _current(request, address, *_WITHIN.get(address, ()))) for address, label in entries]


def _open(request: HttpRequest) -> list[Door]:
    """The portal's own row, the same on each of its pages; its front shows the entries large."""
    entries = [
        (reverse("opendata:front"), _("门户首页")),
        (reverse("opendata:datasets"), pgettext("list", "数据集")),
        (reverse("participation:demands"), _("供需对接")),
        (reverse("participation:reuses"), _("应用案例")),
        (reverse("opendata:workbench"), _("分析台")),
        (reverse("opendata:statistics"), _("统计")),
        (reverse("indicators:score"), _("开放数据自评")),
        (reverse("opendata:plan-now"), _("开放计划")),
        (reverse("opendata:enter"), _("我的申请")),
        (reverse("opendata:news"), _("公告")),
        (reverse("opendata:developers"), _("开发者")),
        (reverse("opendata:help"), _("使用帮助")),
    ]
    return [Door(address, label, _current(request, address)) for address, label in entries]


def _me(request: HttpRequest) -> list[Door]:
    entries = [
        (reverse("citizens:home"), _("我的空间")),
        (reverse("filing:listed"), pgettext("citizen", "我的申请")),
        (reverse("filing:appointments"), _("预约")),
        (reverse("cases:own"), _("我的办件")),
        (reverse("licences:wallet"), _("我的证照")),
        (reverse("citizens:rights"), _("代办与授权")),
        (reverse("citizens:readers"), _("谁看过我的数据")),
        (reverse("citizens:security"), _("账户安全")),
    ]
    return [Door(address, label, _current(request, address)) for address, label in entries]


def _services(request: HttpRequest) -> list[Door]:
    entries = [
        (reverse("services:front"), _("办事指南")),
        (reverse("services:for-me"), _("哪些适合我")),
        (reverse("ratings:figures"), _("办事数据")),
    ]
    return [Door(address, label, place(request) == address) for address, label in entries]


def _share(request: HttpRequest) -> list[Door]:
    entries = [
        (reverse("catalog:search"), _("数据目录")),
        (reverse("sharing:basket"), _("申请车")),
        (reverse("sharing:applications"), _("我的申请")),
        (reverse("sharing:grants"), _("我的授权")),
    ]
    return [Door(address, label, _current(request, address)) for address, label in entries]


def _current(request: HttpRequest, address: str, *within: str) -> bool:
    # the entrance itself is only current where one stands in it
    return place(request) == address if address.count("/") == 2 else place(request).startswith((address, *within))  # noqa: PLR2004 - one level deep

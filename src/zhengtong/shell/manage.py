"""The front of administration: what somebody's duty lets them do."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.toolkit.ui.access import SignedIn, signed_in

#: (act, address, label, what it is for)
_ROOMS: tuple[tuple[identity.Act, str, Promise, Promise], ...] = (
    (
        identity.Act.MANAGE_OFFICES,
        "organisations:offices",
        pgettext_lazy("list", "单位"),
        _("登记单位,更名、合并、撤销;历史名称一直可查。"),
    ),
    (identity.Act.MANAGE_OFFICES, "organisations:regions", _("行政区划"), _("逐级浏览,从 CSV 文件导入。")),
    (identity.Act.MANAGE_CALENDAR, "calendar:this-year", _("工作日历"), _("录入放假安排和停工命令;期限随之变动。")),
    (identity.Act.MANAGE_ACCOUNTS, "identity:accounts", pgettext_lazy("list", "账户"), _("新增、启用、停用账户,发放一次性密码。")),
    (identity.Act.MANAGE_ACCOUNTS, "citizens:registers", _("实名核验"), _("设定向哪个资源、按哪项授权核验姓名和企业。")),
    (identity.Act.MANAGE_ROLES, "identity:roles", _("角色与职责"), _("授予和收回角色,任免三员。")),
    (identity.Act.MANAGE_SESSIONS, "identity:sessions", _("登录会话"), _("查看谁在线,结束可疑的登录。")),
    (identity.Act.MANAGE_SESSIONS, "identity:lockouts", _("锁定的账户"), _("查看因多次失败而锁定的账户并解锁。")),
    (identity.Act.PROPOSE_SIGN_ON, "signon:systems", pgettext_lazy("list", "登录接入系统"), _("登记用本平台账户登录的系统,发放密钥。")),
    (identity.Act.APPROVE_SIGN_ON, "signon:systems", pgettext_lazy("list", "登录接入系统"), _("审核用本平台账户登录的系统,暂停可疑的。")),
    (identity.Act.READ_LEDGER, "security:entries", _("存证账本"), _("查阅每一次读取和每一项管理操作,核验账本。")),
)


@dataclass(frozen=True)
class Room:
    """A part of administration that somebody may enter."""

    address: str
    label: Promise
    purpose: Promise
    current: bool


def rooms(request: HttpRequest, actor: identity.Actor | None) -> list[Room]:
    """What this visitor may administer; nothing outside ``/manage/``."""
    if actor is None or not request.path.startswith("/manage/"):
        return []
    open_to = [(reverse(name), label, purpose) for act, name, label, purpose in _ROOMS if identity.may(actor, act)]
    return [Room(address, label, purpose, request.path.startswith(address)) for address, label, purpose in open_to]


@signed_in
def manage(request: SignedIn) -> HttpResponseBase:
    """What my duty lets me do."""
    found = rooms(request, request.actor)
    if not found:
        raise identity.NotYours(str(_("管理页面只向系统、安全、审计管理员和审计员开放")))
    return render(request, "shell/manage.html", {"rooms": found, "duty": identity.duty_name(request.actor.duty or "")})

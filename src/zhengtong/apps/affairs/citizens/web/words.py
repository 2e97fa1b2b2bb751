"""The words in which pages speak of levels, rights and readings."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhengtong.apps.affairs.citizens.api import Level, Right, RightState, RightView, Scope, Why

LEVELS: dict[Level, str | Promise] = {
    Level.DECLARED: _("自行申报"),
    Level.CHECKED: _("实名已核验"),
    Level.STRONG: _("实名已核验,本次已验证第二因素"),
}
RIGHTS: dict[Right, str | Promise] = {
    Right.REPRESENTATIVE: _("法定代表人"),
    Right.DELEGATE: _("企业经办人"),
    Right.GUARDIAN: _("监护人"),
    Right.AGENT: _("代办人"),
}
SCOPES: dict[Scope, str | Promise] = {
    Scope.ALL: _("全部事项"),
    Scope.LICENCES: _("仅使用电子证照"),
    Scope.ITEMS: _("仅限所列事项"),
}
_WHYS: dict[Why, str | Promise] = {
    Why.NONE: pgettext_lazy("right", "有效"),
    Why.NOT_ACCEPTED: _("等待对方接受"),
    Why.UNCONFIRMED: _("等待窗口确认,现在不能使用"),
    Why.ENDED: pgettext_lazy("right", "已结束"),
    Why.NOT_YET: _("尚未开始"),
    Why.OVER: _("已到期"),
    Why.GROWN_UP: _("被监护人已成年"),
    Why.TO_BE_CHECKED: _("登记的法定代表人已变更,须重新绑定"),
    Why.GIVER_WITHOUT_RIGHT: _("授权人已不是法定代表人"),
}
_TONES = {Why.NONE: "done", Why.NOT_ACCEPTED: "waiting", Why.UNCONFIRMED: "waiting", Why.NOT_YET: "waiting", Why.TO_BE_CHECKED: "refused"}
EVENTS: dict[str, str | Promise] = {
    "gateway:rows:read": _("查询了您的数据"),
    "gateway:rows:verified": _("核对了您的信息,只得到“是”或“否”"),
    "cases:application:read": _("查看了您的申请信息"),
    "cases:file:read": _("打开了您提交的文件"),
    "licences:licence:read": _("为办件调用了您的电子证照"),
    "licences:licence:shared": _("其他部门的系统调用了您的电子证照"),
    "licences:licence:presented": _("出示了您的电子证照"),
    "licences:licence:downloaded": _("下载了您的电子证照"),
    "licences:licence:issued": _("给您制发了电子证照"),
    "citizens:objection:made": _("提出了异议"),
    "citizens:objection:answered": _("答复了异议"),
    "citizens:objection:escalated": _("把异议提交数据主管部门"),
    "citizens:objection:settled": _("数据主管部门答复了异议"),
    "ledger:subject:searched": _("审计人员查阅了关于您的记录"),
    "citizens:person:registered": _("用您的姓名和号码注册了账户"),
    "citizens:name:checked": _("核验了您的实名"),
    "citizens:company:bound": _("企业与法定代表人绑定"),
    "citizens:company:stale": _("登记的法定代表人已变更"),
    "citizens:guardian:declared": _("登记了监护关系"),
    "citizens:guardian:opened": _("窗口人员查看了监护登记"),
    "citizens:guardian:confirmed": _("确认了监护登记"),
    "citizens:guardian:refused": _("没有确认监护登记"),
    "citizens:right:given": _("发出了办事授权"),
    "citizens:right:accepted": _("接受了办事授权"),
    "citizens:right:declined": _("谢绝了办事授权"),
    "citizens:right:revoked": _("结束了办事授权"),
    "citizens:acting:chosen": _("以您的名义办理"),
    "filing:case:filed": _("提交了申请"),
    "filing:visit:begun": _("窗口经您同意开始为您办理"),
    "filing:visit:ended": _("窗口结束了为您办理"),
    "filing:field:healed": _("来源恢复后补取了您的信息"),
    "filing:correction:noted": _("您认为有误的登记已转告登记单位"),
    "filing:file:read": _("打开了您上传的材料"),
}


def state_label(one: RightView) -> str:
    """How a right stands, in words."""
    if one.state is RightState.DECLINED:
        return str(_("窗口未确认") if one.right is Right.GUARDIAN else _("对方已谢绝"))
    return str(_WHYS[one.why])


def state_tone(one: RightView) -> str:
    """The mark of how a right stands."""
    return _TONES.get(one.why, "empty")

"""What people read for the codes of sharing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhengtong.contracts.grants import Channel, GrantState, Mask, Operator

CHANNELS = {
    Channel.LOOKUP: _("查询:按条件取数据"),
    Channel.VERIFY: _("核验:只回答是或否"),
    Channel.PUSH: _("推送:送到本单位前置库"),
    Channel.DOWNLOAD: _("下载:取文件"),
}
CHANNEL_NAMES = {Channel.LOOKUP: _("查询"), Channel.VERIFY: _("核验"), Channel.PUSH: _("推送"), Channel.DOWNLOAD: _("下载")}
MASKS = {
    Mask.NONE: _("原值"),
    Mask.NAME: _("留首字:张**"),
    Mask.IDENTITY: _("证件号留头尾:110105********002X"),
    Mask.PHONE: _("电话留头尾:138****1234"),
    Mask.ADDRESS: _("地址留前六字"),
    Mask.ACCOUNT: _("账号留后四位"),
    Mask.YEAR: _("日期只留年份"),
    Mask.HIDDEN: _("全部隐去"),
}
OPERATORS = {
    Operator.EQ: _("等于"),
    Operator.IN: _("是其中之一"),
    Operator.GTE: _("不小于"),
    Operator.LTE: _("不大于"),
    Operator.PREFIX: _("开头是"),
}
GRANT_STATES = {GrantState.ACTIVE: _("有效"), GrantState.SUSPENDED: _("已暂停"), GrantState.TERMINATED: _("已终止")}
SHARING_TYPES = {"1": _("无条件共享"), "2": _("有条件共享"), "3": _("不予共享")}

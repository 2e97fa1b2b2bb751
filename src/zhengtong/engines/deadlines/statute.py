"""The periods that law sets, as data: what starts them, who must act, how long, and how far they may be extended."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from zhengtong.engines.deadlines.clock import Clock, Unit
from zhengtong.kernel.sentences import say

SHARING = "政务数据共享条例"
LICENSING = "行政许可法"
DISCLOSURE = "政府信息公开条例"
#: no national text gives a number of days for conditional opening; cities' rules and yearly plans do (Shanghai's of 2022: 5 working days)
OPENING = "公共数据开放工作细则"


@dataclass(frozen=True)
class Limit:
    """One period of a law."""

    #: D1 … D14, the numbers of the project's table of deadlines
    code: str
    law: str
    article: str
    trigger: str
    actor: str
    duty: str
    days: int
    unit: Unit = Unit.WORKING_DAYS
    #: days that extensions may add in all; 0: none
    extension: int = 0
    #: what an extension needs
    extension_condition: str = ""

    @property
    def basis(self) -> str:
        """The provision as decisions cite it."""
        return f"《{self.law}》{self.article}"

    def clock(self, started: datetime) -> Clock:
        """The period that begins with an event at ``started``."""
        return Clock(started, self.days, self.unit, extension_limit=self.extension, trigger=self.trigger)


@dataclass(frozen=True)
class Retention:
    """A duty to keep something for at least so many years."""

    code: str
    law: str
    article: str
    actor: str
    duty: str
    years: int

    def keep_until(self, start: date) -> date:
        """The last day of the duty: the same day ``years`` later, or the end of that month if it has no such day (民法典 202)."""
        year = start.year + self.years
        return date(year, start.month, min(start.day, months.monthrange(year, start.month)[1]))


@dataclass(frozen=True)
class Exclusion:
    """Procedures whose time a law leaves out; each is a pause with this basis."""

    code: str
    law: str
    article: str
    procedures: tuple[str, ...]
    condition: str


_CONSENT = "经政务数据共享主管部门同意"

LIMITS: Mapping[str, Limit] = {
    limit.code: limit
    for limit in (
        Limit(
            "D1", SHARING, "第十七条", say("法律法规或职责变化使目录需要更新"), "提供部门", "更新目录并报送审核", 10,
            extension=5, extension_condition=_CONSENT,
        ),
        Limit("D2", SHARING, "第十七条", say("收到更新后的目录"), "主管部门", "审核并发布目录", 2),
        Limit(
            "D3", SHARING, "第二十一条", say("收到无条件共享类数据的申请"), "提供部门", "答复申请", 1,
            extension=10, extension_condition=f"{_CONSENT}并告知需求部门",
        ),
        Limit(
            "D4", SHARING, "第二十一条", say("收到有条件共享类数据的申请"), "提供部门", "答复是否同意", 10,
            extension=10, extension_condition=f"{_CONSENT}并告知需求部门",
        ),
        Limit("D5", SHARING, "第二十二条", say("答复同意共享"), "提供部门", "实际共享数据", 20),
        Limit("D6", SHARING, "第二十六条", say("收到校核申请"), "提供部门", "核实、更正并反馈", 10),
        Limit("D9", LICENSING, "第三十二条", say("收到材料不全的许可申请"), "行政机关", "一次告知全部补正内容", 5),
        Limit(
            "D10", LICENSING, "第四十二条", say("受理许可申请"), "行政机关", "作出许可决定", 20,
            extension=10, extension_condition="经本行政机关负责人批准并告知申请人理由",
        ),
        Limit(
            "D11", LICENSING, "第四十二条", say("受理统一办理、联合办理或集中办理的申请"), "各行政机关", "办结", 45,
            extension=15, extension_condition="经本级人民政府负责人批准并告知申请人理由",
        ),
        Limit("D12", LICENSING, "第四十四条", say("作出准予许可的决定"), "行政机关", "颁发、送达许可证件", 10),
        Limit(
            "D14", DISCLOSURE, "第三十三条", say("收到政府信息公开申请"), "行政机关", "答复申请", 20,
            extension=20, extension_condition="经政府信息公开工作机构负责人同意并告知申请人",
        ),
        Limit("D14-clarify", DISCLOSURE, "第三十条", say("收到内容不明确的公开申请"), "行政机关", "一次告知补正", 7),
        Limit("D16", OPENING, "(地方规定)", say("收到有条件开放数据的申请"), "开放主体", "答复是否同意", 5),
        Limit("D14-third-party", DISCLOSURE, "第三十二条", say("第三方收到征求意见书"), "第三方", "提出意见", 15),
    )
}  # fmt: skip

#: D7: usage records of the demander
USAGE_RECORDS = Retention("D7", SHARING, "第二十九条", "需求部门", "留存数据使用记录", 3)

#: D13: the time of these procedures does not count towards D10 and D11
SPECIAL_PROCEDURES = Exclusion(
    "D13",
    LICENSING,
    "第四十五条",
    ("听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审"),
    "将所需时间书面告知申请人",
)

"""
Companies and people who apply for the conditional dataset of the demo city, so that requests stand in every state.

Each does what applicants and offices do, by the product's operations, at a moment some days ago that the operations are told; all that
one of them does is one transaction, because the secret of the private link is known only here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.codes import credit_code

_REGION = "91370000"
_SAFETY = "存放在单位内网的加密盘上,三名项目人员可见,项目结束后删除"


@dataclass(frozen=True)
class Desk:
    """Who answers."""

    steward: Actor
    head: Actor


@dataclass(frozen=True)
class Applicant:
    """Somebody who applies: how many days ago, how long for, and what becomes of it."""

    name: str
    contact: str
    purpose: str
    scenario: str
    ago: int
    days: int
    course: Callable[[Case], None]
    #: a person has no credit code
    person: bool = False


@dataclass(frozen=True)
class Case:
    """A request on its way."""

    number: str
    secret: str
    desk: Desk
    filed: datetime
    items: tuple[str, ...]
    days: int

    @property
    def proven(self) -> str:
        """What proves the private link."""
        return opendata.proof(self.secret)

    def after(self, days: int) -> datetime:
        """So many days after it was filed."""
        return self.filed + timedelta(days=days)

    def propose(self, *, reason: str = "", agree: bool = True, after: int = 1) -> None:
        """The steward prepares the answer."""
        items, days = (self.items[1:], self.days) if agree else ((), 0)
        common: dict[str, Any] = {"actor": self.desk.steward, "number": self.number, "now": self.after(after)}
        opendata.propose_answer(**common, agree=agree, reason=reason, items=items, days=days)

    def conclude(self, *, after: int = 2) -> None:
        """The head gives it."""
        opendata.conclude(actor=self.desk.head, number=self.number, now=self.after(after))

    def accept(self, name: str, *, after: int = 3) -> None:
        """The applicant accepts the agreement and gets a key."""
        _text, digest = opendata.agreement(self.number, self.proven)
        opendata.accept(number=self.number, proven=self.proven, name=name, content=digest, now=self.after(after))

    def granted(self) -> None:
        """All the way to a key."""
        self.propose()
        self.conclude()
        self.accept("项目负责人")

    def stop(self, act: opendata.RequestAct, reason: str, *, after: int) -> None:
        """The head suspends or ends the grant."""
        opendata.change_grant(actor=self.desk.head, number=self.number, act=act, reason=reason, now=self.after(after))


def _asked(_case: Case) -> None:
    """Nobody has looked at it so far."""


def _supplement(case: Case) -> None:
    missing = "请补充项目立项文件和数据安全负责人的姓名"
    opendata.ask_supplement(actor=case.desk.steward, number=case.number, missing=missing, now=case.after(1))


def _proposed(case: Case) -> None:
    case.propose(reason="用途在公布的范围内")


def _agreed(case: Case) -> None:
    case.propose()
    case.conclude()


def _reported(case: Case) -> None:
    case.granted()
    for due in _dues(case)[:1]:
        opendata.report(
            number=case.number,
            proven=case.proven,
            due=due,
            use="建立了近二十年住房供应的分析模型",
            results="完成研究报告初稿,没有发布原始数据",
            now=case.after(31),
        )


def _dues(case: Case) -> list[date]:
    grant = opendata.own_request(case.number, case.proven, now=case.after(3)).grant
    return [one.due for one in grant.reports] if grant else []


def _suspended(case: Case) -> None:
    case.granted()
    case.stop(opendata.RequestAct.SUSPEND, "在网上公开了原始数据,限期改正", after=6)


def _ended(case: Case) -> None:
    case.granted()
    case.stop(opendata.RequestAct.END, "项目提前结束,申请人请求终止", after=20)


def _refused(case: Case) -> None:
    case.propose(agree=False, reason="用途是向个人推销,不在公布的用途之内,且可能与其他资料比对识别权利人")
    case.conclude()


def _withdrawn(case: Case) -> None:
    opendata.withdraw_request(number=case.number, proven=case.proven, now=case.after(1))


APPLICANTS = (
    Applicant("云州城市规划设计院", "钱工", "城市更新规划研究", "测算各类用途的存量建筑面积", 1, 365, _asked),
    Applicant("云州理工大学", "孙老师", "住房市场研究", "按登记时间分析住房供应", 14, 365, _asked),
    Applicant("安居数据服务有限公司", "李经理", "公益找房服务", "给新市民展示各片区的房屋用途构成", 4, 180, _supplement),
    Applicant("云州市统计学会", "周会长", "统计分析", "核对建筑面积的抽样误差", 2, 180, _proposed),
    Applicant("城市体检研究中心", "吴主任", "城市体检", "测算人均建筑面积", 5, 365, _agreed),
    Applicant("筑梦规划咨询有限公司", "郑总", "住房与城市规划研究", "编制住房发展规划", 9, 365, Case.granted),
    Applicant("宜居研究院", "王研究员", "住房与城市规划研究", "住房供应二十年回顾", 36, 365, _reported),
    Applicant("绿色建筑协会", "冯秘书", "统计分析", "测算既有建筑节能改造潜力", 66, 365, Case.granted),
    Applicant("房讯传媒有限公司", "陈编辑", "统计分析", "制作年度住房报告", 12, 180, _suspended),
    Applicant("褚先生", "褚先生", "住房研究", "硕士论文", 40, 90, _ended, person=True),
    Applicant("快销网络科技有限公司", "卫经理", "客户推广", "寻找潜在客户", 8, 180, _refused),
    Applicant("蒋女士", "蒋女士", "个人研究", "了解所在片区的房屋年代", 6, 30, _withdrawn, person=True),
)


def apply(resource_id: int, desk: Desk, *, now: datetime) -> None:
    """Let everybody apply who has not done so; what became of a request since is left alone."""
    found = opendata.of_resource(resource_id)
    if found is None:
        return
    there = {(one.purpose, one.scenario) for one in opendata.requests_of(desk.steward, now=now, limit=200)}
    for place, one in enumerate(APPLICANTS, start=1):
        if (one.purpose, one.scenario) not in there:
            with transaction.atomic():
                _apply(found[0], one, place, desk, now - timedelta(days=one.ago))


def _apply(dataset: int, one: Applicant, place: int, desk: Desk, filed: datetime) -> None:
    security.prepare_month(filed)
    keys = tuple(column["key"] for column in opendata.dataset(dataset, now=filed).version.columns)
    filing = opendata.Filing(
        kind="person" if one.person else "company",
        name=one.name,
        credit_code="" if one.person else _code(place),
        contact_name=one.contact,
        contact=f"0000-8600{place:03}",
        purpose=one.purpose,
        scenario=one.scenario,
        safety=_SAFETY,
        items=keys,
        days=one.days,
        promised=True,
    )
    number, secret = opendata.file_request(number=dataset, filing=filing, address=f"192.0.2.{place}", now=filed)
    one.course(Case(number, secret, desk, filed, keys, one.days))


def _code(place: int) -> str:
    body = f"{_REGION}MA3D{place:05}"
    return body + credit_code.check_character(body)

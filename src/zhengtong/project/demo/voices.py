"""A few demands, comments, corrections and uses in the demo city, each through the operations that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.clock import local_date

#: token, title, purpose, items, who asks, name, account prefix of the named office (empty: none)
_WISHES = (
    (
        "demo-1",
        "全市公交线路和站点坐标",
        "做一个给老年人用的换乘查询小程序",
        "线路名称、站点名称、经纬度、首末班时间",
        "company",
        "云州快行科技",
        "",
    ),
    (
        "demo-2",
        "行政区划代码的历次变更",
        "核对历年统计资料里的区划代码",
        "原代码、新代码、变更日期、批准文号",
        "person",
        "统计爱好者",
        "civil",
    ),
    ("demo-3", "全市乡镇(街道)的上下级关系", "在地图上按乡镇汇总走访记录", "代码、名称、上级代码", "company", "云州社工服务中心", "civil"),
    ("demo-4", "每户居民的用水记录", "研究家庭节水", "户号、月份、用水量", "person", "节水志愿者", "civil"),
)
_WORK = (
    "乡镇走访地图",
    "chart",
    "云州社工服务中心",
    "https://example.com/visits",
    "用行政区划代码把走访记录汇总到乡镇,一张图看清哪里去得少。",
)
_COMMENT = "代码齐全,能直接和统计年鉴对上。希望增加变更日期。"
_ANSWER = "谢谢建议。变更日期正在整理,列入下半年开放计划。"


def speak(actor: Callable[[str], Actor], *, now: datetime) -> None:
    """Let people speak about the first dataset; done again, nothing is said twice."""
    steward, head, approver = actor("civil.steward"), actor("civil.head"), actor("bureau.approver")
    cards = opendata.search(opendata.Question(chosen={"office": steward.office}), limit=1)
    if not cards:
        return
    dataset = cards[0].id
    numbers = [_wished(wish, actor, now) for wish in _WISHES]
    waiting = {view.number for view in participation.waiting(approver, now=now)}
    if numbers[1] in waiting:
        _decide(numbers, dataset, steward, head, approver, now)
    for place, stars in enumerate((5, 4, 4)):
        participation.rate(dataset=dataset, stars=stars, visitor=f"visitor:demo-{place}", now=now)
    _comment(dataset, steward, now)
    _use(dataset, approver, now)


def _wished(wish: tuple[str, ...], actor: Callable[[str], Actor], now: datetime) -> str:
    token, title, purpose, items, asker, name, named = wish
    provider = actor(f"{named}.steward").office if named else ""
    asked = participation.Wish(title, purpose, items, "", "open", asker, name, "0000-8600099", provider)
    return participation.file_demand(wish=asked, form=token, actor=None, now=now).number


def _decide(numbers: list[str], dataset: int, steward: Actor, head: Actor, approver: Actor, now: datetime) -> None:
    """The first demand lies with the bureau, the second is promised, the third satisfied, the fourth refused."""
    for number in numbers:
        participation.admit_demand(actor=approver, number=number, now=now)
    _first, promised, satisfied, refused = numbers
    for place in range(7):
        participation.support(number=numbers[0], visitor=f"visitor:demo-{place}", now=now)
    participation.promise(actor=steward, number=promised, on=_in_a_quarter(now), reason="正在整理历次批复", now=now)
    participation.satisfy(actor=steward, number=satisfied, dataset=dataset, resource=None, now=now)
    reason = "《个人信息保护法》第十三条:逐户用水记录是个人信息,未经本人同意不能公开"
    participation.refuse(actor=head, number=refused, reason=reason, now=now)


def _in_a_quarter(now: datetime) -> date:
    return local_date(now) + timedelta(days=90)


def _comment(dataset: int, steward: Actor, now: datetime) -> None:
    common: dict[str, Any] = {"dataset": dataset, "now": now}
    receipt, _public = participation.comment(**common, text=_COMMENT, name="统计爱好者", parent="", form="demo", actor=None)
    view = participation.desk_voice(receipt.number, actor=steward, now=now)
    if view is not None and view.state == participation.VoiceState.PENDING:
        participation.show(actor=steward, number=receipt.number, now=now)
        participation.comment(**common, text=_ANSWER, name="", parent=receipt.number, form="demo", actor=steward)
        participation.comment(**common, text="能不能也提供拼音?", name="", parent="", form="demo-2", actor=None)
        mistake = participation.Mistake(
            row="区划代码为空的行",
            column="",
            wrong="有几行只有名称",
            right="应当补上代码",
            evidence="与统计用区划代码对照",
            name="统计爱好者",
            contact="0000-8600098",
        )
        participation.file_correction(**common, mistake=mistake, form="demo", actor=None)


def _use(dataset: int, approver: Actor, now: datetime) -> None:
    work = participation.Work(*_WORK, (dataset,))
    receipt = participation.file_reuse(work=work, form="demo", actor=None, now=now)
    view = participation.desk_voice(receipt.number, actor=approver, now=now)
    if view is not None and view.state == participation.VoiceState.PENDING:
        participation.show(actor=approver, number=receipt.number, now=now)

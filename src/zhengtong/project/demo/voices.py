"""Demands, comments, corrections and uses in the demo city in every state, each through the operations that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.security import api as security
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
#: more demands, filed so many working days ago, and what was done about them since
_LATER = (
    ("demo-5", "路牌和地名标志的位置", "给导航补全小路", "标志编号、名称、经纬度", "company", "云州导航", "civil", 3, ""),
    ("demo-6", "已供应建设用地的位置和面积", "做产业用地地图", "宗地编号、位置、面积、用途", "company", "云州产业研究院", "land", 9, ""),
    ("demo-7", "各社区卫生服务中心的门诊量", "研究基层医疗负担", "机构、月份、门诊人次", "person", "医学生小秦", "health", 16, ""),
    ("demo-8", "历年最低工资和社保基数", "核算用工成本", "年度、最低工资、缴费基数", "company", "云州人力资源协会", "hr", 8, "ask"),
    ("demo-9", "分行业的纳税户数变化", "观察行业景气", "行业、季度、户数、新设户数", "person", "经济观察者", "tax", 8, "extend"),
    ("demo-10", "公积金贷款的审批时长", "写一篇服务评价", "月份、笔数、平均天数", "person", "购房人小许", "fund", 1, "pending"),
    ("demo-11", "公交站点坐标", "换乘小程序", "站点、经纬度", "person", "骑行爱好者", "", 2, "merge"),
    ("demo-12", "邻居家的用电量", "好奇", "户号、电量", "person", "匿名", "", 2, "reject"),
)
#: token, row, what is wrong, what is right, working days ago, what the office said: accepted, declined, or nothing so far
_MISTAKES = (
    ("demo-2", "上级代码与名称不符的行", "上级仍是撤并前的县", "应为撤并后的区", 12, None),
    ("demo-3", "名称里有多余空格的行", "名称前后有空格", "去掉空格", 15, True),
    ("demo-4", "级别为“其他”的行", "级别应细分", "增加开发区一级", 18, False),
)
_WORK = (
    "乡镇走访地图",
    "chart",
    "云州社工服务中心",
    "https://example.com/visits",
    "用行政区划代码把走访记录汇总到乡镇,一张图看清哪里去得少。",
)
_NEWS = (
    ("开放数据门户上线", "全市各单位的数据集今天起向社会开放,无需登录即可查看、制图和下载。需要的数据没有找到,请在“供需对接”提出。"),
    ("年度开放计划公布", "各单位今年的开放计划已经公布,请在“开放计划”查看每项的进展;不动产登记要素等数据集可以申请使用。"),
)
_COMMENT = "代码齐全,能直接和统计年鉴对上。希望增加变更日期。"
_ANSWER = "谢谢建议。变更日期正在整理,列入下半年开放计划。"


def speak(resource_id: int, actor: Callable[[str], Actor], *, now: datetime) -> None:
    """Let people speak, most of them about the dataset of one resource; done again, nothing is said twice."""
    steward, head, approver = actor("civil.steward"), actor("civil.head"), actor("bureau.approver")
    found = opendata.of_resource(resource_id)
    if found is None or found[1] is not opendata.State.OPEN:
        return
    dataset = found[0]
    numbers = [_wished(wish, actor, now) for wish in _WISHES]
    waiting = {view.number for view in participation.waiting(approver, now=now)}
    if numbers[1] in waiting:
        _decide(numbers, dataset, steward, head, approver, now)
    for place, stars in enumerate((5, 4, 4)):
        participation.rate(dataset=dataset, stars=stars, visitor=f"visitor:demo-{place}", now=now)
    _file_later(numbers[0], actor, approver, now)
    _comment(dataset, steward, now)
    _mistakes(dataset, steward, now)
    _use(dataset, approver, now)
    there = {one.title for one in opendata.news(now=now)}
    for title, text in _NEWS:
        if title not in there:
            opendata.write_news(actor=approver, title=title, text=text, since=now, until=None, now=now)


def _earlier(now: datetime, days: int) -> datetime:
    """So many working days ago."""
    found, calendar = now, working_days.current()
    while days:
        found -= timedelta(days=1)
        days -= calendar.is_working(local_date(found))
    security.prepare_month(found)
    return found


def _file_later(popular: str, actor: Callable[[str], Actor], approver: Actor, now: datetime) -> None:
    """Demands whose periods run: in time, nearly over, over, asked to be longer, made longer; and some that are no demands."""
    for *wish, days, course in _LATER:
        filed = _earlier(now, int(days))
        number = _wished(tuple(str(part) for part in wish), actor, filed)
        view = participation.desk_demand(number, actor=approver, now=now)
        if view.state != participation.DemandState.PENDING or course == "pending":
            continue
        if course == "reject":
            participation.reject_demand(actor=approver, number=number, reason="涉及他人隐私,不属于政务数据需求", now=filed)
            continue
        participation.admit_demand(actor=approver, number=number, now=filed)
        if course == "merge":
            participation.merge(actor=approver, number=number, into=popular, now=filed)
        if course in {"ask", "extend"}:
            steward = actor(f"{wish[-1]}.steward")
            asked = _earlier(now, int(days) - 2)
            participation.ask_extension(actor=steward, number=number, days=5, reason="历年口径不一,需要逐年核对", now=asked)
        if course == "extend":
            participation.decide_extension(actor=approver, number=number, consent=True, now=_earlier(now, int(days) - 3))


def _mistakes(dataset: int, steward: Actor, now: datetime) -> None:
    """Corrections: one that is overdue, one accepted, one refused."""
    for token, row, wrong, right, days, accepted in _MISTAKES:
        filed = _earlier(now, days)
        mistake = participation.Mistake(row, "", wrong, right, "与市政府公告核对", "地名爱好者", "0000-8600097")
        receipt = participation.file_correction(dataset=dataset, mistake=mistake, form=token, actor=None, now=filed)
        view = participation.desk_voice(receipt.number, actor=steward, now=now)
        if accepted is None or view is None or view.state != participation.CorrectionState.OPEN:
            continue
        answer = "已核对并更正,下一版数据生效。" if accepted else "开发区不是行政区划,国家标准没有这一级,维持原值。"
        when = _earlier(now, days - 4)
        participation.answer_correction(actor=steward, number=receipt.number, accept=accepted, answer=answer, now=when)


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

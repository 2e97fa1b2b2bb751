"""Cases of the demo city in every state, each worked on by the accounts that the sign-in page lists, on days that have passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.clock import CHINA, local_date
from zhengtong.kernel.codes import credit_code, identity_number
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.project.demo.offices import Office
from zhengtong.project.demo.staff import Bars, account, known, prefix
from zhengtong.project.demo.territory import YUNZHOU

PROCESSES = Path(__file__).parent / "processes"
#: who works on cases: post → how the account ends, and what its holder is called
POSTS: Mapping[Role, tuple[str, str]] = {
    Role.CLERK: ("clerk", "窗口人员"),
    Role.HANDLER: ("handler", "承办人员"),
    Role.APPROVER: ("decider", "审批人员"),
}
#: lane of the processes → office; those not named are the case's own office
_LANES = {
    "综合窗口": "approval_service",
    "公安局": "public_security",
    "税务局": "taxation",
    "人力资源社会保障局": "human_resources",
    "住房和城乡建设局": "housing_construction",
    "自然资源局": "natural_resources",
    "生态环境局": "ecology",
    "消防救援机构": "emergency",
    "水利局": "water",
    "人防办": "civil_defence",
    "人民防空办公室": "civil_defence",
    "地震局": "earthquake",
    "气象局": "meteorology",
    "文物局": "culture_tourism",
    "文化和旅游局": "culture_tourism",
    "交通运输局": "transport",
    "城市管理局": "urban_management",
}
#: process, office, code of the item, its name
_ITEMS = (
    ("promised", "market_regulation", "370131007000", "食品经营许可"),
    ("promised", "health", "370123013000", "公共场所卫生许可"),
    ("promised", "culture_tourism", "370122008000", "娱乐场所经营许可"),
    ("promised", "transport", "370118021000", "道路货物运输经营许可"),
    ("promised", "education", "370105002000", "民办学校设立审批"),
    ("promised", "urban_management", "370117014000", "户外广告设施设置审批"),
    ("promised", "agriculture", "370120031000", "动物防疫条件合格证核发"),
    ("promised", "emergency", "370125004000", "危险化学品经营许可"),
    ("instant", "civil_affairs", "370711002000", "高龄津贴资格确认"),
    ("instant", "human_resources", "372014019000", "参保证明打印"),
    ("instant", "public_security", "372009041000", "无犯罪记录证明"),
    ("company_startup", "market_regulation", "370131000001", "企业开办"),
    ("property_registration", "natural_resources", "370715001000", "不动产转移登记"),
    ("construction_permit", "housing_construction", "370117002011", "建筑工程施工许可"),
)
_REVIEWED = ("accept:agree", "review:reviewed")
_MARKED = ("accept:accepted", "market:agree", "police:agree")
#: what was done to cases of a process, one after another; each case takes the next
_COURSES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "promised": (
        (),
        ("hold",),
        ("supplement",),
        ("accept:agree",),
        ("accept:agree", "hold", "opinion"),
        ("accept:agree", "special:听证"),
        ("accept:agree", "consult"),
        _REVIEWED,
        (*_REVIEWED, "decide:reassess"),
        (*_REVIEWED, "decide:agree"),
        (*_REVIEWED, "decide:refuse"),
        (*_REVIEWED, "decide:agree", "issue:issued"),
        (*_REVIEWED, "decide:agree", "issue:issued", "deliver"),
        (*_REVIEWED, "decide:agree", "issue:issued", "deliver", "archive"),
        ("accept:refuse",),
        ("withdraw",),
    ),
    "instant": ((), ("decide:agree", "deliver"), ("decide:agree", "deliver", "archive"), ("decide:refuse",)),
    "company_startup": (
        (),
        ("accept:accepted",),
        _MARKED,
        (*_MARKED, "tax:agree", "social:agree"),
        ("accept:accepted", "tax:refuse"),
        (*_MARKED, "tax:agree", "social:agree", "issue:issued"),
        (*_MARKED, "tax:agree", "social:agree", "issue:issued", "deliver"),
    ),
    "property_registration": ((), ("accept:accepted",), ("accept:accepted", "supplement")),
    "construction_permit": ((), ("accept:agree",), ("accept:agree", "special:专家评审"), ("accept:agree", "consult")),
}
#: working days ago at which cases were opened, one after another
_AGES = (0, 1, 2, 4, 7, 3, 12, 1, 18, 5)
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", ("伟", "芳", "秀英", "建国", "敏", "静", "丽娜", "强", "桂兰", "晓东")
_TRADES = ("食品", "餐饮", "科技", "物流", "建设", "文化传媒", "农业", "化工")
_QUESTION, _MISSING = "对该项目是否有不同意见?", ("场所平面图", "负责人身份证明")
_REASON = "经现场核查,不符合规定条件"


@dataclass(frozen=True)
class Desks:
    """The offices of the city, and their accounts as actors."""

    offices: Mapping[str, Office]
    now: datetime

    def actor(self, office: str, role: Role) -> Actor:
        """Who holds a post of an office, by its key."""
        name = f"{prefix(office)}.{POSTS[role][0]}"
        found = next(one for one in identity.accounts(name, limit=5) if one.username == name)
        return identity.actor(found.id, on=local_date(self.now))

    def holding(self, branch: cases.BranchView) -> Actor:
        """Who holds a step."""
        key = next(key for key, office in self.offices.items() if office.credit_code == branch.office)
        return self.actor(key, branch.post.role)


def work(offices: Mapping[str, Office], bureau: Actor, bars: Bars, *, few: bool, now: datetime) -> None:
    """
    Publish the processes and let cases run on them, those that are not there yet.

    :param few: one case of each course only, for the smallest city.
    """
    there = known()
    keys = sorted({office for _process, office, *_ in _ITEMS} | set(_LANES.values()))
    for key in keys:
        for role, (suffix, title) in POSTS.items():
            account(f"{prefix(key)}.{suffix}", f"{offices[key].short}{title}", offices[key].credit_code, there, now, role=role)
    _publish(offices, bureau, now)
    plan = list(_plan(few=few))
    bars.begin("办件:收件、受理、并联审批、决定、送达", len(plan))
    desks = Desks(offices, now)
    for done, (number, item, course) in enumerate(plan, start=1):
        _played(desks, number, item, course)
        bars.advance(done)
    cases.anchor(now=now)


def _publish(offices: Mapping[str, Office], bureau: Actor, now: datetime) -> None:
    in_force = {one.code for one in cases.templates_listed() if one.state == cases.TemplateState.PUBLISHED}
    for path in sorted(PROCESSES.glob("*.bpmn")):
        if path.stem in in_force:
            continue
        code, version = cases.take_process(actor=bureau, file=path.read_text(), now=now)
        lanes = cases.lanes(cases.template(code, version).process)
        lead = next(office for process, office, *_ in _ITEMS if process == code)
        named = {lane: offices[_LANES[lane]].credit_code if _LANES.get(lane, lead) != lead else "" for lane in lanes}
        posts = {"decide": "clerk"} if code == "instant" else {}
        cases.assign_lanes(actor=bureau, code=code, offices=named, posts=posts, now=now)
        cases.publish_process(actor=bureau, code=code, now=now)


def _plan(*, few: bool) -> Iterator[tuple[int, tuple[str, str, str, str], tuple[str, ...]]]:
    number = 0
    for place, item in enumerate(_ITEMS):
        courses = _COURSES[item[0]]
        length = 2 if few else max(len(courses), 8)
        for turn in range(length):
            yield number, item, courses[(place * 5 + turn) % len(courses)]
            number += 1


# ---------------------------------------------------------------------- one case
def _played(desks: Desks, number: int, item: tuple[str, str, str, str], course: tuple[str, ...]) -> None:
    process, office, code, name = item
    moments = _moments(max(len(course), _AGES[number % len(_AGES)]), desks.now)
    clerk = desks.actor(office, Role.CLERK)
    if cases.number_of(f"demo-{number}"):
        return
    filing = cases.Filing(
        item_code=code,
        item_name=name,
        item_version="1",
        applicant=_applicant(number, company=process not in {"instant", "property_registration"}),
        answers={"联系地址": f"云州市中心大街{number + 1}号", "申请事由": name},
        materials=(
            cases.MaterialGiven("营业执照", "licence"),
            cases.MaterialGiven("申请书"),
            cases.MaterialGiven("场所使用证明", "shared"),
        ),
        source=("8", "9", "1", "2")[number % 4],
        contact=f"1380000{number:04d}",
    )
    case = cases.open_case(
        by=clerk, key=f"demo-{number}", process=process, office=desks.offices[office].credit_code, filing=filing, now=next(moments)
    )
    for move in course:
        _move(desks, case, office, move, next(moments))


def _moments(age: int, now: datetime) -> Iterator[datetime]:
    """The morning so many working days ago, then of each working day after it; never later than now."""
    calendar, today = working_days.current(), local_date(now)
    day = today
    while calendar.between(day, today) < age:
        day -= timedelta(days=1)
    while True:
        yield min(datetime.combine(day, time(9, 30), CHINA), now)
        day = calendar.add(day, 1)


def _move(desks: Desks, number: str, office: str, move: str, at: datetime) -> None:
    name, _, detail = move.partition(":")
    act, lead = f"demo/{move}", desks.actor(office, Role.CLERK)
    view = cases.case(number, actor=lead, now=at)
    branch = view.open[0] if view.open else None
    handler = desks.actor(office, Role.HANDLER)
    whole: Mapping[str, Callable[[], object]] = {
        "deliver": lambda: cases.deliver(actor=lead, number=number, way="window", act_id=act, now=at),
        "archive": lambda: cases.archive(actor=lead, number=number, act_id=act, now=at),
        "withdraw": lambda: cases.withdraw(actor=lead, number=number, reason="申请人不再办理", act_id=act, now=at),
    }
    if name in whole:
        whole[name]()
        return
    if branch is None:
        return
    holder, visit = desks.holding(branch), branch.number
    match name:
        case "hold":
            cases.begin(actor=holder, number=number, visit=visit, act_id=act, now=at)
        case "opinion":
            cases.give_opinion(actor=handler, number=number, visit=visit, outcome="", text="材料齐全,拟同意。", now=at)
        case "supplement":
            cases.ask_supplement(actor=holder, number=number, visit=visit, missing=_MISSING, act_id=act, now=at)
        case "special":
            place = next(one for one in view.open if detail in (cases.special_of(view, one.number)))
            cases.begin_special(actor=desks.holding(place), number=number, visit=place.number, procedure=detail, act_id=act, now=at)
        case "consult":
            asked = desks.offices["ecology" if office != "ecology" else "water"].credit_code
            cases.consult(actor=holder, number=number, visit=visit, office=asked, question=_QUESTION, act_id=act, now=at)
        case _:
            place = next(one for one in view.open if one.step == name)
            reason = _REASON if detail in cases.NEED_REASON else ""
            deciding = desks.holding(place)
            cases.complete(actor=deciding, number=number, visit=place.number, outcome=detail, reason=reason, act_id=act, now=at)


def _applicant(number: int, *, company: bool) -> Party:
    city = YUNZHOU.city
    if company:
        code = credit_code.compose(authority="9", category="1", region=city.code[:6].ljust(6, "0"), organisation=f"MAC{number:05d}X"[:8])
        return Party(PartyKind.COMPANY, code, f"云州{_SURNAMES[number % 10]}记{_TRADES[number % len(_TRADES)]}有限公司")
    born = date(1960, 1, 1) + timedelta(days=137 * number % 12_000)
    code = identity_number.compose(region=YUNZHOU.counties[0].code[:6], birth_date=born, sequence=number % 990 + 1)
    return Party(PartyKind.PERSON, code, f"{_SURNAMES[number % 10]}{_GIVEN[number * 7 % 10]}")

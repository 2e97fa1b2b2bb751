"""
The city's service items: those that people ask for most (``errands.txt``), and what follows from each office's matters.

They come in as a table in the product's own column form, published as in force, and some of them go through the desks afterwards.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

import msgspec
from openpyxl import Workbook

from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.clock import local_date
from zhengtong.project.demo import filings, forms, records
from zhengtong.project.demo.offices import Office, offices
from zhengtong.project.demo.records import Matter
from zhengtong.project.demo.staff import APPROVER, BY, Bars, actor_named

Act = services.Act
_FILE = "云州市政务服务事项.xlsx"
_LEVEL, _PROVINCE = "3", "37"
_ONLINE = "https://example.gov.cn/services"
#: how materials of ``errands.txt`` are supplied: kind → source table, item
_TABLES: Mapping[str, tuple[str, str]] = {
    "person": ("public_security.czrk_jbxx", "公民身份号码"),
    "marriage": ("civil_affairs.marriage_registration", "结婚证字号"),
    "social": ("human_resources.ac01_cbxx", "人员参保状态"),
    "estate": ("natural_resources.不动产登记簿", "不动产单元号"),
    "fund": ("housing_fund.gjj_grzh", "个人账户状态"),
    "health": ("health.ehr_resident", "健康档案编号"),
    "company": ("market_regulation.company", "统一社会信用代码"),
    "tax": ("taxation.dj_nsrxx", "纳税人状态"),
}
#: names under which people hand the same thing in
_NAMED = (
    ("身份证明", "person"),
    ("居民身份证", "person"),
    ("居民户口簿", "person"),
    ("结婚证", "marriage"),
    ("社会保险缴费证明", "social"),
    ("不动产权证书", "estate"),
    ("营业执照", "company"),
    ("公积金缴存证明", "fund"),
    ("完税证明", "tax"),
    # asked for by items that came in before: what the bureau's worklist shows
    ("从业人员健康证明", "health"),
    ("个人档案", "social"),
)
_REASON = "纸质档案尚未数字化,平台取不到全部内容"
_CASES = {"case", "object"}


@dataclass(frozen=True)
class Sort:
    """What a kind of matter becomes: how its items are called (``{}`` the matter), type, statutory and promised days, result, event."""

    names: tuple[str, ...]
    type: str
    days: tuple[int, int]
    result: str
    result_type: str
    person_event: str
    company_event: str


_SORTS: Mapping[str, Sort] = {
    "licence": Sort(("{}许可", "{}许可变更", "{}许可注销"), "01", (20, 7), "{}许可证", "10", "job", "licence"),
    "register": Sort(("{}登记", "{}变更登记"), "07", (15, 3), "{}登记通知", "30", "home", "change"),
    "filing": Sort(("{}备案",), "10", (20, 3), "{}备案通知", "30", "job", "grow"),
    "benefit": Sort(("{}申请", "{}信息变更"), "05", (30, 15), "{}发放通知", "30", "hardship", "grow"),
    "quality": Sort(("{}认定",), "07", (30, 15), "{}认定通知", "30", "job", "grow"),
    "case": Sort(("{}",), "20", (20, 10), "{}办理通知", "30", "hardship", "grow"),
    "object": Sort(("{}信息查询",), "20", (5, 0), "{}查询通知", "30", "move", "grow"),
}
#: theme of the office → topics of persons and of companies
_TOPICS: Mapping[str, tuple[str, str]] = {
    "01": ("others", "others"),
    "02": ("health", "health"),
    "03": ("social", "social"),
    "04": ("agriculture", "permit"),
    "05": ("others", "safety"),
    "06": ("others", "trade"),
    "07": ("utilities", "utilities"),
    "08": ("tax", "tax"),
    "09": ("housing", "land"),
    "10": ("household", "permit"),
    "11": ("agriculture", "ecology"),
    "12": ("others", "others"),
}


def found(by_table: Mapping[str, int], bars: Bars, now: datetime) -> None:
    """Take the items in unless they are there, name sources, and leave some items on the desks."""
    bars.begin("服务事项", 3)
    approver = actor_named(APPROVER, on=local_date(now))
    if any(run.file_name == _FILE for run in services.imports(approver)):
        bars.advance(3)
        return
    there = catalog.resources_by_id(by_table.values())
    codes = {kind: (there[by_table[table]].code, item) for kind, (table, item) in _TABLES.items()}
    listed = list(_items(codes, filings.known(by_table)))
    bars.advance(1)
    services.import_items(data=_workbook(listed), file_name=_FILE, actor=None, by=BY, now=now, publish=True)
    bars.advance(2)
    for name, kind in _NAMED:
        resource, item = codes[kind]
        services.name_source(actor=approver, name=name, source=services.Source.SHARED, resource=resource, resource_item=item, now=now)
    _desks(now)
    bars.advance(3)


# ------------------------------------------------------------------ what there is
def _items(codes: Mapping[str, tuple[str, str]], known: Mapping[str, forms.Known]) -> Iterator[tuple[Office, str, services.Content]]:
    """Office, basic code and content of every item; the well-known ones first."""
    by_key = {office.key: office for office in offices()}
    number = {office.key: place for place, office in enumerate(by_key.values(), start=1)}
    taken, serial = set[str](), 0
    for line in resources.files(__package__).joinpath("errands.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            office, type_, content = _known(line.split("|"), by_key, codes)
            content = msgspec.structs.replace(content, form=forms.document(content.task_name, known), process=_process(content))
            serial += 1
            taken.add(content.task_name)
            yield office, f"{_PROVINCE}{type_}{number[office.key]:02}{serial:03}000", content
    for matter in records.matters():
        if matter.kind in _SORTS and matter.subject in {"person", "company", "project"}:
            serial += 1
            for sub, content in enumerate(_following(matter, by_key[matter.office], codes)):
                if content.task_name not in taken:
                    yield (
                        by_key[matter.office],
                        f"{_PROVINCE}{_SORTS[matter.kind].type}{number[matter.office]:02}{serial:03}{sub:03}",
                        content,
                    )


def _process(content: services.Content) -> str:
    """Opening a company goes to four departments at once; what is promised at once is decided at the window."""
    if content.task_name == forms.START_UP:
        return "company_startup"
    return "instant" if content.promise_day == 0 else "promised"


def _common(office: Office, days: tuple[int, int]) -> services.Content:
    """What all items of an office say alike."""
    phone = f"0000-{int(office.credit_code[10:16].translate(_DIGITS) or 0) % 10**7:07}"
    at_once = days[1] == 0
    return services.Content(
        power_source="法定本级行使",
        anticipate_day=days[0],
        promise_day=days[1],
        project_type="1" if at_once else "2",
        handle_type=("1", "2", "3"),
        limit_scene_num=0,
        is_online=True,
        online_handle_depth="4",
        online_handle_url=f"{_ONLINE}/{office.key}",
        is_fee=False,
        is_schedule=True,
        is_express=True,
        is_entry_center=True,
        transact_addr=f"云州市政务服务中心 2 楼{office.short}窗口",
        transact_time="工作日 9:00-12:00,13:30-17:00(夏季 14:00-17:30)",
        link_way=phone,
        supervise_way="12345",
        handle_area="4",
        steps=tuple(
            services.Step(step_name=name, step_office=office.short, step_days=0 if name in {"受理", "办结"} else days[1] // 3)
            for name in services.vocabulary.LICENSING_STEPS
        ),
        questions=(
            services.Question(question="可以请别人代办吗?", answer="可以,代办人带上委托书;网上办理时先在“我的授权”里委托。"),
            services.Question(question="怎么知道办到哪一步了?", answer="凭受理编号在网上或拨打咨询电话查询,每办完一步会发消息。"),
        ),
    )


_DIGITS = {ord(sign): None for sign in "ABCDEFGHJKLMNPQRTUWXY"}


def _known(parts: list[str], by_key: Mapping[str, Office], codes: Mapping[str, tuple[str, str]]) -> tuple[Office, str, services.Content]:
    key, name, type_, served, law_days, days, topics, events, audience, law, result, summary, aliases, materials = parts
    office, topic = by_key[key], topics.split(",")
    content = msgspec.structs.replace(
        _common(office, (int(law_days), int(days))),
        task_name=name,
        summary=summary,
        aliases=tuple(aliases.split("、")),
        by_law=law,
        accept_condition="符合规定条件,材料齐全、内容真实。",
        server_type=tuple(served.split(",")),
        user_topic_type=tuple(one[2:] for one in topic if one.startswith("p:")),
        corp_topic_type=tuple(one[2:] for one in topic if one.startswith("c:")),
        life_events=tuple(events.split(",")),
        audience=tuple(filter(None, audience.split(","))),
        results=(services.Result(result_name=result, result_type=_result_type(result), result_guid=f"sample-{key}"),),
        materials=tuple(_material(one, codes) for one in materials.split(";")),
    )
    return office, type_, content


def _result_type(name: str) -> str:
    if name.endswith(("证", "证书", "执照")):
        return "10"
    return "20" if name.endswith(("批复", "文")) else "30"


def _material(written: str, codes: Mapping[str, tuple[str, str]]) -> services.Material:
    """A material written as ``name=source``."""
    name, _, source = written.partition("=")
    kind, _, what = source.partition(":")
    if kind == "data":
        resource, item = codes[what]
        return services.Material(material_name=name, source="shared", resource=resource, resource_item=item, source_type="20")
    if kind == "licence":
        return services.Material(material_name=name, source="licence", licence_type=what, source_type="20")
    if kind == "promise":
        told = "承诺内容真实;不实的,撤销决定并记入信用记录。"
        return services.Material(material_name=name, source="commitment", fill_explain=told)
    reason = _REASON if kind.endswith("!") else ""
    return services.Material(material_name=name, source="upload", page_num=1, reason=reason, fill_explain="拍照或扫描,字迹清楚。")


def _following(matter: Matter, office: Office, codes: Mapping[str, tuple[str, str]]) -> Iterator[services.Content]:
    """The items of a matter."""
    sort, person = _SORTS[matter.kind], matter.subject == "person"
    own, theirs = _TOPICS[office.theme]
    event = sort.person_event if person else "build" if matter.subject == "project" else sort.company_event
    common = _common(office, sort.days)
    who = "个人" if person else "企业和其他单位"
    papers = ["身份证明=data:person"] if person else ["营业执照=data:company", "法定代表人身份证明=data:person"]
    if matter.kind not in _CASES:
        papers += [f"{matter.name}情况说明=upload", "符合条件承诺书=promise"]
    for name in sort.names:
        title = name.format(matter.name)
        result = sort.result.format(matter.name)
        yield msgspec.structs.replace(
            common,
            task_name=title,
            summary=f"{who}向{office.short}办理{title}。",
            by_law=f"《{matter.name}管理办法》(云州市规范性文件目录第 {office.theme} 类)",
            accept_condition=f"在本市从事或者申请{matter.name},符合规定条件,材料齐全、内容真实。",
            server_type=("1",) if person else ("2", "3", "4"),
            user_topic_type=(own,) if person else (),
            corp_topic_type=() if person else (theirs,),
            life_events=(event,),
            results=(services.Result(result_name=result, result_type=sort.result_type, result_guid=f"sample-{office.key}"),),
            materials=tuple(_material(one, codes) for one in papers),
        )


def _workbook(listed: list[tuple[Office, str, services.Content]]) -> bytes:
    """The items in the product's own column form."""
    book, target = Workbook(write_only=True), io.BytesIO()
    sheets = {}
    for name, columns in services.table_heads().items():
        sheets[name] = book.create_sheet(name)
        sheets[name].append(columns)
    for office, basic, content in listed:
        for name, cells in services.table_rows(office.credit_code, _LEVEL, basic, content):
            sheets[name].append(cells)
    book.save(target)
    return target.getvalue()


# ------------------------------------------------------------------ what lies on the desks
def _desks(now: datetime) -> None:
    """One item with a new version in review, one returned, one suspended, one draft with errors."""
    on = local_date(now)
    steward, approver = actor_named("civil.steward", on=on), actor_named(APPROVER, on=on)
    rows = {one.name: one for one in services.worklist(steward, services.WorkFilter(), limit=200)}
    changed = rows["高龄津贴申领"].id
    steps = services.own_item(changed, steward).content.steps[:3]
    _saved(changed, steward, now, promise_day=3, steps=tuple(msgspec.structs.replace(one, step_days=1) for one in steps))
    services.act_on_item(actor=steward, item_id=changed, act=Act.SUBMIT, now=now)
    returned = rows["最低生活保障申请"].id
    _saved(returned, steward, now, accept_condition="共同生活的家庭成员人均收入低于当地标准,家庭财产符合规定。")
    services.act_on_item(actor=steward, item_id=returned, act=Act.SUBMIT, now=now)
    services.act_on_item(actor=approver, item_id=returned, act=Act.RETURN, reason="请写明今年的标准是多少", now=now)
    suspended = rows["离婚登记"].id
    services.act_on_item(actor=approver, item_id=suspended, act=Act.SUSPEND, reason="登记系统升级,预计两周", now=now)
    services.create_item(
        actor=steward,
        office=steward.office,
        basic=f"{_PROVINCE}2099999000",
        content=services.Content(task_name="为老服务地图查询"),
        now=now,
    )


def _saved(item: int, steward: Actor, now: datetime, **changes: object) -> None:
    view = services.own_item(item, steward)
    content = msgspec.structs.replace(view.content, **changes)
    services.save_item(actor=steward, item_id=item, content=content, revision=view.revision, now=now)

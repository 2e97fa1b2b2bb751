"""Licences of the demo city: types of its offices, handed out in bulk to its people and companies, some suspended, revoked or over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhengtong.apps.affairs.licences import api
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import credit_code, identity_number
from zhengtong.kernel.parties import PartyKind
from zhengtong.project.demo.city import DemoCity
from zhengtong.project.demo.offices import Office
from zhengtong.project.demo.staff import APPROVER, actor_named, prefix

#: holders of each type, at most; one of so many is suspended, revoked, or long over
_MOST, _SUSPENDED, _REVOKED, _OVER = 400, 60, 90, 15
_REASONS = {api.Act.SUSPEND: "监督检查发现问题,限期改正", api.Act.REVOKE: "以欺骗手段取得,依法吊销"}


@dataclass(frozen=True)
class Kind:
    """A licence type: office, its draft, and how a holder's row gives the values."""

    office: str
    suffix: str
    name: str
    holder: PartyKind
    years: int
    #: key, name, how the value is made of the row; personal where it begins with a star
    columns: tuple[tuple[str, str, str], ...]


_PERSON, _COMPANY = PartyKind.PERSON, PartyKind.COMPANY
KINDS = (
    Kind(
        "market_regulation",
        "001",
        "营业执照",
        _COMPANY,
        0,
        (("form", "类型", "form"), ("chief", "*法定代表人", "chief"), ("place", "住所", "address")),
    ),
    Kind("market_regulation", "002", "食品经营许可证", _COMPANY, 5, (("chief", "*法定代表人", "chief"), ("place", "经营场所", "address"))),
    Kind("health", "001", "公共场所卫生许可证", _COMPANY, 4, (("chief", "*法定代表人", "chief"), ("place", "地址", "address"))),
    Kind("natural_resources", "001", "不动产权证书", _PERSON, 0, (("kind", "权利类型", "=房屋所有权"), ("use", "用途", "=住宅"))),
    Kind(
        "public_security", "001", "居民身份证电子凭证", _PERSON, 20, (("birth", "*出生日期", "birth_date"), ("region", "签发地", "=云州市"))
    ),
    Kind("public_security", "002", "机动车驾驶证", _PERSON, 10, (("class", "准驾车型", "=C1"), ("birth", "*出生日期", "birth_date"))),
    Kind("civil_affairs", "001", "结婚证", _PERSON, 0, (("day", "登记日期", "=2019-05-20"),)),
    Kind("civil_affairs", "002", "残疾人两项补贴证明", _PERSON, 1, (("level", "等级", "=二级"),)),
    Kind("health", "002", "出生医学证明", _PERSON, 0, (("birth", "*出生日期", "birth_date"),)),
    Kind("human_resources", "001", "社会保障卡", _PERSON, 10, (("bank", "服务银行", "=云州银行"),)),
    Kind("education", "001", "教师资格证", _PERSON, 0, (("subject", "任教学科", "=语文"), ("level", "资格种类", "=初级中学教师资格"))),
)


def hand_out(city: DemoCity, staff: Mapping[str, Office], *, now: datetime) -> None:
    """Make the types that are missing and hand their licences out; a type that is there was handed out."""
    there = {one.code for one in api.types()}
    people = [row for row in city.people.rows(0, min(city.people.count, 2 * _MOST)).iter_rows(named=True) if not row["died"]]
    holders = {_PERSON: people, _COMPANY: list(city.companies.rows.head(_MOST).iter_rows(named=True))}
    for place, kind in enumerate(KINDS):
        if staff[kind.office].credit_code + kind.suffix not in there:
            _hand_out(kind, holders[kind.holder][place :: 1 if kind.holder is _COMPANY else 2][:_MOST], staff, now=now)


def _hand_out(kind: Kind, rows: list[dict[str, Any]], staff: Mapping[str, Office], *, now: datetime) -> None:
    today, office = local_date(now), staff[kind.office].credit_code
    steward, head = (actor_named(f"{prefix(kind.office)}.{who}", on=today) for who in ("steward", "head"))
    fields = tuple(api.Field(key, name.removeprefix("*"), personal=name.startswith("*")) for key, name, _made in kind.columns)
    register = [one for one in rows if _known(kind, one)]
    draft = api.TypeDraft(kind.name, kind.suffix, kind.holder, fields, kind.years, "本证照与纸质证照具有同等法律效力", len(rows) * 5 // 4)
    code = api.propose_type(actor=steward, office=office, draft=draft, now=now)
    api.decide_type(actor=actor_named(APPROVER, on=today), code=code, publish=True, reason="", now=now)
    header = [api.HOLDER_NAME, api.HOLDER_CODE, api.BEGINS, api.ENDS, *(key for key, _name, _made in kind.columns)]
    table = [_row(kind, one, number, today) for number, one in enumerate(register)]
    api.start(actor=steward, type_code=code, office=office, name=f"{kind.name}登记簿.csv", header=header, rows=table, now=now)
    api.work_off(now=now)
    api.expire(now=now)
    issued = api.licences(head, api.Sought(type_code=code, state=api.State.VALID), limit=_MOST)
    for number, one in enumerate(issued):
        what = {_SUSPENDED - 1: api.Act.SUSPEND, _REVOKED - 1: api.Act.REVOKE}.get(number % _REVOKED)
        if what is not None:
            api.act(actor=head, identifier=one.identifier, what=what, reason=_REASONS[what], now=now)


def _known(kind: Kind, row: dict[str, Any]) -> bool:
    return identity_number.is_valid(row["identity"]) if kind.holder is _PERSON else credit_code.is_valid(row["code"])


def _row(kind: Kind, row: dict[str, Any], number: int, today: date) -> list[str]:
    begins = today - timedelta(days=30 + number % 300)
    ends = today - timedelta(days=1) if kind.years and number % _OVER == 0 else None
    values = [made[1:] if made.startswith("=") else str(row[made]) for _key, _name, made in kind.columns]
    return [
        row["name"],
        row["identity" if kind.holder is _PERSON else "code"],
        begins.isoformat(),
        ends.isoformat() if ends else "",
        *values,
    ]

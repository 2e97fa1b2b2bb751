"""
Lists that places publish of their items (部门, 主项, 事项名称, areaCode, itemCode, taskType, deptCode).

Their codes are local. The office is known by its credit code, or by the organisation code (GB 11714) that an older list writes; a code
of any other length names nobody, and the row stays out. The item keeps its local codes and gets a basic code made from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhengtong.apps.affairs.services.rules import codes
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.reading import Row
from zhengtong.apps.affairs.services.rules.tabulating import Bad, Given, Taken, bad
from zhengtong.apps.affairs.services.rules.vocabulary import TYPE_LABELS
from zhengtong.kernel.codes import credit_code, organisation_code
from zhengtong.kernel.codes.faults import tidy
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import Sentence, say

COLUMNS = ("事项名称", "itemCode", "deptCode", "areaCode", "taskType")
_ORGANISATION, _REGION, _LONGEST_NAME = 9, 12, 200


@dataclass(frozen=True)
class Body:
    """A registered office: credit code, name, level of A.2."""

    code: str
    name: str
    level: str


def is_such(rows: Iterable[Row]) -> bool:
    """Whether a file is such a list."""
    return any(all(name in row.cells for name in COLUMNS) for row in rows)


def take(rows: Sequence[Row], bodies: Sequence[Body], taken_already: Mapping[str, str]) -> Taken:
    """
    The items of a list.

    :param taken_already: local code → our code of items that were taken before, which keep it.
    """
    taken = Taken()
    by_code = {one.code: one for one in bodies}
    by_organisation = {one.code[8:17]: one for one in bodies}
    serials, seen = Counter[str](), set[str]()
    serials.update(code[:31] for code in taken_already.values())
    for row in rows:
        try:
            taken.items.append(_given(row, by_code, by_organisation, serials, taken_already, seen))
        except ZhengtongError as exc:
            taken.bad.append(_out(row, exc))
    return taken


def _out(row: Row, error: ZhengtongError) -> Bad:
    return bad(row, error)


def _given(
    row: Row,
    by_code: Mapping[str, Body],
    by_organisation: Mapping[str, Body],
    serials: Counter[str],
    already: Mapping[str, str],
    seen: set[str],
) -> Given:
    cells, notes = row.cells, list[Sentence]()
    local = cells["itemCode"].strip()
    if not local:
        raise Invalid("没有事项编码", field="itemCode", remedy="补上编码")
    if local in seen:
        raise Invalid("同一个编码在文件里出现了两次", field="itemCode", remedy="保留一行")
    name = " ".join(cells["事项名称"].split())
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid(say("事项名称应为 1 到 {most} 个字", most=_LONGEST_NAME), field="事项名称", remedy="补上或缩短名称")
    area = cells["areaCode"].strip()
    if len(area) != _REGION or not area.isdecimal():
        raise Invalid("行政区划代码应为 12 位数字", field="areaCode", remedy="写统计用区划代码")
    type_ = _type(cells["taskType"])
    body = _body(cells["deptCode"], by_code, by_organisation, notes)
    seen.add(local)
    basic = local.split(f"-{area}", 1)[0]
    code = codes.compose(office=body.code, level=body.level, basic=codes.local_basic(basic, region=area[:2], type_=type_).text)
    code = codes.parse(already[local]) if local in already else _numbered(code, serials)
    said = Content(task_name=name, local_catalog_code=basic, local_task_code=local)
    return Given(code, said, row, tuple(notes))


def _numbered(code: codes.ItemCode, serials: Counter[str]) -> codes.ItemCode:
    """Items of one office under one basic code are told apart by the number of the handling item."""
    serials[code.task] += 1
    number = serials[code.task]
    return code if number == 1 else codes.compose(office=code.office, level=code.level, basic=code.basic.text, handle=f"{number:02}")


def _type(text: str) -> str:
    type_ = text.strip().zfill(2)
    if type_ not in TYPE_LABELS:
        raise Invalid(
            say("没有事项类型代码 {code}", code=text.strip()), field="taskType", remedy="写 1 行政许可、7 行政确认、20 公共服务等类型代码"
        )
    return type_


def _body(text: str, by_code: Mapping[str, Body], by_organisation: Mapping[str, Body], notes: list[Sentence]) -> Body:
    tidied = tidy(text).replace("-", "")
    if tidied != text:
        notes.append(say("部门代码“{given}”按“{read}”读", given=text, read=tidied))
    if len(tidied) == _ORGANISATION:
        organisation_code.check(tidied, field="deptCode")
        body = by_organisation.get(tidied)
    else:
        credit_code.parse(tidied, field="deptCode")
        body = by_code.get(tidied)
    if body is None:
        raise Invalid("没有登记这个代码的单位", field="deptCode", remedy="先登记单位,或与登记的代码核对")
    return body

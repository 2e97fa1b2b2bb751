"""The demo city's dictionary of standard items, links that stewards confirmed, sources that the bureau named, and duties of offices."""

from __future__ import annotations

from datetime import datetime

from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.kernel.actors import Actor
from zhengtong.toolkit import csv_text

#: code of the standard item → office that the bureau names as its source, by how its accounts begin; and why
SOURCES = {
    "DE0001": ("police", "《中华人民共和国居民身份证法》:公民身份号码由公安机关编定"),
    "DE0101": ("market", "统一社会信用代码由登记管理部门在登记时赋予"),
}
#: whose stewards have confirmed what was proposed; the others still have it before them
CONFIRMED = ("police", "market")
#: duties of some offices: whose (by how its accounts begin), number, duty, basis, and the table whose entry documents it (empty: a gap)
DUTIES = (
    ("civil", "1", "行政区划管理", "《行政区划管理条例》", "civil_affairs.admin_division"),
    ("civil", "2", "婚姻登记", "《婚姻登记条例》", "civil_affairs.marriage_registration"),
    ("civil", "3", "殡葬管理", "《殡葬管理条例》", ""),
    ("civil", "4", "社会组织登记", "《社会团体登记管理条例》", ""),
    ("police", "1", "户口登记", "《中华人民共和国户口登记条例》", "public_security.czrk_jbxx"),
    ("police", "2", "居民身份证管理", "《中华人民共和国居民身份证法》", "public_security.czrk_jbxx"),
    ("police", "3", "机动车登记", "《中华人民共和国道路交通安全法》", ""),
    ("market", "1", "市场主体登记", "《中华人民共和国市场主体登记管理条例》", "market_regulation.company"),
    ("market", "2", "食品经营许可", "《中华人民共和国食品安全法》", ""),
)
_MOST_LINKS = 200


def keep(approver: Actor, stewards: dict[str, Actor], by_table: dict[str, int], *, now: datetime) -> None:
    """
    Import the starter set, measure the catalog, confirm links and name two sources; what is done already stays as it is.

    :param stewards: by how their accounts begin, see :data:`SOURCES`.
    :param by_table: source table → number of its entry.
    """
    if not quality.standards(limit=1):
        quality.import_standards(actor=approver, data=quality.starter(), now=now)
    while quality.follow(now=now):
        pass
    quality.keep_month(now=now)
    for prefix in CONFIRMED:
        found = [one.id for one in quality.proposals(stewards[prefix], limit=_MOST_LINKS)]
        if found:
            quality.decide_links(actor=stewards[prefix], use_ids=found, confirmed=True, now=now)
    _sources(approver, stewards, now)
    if not quality.coverages(limit=1):
        _duties(approver, stewards, by_table, now)


def _sources(approver: Actor, stewards: dict[str, Actor], now: datetime) -> None:
    for one in quality.standards(limit=100):
        if one.code in SOURCES and one.group:
            prefix, reason = SOURCES[one.code]
            office = stewards[prefix].office
            case = quality.source_case(one.group)
            if not case.lead and any(collector.office == office for collector in quality.collectors(one.group)):
                quality.name_source(actor=approver, group_id=one.group, office=office, reason=reason, now=now)


def _duties(approver: Actor, stewards: dict[str, Actor], by_table: dict[str, int], now: datetime) -> None:
    head = ("单位代码", "序号", "职责", "依据")
    rows = ((stewards[prefix].office, number, name, basis) for prefix, number, name, basis, _table in DUTIES)
    quality.import_duties(actor=approver, data=csv_text.encode([head, *rows]), now=now)
    codes = {number: view.code for number, view in catalog.resources_by_id(by_table.values()).items()}
    for prefix, number, _name, _basis, table in DUTIES:
        if table:
            duty = next(one for one in quality.duties(stewards[prefix].office) if one.number == number)
            quality.link_duty(actor=stewards[prefix], duty_id=duty.id, code=codes[by_table[table]], now=now)

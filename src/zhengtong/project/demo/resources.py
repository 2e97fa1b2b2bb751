"""The generated catalog entries as the catalog takes them, and the rules that their data must pass."""

from __future__ import annotations

from typing import Any

from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.dataflow.rules import CreditCode, IdentityNumber, NotNull, Rule
from zhengtong.project.demo.catalog import CatalogEntry, CatalogItem
from zhengtong.project.demo.tables import BY_NAME, TableSpec

_CYCLES = {"实时": "1", "每日": "2", "每周": "3", "每月": "4", "每季度": "5", "每年": "6", "每半年": "7"}
_FORMATS = {"电子文件": "1", "电子表格": "2", "数据库": "3", "图形图像": "4", "流媒体": "5", "自描述格式": "6", "服务接口": "7"}
_MODES = {"数据库": "database", "文件": "file", "接口服务": "interface"}
_SENSITIVE = {"health": "other"}
_IDENTITIES = frozenset({"公民身份号码", "证件号码", "权利人证件号码"})
_COMPANIES = frozenset({"统一社会信用代码", "纳税人识别号"})
_DUTIES = "《政务数据共享条例》与本单位职责规定"


def content_of(entry: CatalogEntry) -> catalog.Content:
    """A generated entry as the content of a catalog entry."""
    table = BY_NAME.get(entry.table)
    return catalog.Content(
        name=entry.name,
        summary=entry.summary,
        class_code=entry.class_code,
        format_class=_FORMATS.get(entry.format_class, entry.format_class),
        format_types=(entry.format_type,),
        sharing_type=str(int(entry.sharing)),
        sharing_condition=entry.condition or ("依法保密" if entry.legal_basis else ""),
        sharing_scope="本市各级行政机关和公共服务单位" if entry.condition else "",
        sharing_purpose=entry.condition,
        sharing_modes=(_MODES[entry.channel],) if entry.channel else (),
        legal_basis=entry.legal_basis or _DUTIES,
        is_open=entry.open,
        open_condition=entry.open_condition,
        update_cycle=_CYCLES[entry.update_cycle],
        data_level="一般数据",
        items=tuple(_item(one, table, entry) for one in entry.items),
    )


def _item(one: CatalogItem, table: TableSpec | None, entry: CatalogEntry) -> catalog.ItemContent:
    key = one.column in table.key if table and table.key else one.is_key
    searchable = one.is_key or one.name in _IDENTITIES | _COMPANIES
    own = str(int(one.sharing)) if one.sharing != entry.sharing else ""
    return catalog.ItemContent(
        key=one.key,
        name=one.name,
        data_type=one.data_type,
        length=one.length,
        precision=2 if one.data_type == "Y" else None,
        sharing_type=own,
        sharing_condition="仅限核验使用" if own == "2" else "",
        is_key=key,
        nullable=not key,
        searchable=searchable and not key,
        sensitivity="company" if one.name in _COMPANIES else _SENSITIVE.get(one.personal, one.personal),
    )


def rules_of(entry: CatalogEntry) -> list[dict[str, Any]]:
    """The quality rules of an entry's table: names are there, identity numbers and credit codes prove themselves."""
    found: list[Rule] = []
    for one in entry.items:
        if one.name in _IDENTITIES:
            found.append(IdentityNumber(item=one.key))
        if one.name in _COMPANIES:
            found.append(CreditCode(item=one.key))
        if one.personal == "name":
            found.append(NotNull(item=one.key))
    return [rule.to_dict() for rule in found]


def mapping_of(entry: CatalogEntry) -> dict[str, str]:
    """Item key → source column."""
    return {one.key: one.column for one in entry.items}

"""
What an entry says, apart from who holds it and where it stands: the part that is edited, compared, published and exported.

A :class:`Content` becomes a document (plain JSON) when it is published; the document is what readers see until the next publication.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self


@dataclass(frozen=True)
class ItemContent:
    """A data item 信息项; empty sharing attributes mean those of its resource."""

    key: str
    name: str
    data_type: str = "C"
    length: int | None = None
    precision: int | None = None
    sharing_type: str = ""
    sharing_condition: str = ""
    sharing_modes: tuple[str, ...] = ()
    is_open: bool | None = None
    open_condition: str = ""
    is_key: bool = False
    nullable: bool = True
    searchable: bool = False
    dictionary: str = ""
    sensitivity: str = ""
    description: str = ""

    def document(self) -> dict[str, Any]:
        """The item as plain JSON."""
        return {name: _plain(getattr(self, name)) for name in ITEM_FIELDS}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The item of a document; parts it lacks take their defaults."""
        known = {name: document[name] for name in ITEM_FIELDS if name in document}
        known["sharing_modes"] = tuple(known.get("sharing_modes", ()))
        return cls(**known)


@dataclass(frozen=True)
class Content:
    """The editable elements of an entry, with its items in order."""

    name: str
    section: str = ""
    summary: str = ""
    class_code: str = ""
    format_class: str = ""
    format_types: tuple[str, ...] = ()
    sharing_type: str = ""
    sharing_condition: str = ""
    sharing_scope: str = ""
    sharing_purpose: str = ""
    sharing_modes: tuple[str, ...] = ()
    legal_basis: str = ""
    is_open: bool | None = None
    open_condition: str = ""
    update_cycle: str = ""
    update_cycle_text: str = ""
    themes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    related_codes: tuple[str, ...] = ()
    data_level: str = ""
    contact: str = ""
    url: str = ""
    data_updated_on: date | None = None
    items: tuple[ItemContent, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The content as plain JSON."""
        parts = {name: _plain(getattr(self, name)) for name in CONTENT_FIELDS}
        parts["items"] = [item.document() for item in self.items]
        return parts

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The content of a document; parts it lacks take their defaults."""
        known = {name: _tuple(document[name]) for name in CONTENT_FIELDS if name in document}
        moment = known.get("data_updated_on")
        known["data_updated_on"] = date.fromisoformat(moment) if isinstance(moment, str) and moment else None
        return cls(**known, items=tuple(ItemContent.of(item) for item in document.get("items", ())))


#: Every field in the order of the national form, without ``items``.
CONTENT_FIELDS = tuple(one.name for one in fields(Content) if one.name != "items")
ITEM_FIELDS = tuple(one.name for one in fields(ItemContent))

FIELD_LABELS = {
    "class_code": "信息资源分类",
    "name": "信息资源名称",
    "code": "信息资源代码",
    "office": "信息资源提供方",
    "section": "内设机构",
    "summary": "信息资源摘要",
    "format_class": "信息资源格式分类",
    "format_types": "信息资源格式类型",
    "sharing_type": "共享类型",
    "sharing_condition": "共享条件",
    "sharing_scope": "共享范围",
    "sharing_purpose": "使用用途",
    "sharing_modes": "共享方式",
    "legal_basis": "依据",
    "is_open": "是否向社会开放",
    "open_condition": "开放条件",
    "update_cycle": "更新周期",
    "update_cycle_text": "更新周期说明",
    "themes": "主题",
    "tags": "标签",
    "related_codes": "关联资源代码",
    "data_level": "数据分级",
    "contact": "联系方式",
    "url": "来源网址",
    "data_updated_on": "数据更新日期",
    "published_on": "发布日期",
    "items": "信息项",
}
ITEM_LABELS = {
    "key": "英文名",
    "name": "信息项名称",
    "data_type": "数据类型",
    "length": "数据长度",
    "precision": "小数位数",
    "sharing_type": "共享类型",
    "sharing_condition": "共享条件",
    "sharing_modes": "共享方式",
    "is_open": "是否向社会开放",
    "open_condition": "开放条件",
    "is_key": "是否主键",
    "nullable": "是否可空",
    "searchable": "可按值查询",
    "dictionary": "字典项",
    "sensitivity": "敏感类别",
    "description": "描述",
}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

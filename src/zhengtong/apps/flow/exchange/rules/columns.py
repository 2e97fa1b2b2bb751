"""How the items of a catalog entry become typed columns of the hub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from zhengtong.contracts.routing import Column, Table
from zhengtong.engines.dataflow.items import Item, ItemType

HUB_SCHEMA = "hub"
#: the column of a hub table that names the last run that met a row; no item is called so, for their keys begin with a letter
RUN_COLUMN = "_run"
_WIDEST_INTEGER = 18
_MONEY_DIGITS, _MONEY_SCALE = 18, 2


class CatalogItem(Protocol):
    """The parts of a catalog item that matter for its column."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def data_type(self) -> str: ...

    @property
    def length(self) -> int | None: ...

    @property
    def precision(self) -> int | None: ...

    @property
    def is_key(self) -> bool: ...

    @property
    def nullable(self) -> bool: ...

    @property
    def searchable(self) -> bool: ...

    @property
    def sensitivity(self) -> str: ...

    @property
    def description(self) -> str: ...


def column_item(item: CatalogItem) -> Item:
    """
    The engine's item for a catalog item (信息项数据类型, 1272号 §1.3).

    Numbers of a given length are exact; a number without decimals and up to 18 digits is an integer.
    """
    kind, precision, scale = _typed(item)
    return Item(
        key=item.key,
        name=item.name,
        type=kind,
        length=(item.length or None) if item.data_type == "C" else None,
        precision=precision,
        scale=scale,
        nullable=item.nullable and not item.is_key,
        is_key=item.is_key,
        indexed=item.searchable,
    )


_PLAIN_TYPES = {
    "I": ItemType.INTEGER,
    "D": ItemType.DATE,
    "T": ItemType.DATETIME,
    "L": ItemType.BOOLEAN,
    "B": ItemType.DOUBLE,
    "F": ItemType.DOUBLE,
}


def _typed(item: CatalogItem) -> tuple[ItemType, int | None, int | None]:
    """The type, and precision and scale where it is a decimal."""
    if item.data_type == "Y":
        return ItemType.DECIMAL, item.length or _MONEY_DIGITS, item.precision or _MONEY_SCALE
    if item.data_type == "N":
        whole = item.length and not item.precision and item.length <= _WIDEST_INTEGER
        return (ItemType.INTEGER, None, None) if whole else (ItemType.DECIMAL, item.length or None, item.precision or None)
    return _PLAIN_TYPES.get(item.data_type, ItemType.TEXT), None, None


def hub_table_name(resource_id: int) -> str:
    """The hub table of a resource; named by its id, because codes may change."""
    return f"r_{resource_id}"


_SUBJECTS = {"identity": "person", "company": "company"}


def routing_table(resource_id: int, items: Iterable[CatalogItem]) -> Table:
    """The hub table of a resource as gateways and pushes read it."""
    listed = list(items)
    columns = tuple(
        Column(one.key, one.key, column_item(one).sql_type, one.name, one.description, nullable=one.nullable and not one.is_key)
        for one in listed
    )
    keys = tuple(one.key for one in listed if one.is_key)
    return Table(
        schema=HUB_SCHEMA,
        name=hub_table_name(resource_id),
        columns=columns,
        unique=keys,
        indexed=tuple(dict.fromkeys([*keys[:1], *(one.key for one in listed if one.searchable)])),
        subjects={one.key: _SUBJECTS[one.sensitivity] for one in listed if one.sensitivity in _SUBJECTS},
    )

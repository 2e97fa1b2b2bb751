"""Declared data items: what a column of an exchange must be, in the words of the catalog."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import polars as pl

from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.kernel.sentences import say

#: the widest decimal that travels without loss
MAX_PRECISION = 38
_DEFAULT_SCALE = 10
_INTEGERS: dict[int, pl.DataType] = {2: pl.Int16(), 4: pl.Int32(), 8: pl.Int64()}
_INTEGER_SQL = {2: "smallint", 4: "integer", 8: "bigint"}


class ItemType(StrEnum):
    """The declared type of an item."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    DOUBLE = "double"


_PLAIN_SQL = {
    ItemType.TEXT: "text",
    ItemType.DECIMAL: "numeric",
    ItemType.DATE: "date",
    ItemType.DATETIME: "timestamp with time zone",
    ItemType.BOOLEAN: "boolean",
    ItemType.DOUBLE: "double precision",
}
_PLAIN: dict[ItemType, pl.DataType] = {
    ItemType.TEXT: pl.String(),
    ItemType.DATE: pl.Date(),
    ItemType.DATETIME: pl.Datetime("us", "UTC"),
    ItemType.BOOLEAN: pl.Boolean(),
    ItemType.DOUBLE: pl.Float64(),
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """
    One data item.

    ``length`` counts characters (text). ``precision`` and ``scale`` count digits (decimal). ``width`` counts bytes (integer: 2, 4 or 8).
    A moment without a zone is Beijing time.

    :raises BadPlan: if the parts contradict each other.
    """

    key: str
    name: str = ""
    type: ItemType = ItemType.TEXT
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    width: int = 8
    nullable: bool = True
    is_key: bool = False
    indexed: bool = False

    def __post_init__(self) -> None:
        if not self.key or "\0" in self.key:
            raise BadPlan("信息项没有代码", field="key")
        if self.length is not None and self.length < 1:
            raise BadPlan(say("信息项 {key} 的长度应为正数", key=self.key), field=self.key)
        if self.width not in _INTEGERS:
            raise BadPlan(say("信息项 {key} 的整数宽度应为 2、4 或 8 字节", key=self.key), field=self.key)
        precision, scale = self.digits
        if not (1 <= precision <= MAX_PRECISION and 0 <= scale <= precision):
            raise BadPlan(
                say("信息项 {key} 的精度应在 1–{most} 之间且不小于小数位数", key=self.key, most=MAX_PRECISION),
                field=self.key,
            )

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.key

    @property
    def digits(self) -> tuple[int, int]:
        """Precision and scale of a decimal, with the widest defaults."""
        precision = MAX_PRECISION if self.precision is None else self.precision
        scale = self.scale
        if scale is None:
            scale = 0 if self.precision is not None else _DEFAULT_SCALE
        return precision, scale

    @property
    def sql_type(self) -> str:
        """The PostgreSQL type of its column."""
        match self.type:
            case ItemType.TEXT if self.length:
                return f"varchar({self.length})"
            case ItemType.INTEGER:
                return _INTEGER_SQL[self.width]
            case ItemType.DECIMAL if self.precision is not None:
                return "numeric({}, {})".format(*self.digits)
            case _:
                return _PLAIN_SQL[self.type]

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of its values once converted; moments are UTC to the microsecond."""
        match self.type:
            case ItemType.INTEGER:
                return _INTEGERS[self.width]
            case ItemType.DECIMAL:
                return pl.Decimal(*self.digits)
            case _:
                return _PLAIN[self.type]

    def to_dict(self) -> dict[str, Any]:
        """The item as a plain dict; ``from_dict`` reads it back."""
        return {**asdict(self), "type": str(self.type)}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """
        Read ``to_dict`` back.

        :raises BadPlan: for unknown parts.
        """
        try:
            return cls(**{**document, "type": ItemType(document.get("type", "text"))})
        except (TypeError, ValueError) as error:
            raise BadPlan("信息项定义无法识别") from error

"""A job: which source columns become which items of which table, under which rules, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from zhengtong.engines.dataflow.connectors.base import Source
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint
from zhengtong.engines.dataflow.connectors.postgresql.introspection import TargetColumn, TargetTable
from zhengtong.engines.dataflow.ddl import EngineTables, TargetOptions
from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.rules import Convertible, NotNull, Rule
from zhengtong.kernel.sentences import listed, say

#: rows and bytes of a chunk: large enough for COPY to hum, small enough for four of them to fit in memory
CHUNK_ROWS, CHUNK_BYTES = 100_000, 48 << 20


class MissingCursor(StrEnum):
    """What happens to rows that lack a cursor value, which no moment can bring back."""

    #: the run fails and says how many there are
    REFUSE = "refuse"
    #: they are read in every run
    READ = "read"
    #: they are put in quarantine in every run
    QUARANTINE = "quarantine"


class Absent(StrEnum):
    """What happens at the target to rows that a whole reading of the source no longer found."""

    KEEP = "keep"
    #: the mark column gets the moment of the run
    MARK = "mark"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Full:
    """
    Read everything.

    :param absent: needs the target's ``run_column`` unless rows are kept.
    :param absent_limit: the greatest share of the target (0 to 1) that may vanish in one run; more looks like a broken source and is
        refused.
    """

    absent: Absent = Absent.KEEP
    absent_limit: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Incremental:
    """
    Read what changed since the last finished run.

    :param cursor: a source column that grows with every change; it may be one that no item takes.
    :param overlap: how far to look back for changes committed late: an interval such as ``10 minutes``, or a number for numeric cursors.
    """

    cursor: str
    overlap: str = ""
    missing: MissingCursor = MissingCursor.REFUSE


@dataclass(frozen=True, kw_only=True)
class Target:
    """A table rows are written to, and the engine's tables beside it. ``create_engine_tables`` suits a front database."""

    endpoint: Endpoint
    schema: str
    table: str
    options: TargetOptions = field(default_factory=TargetOptions)
    engine: EngineTables = field(default_factory=EngineTables)
    create_engine_tables: bool = False


@dataclass(frozen=True, kw_only=True)
class Job:
    """
    One exchange.

    :param name: unique among the jobs that share the target's engine tables.
    :param mapping: item key → source column, for every item.
    :param digest: hash the accepted content for a receipt; costs about a tenth of the speed.
    """

    name: str
    source: Source
    target: Target
    items: tuple[Item, ...]
    mapping: Mapping[str, str]
    rules: tuple[Rule, ...] = ()
    mode: Full | Incremental = field(default_factory=Full)
    digest: bool = False
    chunk_rows: int = CHUNK_ROWS
    chunk_bytes: int = CHUNK_BYTES

    @property
    def keys(self) -> tuple[str, ...]:
        """The key items."""
        return tuple(item.key for item in self.items if item.is_key)

    @property
    def order(self) -> tuple[str, ...]:
        """The source columns rows are read by: the source's own order, else the cursor and the keys."""
        if self.source.order:
            return self.source.order
        keys = tuple(self.mapping[key] for key in self.keys)
        if isinstance(self.mode, Incremental):
            return (self.mode.cursor, *(key for key in keys if key != self.mode.cursor))
        return keys

    def check(self) -> None:
        """
        See whether the parts fit together.

        :raises BadPlan: if they do not.
        """
        if not self.keys:
            raise BadPlan("没有主键信息项", remedy="至少指定一个主键信息项")
        if self.chunk_rows < 1 or self.chunk_bytes < 1:
            raise BadPlan("分块大小应为正数")
        available = set(self.source.columns)
        for item in self.items:
            column = self.mapping.get(item.key)
            if column is None:
                raise BadPlan(say("信息项 {label} 没有对应的来源列", label=item.label), field=item.key, remedy="在映射中为其选择来源列")
            if column not in available:
                raise BadPlan(say("来源没有列 {column}", column=column), field=item.key, remedy="核对来源表结构后更新映射")
        self._check_mode(available)

    def _check_mode(self, available: set[str]) -> None:
        if isinstance(self.mode, Incremental):
            if not self.source.capabilities.incremental:
                raise BadPlan("该来源不支持增量交换", remedy="改用全量交换")
            if self.mode.cursor not in available:
                raise BadPlan(say("来源没有增量列 {cursor}", cursor=self.mode.cursor), field=self.mode.cursor)
        elif self.mode.absent is not Absent.KEEP:
            if not self.target.options.run_column:
                raise BadPlan("要发现来源已消失的行,目标表须有轮次列", remedy="为目标表增加轮次列")
            if self.mode.absent is Absent.MARK and not self.target.options.mark_column:
                raise BadPlan("要标记来源已消失的行,目标表须有标记列", remedy="为目标表增加标记列")


_TEXTS = frozenset({"text", "varchar", "bpchar"})
_WIDTHS = {"int2": 2, "int4": 4, "int8": 8}
_KINDS: Mapping[ItemType, frozenset[str]] = {
    ItemType.DATE: frozenset({"date"}),
    ItemType.DATETIME: frozenset({"timestamptz", "timestamp"}),
    ItemType.BOOLEAN: frozenset({"bool"}),
    ItemType.DOUBLE: frozenset({"float8"}),
}
_TYPED = frozenset({*_WIDTHS, "numeric", "date", "timestamptz", "timestamp", "bool", "float4", "float8"})


def fitted_items(job: Job, table: TargetTable) -> tuple[Item, ...]:
    """
    The items as narrow as the target's columns, so that a rule refuses and names a value that the table would refuse.

    :raises BadPlan: if a column is absent, generated or of another kind, keys have no unique index, or a required column gets nothing.
    """
    fitted = []
    for item in job.items:
        column = table.columns.get(item.key)
        if column is None:
            raise BadPlan(say("目标表没有列 {key}", key=item.key), field=item.key, remedy="按信息项更新目标表结构")
        if column.generated:
            raise BadPlan(say("目标表的列 {key} 由数据库生成,不能写入", key=item.key), field=item.key)
        fitted.append(_fitted(item, column))
    if frozenset(job.keys) not in table.unique:
        raise BadPlan("目标表在主键信息项上没有唯一索引", remedy=say("为 {keys} 建立唯一索引", keys=listed(job.keys)))
    written = {item.key for item in job.items}
    options = {name for name in (job.target.options.run_column, job.target.options.mark_column) if name}
    for name in options - table.columns.keys():
        raise BadPlan(say("目标表没有列 {name}", name=name), field=name)
    for column in table.columns.values():
        if column.name not in written | options and not (column.nullable or column.has_default or column.generated):
            raise BadPlan(
                say("目标表的必填列 {name} 没有对应的信息项", name=column.name), field=column.name, remedy="增加信息项,或允许该列为空"
            )
    return tuple(fitted)


def _fitted(item: Item, column: TargetColumn) -> Item:
    nullable = item.nullable and column.nullable and not item.is_key
    if column.kind in _TEXTS:
        lengths = [length for length in (item.length, column.length) if length is not None]
        shortest = min(lengths) if lengths else None
        return replace(item, nullable=nullable, length=shortest if item.type is ItemType.TEXT else item.length)
    if item.type is ItemType.INTEGER and column.kind in _WIDTHS:
        return replace(item, nullable=nullable, width=min(item.width, _WIDTHS[column.kind]))
    if item.type is ItemType.DECIMAL and column.kind == "numeric":
        return _fitted_decimal(replace(item, nullable=nullable), column)
    # uuid, jsonb and the like read text
    if column.kind in _KINDS.get(item.type, ()) or (item.type is ItemType.TEXT and column.kind not in _TYPED):
        return replace(item, nullable=nullable)
    raise BadPlan(
        say("信息项 {label} 的类型 {type} 与目标列类型 {full_type} 不符", label=item.label, type=item.type, full_type=column.full_type),
        field=item.key,
        remedy="统一两者的类型",
    )


def _fitted_decimal(item: Item, column: TargetColumn) -> Item:
    if column.precision is None or column.scale is None:
        return item
    precision, scale = item.digits
    fitted = min(scale, column.scale)
    return replace(item, precision=min(precision - scale, column.precision - column.scale) + fitted, scale=fitted)


def all_rules(items: Sequence[Item], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The job's rules and those that follow from the items: values convert, required items are there."""
    required = {rule.item for rule in rules if isinstance(rule, NotNull)}
    implied: list[Rule] = [Convertible(item=item.key, type=item.sql_type) for item in items]
    implied += [NotNull(item=item.key) for item in items if (item.is_key or not item.nullable) and item.key not in required]
    return (*implied, *rules)

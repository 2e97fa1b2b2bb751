"""
Tables as statements: the engine's own at a target, and the target tables of declared items.

The functions only write SQL; whoever owns the database runs it (a migration for the hub, ``ensure_engine_tables`` for a front database).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, naming, quoted, trusted
from zhengtong.engines.dataflow.connectors.postgresql.introspection import TargetColumn, TargetTable
from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.kernel.sentences import say

_NAME_LIMIT = 63


@dataclass(frozen=True)
class EngineTables:
    """The names of the engine's tables at a target."""

    schema: str = "zhengtong"
    run: str = "exchange_run"
    chunk: str = "exchange_chunk"
    quarantine: str = "exchange_quarantine"
    seen: str = "exchange_seen"

    def relation(self, table: str) -> str:
        """One of the tables, qualified and quoted."""
        return quoted(self.schema, table)


def engine_tables_sql(names: EngineTables) -> list[str]:
    """
    The statements that create the engine's tables where they are missing.

    ``run`` holds one line per run with its place and its counts, ``chunk`` the journal of what was committed when, ``quarantine`` the
    refused rows (personal data: protect it as the target table), ``seen`` what a run-wide uniqueness rule has met, while the run lasts.
    """
    return [
        f"create schema if not exists {quoted(names.schema)}",
        *_run_sql(names),
        _chunk_sql(names),
        *_quarantine_sql(names),
        _seen_sql(names),
    ]


_COUNTS = """
    read_rows bigint not null default 0,
    inserted_rows bigint not null default 0,
    updated_rows bigint not null default 0,
    unchanged_rows bigint not null default 0,
    quarantined_rows bigint not null default 0,
    duplicate_rows bigint not null default 0,
    check (read_rows = inserted_rows + updated_rows + unchanged_rows + quarantined_rows + duplicate_rows),"""


def _run_sql(names: EngineTables) -> list[str]:
    run = names.relation(names.run)
    return [
        f"""create table if not exists {run} (
    job text not null,
    run uuid not null,
    mode text not null check (mode in ('full', 'incremental')),
    state text not null check (state in ('running', 'stopped', 'finished', 'abandoned')),
    fingerprint text not null default '',
    lower_bound text,
    upper_bound text,
    phase text not null default 'ordered' check (phase in ('ordered', 'missing')),
    position jsonb,
    chunks integer not null default 0,
    attempts integer not null default 1,{_COUNTS}
    removed_rows bigint not null default 0,
    source_rows bigint,
    digest text not null default '',
    started_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    check ((state = 'finished') = (finished_at is not null)),
    primary key (job, run)
)""",
        f"create unique index if not exists {quoted(f'{names.run}_one_open')} on {run} (job) where state in ('running', 'stopped')",
    ]


def _chunk_sql(names: EngineTables) -> str:
    return f"""create table if not exists {names.relation(names.chunk)} (
    job text not null,
    run uuid not null,
    number integer not null,
    phase text not null,
    position jsonb,
    loaded text not null check (loaded in ('append', 'upsert', 'nothing')),{_COUNTS}
    digest text not null default '',
    committed_at timestamptz not null,
    primary key (job, run, number),
    foreign key (job, run) references {names.relation(names.run)} on delete cascade
)"""


def _quarantine_sql(names: EngineTables) -> list[str]:
    quarantine = names.relation(names.quarantine)
    return [
        f"""create table if not exists {quarantine} (
    id bigint generated always as identity primary key,
    job text not null,
    run uuid not null,
    chunk integer not null,
    line bigint,
    key jsonb,
    rules text[] not null,
    reason text not null default '',
    row jsonb not null,
    refused_at timestamptz not null,
    foreign key (job, run) references {names.relation(names.run)} on delete cascade
)""",
        f"create index if not exists {quoted(f'{names.quarantine}_run')} on {quarantine} (job, run, id)",
    ]


def _seen_sql(names: EngineTables) -> str:
    return f"""create table if not exists {names.relation(names.seen)} (
    job text not null,
    run uuid not null,
    rule text not null,
    value bytea not null,
    primary key (job, run, rule, value),
    foreign key (job, run) references {names.relation(names.run)} on delete cascade
)"""


def ensure_engine_tables(endpoint: Endpoint, names: EngineTables) -> None:
    """
    Create the engine's tables at a front database where they are missing; two workers may do so at once.

    :raises ExchangeFailure: if the account may not.
    """
    with endpoint.connect() as connection, naming(endpoint.party):
        # "if not exists" alone races between two sessions
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"zhengtong-ddl:{names.schema}",))
        for statement in engine_tables_sql(names):
            connection.execute(trusted(statement))


@dataclass(frozen=True)
class TargetOptions:
    """Columns a target table has besides its items, for full runs that notice rows gone from the source."""

    run_column: str = ""
    mark_column: str = ""


def create_table_sql(schema: str, table: str, items: Sequence[Item], options: TargetOptions | None = None) -> list[str]:
    """
    The statements that create a target table: typed columns, one unique index over the key items, an index per indexed item.

    :raises BadPlan: without key items, or with two items of one key.
    """
    options = options or TargetOptions()
    _check_items(items)
    extra = [f"{quoted(options.run_column)} text"] if options.run_column else []
    extra += [f"{quoted(options.mark_column)} timestamp with time zone"] if options.mark_column else []
    lines = [_column_sql(item) for item in items] + extra
    relation = quoted(schema, table)
    statements = [f"create table {relation} (\n    " + ",\n    ".join(lines) + "\n)", _unique_sql(schema, table, items)]
    statements += [_index_sql(schema, table, item) for item in items if item.indexed and not item.is_key]
    statements += [f"comment on column {relation}.{quoted(item.key)} is {_text_literal(item.name)}" for item in items if item.name]
    return statements


def migrate_table_sql(existing: TargetTable, items: Sequence[Item], options: TargetOptions | None = None) -> list[str]:
    """
    The statements that bring a target table up to its items, by addition alone: new columns, wider types, dropped NOT NULL.

    Columns the items do not name stay as they are.

    :raises BadPlan: where only a destructive change would do (narrower or other type, new NOT NULL, other key).
    """
    options = options or TargetOptions()
    _check_items(items)
    relation, statements = existing.relation, []
    for item in items:
        column = existing.columns.get(item.key)
        if column is None:
            if not item.nullable or item.is_key:
                raise BadPlan(
                    say("不能为已有数据的表增加必填项 {label}", label=item.label), field=item.key, remedy="先以可空加入,补齐数据后再收紧"
                )
            statements.append(f"alter table {relation} add column {_column_sql(item)}")
            if item.indexed:
                statements.append(_index_sql(existing.schema, existing.name, item))
            continue
        statements += _widened(relation, column, item)
    if frozenset(item.key for item in items if item.is_key) not in existing.unique:
        raise BadPlan("目标表的唯一索引与主键信息项不一致", remedy="主键变更需建立新表后重新归集")
    for name, kind in ((options.run_column, "text"), (options.mark_column, "timestamp with time zone")):
        if name and name not in existing.columns:
            statements.append(f"alter table {relation} add column {quoted(name)} {kind}")
    return statements


def _widened(relation: str, column: TargetColumn, item: Item) -> list[str]:
    statements = []
    if item.sql_type not in {column.full_type, column.full_type.replace("character varying", "varchar").replace(",", ", ")}:
        if not _is_wider(column, item):
            raise BadPlan(
                say(
                    "{label} 的类型不能由 {full_type} 改为 {sql_type}", label=item.label, full_type=column.full_type, sql_type=item.sql_type
                ),
                field=item.key,
                remedy="只能加宽;改类型需建立新表后重新归集",
            )
        statements.append(f"alter table {relation} alter column {quoted(item.key)} type {item.sql_type}")
    nullable = item.nullable and not item.is_key
    if nullable and not column.nullable:
        statements.append(f"alter table {relation} alter column {quoted(item.key)} drop not null")
    if not nullable and column.nullable:
        raise BadPlan(say("{label} 已允许为空,不能改为必填", label=item.label), field=item.key, remedy="先补齐空值,再由数据库管理员收紧")
    return statements


def _is_wider(column: TargetColumn, item: Item) -> bool:
    match column.kind, item.type:
        case ("varchar", ItemType.TEXT):
            return item.length is None or (column.length is not None and item.length >= column.length)
        case ("int2" | "int4" | "int8" as kind, ItemType.INTEGER):
            return item.width >= int(kind[3:])
        case ("numeric", ItemType.DECIMAL):
            return item.precision is None or _holds_digits(column, item)
        case ("float4", ItemType.DOUBLE):
            return True
        case _:
            return False


def _holds_digits(column: TargetColumn, item: Item) -> bool:
    if column.precision is None or column.scale is None:
        return False
    precision, scale = item.digits
    return scale >= column.scale and precision - scale >= column.precision - column.scale


def _check_items(items: Sequence[Item]) -> None:
    keys = [item.key for item in items]
    for key in keys:
        if keys.count(key) > 1:
            raise BadPlan(say("信息项代码 {key} 重复", key=key), field=key)
    if not any(item.is_key for item in items):
        raise BadPlan("没有主键信息项", remedy="至少指定一个主键信息项")


def _column_sql(item: Item) -> str:
    return f"{quoted(item.key)} {item.sql_type}" + ("" if item.nullable and not item.is_key else " not null")


def _unique_sql(schema: str, table: str, items: Sequence[Item]) -> str:
    keys = ", ".join(quoted(item.key) for item in items if item.is_key)
    return f"create unique index {quoted(_index_name(table, 'key'))} on {quoted(schema, table)} ({keys})"


def _index_sql(schema: str, table: str, item: Item) -> str:
    return f"create index {quoted(_index_name(table, item.key))} on {quoted(schema, table)} ({quoted(item.key)})"


def _index_name(table: str, suffix: str) -> str:
    name = f"{table}_{suffix}"
    if len(name.encode()) <= _NAME_LIMIT:
        return name
    # the server would cut it, and two long names could meet
    return f"zt_{sha256(name.encode()).hexdigest()[:32]}"


def _text_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

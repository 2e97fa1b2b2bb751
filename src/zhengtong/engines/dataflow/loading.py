"""
Chunks into a target table: the fastest way that is right for each chunk.

Where no row of the chunk's key range is at the target, rows are appended by COPY. Otherwise they go to a temporary table and are merged:
rows equal to what is there are left alone. The look at the range may be overtaken by another writer; then the unique index refuses the
COPY, the transaction is rolled back and the chunk is merged instead. The index decides, not the look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl

from zhengtong.engines.dataflow.chunks import Chunk
from zhengtong.engines.dataflow.connectors.base import position
from zhengtong.engines.dataflow.connectors.postgresql.config import quoted
from zhengtong.engines.dataflow.connectors.postgresql.introspection import TargetTable
from zhengtong.engines.dataflow.connectors.postgresql.writer import PostgresWriter
from zhengtong.engines.dataflow.conversion import CHINA, as_text
from zhengtong.engines.dataflow.ddl import EngineTables, TargetOptions
from zhengtong.engines.dataflow.items import Item

#: kinds of columns that COPY takes from a frame as they are
_DIRECT = frozenset({"int2", "int4", "int8", "numeric", "text", "varchar", "bpchar", "date", "timestamptz", "timestamp", "bool", "float8"})
_TEXTS = frozenset({"text", "varchar", "bpchar"})
_STAGE, _KEYS, _REFUSED, _SEEN = "zt_stage", "zt_keys", "zt_refused", "zt_values"
_TEMPORARY = "pg_temp"


@dataclass(frozen=True)
class Loaded:
    """What became of a chunk's accepted rows, and how they went in: ``append``, ``upsert`` or ``nothing``."""

    inserted: int
    updated: int
    unchanged: int
    how: str


class Loader:
    """Writes one run's chunks to one table over one connection; commits nothing itself."""

    def __init__(
        self, writer: PostgresWriter, table: TargetTable, items: Sequence[Item], options: TargetOptions, *, run: UUID, sweeping: bool
    ) -> None:
        self._writer, self._table, self._items, self._options = writer, table, tuple(items), options
        self._keys = [item.key for item in items if item.is_key]
        self._others = [item.key for item in items if not item.is_key]
        self._run, self._sweeping = str(run), sweeping
        self._kinds = {item.key: table.columns[item.key].kind for item in items}
        self._direct = all(kind in _DIRECT for kind in self._kinds.values())
        self._merge_sql = self._merge_statement()

    def create_staging(self) -> None:
        """Create the connection's temporary tables; they are emptied by every commit."""
        columns = [f"{quoted(item.key)} {self._staged_type(item.key)}" for item in self._items]
        keys = [f"{quoted(key)} text" for key in self._keys]
        definitions = {
            _STAGE: columns,
            _KEYS: keys,
            _SEEN: ["place bigint", "value text"],
            _REFUSED: ["line bigint", "key text", "rules text", "reason text", '"row" text'],
        }
        for name, lines in definitions.items():
            self._writer.execute(f"create temporary table {name} ({', '.join(lines)}) on commit delete rows")
        self._writer.commit()

    def _staged_type(self, key: str) -> str:
        return self._table.columns[key].full_type if self._kinds[key] in _DIRECT else "text"

    def clear_staging(self) -> None:
        """Empty the temporary tables within a transaction that goes on."""
        self._writer.execute(f"truncate {_STAGE}, {_KEYS}, {_REFUSED}, {_SEEN}")

    def wire(self, accepted: pl.DataFrame) -> pl.DataFrame:
        """The accepted rows in exactly the types COPY needs for this table."""
        changes = []
        for item in self._items:
            kind, dtype, value = self._kinds[item.key], accepted.schema[item.key], pl.col(item.key)
            if (kind in _TEXTS or kind not in _DIRECT) and dtype != pl.String:
                changes.append(as_text(value, dtype).alias(item.key))
            elif kind == "timestamp":
                # a column without a zone holds Beijing time
                changes.append(value.dt.convert_time_zone(CHINA).dt.replace_time_zone(None).alias(item.key))
            elif kind in {"int2", "int4", "int8"}:
                width = {"int2": pl.Int16, "int4": pl.Int32, "int8": pl.Int64}[kind]
                if dtype != width:
                    changes.append(value.cast(width))
        return accepted.with_columns(changes) if changes else accepted

    def load(self, rows: pl.DataFrame, *, merge: bool) -> Loaded:
        """
        Write the rows of a chunk (as ``wire`` made them).

        :param merge: do not try to append, whatever the key range says.
        :raises TerminalFailure: with ``sqlstate`` 23505 if another writer came between look and COPY; roll back and merge.
        """
        if not rows.height:
            return Loaded(0, 0, 0, "nothing")
        if self._direct and not merge and self._range_is_absent(rows):
            extra = [pl.lit(self._run).alias(self._options.run_column)] if self._options.run_column else []
            self._writer.append(self._table.schema, self._table.name, rows.with_columns(extra))
            return Loaded(rows.height, 0, 0, "append")
        self._writer.append(_TEMPORARY, _STAGE, rows)
        inserted, updated = self._writer.query(self._merge_sql)[0]
        if self._sweeping:
            self._touch(_STAGE, cast=False)
        return Loaded(int(inserted), int(updated), rows.height - int(inserted) - int(updated), "upsert")

    def _range_is_absent(self, rows: pl.DataFrame) -> bool:
        """
        Whether the target has no row between the least and greatest key.

        The order is that of the frame, which for text may differ from the database's collation; a wrong yes costs one rolled-back COPY.
        """
        keys = rows.select(self._keys)
        if len(self._keys) == 1:
            name = self._keys[0]
            ends = keys.select(pl.col(name).min().alias("low"), pl.col(name).max().alias("high"))
            low, high = position(ends, ["low"]), position(ends, ["high"])
        else:
            ordered = keys.sort(self._keys)
            low, high = position(ordered, self._keys, 0), position(ordered, self._keys, -1)
        types = [self._table.columns[key].full_type for key in self._keys]
        columns = ", ".join(quoted(key) for key in self._keys)
        lows = ", ".join(f"${place + 1}::text::{kind}" for place, kind in enumerate(types))
        highs = ", ".join(f"${place + 1 + len(types)}::text::{kind}" for place, kind in enumerate(types))
        statement = f"select exists (select 1 from {self._table.relation} where ({columns}) >= ({lows}) and ({columns}) <= ({highs}))"  # noqa: S608 - quoted identifiers, bound values
        return not self._writer.query(statement, *low, *high)[0][0]

    def _staged(self, key: str, alias: str = "s") -> str:
        column = quoted(alias, key)
        return column if self._kinds[key] in _DIRECT else f"{column}::{self._table.columns[key].full_type}"

    def _comparable(self, key: str, expression: str) -> str:
        """The json type knows no equality; its text does."""
        return f"{expression}::text" if self._kinds[key] == "json" else expression

    def _merge_statement(self) -> str:
        relation, mark = self._table.relation, self._options.mark_column
        same_key = " and ".join(f"{quoted('t', key)} = {self._staged(key)}" for key in self._keys)
        there = [self._comparable(key, quoted("t", key)) for key in self._others]
        staged = [self._comparable(key, self._staged(key)) for key in self._others]
        written = [self._comparable(key, quoted("excluded", key)) for key in self._others]
        if mark:  # a row that came back is a change
            there, staged, written = [*there, quoted("t", mark)], [*staged, "null"], [*written, "null"]
        same = f" and row({', '.join(there)}) is not distinct from row({', '.join(staged)})" if there else ""
        columns = [quoted(key) for key in (*self._keys, *self._others)]
        values = [self._staged(key) for key in (*self._keys, *self._others)]
        changes = [f"{quoted(key)} = {quoted('excluded', key)}" for key in self._others] + ([f"{quoted(mark)} = null"] if mark else [])
        keys = ", ".join(quoted(key) for key in self._keys)
        action = "do nothing"
        if changes:
            action = f"do update set {', '.join(changes)} where row({', '.join(there)}) is distinct from row({', '.join(written)})"
        # equal rows are left out by a join that only reads; "on conflict" would lock, and so write, every one of them
        return (
            f"with written as (insert into {relation} as t ({', '.join(columns)}) select {', '.join(values)} from {_STAGE} as s"  # noqa: S608 - quoted identifiers
            f" where not exists (select 1 from {relation} as t where {same_key}{same}) on conflict ({keys}) {action}"
            " returning (xmax = 0) as inserted)"
            " select count(*) filter (where inserted), count(*) filter (where not inserted) from written"
        )

    # ------------------------------------------------------------------ rows beside the accepted ones
    def quarantine(self, chunk: Chunk, engine: EngineTables, *, job: str, number: int, now: datetime) -> None:
        """Keep the refused rows with the ids of the rules that refused them."""
        if not chunk.refused.height:
            return
        self._writer.append(_TEMPORARY, _REFUSED, chunk.refused)
        self._writer.execute(
            f'insert into {engine.relation(engine.quarantine)} (job, run, chunk, line, key, rules, reason, "row", refused_at)'  # noqa: S608 - quoted identifiers, bound values
            " select $1::text, $2::text::uuid, $3::text::integer, line, key::jsonb, string_to_array(rules, '|'), reason,"
            f' "row"::jsonb, $4::text::timestamptz from {_REFUSED}',
            job,
            self._run,
            str(number),
            now.isoformat(),
        )
        if self._sweeping:
            # refused rows are still at the source: what the target holds of them has not gone
            keys = chunk.refused.select(pl.col("key").str.json_path_match(f"$['{key}']").alias(key) for key in self._keys)
            self._writer.append(_TEMPORARY, _KEYS, keys.drop_nulls())
            self._touch(_KEYS, cast=True)

    def met_before(self, accepted: pl.DataFrame, keys: Sequence[str], engine: EngineTables, *, job: str, rule: str) -> pl.Series:
        """
        Which rows have a value (of these items together) that an earlier chunk of the run had; the others' values are noted.

        Only the SHA-256 of a value is kept, and only while the run lasts.
        """
        whole = pl.all_horizontal(pl.col(key).is_not_null() for key in keys)
        texts = pl.struct(as_text(pl.col(key), accepted.schema[key]).alias(key) for key in keys).struct.json_encode()
        values = accepted.select(value=texts, whole=whole).with_row_index("place").filter("whole")
        self._writer.execute(f"truncate {_SEEN}")
        self._writer.append(_TEMPORARY, _SEEN, values.select(pl.col("place").cast(pl.Int64), "value"))
        seen = engine.relation(engine.seen)
        # what conflicts is not returned; the rows of a chunk are already distinct
        noted = self._writer.query(
            f"with noted as (insert into {seen} (job, run, rule, value)"  # noqa: S608 - quoted identifiers, bound values
            f" select $1::text, $2::text::uuid, $3::text, sha256(convert_to(value, 'UTF8')) from {_SEEN}"
            f" on conflict do nothing returning value) select place from {_SEEN} as s where not exists"
            " (select 1 from noted where noted.value = sha256(convert_to(s.value, 'UTF8')))",
            *(job, self._run, rule),
        )
        places = pl.Series([int(row[0]) for row in noted], dtype=pl.Int64)
        return accepted.select(pl.int_range(pl.len()).is_in(places.implode())).to_series()

    def _touch(self, stage: str, *, cast: bool) -> None:
        run = quoted(self._options.run_column)
        match = " and ".join(
            f"t.{quoted(key)} = " + (f"s.{quoted(key)}::{self._table.columns[key].full_type}" if cast else self._staged(key))
            for key in self._keys
        )
        self._writer.execute(
            f"update {self._table.relation} as t set {run} = $1::text from {stage} as s where {match} and t.{run} is distinct from $1",  # noqa: S608 - quoted identifiers, bound values
            self._run,
        )

    def absent(self) -> tuple[int, int]:
        """How many rows this run did not see, and how many there are (marked ones left out of both)."""
        mark = self._options.mark_column
        run = quoted(self._options.run_column)
        kept = f"{quoted(mark)} is null" if mark else "true"
        row = self._writer.query(
            f"select count(*) filter (where {run} is distinct from $1::text), count(*) from {self._table.relation} where {kept}",  # noqa: S608 - quoted identifiers, bound values
            self._run,
        )[0]
        return int(row[0]), int(row[1])

    def sweep(self, *, mark: bool, now: datetime) -> int:
        """Mark or delete the rows this run did not see; how many."""
        run = quoted(self._options.run_column)
        if mark:
            column = quoted(self._options.mark_column)
            change = (
                f"update {self._table.relation} set {column} = $2::text::timestamptz"  # noqa: S608 - quoted identifiers, bound values
                f" where {run} is distinct from $1::text and {column} is null"
            )
        else:
            change = f"delete from {self._table.relation} where {run} is distinct from $1::text and $2::text is not null"  # noqa: S608 - quoted identifiers, bound values
        counted = f"with gone as ({change} returning 1) select count(*) from gone"  # noqa: S608 - built above
        return int(self._writer.query(counted, self._run, now.isoformat())[0][0])

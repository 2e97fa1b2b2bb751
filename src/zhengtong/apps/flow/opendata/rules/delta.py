"""What changed between two versions of a dataset, by its key; by whole rows where no key is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

CHANGE = "_change"


@dataclass(frozen=True)
class Delta:
    """How many rows came, went and changed."""

    added: int
    removed: int
    changed: int


def write_delta(before: pl.LazyFrame, after: pl.LazyFrame, keys: Sequence[str], path: Path) -> Delta:
    """
    Write the rows that differ as CSV with ``_change`` (added, removed, changed) in front. A changed row stands as it is now.

    Columns that only one of the two versions has do not make a row differ. Keys and one hash a row lie in memory.
    """
    common = [name for name in after.collect_schema() if name in before.collect_schema()]
    by = [key for key in keys if key in common] if set(keys) <= set(common) else []
    old, new = _marked(before, common), _marked(after, common)
    on = by or ["_hash"]
    added = new.join(old, on=on, how="anti")
    removed = old.join(new, on=on, how="anti")
    parts = [("added", added), ("removed", removed)]
    if by:
        was = old.select(*by, pl.col("_hash").alias("_was"))
        parts.append(("changed", new.join(was, on=by, how="inner").filter(pl.col("_hash") != pl.col("_was"))))
    counts = dict[str, int]()
    with path.open("wb") as out:
        out.write("\ufeff".encode())
        for name, rows in parts:
            frame = rows.select(pl.lit(name).alias(CHANGE), *common).collect()
            out.write(_plain(frame).write_csv(include_header=not counts).encode())
            counts[name] = frame.height
    return Delta(counts["added"], counts["removed"], counts.get("changed", 0))


def _marked(frame: pl.LazyFrame, common: Sequence[str]) -> pl.LazyFrame:
    texts = pl.struct([pl.col(name).cast(pl.String()) for name in common])
    return frame.select(*common).with_columns(texts.hash().alias("_hash"))


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(r"^[=+\-@\t\r\n]")).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.String()
    )

"""
Chance as a function: the same seed, stream and index always give the same draw.

A counter runs through SplitMix64 (Steele, Lea, Flood 2014), so a person's attributes can be computed in any order, in any chunk and
again in another department's table, without state. Not for secrets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

PER = 10_000
_GOLDEN = 0x9E3779B97F4A7C15
_ROUNDS = ((1 << 30, 0xBF58476D1CE4E5B9), (1 << 27, 0x94D049BB133111EB))
_LAST = 1 << 31


def _u64(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)


class Draw:
    """Draws under one seed. An ``index`` is a series of whole numbers; a ``stream`` names what is drawn."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def raw(self, stream: str, index: pl.Series) -> pl.Series:
        """64 random bits for every index."""
        offset = int.from_bytes(hashlib.sha256(f"{self._seed}:{stream}".encode()).digest()[:8], "big")
        value = pl.col("index") * _u64(_GOLDEN) + _u64(offset)
        for shift, factor in _ROUNDS:
            value = (value ^ (value // _u64(shift))) * _u64(factor)
        return pl.DataFrame({"index": index.cast(pl.UInt64)}).select((value ^ (value // _u64(_LAST))).alias(stream)).to_series()

    def below(self, stream: str, index: pl.Series, limit: int) -> pl.Series:
        """A whole number from 0 to ``limit`` - 1 for every index, as Int64."""
        return (self.raw(stream, index) % limit).cast(pl.Int64)

    def chance(self, stream: str, index: pl.Series, per_10_000: int) -> pl.Series:
        """Whether it happens, for every index, to ``per_10_000`` of ten thousand."""
        return self.below(stream, index, PER) < per_10_000

    def pick(self, stream: str, index: pl.Series, words: pl.Series) -> pl.Series:
        """One of ``words`` for every index; repeat a word to weigh it."""
        return words.gather(self.below(stream, index, len(words)))


def weighted(words: Sequence[tuple[str, int]]) -> pl.Series:
    """A series in which each word stands as often as its weight says."""
    return pl.Series([word for word, weight in words for _ in range(weight)], dtype=pl.String)


def choose(condition: pl.Series, then: pl.Series | str, otherwise: pl.Series | str) -> pl.Series:
    """``then`` where the condition holds, else ``otherwise``."""
    return pl.select(pl.when(condition).then(_value(then)).otherwise(_value(otherwise)).alias("chosen")).to_series()


def joined(*parts: pl.Series | str) -> pl.Series:
    """Text side by side; at least one part is a series."""
    return pl.select(pl.concat_str([_value(part) for part in parts]).alias("joined")).to_series()


def padded(number: pl.Series, width: int) -> pl.Series:
    """Whole numbers as text with leading zeros."""
    return number.cast(pl.String).str.zfill(width)


def _value(part: pl.Series | str) -> pl.Expr:
    return pl.lit(part)

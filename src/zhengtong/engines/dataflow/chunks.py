"""Chunks: frames cut by rows and bytes so that equal places never part, then converted and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import polars as pl

from zhengtong.engines.dataflow.connectors.base import BAD, CELLS, LINE, Phase, position
from zhengtong.engines.dataflow.conversion import as_text, converted, present, storable
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.rules import CLEAN, Checker, raw_name
from zhengtong.kernel.sentences import say, to_text

#: ids of refusals that are no rule of the job
ROW_SHAPE, DUPLICATE_KEY, MISSING_CURSOR, NUL_CHARACTER = "row-shape", "duplicate-key", "missing-cursor", "nul-character"


@dataclass(frozen=True)
class Chunk:
    """
    Rows that are committed together.

    ``accepted`` has one column per item in target types. ``refused`` has ``line`` (Int64), ``key``, ``rules`` (ids joined by ``|``),
    ``reason`` (``sentences.to_text``) and ``row`` (JSON), all
    text; its rows with the rule ``DUPLICATE_KEY`` count as duplicates, the others as quarantined.
    """

    phase: Phase
    position: tuple[str, ...]
    read: int
    accepted: pl.DataFrame
    refused: pl.DataFrame
    duplicates: int
    digest: str = ""
    #: the raw rows behind ``accepted``, kept only where the target may still refuse some of them
    origin: pl.DataFrame | None = None

    @property
    def quarantined(self) -> int:
        """Rows a rule refused."""
        return self.refused.height - self.duplicates


def cut(frames: Iterator[pl.DataFrame], order: Sequence[str], *, rows: int, size: int) -> Iterator[pl.DataFrame]:
    """
    Join and split frames into pieces of at most about ``rows`` rows and ``size`` bytes.

    The rows of the last place are held back for the next piece, so that rows of one place are always together and a restart strictly after
    a place loses none; a piece grows beyond its limits only when one place fills it.
    """
    pending: list[pl.DataFrame] = []
    for frame in frames:
        if not frame.height:
            continue
        # never more rows than asked for, however large the frames come
        for start in range(0, frame.height, rows):
            pending.append(frame.slice(start, rows))
            if sum(part.height for part in pending) < rows and sum(part.estimated_size() for part in pending) < size:
                continue
            whole = pl.concat(pending, how="vertical_relaxed")
            tail = _last_place(whole, order)
            if tail < whole.height:
                yield whole.head(whole.height - tail)
                pending = [whole.tail(tail)] if tail else []
            else:
                pending = [whole]
    if pending:
        yield pl.concat(pending, how="vertical_relaxed")


def _last_place(frame: pl.DataFrame, order: Sequence[str]) -> int:
    """How many rows at the end share the last row's place."""
    if not order:
        return 0
    # doubling windows: nearly always one row
    window = 2
    while True:
        ending = frame.select(order).tail(window)
        same = ending.select(pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).last()) for name in order)).to_series()
        if not same.all():
            return int(same.reverse().arg_min() or 0)
        if window >= frame.height:
            return frame.height
        window *= 4


@dataclass(frozen=True)
class Preparation:
    """
    How raw frames become chunks.

    :param mapping: item key → source column.
    :param order: source columns that place a row.
    :param newest_last: of two accepted rows with one key, the later stays (cursor order); else the first stays.
    :param cursor: a source column whose absence refuses the row; empty for none.
    """

    items: tuple[Item, ...]
    mapping: Mapping[str, str]
    keys: tuple[str, ...]
    order: tuple[str, ...]
    checker: Checker
    blank_is_missing: bool = False
    may_hold_nul: bool = False
    newest_last: bool = False
    cursor: str = ""
    digest: bool = False
    keep_origin: bool = False

    def prepare(self, frame: pl.DataFrame, phase: Phase) -> Chunk:
        """Convert and check one piece."""
        place = position(frame, self.order)
        checked = self._checked(frame)
        own = self._own_refusals(frame)
        clean = checked.get_column(CLEAN)
        if own is not None:
            clean = clean & own.get_column("reason").is_null()
        good = checked if clean.all() else checked.filter(clean)
        kept, repeats = self._without_repeats(good, clean)
        refused = self._refused(frame, checked, clean, own, repeats)
        accepted = kept.select(item.key for item in self.items)
        return Chunk(
            phase=phase,
            position=place,
            read=frame.height,
            accepted=accepted,
            refused=refused,
            duplicates=0 if repeats is None else repeats.len(),
            digest=content_digest(accepted) if self.digest else "",
            origin=self._origin(frame, clean, repeats) if self.keep_origin else None,
        )

    def without(self, chunk: Chunk, refused: pl.Series, rule: str) -> Chunk:
        """The chunk with more of its accepted rows refused (true in ``refused``), because the run has met their values before."""
        assert chunk.origin is not None  # noqa: S101 - kept wherever this is called
        more = self._described(chunk.origin.filter(refused), chunk.accepted.filter(refused), [[rule]] * int(refused.sum()), None)
        accepted = chunk.accepted.filter(~refused)
        return replace(
            chunk,
            accepted=accepted,
            origin=chunk.origin.filter(~refused),
            refused=pl.concat([chunk.refused, more]),
            duplicates=chunk.duplicates + (more.height if rule == DUPLICATE_KEY else 0),
            digest=content_digest(accepted) if self.digest else "",
        )

    def _origin(self, frame: pl.DataFrame, clean: pl.Series, repeats: pl.Series | None) -> pl.DataFrame:
        if repeats is not None:
            clean = clean & ~pl.Series(range(frame.height)).is_in(repeats.implode())
        return frame.filter(clean)

    def _checked(self, frame: pl.DataFrame) -> pl.DataFrame:
        raws, values, exact, short = [], [], set(), self._short(frame)
        for item in self.items:
            column = self.mapping[item.key]
            dtype = frame.schema[column]
            blank = self.blank_is_missing or item.type is not ItemType.TEXT
            raw = raw_name(item.key)
            raws.append(present(pl.col(column), dtype, blank_is_missing=blank).alias(raw))
            if dtype == item.dtype and (item.length is None or item.key in short):
                exact.add(item.key)
                values.append(pl.col(raw).alias(item.key))
            else:
                values.append(converted(item, pl.col(raw), dtype).alias(item.key))
        lazy = frame.lazy().select(raws).with_columns(values)
        wanted = [*(item.key for item in self.items), *self.checker.words, CLEAN]
        return self.checker.apply(lazy, exact=frozenset(exact)).select(wanted).collect()

    def _short(self, frame: pl.DataFrame) -> set[str]:
        """Text items whose longest value has no more bytes than characters are allowed: counting bytes costs nothing, characters do."""
        limits = {
            item.key: item.length
            for item in self.items
            if item.type is ItemType.TEXT and item.length and frame.schema[self.mapping[item.key]] == pl.String
        }
        longest = frame.select(pl.col(self.mapping[key]).str.len_bytes().max().alias(key) for key in limits)
        return {key for key, length in limits.items() if (longest.item(0, key) or 0) <= length}

    def _own_refusals(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        """Refusals that no rule over an item can see: ``reason`` and ``rule`` per row, null where there is none."""
        reasons: list[tuple[str, pl.Expr, pl.Expr]] = []
        if BAD in frame.columns:
            reasons.append((ROW_SHAPE, pl.col(BAD).is_not_null(), pl.col(BAD)))
        if self.cursor:
            reasons.append((MISSING_CURSOR, pl.col(self.cursor).is_null(), pl.lit(to_text(say("增量列为空")))))
        texts = sorted({name for name in self.mapping.values() if frame.schema[name] == pl.String}) if self.may_hold_nul else []
        if texts:
            nul = pl.any_horizontal(pl.col(name).str.contains("\0", literal=True).fill_null(value=False) for name in texts)
            reasons.append((NUL_CHARACTER, nul, pl.lit(to_text(say("含有数据库不能存储的空字符 U+0000")))))
        if not reasons:
            return None
        reason = pl.coalesce(pl.when(condition).then(text) for _, condition, text in reasons)
        rule = pl.coalesce(pl.when(condition).then(pl.lit(name)) for name, condition, _ in reasons)
        own = frame.select(reason=reason, rule=rule)
        return own if own.get_column("reason").null_count() < own.height else None

    def _without_repeats(self, good: pl.DataFrame, clean: pl.Series) -> tuple[pl.DataFrame, pl.Series | None]:
        """The rows without those whose key stays elsewhere in the chunk, and the row numbers of these."""
        keys = pl.struct(self.keys) if len(self.keys) > 1 else pl.col(self.keys[0])
        if good.select(keys.n_unique() == pl.len()).item():
            return good, None
        stays = good.select(keys.is_last_distinct() if self.newest_last else keys.is_first_distinct()).to_series()
        return good.filter(stays), clean.arg_true().filter(~stays)

    def _refused(
        self, frame: pl.DataFrame, checked: pl.DataFrame, clean: pl.Series, own: pl.DataFrame | None, repeats: pl.Series | None
    ) -> pl.DataFrame:
        where = (~clean).arg_true()
        if repeats is not None:
            where = where.append(repeats).sort()
        if not where.len():
            return pl.DataFrame(schema=REFUSED)
        raw, values = frame[where], checked[where]
        rules = [self.checker.ids(masks) for masks in values.select(self.checker.words).iter_rows()]
        reasons = [""] * len(rules)
        if own is not None:
            for place, (reason, rule) in enumerate(own[where].iter_rows()):
                if rule:
                    # a row of the wrong shape has its cells in the wrong columns: what the rules say of it means nothing
                    rules[place] = [rule] if rule == ROW_SHAPE else [rule, *rules[place]]
                    reasons[place] = reason
        if repeats is not None:
            for place in where.is_in(repeats.implode()).arg_true():
                rules[place] = [DUPLICATE_KEY]
        return self._described(raw, values, rules, reasons)

    def _described(self, raw: pl.DataFrame, values: pl.DataFrame, rules: list[list[str]], reasons: list[str] | None) -> pl.DataFrame:
        """Rows as quarantine takes them."""
        raw, values = storable(raw), storable(values)
        keys = values.select(pl.struct(as_text(pl.col(key), values.schema[key]).alias(key) for key in self.keys)).to_series()
        return pl.DataFrame(
            {
                "line": raw.get_column(LINE) if LINE in raw.columns else pl.Series([None] * raw.height, dtype=pl.Int64),
                "key": keys.struct.json_encode(),
                "rules": ["|".join(ids) for ids in rules],
                "reason": reasons or [""] * raw.height,
                "row": _rows_as_json(raw),
            },
            schema=REFUSED,
        )


REFUSED = {"line": pl.Int64(), "key": pl.String(), "rules": pl.String(), "reason": pl.String(), "row": pl.String()}


def _rows_as_json(raw: pl.DataFrame) -> pl.Series:
    """Each row as a JSON object of texts; a row of the wrong shape as its cells."""
    shown = [name for name in raw.columns if not name.startswith("\0")]
    rows = raw.select(pl.struct(as_text(pl.col(name), raw.schema[name]).alias(name) for name in shown).struct.json_encode().alias("row"))
    if CELLS not in raw.columns:
        return rows.to_series()
    return raw.select(pl.coalesce(pl.col(CELLS), rows.to_series())).to_series()


def content_digest(accepted: pl.DataFrame) -> str:
    """
    SHA-256 of rows in order, as hexadecimal: comma-separated, texts quoted, ``\\N`` for null, decimals at full scale, moments in UTC.

    The receiver who holds the same rows computes the same digest.
    """
    text = accepted.write_csv(
        include_header=False,
        quote_style="non_numeric",
        null_value="\\N",
        datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ",
        date_format="%Y-%m-%d",
    )
    return sha256(text.encode()).hexdigest()


def chained_digest(previous: str, chunk: str) -> str:
    """The digest of a run after one more chunk: SHA-256 of the two digests' hexadecimal text."""
    return sha256(f"{previous}{chunk}".encode()).hexdigest()

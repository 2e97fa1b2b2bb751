"""The two forms of one definition say the same of every character."""

from __future__ import annotations

import sys

import polars as pl

from tests.unit.dataflow import oracle
from zhengtong.engines.dataflow.blanks import BLANKS, NOT_BLANK


def test_the_blanks_are_the_same_to_python_and_to_the_expressions() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    frame = pl.DataFrame({"letter": every}).select(
        pl.col("letter").filter(pl.col("letter").str.strip_chars(BLANKS) == ""),
    )
    matched = pl.DataFrame({"letter": every}).select(pl.col("letter").filter(~pl.col("letter").str.contains(NOT_BLANK)))
    blank = {letter for letter in every if oracle.is_blank(letter)}
    assert set(frame.get_column("letter")) == set(matched.get_column("letter")) == set(BLANKS) == blank

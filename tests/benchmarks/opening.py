"""
Every form of a large dataset: seconds and peak memory of each, beside what the machine can do at all.

A made-up sheet of ten columns is written in each form by the writers of the product, each in a process of its own, so that its peak memory
is its own; so are the gates and the profile. The limits of the same run: polars writing the rows as CSV in one go, and the copy of that
file.

    python -m tests.benchmarks opening --rows=1000000
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from zhengtong.apps.flow.opendata.rules import formats, gates, profiling
from zhengtong.apps.flow.opendata.rules.sheet import BATCH, Column, Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import Form

#: the most that is good enough: seconds of all forms of a million rows together, MiB of any of them
MOST_SECONDS, MOST_MEBIBYTES = 60.0, 1_024
_MILLION = 1_000_000
_GATES, _PROFILE, _LIMIT, _COPY = "gates", "profile", "polars write_csv, all at once", "copy of that CSV"


def made_up(path: Path, rows: int) -> None:
    """A register of companies with numbers, money, days, moments and texts that need escaping."""
    number = pl.int_range(rows, eager=True)
    days = pl.select(pl.lit(date(2000, 1, 1)) + pl.duration(days=number % 9_000)).to_series()
    moments = pl.select(pl.lit(datetime(2020, 1, 1, tzinfo=UTC)) + pl.duration(seconds=number)).to_series()
    frame = {
        "id": number,
        "code": "D" + (number * 7_919 % 999_983).cast(pl.String).str.zfill(9) + number.cast(pl.String),
        "name": "云州市第" + (number % 9_999).cast(pl.String) + "建材<贸易>有限公司",
        "kind": (number % 7).cast(pl.String) + "类",
        "staff": number * 7_919 % 100_003,
        "capital": (number * 31 % 1_000_003).cast(pl.Decimal(14, 2)),
        "founded": days,
        "changed": moments,
        "active": number % 3 == 0,
        "district": "云城区第" + (number % 500).cast(pl.String) + "网格",
    }
    pl.DataFrame(frame).write_parquet(path, row_group_size=BATCH)


def step(name: str, folder: Path, rows: int) -> tuple[float, int, int]:
    """Seconds, peak MiB and size in MiB of one step, in this process."""
    source, out = folder / "data.parquet", folder / "out"
    sheet = Sheet(pl.scan_parquet(source), tuple(Column(key, key) for key in pl.read_parquet_schema(source)), rows)
    steps: dict[str, Callable[[], object]] = {
        _GATES: lambda: gates.measure(sheet, quasi=(), cycle="6", updated_on=date(2026, 6, 30), today=date(2026, 7, 1)),
        _PROFILE: lambda: profiling.profile(sheet),
        _LIMIT: lambda: sheet.frame.collect().write_csv(folder / "limit.csv"),
        _COPY: lambda: shutil.copyfile(folder / "limit.csv", out),
    }
    began = time.perf_counter()
    if name in steps:
        steps[name]()
    elif formats.WRITERS[Form(name)](sheet, out, lambda _rows: None).rows != rows:
        raise AssertionError(f"{name} has lost rows")
    seconds = time.perf_counter() - began
    size = out.stat().st_size if out.exists() else 0
    out.unlink(missing_ok=True)
    return seconds, _peak(), size >> 20


def _peak() -> int:
    """MiB that this process held at most; ``getrusage`` would count what its parent held when it was made."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) >> 10


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=_MILLION)
    rows = parser.parse_args(arguments).rows
    forms = [form.value for form in formats.WRITERS]
    found: dict[str, tuple[float, int, int]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-opening-") as kept:
        folder = Path(kept)
        made_up(folder / "data.parquet", rows)
        for name in (_LIMIT, _COPY, _GATES, _PROFILE, *forms):
            # a process for each: a peak that was reached does not go away
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                found[name] = alone.apply(step, (name, folder, rows))
            seconds, peak, size = found[name]
            print(f"{name:30} {seconds:7.2f} s {peak:6} MiB at most {size:6} MiB of file", flush=True)
    whole, highest = sum(found[form][0] for form in forms), max(found[form][1] for form in forms)
    ratio = found[Form.CSV][0] / found[_LIMIT][0]
    print(f"{'all forms':30} {whole:7.2f} s {highest:6} MiB at most; CSV {ratio:.1f} x polars, load {os.getloadavg()[0]:.1f}")
    good = whole <= MOST_SECONDS * rows / _MILLION and highest <= MOST_MEBIBYTES
    print("within the targets" if good else f"targets: {MOST_SECONDS:.0f} s a million rows, {MOST_MEBIBYTES} MiB")
    return 0 if good else 1

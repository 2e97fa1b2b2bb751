"""
Rows of an open dataset over HTTP, against Datasette on the same rows and against ``psql \\copy``, in one run.

    python -m tests.benchmarks rows --rows=10000000

The table is loaded as publication loads it. The gateway answers with one worker; the bound by address is off. Point, page, filter and facet
are asked over kept-alive connections, each with its own values; p95 is with all connections busy. The dump is the whole table.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import catalog
from benchmarks.gateway import SHARED_MEMORY, Figure, free_port, server, wrk
from benchmarks.peers.start import PYTHON

ROOT = Path(__file__).parents[2]
DATABASE = "bench_rows"
PART = 500_000
#: key, name, data type
ITEMS = (
    ("code", "统一编号", "C"),
    ("name", "名称", "C"),
    ("district", "区划", "C"),
    ("kind", "类别", "C"),
    ("opened", "开业日期", "D"),
    ("capital", "注册资本", "N"),
    ("people", "人数", "I"),
    ("lon", "经度", "N"),
    ("lat", "纬度", "N"),
)
#: the most that is good enough: milliseconds of the slowest in twenty, seconds to the first byte; the least: answers a second, ratios
MOST_P95, MOST_FIRST_BYTE, LEAST_RATE, LEAST_DATASETTE, LEAST_COPY = 50.0, 0.2, 300.0, 3.0, 0.5


def part(start: int, count: int) -> pl.DataFrame:
    """Rows ``start`` to ``start + count``, the same every time."""
    place = pl.int_range(start, start + count, dtype=pl.Int64, eager=True)
    return pl.DataFrame({"n": place}).select(
        code=pl.format("91{}", pl.col("n").cast(pl.String).str.zfill(10)),
        name=pl.format("云州市{}有限公司", (pl.col("n") * 7919) % 1_000_003),
        district=pl.format("3701{}", (pl.col("n") * 31 % 97).cast(pl.String).str.zfill(2)),
        kind=pl.format("类别{}", pl.col("n") * 17 % 200),
        opened=pl.lit(date(2000, 1, 1)) + pl.duration(days=pl.col("n") * 13 % 9000),
        capital=(pl.col("n") * 101 % 1_000_000).cast(pl.Decimal(18, 2)) / 100,
        people=pl.col("n") * 7 % 5000,
        lon=116.0 + (pl.col("n") % 10_000) / 10_000,
        lat=36.0 + (pl.col("n") % 7_777) / 10_000,
    )


def parquet(rows: int, path: Path) -> None:
    """The rows as a build has them when it makes the table."""
    writer: pq.ParquetWriter | None = None
    for start in range(0, rows, PART):
        table = part(start, min(PART, rows - start)).to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def publish(rows: int, folder: Path) -> tuple[int, str, float]:
    """An open dataset whose table was loaded as publication does it: number, relation, seconds of loading."""
    from factories.sharing import Circle, resource
    from zhengtong.apps.flow.opendata.models import Build, Dataset, DatasetVersion
    from zhengtong.apps.flow.opendata.operations import tabling
    from zhengtong.apps.flow.opendata.operations.filing import Made
    from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
    from zhengtong.apps.resources.catalog import api as resources
    from zhengtong.kernel import clock

    place, now = folder / "data.parquet", clock.now()
    parquet(rows, place)
    items = tuple((key, name, kind, key == "code", False, "") for key, name, kind in ITEMS)
    entry = resource(Circle().provider, name="市场主体", sharing_type="1", items=items)
    row = Dataset.objects.create(
        resource_id=entry, title="市场主体", items=[], indexed=["district", "kind", "people"], created_at=now, changed_at=now
    )
    build = Build.objects.create(dataset=row, revision=1, kind="publish", asked_at=now)
    columns = tuple(Column(key, name, kind, is_key=key == "code") for key, name, kind in ITEMS)
    sheet = Sheet(pl.scan_parquet(place), columns, rows)
    made = Made(folder, sheet, ("code",), now, resources.resource(entry), {}, "")
    began = time.perf_counter()
    table = tabling.loaded(build, made, lambda _rows: None)
    seconds = time.perf_counter() - began
    version = DatasetVersion.objects.create(
        dataset=row,
        number=1,
        made_at=now,
        data_at=now,
        rows=rows,
        content="",
        facts={"title": "市场主体"},
        columns=[],
        profile=[],
        preview=[],
    )
    tabling.name_table(version, table, now=now)
    Dataset.objects.filter(pk=row.pk).update(state="open", current=version, published_at=now)
    return row.pk, table.relation, seconds


def questions(number: int, rows: int) -> dict[str, Callable[[int], str]]:
    """Ours: the n-th question of each kind."""
    base = f"/open/v1/datasets/{number}"
    return {
        "point": lambda n: f"{base}/rows?code=91{n * 7919 % rows:010d}",
        "page": lambda n: f"{base}/rows?limit=100&_row__gt={n * 7919 % rows}",
        "filter": lambda n: f"{base}/rows?limit=100&district=3701{n % 97:02d}&people__gte={n % 5000}&sort=people",
        "facet": lambda n: f"{base}/facets?items=district,kind&limit={1 + n % 200}",
    }


def theirs(rows: int) -> dict[str, Callable[[int], str]]:
    """Datasette's: the same questions."""
    base = "/rows/company.json?_shape=objects"
    return {
        "point": lambda n: f"{base}&_nocount=1&code__exact=91{n * 7919 % rows:010d}",
        "page": lambda n: f"{base}&_nocount=1&_size=100&_next={n * 7919 % rows}",
        "filter": lambda n: f"{base}&_nocount=1&_size=100&district__exact=3701{n % 97:02d}&people__gte={n % 5000}&_sort=people",
        "facet": lambda n: f"{base}&_nocount=1&_size=0&_facet=district&_facet=kind&_facet_size={1 + n % 200}",
    }


def sqlite(rows: int, path: Path) -> None:
    """The same rows in SQLite, with the same indexes."""
    with contextlib.closing(sqlite3.connect(path)) as target:
        names = [key for key, _name, _kind in ITEMS]
        target.execute(f"create table company (n integer primary key, {', '.join(names)})")
        marks = ", ".join("?" * (len(names) + 1))
        for start in range(0, rows, PART):
            frame = part(start, min(PART, rows - start)).with_columns(pl.col("opened").cast(pl.String), pl.col("capital").cast(pl.Float64))
            values = ((start + place + 1, *row) for place, row in enumerate(frame.iter_rows()))
            target.executemany(f"insert into company values ({marks})", values)
        for key in ("code", "district", "kind", "people", "opened", "lon", "lat"):
            target.execute(f"create index company_{key} on company ({key}, n)")
        target.execute("analyze")
        target.commit()


def load(port: int, target: Callable[[int], str], folder: Path, options: argparse.Namespace, count: int) -> Figure:
    """Ask over kept-alive connections for some seconds."""
    requests = folder / "requests.txt"
    requests.write_text("".join(f"GET {target(n)} HTTP/1.1|Host: open||\n" for n in range(1, count + 1)))
    return wrk(port, requests, connections=options.connections, seconds=options.seconds)


def dump(port: int, path: str) -> tuple[float, float, int]:
    """Seconds to the first byte of the rows, seconds of the whole, bytes."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        began = time.perf_counter()
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: open\r\nConnection: close\r\n\r\n".encode())
        seen = line.recv(1 << 20)
        while b"\r\n\r\n" not in seen or seen.endswith(b"\r\n\r\n"):
            seen += line.recv(1 << 20)
        first, size = time.perf_counter() - began, len(seen)
        while block := line.recv(1 << 20):
            size += len(block)
        return first, time.perf_counter() - began, size


def copied(url: str, relation: str, path: Path) -> float:
    """Seconds of ``psql \\copy`` of the same columns into a file."""
    from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

    program = shutil.which("psql") or str(EmbeddedPostgres.under(ROOT / "var/bench").program("psql"))
    names = ", ".join(key for key, _name, _kind in ITEMS)
    began = time.perf_counter()
    subprocess.run([program, url, "-qc", f"\\copy (select {names} from opened.{relation}) to '{path}' csv header"], check=True)
    return time.perf_counter() - began


@contextlib.contextmanager
def gateway(folder: Path) -> Iterator[int]:
    """The gateway with one worker, without the bound by address."""
    port = free_port()
    variables = {
        "ZHENGTONG_KEYS": str(Path(os.environ["ZHENGTONG_VAR"]) / "keys"),
        "ZHENGTONG_GATEWAY_PORT": str(port),
        "ZHENGTONG_GATEWAY_STATE": str(folder / "state"),
        "ZHENGTONG_GATEWAY_SHARED": str(SHARED_MEMORY / folder.name),
        "ZHENGTONG_OPEN_RATE": "0",
        "PYTHONPATH": str(ROOT / "src"),
    }
    try:
        with server([sys.executable, "-c", "from zhengtong.gateway.main import run; run()"], variables, port, "/healthz"):
            yield port
    finally:
        shutil.rmtree(SHARED_MEMORY / folder.name, ignore_errors=True)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="rows benchmark")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed to load the servers")
    catalog.prepare(DATABASE)
    with tempfile.TemporaryDirectory(prefix="zhengtong-rows-") as name:
        measure(Path(name), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Interleave rounds of ours and Datasette's."""
    number, relation, seconds = publish(options.rows, folder)
    print(f"  {options.rows:,} rows loaded, indexed and counted in {seconds:.1f} s ({options.rows / seconds:,.0f} rows/s)", flush=True)
    figures: dict[str, list[Figure]] = {}

    def note(name: str, figure: Figure) -> None:
        figures.setdefault(name, []).append(figure)
        print(f"  {name:20} {figure.rps:9,.0f}/s  p50 {figure.p50:6.1f}  p95 {figure.p95:6.1f} ms  errors {figure.errors}", flush=True)

    with contextlib.ExitStack() as stack:
        port = stack.enter_context(gateway(folder))
        peer = start_datasette(stack, folder, options)
        for turn in range(options.rounds):
            print(f"round {turn + 1}", flush=True)
            for kind, target in questions(number, options.rows).items():
                note(kind, load(port, target, folder, options, 20_000))
                if peer:
                    note(f"Datasette {kind}", load(peer, theirs(options.rows)[kind], folder, options, 5_000))
        dumps = [dump(port, f"/open/v1/datasets/{number}/rows?format=csv") for _ in range(options.rounds)]
        copies = [copied(os.environ["DATABASE_URL"], relation, folder / "copy.csv") for _ in range(options.rounds)]
    report(figures)
    report_dumps(dumps, copies)


def start_datasette(stack: contextlib.ExitStack, folder: Path, options: argparse.Namespace) -> int | None:
    """Datasette on the same rows, if it is installed; its port."""
    if options.no_peers or not PYTHON.exists():
        print(f"no peer: {PYTHON} does not exist or --no-peers")
        return None
    sqlite(options.rows, folder / "rows.db")
    port = free_port()
    limits = ["--setting", "sql_time_limit_ms", "60000", "--setting", "facet_time_limit_ms", "60000", "--setting", "suggest_facets", "off"]
    command = [str(PYTHON), "-m", "datasette", "serve", "-i", str(folder / "rows.db"), "-p", str(port), *limits]
    stack.enter_context(server(command, {}, port, "/-/versions.json"))
    return port


def report(figures: dict[str, list[Figure]]) -> None:
    """Print medians and ratios."""
    rate = {name: statistics.median(one.rps for one in found) for name, found in figures.items()}
    print("\nmedians")
    for name, found in figures.items():
        if name.startswith("Datasette"):
            continue
        p95 = statistics.median(one.p95 for one in found)
        print(f"  {name:10} {rate[name]:9,.0f}/s (least {LEAST_RATE:.0f})  p95 {p95:6.1f} ms (most {MOST_P95:.0f})", end="")
        peer = rate.get(f"Datasette {name}")
        print(f"  {rate[name] / peer:6.1f} × Datasette (least {LEAST_DATASETTE:.0f})" if peer else "")


def report_dumps(dumps: list[tuple[float, float, int]], copies: list[float]) -> None:
    """Print the dump beside psql's."""
    first, whole = (statistics.median(one[place] for one in dumps) for place in (0, 1))
    size, copy = dumps[0][2], statistics.median(copies)
    print(f"  dump       first byte {first:.3f} s (most {MOST_FIRST_BYTE}), {size / 1e6:,.0f} MB in {whole:.1f} s", end="")
    print(f"  {copy / whole:6.2f} × psql \\copy in {copy:.1f} s (least {LEAST_COPY})")


if __name__ == "__main__":
    main()

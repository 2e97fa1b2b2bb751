"""
Bulk exchange against a bare pipe and against dlt, in one run.

The engine moves N rows of 12 columns from one PostgreSQL database to another with two masks in SQL, four rules, quarantine, checkpoints and
an upsert-safe load; ``psql COPY binary | psql COPY binary`` moves the same rows bare. Rounds are interleaved, medians are compared. The
engine runs in a process of its own, whose peak memory is reported. dlt (pyarrow backend, merge by key) moves fewer rows, and speeds (rows
per second) are compared.

    python -m tests.benchmarks.exchange --rows 5000000 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from zhengtong.engines.dataflow.ddl import create_table_sql
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

if __package__:
    from tests.benchmarks.exchange_job import ITEMS, TABLE
else:
    from exchange_job import ITEMS, TABLE

ROOT = Path(__file__).parents[2]
SOURCE, TARGET = "bench_source", "bench_target"
#: the least that is good enough: of the pipe's speed, of dlt's speed, and the most memory in MiB
LEAST_OF_PIPE, LEAST_OF_DLT, MOST_MEMORY = 0.4, 6.0, 450.0

_FILL = """
insert into person
select i, b || substr('10X98765432', 1 + ((substr(b, 1, 1)::int * 7 + substr(b, 2, 1)::int * 9 + substr(b, 3, 1)::int * 10
    + substr(b, 4, 1)::int * 5 + substr(b, 5, 1)::int * 8 + substr(b, 6, 1)::int * 4 + substr(b, 7, 1)::int * 2 + substr(b, 8, 1)::int
    + substr(b, 9, 1)::int * 6 + substr(b, 10, 1)::int * 3 + substr(b, 11, 1)::int * 7 + substr(b, 12, 1)::int * 9
    + substr(b, 13, 1)::int * 10 + substr(b, 14, 1)::int * 5 + substr(b, 15, 1)::int * 8 + substr(b, 16, 1)::int * 4
    + substr(b, 17, 1)::int * 2) %% 11), 1),
    '王小明' || i %% 1000,
    case when i %% 97 = 0 then null else '138' || lpad((i %% 100000000)::text, 8, '0') end,
    (array['住建局', '公安局', '民政局', '卫健委', '教育局'])[1 + i %% 5],
    '某省某市某区某某路' || i %% 9999 || '号', (i %% 2 + 1)::text, date '1950-01-01' + (i %% 25000)::int, (i %% 1000000) / 100.0,
    case when i %% 71 = 0 then 500 else i %% 100 end, i %% 3 = 0, timestamptz '2026-01-01' + i * interval '1 second'
from (select i, '110105' || to_char(date '1950-01-01' + (i %% 25000)::int, 'YYYYMMDD') || lpad((i %% 1000)::text, 3, '0') as b
      from generate_series(1, %s) i) numbered
"""


@dataclass(frozen=True)
class Measured:
    """One run: seconds, rows, and peak memory in MiB where it was measured."""

    seconds: float
    rows: int
    memory: float = 0.0

    @property
    def speed(self) -> float:
        return self.rows / self.seconds


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description="Bulk exchange: Zhengtong against a bare COPY pipe and dlt")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-rows", type=int, default=200_000, help="rows for dlt; 0 leaves it out")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)

    server = EmbeddedPostgres.under(ROOT / "var/bench")
    server.start()
    _fill(server, chosen.rows)
    pipe: list[Measured] = []
    ours: list[Measured] = []
    peers: list[Measured] = []
    for turn in range(chosen.rounds):
        pipe.append(_pipe(server, chosen.rows))
        ours.append(_engine(server, chosen.rows))
        if chosen.peer_rows and (peer := _dlt(server, chosen.peer_rows)):
            peers.append(peer)
        print(
            f"round {turn + 1}: pipe {pipe[-1].seconds:.1f} s, engine {ours[-1].seconds:.1f} s, {ours[-1].memory:.0f} MiB",
            file=sys.stderr,
            flush=True,
        )
    return _print(chosen, pipe, ours, peers)


def _print(chosen: argparse.Namespace, pipe: list[Measured], ours: list[Measured], peers: list[Measured]) -> int:
    seconds = statistics.median(run.seconds for run in ours)
    of_pipe = statistics.median(run.seconds for run in pipe) / seconds
    memory = max(run.memory for run in ours)
    speed = chosen.rows / seconds
    figures: dict[str, float] = {
        "rows": chosen.rows,
        "pipe_seconds": round(statistics.median(run.seconds for run in pipe), 2),
        "engine_seconds": round(seconds, 2),
        "engine_rows_per_second": round(speed),
        "ratio_to_pipe": round(of_pipe, 3),
        "engine_peak_mib": round(memory),
    }
    missed = of_pipe < LEAST_OF_PIPE or memory > MOST_MEMORY
    if peers:
        theirs = statistics.median(run.speed for run in peers)
        figures |= {"dlt_rows": chosen.peer_rows, "dlt_rows_per_second": round(theirs), "ratio_to_dlt": round(speed / theirs, 1)}
        missed = missed or speed / theirs < LEAST_OF_DLT
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:24} {figure:>12,}")
        print(f"targets: pipe ≥ {LEAST_OF_PIPE}, dlt ≥ {LEAST_OF_DLT}, memory ≤ {MOST_MEMORY:.0f} MiB: {'missed' if missed else 'met'}")
    return 1 if missed else 0


def _fill(server: EmbeddedPostgres, rows: int) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for database in (SOURCE, TARGET):
            if not connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
                connection.execute(f"create database {database}")
    with psycopg.connect(server.url(SOURCE), autocommit=True) as connection:
        if connection.execute("select to_regclass('person')").fetchone() != (None,):
            if connection.execute("select count(*) from person").fetchone() == (rows,):
                return
            connection.execute("drop table person")
        connection.execute(TABLE)
        connection.execute(_FILL, (rows,))
        connection.execute("vacuum (analyze, freeze) person")


def _empty_target(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(TARGET), autocommit=True) as connection:
        connection.execute("drop table if exists person")
        connection.execute("drop schema if exists zhengtong cascade")
        for statement in create_table_sql("public", "person", ITEMS):
            connection.execute(statement)
        connection.execute("checkpoint")


def _pipe(server: EmbeddedPostgres, rows: int) -> Measured:
    _empty_target(server)
    psql = shlex.quote(str(server.program("psql")))
    out = shlex.quote("copy (select * from person order by pid) to stdout (format binary)")
    into = shlex.quote("copy person from stdin (format binary)")
    source, target = shlex.quote(server.url(SOURCE)), shlex.quote(server.url(TARGET))
    began = time.perf_counter()
    subprocess.run(f"{psql} {source} -qc {out} | {psql} {target} -qc {into}", shell=True, check=True)  # noqa: S602 - a pipe of fixed programs
    return Measured(time.perf_counter() - began, rows)


def _engine(server: EmbeddedPostgres, rows: int) -> Measured:
    _empty_target(server)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("exchange_job.py")), server.url(SOURCE), server.url(TARGET)],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "POLARS_MAX_THREADS": os.environ.get("POLARS_MAX_THREADS", "2"), "PYTHONPATH": str(ROOT / "src")},
    )
    told = json.loads(done.stdout)
    if told["read"] != rows:
        raise SystemExit(f"the engine read {told['read']} of {rows} rows")
    return Measured(told["seconds"], rows, told["peak_mib"])


def _dlt(server: EmbeddedPostgres, rows: int) -> Measured | None:
    python = Path(os.environ.get("BENCH_PYTHON", ROOT / ".venv-bench/bin/python"))
    if not python.exists():
        print("dlt is not installed (make bench sets it up); left out", file=sys.stderr)
        return None
    with psycopg.connect(server.url(TARGET), autocommit=True) as connection:
        connection.execute("drop schema if exists peer cascade")
        connection.execute("drop schema if exists peer_staging cascade")
    done = subprocess.run(
        [python, Path(__file__).parent / "peers/dlt_exchange.py", server.url(SOURCE), server.url(TARGET), str(rows)],
        check=True,
        stdout=subprocess.PIPE,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Measured(told["seconds"], told["rows"])


if __name__ == "__main__":
    raise SystemExit(main())

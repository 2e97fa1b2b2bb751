"""
Fifty kills: the worker, the source's server, the target's server, each at a random instant; then every row is there exactly once.

``ZHENGTONG_KILLS`` changes their number, ``ZHENGTONG_SEED`` repeats a sequence.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.exchange_worker import ITEMS
from zhengtong.engines.dataflow.ddl import create_table_sql
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("ZHENGTONG_KILLS", "50"))
ROWS, BAD = 6_000, 37
#: a small server: a killed one must come back quickly
SMALL = {"shared_buffers": "'32MB'", "max_wal_size": "'128MB'", "max_connections": "30", "logging_collector": "off"}
VICTIMS = ("worker", "worker", "worker", "target", "source")
WAIT_SECONDS = 60
#: of 24; the two behind it take longer than the moment between looking and killing
LAST_CHUNK = 22


@dataclass
class Server:
    """A PostgreSQL that can be killed as a whole."""

    embedded: EmbeddedPostgres

    def start(self) -> None:
        self.embedded.start(SMALL)

    def kill(self) -> None:
        """As a power failure would: every process of the server at once, nothing flushed."""
        data = self.embedded.root / "data"
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        children = [int(pid) for path in Path(f"/proc/{postmaster}/task").glob("*/children") for pid in path.read_text().split()]
        for pid in (postmaster, *children):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + WAIT_SECONDS
        while any(_alive(pid) for pid in (postmaster, *children)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.embedded.url(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module")
def servers(worker_id: str) -> Iterator[tuple[Server, Server]]:
    made = tuple(Server(EmbeddedPostgres.under(ROOT / f"var/kills/{worker_id}/{name}")) for name in ("source", "target"))
    for server in made:
        server.start()
    yield made[0], made[1]
    for server in made:
        server.embedded.stop("immediate")


@pytest.fixture(scope="module")
def worker_id(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


def _fresh(source: Server, target: Server) -> None:
    source.sql("drop table if exists person")
    source.sql("create table person (id bigint primary key, name varchar(40), amount numeric(12, 2), changed timestamptz not null)")
    source.sql(
        f"insert into person select i, '姓名' || i, case when i % {BAD} = 0 then -1 else i / 100.0 end,"
        f" timestamptz '2026-01-01' + (i / 7) * interval '1 second' from generate_series(1, {ROWS}) i"
    )
    target.sql("drop table if exists person")
    target.sql("drop schema if exists zhengtong cascade")
    for statement in create_table_sql("public", "person", ITEMS):
        target.sql(statement)
    # rows of another hand in the middle: some chunks append, some merge
    target.sql("insert into person select i, '旧', 1, timestamptz '2020-01-01' from generate_series(2000, 3000) i where i % 37 <> 0")


def _worker(source: Server, target: Server, mode: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.exchange_worker", source.embedded.url(), target.embedded.url(), mode, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "POLARS_MAX_THREADS": "1"},
    )


def _progress(folder: Path) -> int:
    """The last chunk that was committed, -1 before the first."""
    try:
        return int((folder / "progress").read_text() or 0)
    except FileNotFoundError:
        return -1


def _reached(folder: Path, chunk: int, worker: subprocess.Popen[bytes]) -> None:
    """Wait until the worker has committed a chunk (or has ended)."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and worker.poll() is None and _progress(folder) < chunk:
        time.sleep(0.002)


@pytest.mark.acceptance
def test_no_row_is_lost_or_doubled_by_kills(servers: tuple[Server, Server], tmp_path: Path) -> None:
    seed = int(os.environ.get("ZHENGTONG_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
    print(f"ZHENGTONG_SEED={seed}")
    chance = random.Random(seed)
    source, target = servers
    kills, runs, interrupted = 0, 0, 0
    while kills < KILLS:
        _fresh(source, target)
        mode = chance.choice(("full", "incremental"))
        folder = tmp_path / str(runs)
        folder.mkdir()
        worker = _worker(source, target, mode, folder)
        # a run has about 24 chunks: let each kill fall a little further on
        committed = 0
        while kills < KILLS and committed < LAST_CHUNK:
            committed += chance.randrange(0, 5)
            _reached(folder, committed, worker)
            time.sleep(chance.random() * 0.02)
            # killed behind its last chunk, a run has ended without having told: the next one is another run, with a receipt of its own
            if worker.poll() is not None or _progress(folder) >= LAST_CHUNK:
                break
            victim = chance.choice(VICTIMS)
            kills += 1
            if victim == "worker":
                worker.kill()
                worker.wait()
                worker = _worker(source, target, mode, folder)
            else:
                server = source if victim == "source" else target
                server.kill()
                server.start()
        worker.wait(timeout=WAIT_SECONDS)
        assert worker.returncode == 0
        interrupted += _proven(source, target, folder)
        runs += 1
    print(f"{kills} kills in {runs} runs, {interrupted} further attempts")
    assert interrupted > 0


def _proven(source: Server, target: Server, folder: Path) -> int:
    """Counts and contents agree, whatever was killed; how many attempts were needed beyond the first."""
    receipt = json.loads((folder / "receipt.json").read_text())
    counts = receipt["counts"]
    refused = ROWS // BAD
    assert counts["read"] == ROWS == receipt["sourceRows"]
    assert counts["read"] == sum(count for name, count in counts.items() if name != "read")
    assert (counts["quarantined"], counts["duplicates"]) == (refused, 0)
    assert target.sql("select count(*), count(distinct key ->> 'id') from zhengtong.exchange_quarantine") == [(refused, refused)]
    assert target.sql("select sum(read_rows), sum(inserted_rows) from zhengtong.exchange_chunk") == [(ROWS, counts["inserted"])]
    content = "select count(*), md5(string_agg(t::text, ',' order by id)) from person t where amount >= 0"
    assert target.sql(content) == source.sql(content)
    assert target.sql("select count(*) from person") == [(ROWS - refused,)]
    return int(receipt["attempts"]) - 1

"""
The gateway against the database it stands on, and against what a team would write by hand.

``python -m tests.benchmarks.gateway [--rows N] [--seconds S] [--rounds R] [--connections C] [--no-peers]`` prints medians of interleaved
rounds and their ratios. All duties are on: signature, nonce, quota, grant, masks, scope, durable signed trace. The yardstick is
``pgbench -M prepared``: a point select of the same columns on the same index, and the very SQL of a page. Peers run where ``.venv-bench``
exists.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.peers import start as peers_
from factories.gateway import COLUMNS, RESOURCE, SECRET, World, make_grant
from zhengtong.contracts.grants import GrantedItem, Mask, Quota
from zhengtong.contracts.projection import quoted
from zhengtong.contracts.routing import Column, Table
from zhengtong.gateway import plans
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder below it is this run's own
#: requests to prepare for a second, more than any server here answers, so that none is sent twice
REACH = {"point": 35_000, "page": 6_000}
PEER_REACH = 3_000
TARGETS = {"point": 0.25, "page": 0.6}
MASKED = {"xm": Mask.NAME, "sjh": Mask.PHONE, "dz": Mask.ADDRESS, "sfzh": Mask.IDENTITY}
EXTRA = tuple(Column(f"x{number}", f"extra{number}", "text", f"扩展{number}") for number in range(1, 5))
TABLE = Table("hub", "bench", (*COLUMNS, *EXTRA), unique=("sfzh",), indexed=("sfzh",), subjects={"sfzh": "person"})
GRANT = make_grant(
    items=tuple(GrantedItem(column.key, MASKED.get(column.key, Mask.NONE), column.key in {"sfzh", "qh"}) for column in TABLE.columns),
    quota=Quota(per_second=10_000_000, per_day=2**40, page_rows=100),
    scope=(),
)
CREATE_BENCH = """
create table hub.bench as select
    ('1101051990' || lpad(g::text, 8, '0'))::varchar(18) as id_no, '张伟' || g as name,
    '1380000' || lpad((g % 10000)::text, 4, '0') as phone, '北京市朝阳区建国路' || g || '号' as address,
    (110000 + g / 100)::text::char(6) as district, date '1990-01-01' + (g % 365) as birth,
    g % 90 as age, '内部'::text as remark, 'a' || g as extra1, 'b' || g as extra2, 'c' || g as extra3, 'd' || g as extra4
from generate_series(0, {last}) g;
alter table hub.bench add primary key (id_no);
create index bench_district on hub.bench (district, id_no);
vacuum analyze hub.bench;
"""
WRK = """
local lines = {{}}
for line in io.lines("{path}") do lines[#lines + 1] = line:gsub("|", "\\r\\n") end
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
function init(args) position = id end
function request()
    local line = lines[position % #lines + 1]
    position = position + 2
    return line
end
function response(status) if status ~= 200 then bad = (bad or 0) + 1 end end
function done(summary, latency)
    local e = summary.errors
    print(string.format("RESULT %f %f %f %d %d %f", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
        latency:percentile(99) / 1000, e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(95) / 1000))
end
"""


@dataclass
class Figure:
    """One measurement: answers a second, latencies in ms, answers that were errors."""

    rps: float
    p50: float = 0.0
    p99: float = 0.0
    errors: int = 0
    p95: float = 0.0


def signed_requests(count: int, target: Callable[[int], str]) -> str:
    """Signed requests, one a line, header lines apart by ``|``."""
    now = int(time.time())
    keyed = hmac.new(SECRET, digestmod="sha256")
    lines = []
    for number in range(count):
        path, _, query = target(number).partition("?")
        member = (
            f'("@method" "@path" "@query" "zhengtong-purpose");created={now};nonce="{os.urandom(9).hex()}";keyid="k-hmac";alg="hmac-sha256"'
        )
        base = (
            f'"@method": GET\n"@path": {path}\n"@query": ?{query}\n"zhengtong-purpose": dibao;case=2026-0001\n"@signature-params": {member}'
        )
        mac = keyed.copy()
        mac.update(base.encode())
        signature = base64.b64encode(mac.digest()).decode()
        lines.append(
            f"GET {path}?{query} HTTP/1.1|Host: gateway|Zhengtong-Purpose: dibao;case=2026-0001|Signature-Input: sig={member}"
            f"|Signature: sig=:{signature}:||"
        )
    return "\n".join(lines) + "\n"


def wrk(port: int, requests: Path, *, connections: int, seconds: int) -> Figure:
    """Load a server with prepared requests."""
    script = requests.with_suffix(".lua")
    script.write_text(WRK.format(path=requests))
    done = subprocess.run(
        ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}/"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+) (\d+) (\S+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return Figure(float(found[1]), float(found[2]), float(found[3]), int(found[4]) + int(found[5]), float(found[6]))


def pgbench(url: str, script: Path, *, connections: int, seconds: int) -> Figure:
    """The database alone, running one prepared statement."""
    program = EmbeddedPostgres.under(ROOT / "var/bench").program("pgbench")
    done = subprocess.run(
        [program, "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(seconds), "-f", script, url],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return Figure(float(found[1]))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; ``path`` answers 200 when it is ready."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command} did not come up")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def prepare(url: str, folder: Path, rows: int) -> World:
    """The world of the benchmark: a table of 12 columns, one grant."""
    world = World(url, folder)
    connection = await asyncpg.connect(url)
    await connection.execute("drop schema if exists hub cascade; drop schema public cascade; create schema public")
    await connection.close()
    await world.create(10)
    connection = await asyncpg.connect(url)
    for statement in CREATE_BENCH.format(last=rows - 1).strip().split(";\n"):
        await connection.execute(statement)
    await connection.close()
    await world.publish(world.route(GRANT, table=TABLE))
    world.write_keys(folder / "keys")
    return world


def gateway_environment(url: str, folder: Path, port: int) -> dict[str, str]:
    """The environment of a gateway in the benchmark's world."""
    return {
        "DATABASE_URL": url,
        "ZHENGTONG_KEYS": str(folder / "keys"),
        "ZHENGTONG_GATEWAY_PORT": str(port),
        "ZHENGTONG_GATEWAY_STATE": str(folder / "state"),
        "ZHENGTONG_GATEWAY_SHARED": str(SHARED_MEMORY / folder.name),
        "ZHENGTONG_GATEWAY_WINDOW": "3000",
        "PYTHONPATH": str(ROOT / "src"),
    }


def yardsticks(folder: Path, rows: int) -> dict[str, Path]:
    """pgbench scripts: the point select of the same columns, and the SQL of a page."""
    columns = ", ".join(quoted(column.column) for column in TABLE.columns)
    point = folder / "point.sql"
    point.write_text(
        f"\\set n random(0, {rows - 1})\nselect {columns} from hub.bench where id_no = '1101051990' || lpad((:n)::text, 8, '0');\n"
    )
    source = plans.Source(TABLE, {column.key: column for column in TABLE.columns}, ())
    page = folder / "page.sql"
    condition = "t.district = (110000 + :n)::text::bpchar"
    sql = plans.one_page(source, GRANT.items, condition, "100", wanted="100")
    page.write_text(f"\\set n random(0, {rows // 100 - 1})\n{sql};\n")
    return {"point": point, "page": page}


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="gateway benchmark")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed to load the servers")
    url = EmbeddedPostgres.under(ROOT / "var/bench").start()
    with tempfile.TemporaryDirectory(prefix="zhengtong-bench-") as name:
        folder = Path(name)
        try:
            measure(url, folder, options)
        finally:
            shutil.rmtree(str(SHARED_MEMORY / folder.name), ignore_errors=True)


def measure(url: str, folder: Path, options: argparse.Namespace) -> None:
    """Interleave rounds of everything."""
    asyncio.run(prepare(url, folder, options.rows))
    scripts = yardsticks(folder, options.rows)
    load: dict[str, Any] = {"connections": options.connections, "seconds": options.seconds}
    figures: dict[str, list[Figure]] = {}
    port = free_port()
    command = [sys.executable, "-c", "from zhengtong.gateway.main import run; run()"]

    def note(name: str, figure: Figure) -> None:
        figures.setdefault(name, []).append(figure)
        print(f"  {name:28} {figure.rps:9,.0f}/s  p50 {figure.p50:6.1f} ms  p99 {figure.p99:6.1f} ms  errors {figure.errors}", flush=True)

    with contextlib.ExitStack() as stack:
        stack.enter_context(server(command, gateway_environment(url, folder, port), port, "/readyz"))
        peers = [] if options.no_peers else start_peers(stack, url, folder, options.rows)
        for turn in range(options.rounds):
            print(f"round {turn + 1}", flush=True)
            for kind, reach in REACH.items():
                note(f"pgbench {kind}", pgbench(url, scripts[kind], **load))
                requests = folder / "requests.txt"
                requests.write_text(signed_requests(reach * options.seconds, question(kind, turn, options.rows)))
                note(f"gateway {kind}", wrk(port, requests, **load))
                for peer in peers:
                    count = PEER_REACH * options.seconds
                    if peer.plain is None:
                        requests.write_text(signed_requests(count, question(kind, turn, options.rows)))
                    else:
                        requests.write_text("\n".join(peer.plain(kind, number) for number in range(count)) + "\n")
                    note(f"{peer.name}, {kind}", wrk(peer.port, requests, **load))
    report(figures)


def question(kind: str, turn: int, rows: int) -> Callable[[int], str]:
    """The target of the n-th request of a round."""
    start = int(hashlib.sha256(f"{turn}{kind}".encode()).hexdigest()[:6], 16)
    path = f"/v1/resources/{RESOURCE}/rows"
    if kind == "point":
        return lambda number: f"{path}?sfzh=1101051990{(number * 7919 + start) % rows:08d}"
    return lambda number: f"{path}?qh={110000 + (number * 7919 + start) % (rows // 100)}&limit=100"


def report(figures: dict[str, list[Figure]]) -> None:
    """Print medians and ratios."""
    middle = {name: statistics.median(figure.rps for figure in found) for name, found in figures.items()}
    print("\nmedians")
    for name, found in figures.items():
        p99 = statistics.median(figure.p99 for figure in found)
        print(f"  {name:28} {middle[name]:9,.0f}/s  p99 {p99:6.1f} ms  errors {sum(figure.errors for figure in found)}")
    print("\nratios")
    for name, value in middle.items():
        kind = "point" if name.endswith("point") else "page"
        if not name.startswith("gateway"):
            aim = f"   (target {TARGETS[kind]})" if name.startswith("pgbench") else ""
            print(f"  gateway / {name:28} {middle[f'gateway {kind}'] / value:8.2f}{aim}")


def start_peers(stack: contextlib.ExitStack, url: str, folder: Path, rows: int) -> list[peers_.Peer]:
    """Start the peers, if they are installed."""
    if not peers_.PYTHON.exists():
        print(f"no peers: {peers_.PYTHON} does not exist")
        return []
    fast, data = free_port(), free_port()
    environment = {
        "PEER_DATABASE": url.replace("postgresql://", "postgresql+psycopg://"),
        "PEER_SECRET": SECRET.decode(),
        "PEER_RESOURCE": RESOURCE,
    }
    source = str(Path(peers_.__file__).with_name("fastapi_service.py"))
    stack.enter_context(server([str(peers_.PYTHON), source, str(fast)], environment, fast, "/ready"))
    copy = folder / "bench.db"
    peers_.copy_to_sqlite(url, copy)
    command = [str(peers_.PYTHON), "-m", "datasette", "serve", "-i", str(copy), "-p", str(data), "--setting", "suggest_facets", "off"]
    stack.enter_context(server(command, {}, data, "/-/versions.json"))
    return [peers_.Peer(peers_.FASTAPI, fast), peers_.Peer(peers_.DATASETTE, data, peers_.datasette_request(rows))]


if __name__ == "__main__":
    main()

"""
The catalog at the size of a province: import, index, and search over HTTP with every facet, in one run.

Records of five real portals (where they are not beside the checkout, made-up ones) are multiplied with variations. Search goes through the
whole stack: uvicorn, session, page with eight exact facet counts; the requests come one after another.

    python -m tests.benchmarks.catalog --records 20000 --requests 400
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
from psycopg import sql

from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import make_missing
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
DATABASE = "bench_catalog"
PORTALS = ("anhui_hefei", "anhui_wuhu", "ningxia_ningxia", "ningxia_yinchuan", "shaanxi_shaanxi")
#: the most that is good enough: seconds for 20,000 records, milliseconds of the slowest search in twenty
MOST_SECONDS, MOST_MILLISECONDS = 20.0, 30.0
#: broad words, rare words, two-sign words, names of offices, codes, items, several words, none
QUESTIONS = (
    *("信息", "数据", "企业", "银川市", "登记信息", "安全生产", "行政许可", "许可证", "名录", "统计", "教育局", "住建厅", "307000"),
    *("企业 安全 许可", "公共交通线路", "幼儿园", "PM2.5", "特殊教育学校教职工", "不存在的词语", ""),
)
NARROWED = ({}, {}, {"sharing": "-"}, {"cycle": "6"}, {"format": "2", "open": "1"}, {"region": "37"})


def prepare(name: str = DATABASE, *, keep: bool = False) -> None:
    """A fresh database with this checkout's schema (the one that is there, if it is kept), and Django set up on it."""
    var = ROOT / "var" / name.replace("_", "-")
    os.environ["ZHENGTONG_VAR"] = str(var)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhengtong.project.settings")
    server = EmbeddedPostgres.under(ROOT / "var/bench").start()
    if not keep:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    head, _mark, options = server.partition("?")
    os.environ["DATABASE_URL"] = f"{head.rpartition('/')[0]}/{name}?{options}"
    environment.cache_clear()
    settings = environment()
    make_missing(settings.keys, settings.scheme)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def files(count: int) -> list[tuple[str, bytes, dict[str, str]]]:
    """(source, file, mapping) of the portals, multiplied to ``count`` records in all."""
    folder = next((up / "shared/data/portal-catalogs" for up in ROOT.parents if (up / "shared/data/portal-catalogs").is_dir()), None)
    if folder is None:
        return [
            (
                "made-up",
                json.dumps(_made_up(count), ensure_ascii=False).encode(),
                {"标题": "title", "单位": "department", "摘要": "description"},
            )
        ]
    sources = [(name, *_portal(folder, name)) for name in PORTALS]
    whole = sum(len(records) for _name, records, _mapping in sources)
    times, rest = divmod(count, whole)
    found = []
    for name, records, mapping in sources:
        taken, rest = records[:rest], max(0, rest - len(records))
        copies = [_varied(record, mapping, number) for number in range(times) for record in records]
        copies += [_varied(record, mapping, times) for record in taken]
        found.append((name, json.dumps(copies, ensure_ascii=False).encode(), mapping))
    return found


def _portal(folder: Path, name: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    records = json.loads((folder / "metadata" / f"{name}.json").read_text())
    return records, json.loads((folder / "mapping" / f"{name}_mapping.json").read_text())


def _varied(record: dict[str, Any], mapping: dict[str, str], number: int) -> dict[str, Any]:
    if not number:
        return record
    own = {target: name for name, target in mapping.items()}
    title, url = own["title"], own["url"]
    return record | {title: record[title] and f"{record[title]}({2010 + number}年度)", url: f"{record[url]}&copy={number}"}


def _made_up(count: int) -> list[dict[str, str]]:
    subjects, kinds = (
        ("企业", "学校", "医院", "道路", "许可证", "教职工", "不动产"),
        ("登记信息", "名录", "统计数据", "处罚信息", "年检结果"),
    )
    return [
        {
            "标题": f"{subjects[number % 7]}{kinds[number % 5]}{number}",
            "单位": f"市{subjects[number % 7]}局",
            "摘要": f"{subjects[number % 3]}的{kinds[number % 4]}数据",
        }
        for number in range(count)
    ]


def take_in(count: int) -> dict[str, Any]:
    """Import, publish and index; seconds of each, and the run's counts."""
    from factories import world
    from zhengtong.apps.resources.catalog import api as catalog
    from zhengtong.kernel import clock

    place = world.office("山东省大数据局", is_bureau=True)
    sums = dict.fromkeys(("total", "added", "changed", "unchanged", "quarantined"), 0)
    began = time.perf_counter()
    for name, data, mapping in files(count):
        options = catalog.Options(publish=True, whole_region=True)
        run = catalog.import_file(
            data=data,
            file_name=f"{name}.json",
            office=place.code,
            by="process:bench",
            now=clock.now(),
            source=name,
            mapping=mapping,
            options=options,
        )
        sums = {key: value + getattr(run, key) for key, value in sums.items()}
    imported = time.perf_counter()
    entries = catalog.rebuild()
    indexed = time.perf_counter()
    return sums | {"import_seconds": round(imported - began, 1), "index_entries": entries, "index_seconds": round(indexed - imported, 1)}


def session() -> dict[str, str]:
    """Who asks: user name and password of an official."""
    from factories import world

    return {"username": world.official().username, "password": world.PASSWORD}


def serve(processes: int = 1) -> tuple[subprocess.Popen[bytes], str]:
    """The control plane in processes of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "zhengtong.project.asgi:application",
            "--port",
            str(port),
            "--workers",
            str(processes),
            "--log-level",
            "error",
            "--no-access-log",
        ],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    address = f"http://127.0.0.1:{port}"
    for _attempt in range(300):
        try:
            httpx.get(f"{address}/sign-in/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            break
    return process, address


def signed_in(address: str, who: dict[str, str]) -> httpx.Client:
    """A browser of an official."""
    client = httpx.Client(base_url=address, timeout=30)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in/").text)
    assert token
    answer = client.post("/sign-in/", data=who | {"csrfmiddlewaretoken": token.group(1)}, headers={"Referer": address})
    assert answer.status_code == 302, answer.text[:500]
    return client


def ask(client: httpx.Client, requests: int) -> dict[str, float]:
    """Milliseconds of searches over HTTP: the page with hits and all facets."""
    for text in QUESTIONS:
        client.get(f"/share/?{urlencode({'q': text})}").raise_for_status()
    taken, broad = [], []
    for number in range(requests):
        text, narrowed = QUESTIONS[number % len(QUESTIONS)], NARROWED[number % len(NARROWED)]
        began = time.perf_counter()
        client.get(f"/share/?{urlencode({'q': text} | narrowed)}").raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
        if text in {"信息", "数据", ""}:
            broad.append(taken[-1])
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20)[18], 1),
        "broad_p50_ms": round(statistics.median(broad), 1),
        "broad_p95_ms": round(statistics.quantiles(broad, n=20)[18], 1),
    }


def ask_engine(requests: int) -> dict[str, float]:
    """Milliseconds of searches inside the process: hits, facets and the page's rows, without HTTP, session and template."""
    from zhengtong.apps.resources.catalog import api as catalog

    taken = []
    for number in range(requests):
        question = catalog.SearchQuestion(QUESTIONS[number % len(QUESTIONS)], NARROWED[number % len(NARROWED)])
        began = time.perf_counter()
        catalog.search(question)
        taken.append((time.perf_counter() - began) * 1000)
    return {"engine_p50_ms": round(statistics.median(taken), 1), "engine_p95_ms": round(statistics.quantiles(taken, n=20)[18], 1)}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=400)
    given = parser.parse_args(arguments)
    prepare()
    result: dict[str, Any] = take_in(given.records)
    print(json.dumps(result), file=sys.stderr)
    result |= ask_engine(given.requests)
    process, address = serve()
    try:
        with contextlib.closing(signed_in(address, session())) as client:
            result |= ask(client, given.requests)
    finally:
        process.terminate()
        process.wait()
    result["load"] = [round(one, 1) for one in os.getloadavg()]
    print(json.dumps(result, ensure_ascii=False, indent=1))
    speed = result["total"] / result["import_seconds"]
    missed = [
        text
        for text, good in (
            (f"import of {result['total']} records took {result['import_seconds']} s", speed >= 20_000 / MOST_SECONDS),
            (f"search p95 was {result['p95_ms']} ms", result["p95_ms"] < MOST_MILLISECONDS),
        )
        if not good
    ]
    print("\n".join(missed) or "within the targets")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    sys.exit(main())

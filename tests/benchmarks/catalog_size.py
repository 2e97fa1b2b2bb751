"""
The catalog of a province: 420,000 entries with over 4,000,000 items on three levels, made, indexed and used over HTTP by ten clients.

Every client asks again as soon as it is answered; those of ``paced`` wait about a fifth of a second first, so that some forty questions a
second
arrive, which is what a few hundred officials ask. ``cold`` asks each question once after the index has changed, so that nothing that was
answered before helps; ``mixed`` draws questions as people do, a few often and many seldom; ``broad`` asks for words that 200,000 entries
and more hold.

    python -m tests.benchmarks catalog_size --entries=420000 --processes=2

``--keep`` uses what an earlier run made. ``--reports`` measures, instead of searching, what the catalog says about itself: quality,
worklists, files, bulk changes, notices.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import resource
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks import catalog as small
from tests.benchmarks import catalog_reports

DATABASE = "bench_catalog_size"
CLIENTS = 10
PAUSE = 0.2
BROAD = ("信息", "数据", "登记", "许可信息", "行政 信息", "更新时间")
SUBJECTS = "低保 社保 医保 公积金 不动产 教师资格 幼儿园 养老机构 食品经营 药品零售 空气质量 水位 信访 快递 烟草 律师 失业 残疾人 审计 停电"
PLACES = "济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽"
OFFICES = "教育局 民政局 住建局 人社局 卫健委 市场监管局 税务局 公安局 医保局 应急局"
OTHER = ("307009", "bdcdj", "怎么查我的社保缴费", "公基金贷款", "minzhengju", "公民身份号码 户口", "PM2.5", "")
NARROWED = ({}, {}, {}, {"sharing": "2"}, {"region": "3701"}, {"cycle": "2", "format": "3"}, {"open": "1"})


def questions() -> list[str]:
    """Addresses of searches, the more frequent first."""
    about = f"{SUBJECTS} {OFFICES}".split()
    texts = [*OTHER, *BROAD, *about, *(f"{place} {one}" for place in PLACES.split() for one in about)]
    drawn = random.Random(20)
    return [f"/share/?{urlencode({'q': text} | drawn.choice(NARROWED))}" for text in texts]


def asked(address: str, cookie: str, paths: list[str], *, clients: int = CLIENTS, pause: float = 0.0) -> dict[str, float]:
    """Milliseconds that ``clients`` waited who divide the paths among them, each pausing for about so many seconds before it asks again."""
    taken: list[float] = []
    drawn = random.Random(11)
    left = iter(paths)
    lock = threading.Lock()

    def ask() -> None:
        connection = http.client.HTTPConnection(address)
        while True:
            with lock:
                path = next(left, None)
            if path is None:
                connection.close()
                return
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            taken.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} {path}")
            if pause:
                time.sleep(drawn.uniform(0, 2 * pause))

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cut = statistics.quantiles(taken, n=100)
    figures = {"p50": cut[49], "p95": cut[94], "p99": cut[98], "per_second": len(taken) / (time.perf_counter() - began)}
    return {name: round(value, 1) for name, value in figures.items()} | {"requests": len(taken)}


def searches(address: str, cookie: str, requests: int, clients: int) -> dict[str, Any]:
    """The figures of searching, entry pages and trees."""
    from zhengtong.apps.resources.catalog.models import Resource

    every, drawn = questions(), random.Random(7)
    weights = [1 / (rank + 1) for rank in range(len(every))]
    codes = list(Resource.objects.filter(pk__in=drawn.sample(range(1, Resource.objects.count()), 400)).values_list("code", flat=True))
    trees = [
        "/share/tree/class/",
        "/share/tree/region/",
        "/share/tree/office/",
        "/share/tree/region/?below=37",
        "/share/tree/class/?below=3",
    ]
    broad = [f"/share/?{urlencode({'q': text} | narrowed)}" for text in BROAD for narrowed in NARROWED]
    paths = {
        "cold": every,
        "mixed": drawn.choices(every, weights, k=requests),
        "broad": drawn.choices(broad, k=requests),
        "entry": [f"/share/resources/{code}/" for code in codes],
        "tree": drawn.choices(trees, k=200),
    }
    found: dict[str, Any] = {name: asked(address, cookie, these, clients=clients) for name, these in paths.items()}
    unasked = [f"{path}&cycle=1" for path in every if path.startswith("/share/?q=")]
    found["paced"] = {
        name: asked(address, cookie, these[:400], clients=clients, pause=PAUSE) for name, these in (paths | {"cold": unasked}).items()
    }
    return found


@contextlib.contextmanager
def served(processes: int) -> Iterator[tuple[str, str]]:
    """Address of the control plane, and the cookie of an official."""
    process, address = small.serve(processes)
    try:
        with contextlib.closing(small.signed_in(address, small.session())) as client:
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        yield address.removeprefix("http://"), cookie
    finally:
        process.terminate()
        process.wait()


def found_after(client_path: tuple[str, str]) -> list[float]:
    """Seconds from the publication of an entry until a search over HTTP finds it, with an indexer following the outbox."""
    from factories import catalog as factory
    from zhengtong.apps.foundation.organisations import api as organisations
    from zhengtong.apps.resources.catalog import api as catalog
    from zhengtong.kernel import clock

    address, cookie = client_path
    city = factory.city(
        "3701", "济南市", bureau=organisations.bureau_for("3701"), place=organisations.search_offices("济南市教育局", limit=1)[0]
    )
    stop, waited = threading.Event(), list[float]()
    thread = threading.Thread(target=catalog.keep_index, args=(stop.is_set,))
    thread.start()
    try:
        for number in range(10):
            word = f"zx{os.getpid()}x{number}"
            city.published(name=f"新登记的资源 {word}", now=clock.now())
            began = time.perf_counter()
            connection = http.client.HTTPConnection(address)
            while True:
                connection.request("GET", f"/share/?q={word}", headers={"Cookie": cookie})
                if word.encode() + b"</mark>" in connection.getresponse().read():
                    break
            waited.append(time.perf_counter() - began)
            connection.close()
    finally:
        stop.set()
        thread.join()
    return waited


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=420_000)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--reports", action="store_true")
    given = parser.parse_args(arguments)
    small.prepare(DATABASE, keep=given.keep)
    from dataclasses import asdict

    from factories import province, world
    from zhengtong.apps.foundation.identity.models import Account
    from zhengtong.apps.resources.catalog import api as catalog
    from zhengtong.kernel import clock

    world.begin_at(20 * Account.objects.count())  # an earlier run's people are there
    result: dict[str, Any] = {}
    if not given.keep:
        began = time.perf_counter()
        made = province.found(entries=given.entries, now=clock.now(), tell=lambda text: print(text, file=sys.stderr, flush=True))
        result |= asdict(made) | {"made_seconds": round(time.perf_counter() - began, 1)}
        began = time.perf_counter()
        result |= {"indexed": catalog.rebuild(), "rebuild_seconds": round(time.perf_counter() - began, 1)}
        result["rebuild_peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if given.reports:
        result |= catalog_reports.figures()
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return 0
    with served(given.processes) as (address, cookie):
        result |= searches(address, cookie, given.requests, given.clients)
        waited = found_after((address, cookie))
        result["found_after_seconds"] = {"median": round(statistics.median(waited), 2), "longest": round(max(waited), 2)}
        result["searched_after_writes"] = asked(address, cookie, questions()[:200], clients=given.clients)
    result["load"] = [round(one, 1) for one in os.getloadavg()]
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return 0

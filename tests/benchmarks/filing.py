"""
Filing: prefill of 24 fields from six departments beside the slowest of them, and pages at a rate.

``make bench ARGS="filing [--rounds=200] [--seconds=30] [--rate=50] [--delay=0.05]"``. Departments are six servers of this machine that
answer after 0.3 to 1 times ``delay``; the platform asks them as it asks its gateway, signed, and keeps what they say in PostgreSQL. The
target for prefill is 1.5 times the slowest department, for pages p95 100 ms at 50 requests a second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DEPARTMENTS, FIELDS = 6, 24


def main(options: list[str]) -> None:
    """Make a database, measure, drop it."""
    parser = argparse.ArgumentParser(prog="filing")
    for name, usual in (("rounds", 200), ("seconds", 30), ("rate", 50)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--delay", type=float, default=0.05)
    wanted = parser.parse_args(options)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhengtong.project.settings")

    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, connections

    django.setup()
    name = f"bench_filing_{uuid.uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    usual_name = connection.settings_dict["NAME"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name
    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    try:
        call_command("migrate", verbosity=0)
        _measure(wanted)
    finally:
        connection.close()
        connections["default"].settings_dict["NAME"] = usual_name
        with connection.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


@contextmanager
def _departments(delay: float, slowest: list[float]) -> Iterator[str]:
    """A gateway whose resources answer each after its own time."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begun = time.perf_counter()
            parts = urlsplit(self.path)
            number = int(unquote(parts.path).split("/")[-2])
            time.sleep(delay * (0.3 + 0.7 * (number % DEPARTMENTS) / (DEPARTMENTS - 1)))
            row = dict.fromkeys(parse_qs(parts.query)["fields"][0].split(","), "甲乙")
            body = json.dumps({"data": [row], "next": None, "request_id": "bench"}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            slowest.append(time.perf_counter() - begun)

        def log_message(self, *_given: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _measure(wanted: argparse.Namespace) -> None:
    from factories import people
    from factories.filing import NOW, Gateway, Town, filer, person, source
    from zhengtong.apps.affairs.filing import api as filing
    from zhengtong.apps.affairs.filing.operations import asking
    from zhengtong.toolkit.environment import environment

    answered: list[float] = []
    with _departments(wanted.delay, answered) as url:
        asking.environment = lambda: replace(environment(), gateway_url=url)  # type: ignore[assignment]
        town = Town(Gateway())
        items = ("xm", "sjh", "qh", "sfzh")
        codes = [town.source(f"部门{number}") for number in range(DEPARTMENTS)]
        fields = {
            f"f{number}": {"type": "string", "title": f"项{number}", **source(codes[number % DEPARTMENTS], items[number // DEPARTMENTS])}
            for number in range(FIELDS)
        }
        pages = [{"key": "all", "title": "全部", "fields": list(fields)}]
        item = town.item({"type": "object", "title": "二十四项", "properties": fields, "x-pages": pages})
        times = []
        for _round in range(wanted.rounds):
            who = filer(person())
            begun = time.perf_counter()
            public = filing.begin(filer=who, item_code=item.code, now=NOW)
            times.append(time.perf_counter() - begun)
            assert len(filing.draft(who, public).answers) == FIELDS
        slow = _p95(sorted(answered)[-max(2, wanted.rounds) :])
        said = f"p50 {statistics.median(times) * 1000:.0f} ms, p95 {_p95(times) * 1000:.0f} ms"
        print(f"prefill of {FIELDS} fields from {DEPARTMENTS} departments: {said}")
        print(f"slowest department: p95 {slow * 1000:.0f} ms; ratio {_p95(times) / slow:.2f} (target 1.5)")
        mine = person()
        client = people.signed_in(mine)
        page = client.post(f"/me/apply/{item.code}/")["location"]
        _pages(lambda: client.get(page).status_code, wanted.seconds, wanted.rate)


def _pages(get: Callable[[], Any], seconds: float, rate: int) -> None:
    """Ask for a page of 24 filled fields at a rate; a request that begins late counts from when it was due."""
    times = []
    start = time.perf_counter()
    for number in range(int(seconds * rate)):
        due = start + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        assert get() == 200
        times.append(time.perf_counter() - due)
    print(f"pages at {rate}/s in one process: p50 {statistics.median(times) * 1000:.0f} ms, p95 {_p95(times) * 1000:.0f} ms (target 100)")

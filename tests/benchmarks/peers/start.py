"""Starts the peers that ``requirements/bench.txt`` installs: a hand-written FastAPI service, and Datasette on a copy of the table."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-bench/bin/python"
FASTAPI, DATASETTE = "FastAPI + SQLAlchemy", "Datasette"


@dataclass
class Peer:
    """A running peer. ``requests`` makes a file of prepared requests for a kind and a round; None: the gateway's own, freshly signed."""

    name: str
    port: int
    plain: Callable[[str, int], str] | None = None


def copy_to_sqlite(url: str, path: Path) -> None:
    """The hub table in SQLite, with the same indices."""
    with psycopg.connect(url) as source, contextlib.closing(sqlite3.connect(path)) as target:
        cursor = source.execute("select * from hub.bench")
        names = [column.name for column in cursor.description or ()]
        target.execute(f"create table bench ({', '.join(names)}, primary key (id_no))")
        marks = ", ".join("?" * len(names))
        values = ([str(value) if name == "birth" else value for name, value in zip(names, row, strict=True)] for row in cursor)
        target.executemany(f"insert into bench values ({marks})", values)
        target.execute("create index bench_district on bench (district, id_no)")
        target.commit()


def datasette_request(rows: int) -> Callable[[str, int], str]:
    """The same questions as Datasette understands them; nothing is signed, for it has none of the duties."""

    def target(kind: str, number: int) -> str:
        if kind == "point":
            path = f"/bench/bench.json?_shape=array&_nocount=1&id_no__exact=1101051990{number * 7919 % rows:08d}"
        else:
            path = f"/bench/bench.json?_shape=array&_nocount=1&_size=100&district__exact={110000 + number * 7919 % (rows // 100)}"
        return f"GET {path} HTTP/1.1|Host: peer||"

    return target

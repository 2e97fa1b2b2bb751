"""A department's database with rows good and bad, and a receiver's, both real."""

from __future__ import annotations

import psycopg
from psycopg import sql

from factories.sharing import NOW, Circle
from zhengtong.apps.flow.exchange import api as exchange

#: a valid and an invalid identity number
GOOD, BAD = "11010519491231002X", "110105194912310021"
MAPPING = {"sfzh": "SFZH", "xm": "XM", "sjh": "LXDH", "qh": "XZQHDM", "csrq": "CSRQ", "je": "JE"}
RULES = [{"kind": "identity-number", "item": "sfzh"}, {"kind": "not-null", "item": "xm"}]


def addressed(url: str) -> str:
    """The address as a steward writes it, with an account that has a password of its own."""
    with psycopg.connect(url) as connection:
        database, host, port = connection.info.dbname, connection.info.host, connection.info.port
        account = sql.Identifier(f"steward_{database}")
        there = connection.execute("select 1 from pg_roles where rolname = %s", (f"steward_{database}",)).fetchone()
        if not there:
            connection.execute(sql.SQL("create role {} login superuser password 'secret-word'").format(account))
    return f"postgresql://steward_{database}:secret-word@/{database}?host={host}&port={port}"


def source(url: str, rows: int = 30) -> None:
    """The department's table: ``rows`` good rows and one that breaks a rule."""
    with psycopg.connect(url) as connection:
        connection.execute("create schema civil")
        connection.execute(
            'create table civil.dbdx ("SFZH" varchar(18) primary key, "XM" text, "LXDH" text, "XZQHDM" text, "CSRQ" date, '
            '"JE" numeric(12,2), "GXSJ" timestamptz default now())'
        )
        connection.execute("""comment on column civil.dbdx."SFZH" is '公民身份号码'""")
        connection.execute("""comment on column civil.dbdx."JE" is '金额'""")
        for number in range(rows):
            connection.execute(
                "insert into civil.dbdx values (%s, %s, %s, %s, %s, %s)",
                (identity(number), f"王{number}", f"1380000{number:04d}", "370102" if number % 2 else "370201", "1949-12-31", number),
            )
        connection.execute("insert into civil.dbdx values (%s, %s, %s, %s, %s, %s)", (BAD, "=cmd()", None, "370102", "1949-12-31", 1))


def identity(number: int) -> str:
    """A valid identity number (GB 11643)."""
    stem = f"11010519491231{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return stem + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(stem, weights, strict=True)) % 11]


def bind(circle: Circle, url: str, **changes: object) -> None:
    """Bind the circle's resource to the department's table."""
    facts: dict[str, object] = {"schema": "civil", "table": "dbdx", "mapping": MAPPING, "rules": RULES, **changes}
    exchange.bind_table(by=circle.keeper, resource_id=circle.resource, wanted=exchange.TableBinding(url=addressed(url), **facts), now=NOW)  # type: ignore[arg-type]


def collected(circle: Circle, url: str) -> exchange.RunView:
    """A finished run that brought the rows into the hub."""
    bind(circle, url)
    run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.FINISHED, exchange.run(run, actor=circle.keeper).failure
    return exchange.run(run, actor=circle.keeper)

"""The demo city in a real PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from zhengtong.kernel.errors import Invalid
from zhengtong.project.demo.city import DemoCity
from zhengtong.project.demo.loading import Progress, load
from zhengtong.project.demo.tables import BY_NAME, TABLES

DEPARTMENTS = sorted({table.department for table in TABLES})


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))).fetchone()
    assert row
    return int(row[0])


def test_every_department_gets_its_schema(database_url: str) -> None:
    seen: list[Progress] = []
    city = DemoCity(2_000, chunk=500)
    written = load(city, dict.fromkeys(DEPARTMENTS, database_url), seen.append)
    for table in TABLES:
        duplicates = city.report.faults[table.qualified, "", "duplicate-row"]
        assert count(database_url, table.qualified) == written[table.qualified] == city.report.rows[table.qualified] + duplicates
    assert seen[-1].total == written.total()
    with psycopg.connect(database_url) as connection:
        comment = connection.execute(
            "select col_description('public_security.czrk_jbxx'::regclass, 1), obj_description('public_security.czrk_jbxx'::regclass)"
        ).fetchone()
        keys = connection.execute("select count(*) from pg_constraint where contype = 'p' and conrelid > 16383").fetchone()
        blanks = connection.execute("""select count(*) from public_security.czrk_jbxx where "HKSZD_XZ" ~ '\\s$'""").fetchone()
        missing = connection.execute("""select count(*) from public_security.czrk_jbxx where "LXDH" is null""").fetchone()
    assert comment == ("公民身份号码", "常住人口基本信息")
    assert keys == (sum(table.unique for table in BY_NAME.values()),)
    assert blanks == (city.report.faults["public_security.czrk_jbxx", "HKSZD_XZ", "trailing-blanks"],)
    assert missing == (city.report.faults["public_security.czrk_jbxx", "LXDH", "missing"],)


def test_an_unknown_department_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        load(DemoCity(10), {"weather": "postgresql:///nowhere"})
    assert refusal.value.field == "urls"


def test_loading_again_replaces(database_url: str) -> None:
    urls = {"taxation": database_url}
    first = load(DemoCity(1_000), urls)
    assert set(first) == {"taxation.dj_nsrxx"}
    load(DemoCity(500), urls)
    assert count(database_url, "taxation.dj_nsrxx") < first["taxation.dj_nsrxx"]


def test_a_load_that_breaks_leaves_what_was_there(database_url: str) -> None:
    load(DemoCity(500), {"taxation": database_url})
    before = count(database_url, "taxation.dj_nsrxx")

    def broken(_progress: Progress) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        load(DemoCity(1_000), {"taxation": database_url}, broken)
    assert count(database_url, "taxation.dj_nsrxx") == before

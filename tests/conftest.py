"""One PostgreSQL for the whole run, a fresh database for whoever asks."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import sql
from pytest_django import DjangoDbBlocker, Settings

from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[1]
# a busy machine is no failure; `--hypothesis-profile thorough` looks ten times as hard
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.register_profile("thorough", hypothesis.settings.get_profile("patient"), max_examples=1000)
hypothesis.settings.load_profile("patient")
#: Real input lies beside the checkout or above it; it is never part of the project.
SHARED_DATA = next((up / "shared" / "data" for up in ROOT.parents if (up / "shared" / "data").is_dir()), ROOT.parent / "shared" / "data")


@pytest.fixture(scope="session")
def server_url() -> str:
    """The maintenance database of the PostgreSQL under test."""
    return os.environ.get("DATABASE_URL") or EmbeddedPostgres.under(ROOT / "var/test").start()


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """A new, empty database, dropped afterwards."""
    name = f"zt_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    head, _, options = server_url.partition("?")
    yield f"{head.rpartition('/')[0]}/{name}?{options}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real input; a test that needs it is skipped where it is absent, and fails there in CI."""
    if not SHARED_DATA.is_dir():
        if os.environ.get("ZHENGTONG_REQUIRE_ALL"):
            pytest.fail(f"{SHARED_DATA} is required here")
        pytest.skip("real input is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Pages under test name static files as they are; collecting and hashing them belongs to the start of the processes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Hashing that is slow on purpose would be most of the time of every test in which somebody signs in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


_LEFT = """
    select format('%%s %%s since %%s: %%s', application_name, state, backend_start, left(query, 200)) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def _deletions(operations: DatabaseOperations, _style: Any, tables: list[str], **_options: bool) -> list[str]:
    """
    What empties the tables after a test that commits: rows are deleted from those that have any.

    Truncating makes new files of every table and index, hundreds of them for a handful of rows. As a replica the server fires no triggers,
    so that neither foreign keys nor what guards the ledger stand in the way.
    """
    with operations.connection.cursor() as cursor:
        found = ", ".join(f"case when exists (select 1 from {operations.quote_name(one)}) then '{one}' end" for one in tables)
        cursor.execute(f"select array_remove(array[{found}], null)")
        filled = cursor.fetchone()[0]
    deletions = [f"delete from {operations.quote_name(one)}" for one in filled]
    return ["set local session_replication_role = replica", *deletions] if deletions else []


@pytest.fixture(scope="session")
def quick_database() -> Iterator[None]:
    """A database that lives as long as the run need not reach the disk, nor be emptied by the file."""
    if not os.environ.get("DATABASE_URL"):
        with psycopg.connect(EmbeddedPostgres.under(environment().var).start(), autocommit=True) as server:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                server.execute(f"alter system set {name} = off")
            server.execute("select pg_reload_conf()")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", _deletions)
        yield


@pytest.fixture(scope="session")
def django_db_setup(quick_database: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Nobody holds the database under test when the run ends: who does has leaked a connection, and is named."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for _ in range(50):  # threads of a live server end by themselves, but after it
            cursor.execute(_LEFT, [])
            left = [row[0] for row in cursor.fetchall()]
            if not left:
                return
            time.sleep(0.1)
        # a name that is used again must not stay behind
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
    pytest.fail("connections to the test database were left open:\n" + "\n".join(left))


_RAW_TABLES = ("ledger_chain", "ledger_block", "ledger_entry", "ledger_unfolded", "outbox_message", "outbox_position")


@pytest.fixture(autouse=True)
def tables_past_django_are_emptied(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A test that commits leaves its traces in tables that Django's flush does not know; the next test must not find them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames) or (marker and marker.kwargs.get("transaction"))
    if commits:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            for table in _RAW_TABLES:
                cursor.execute(f"delete from {table}")
            cursor.execute("reset session_replication_role")

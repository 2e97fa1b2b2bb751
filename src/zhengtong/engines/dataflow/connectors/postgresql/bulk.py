"""
ADBC connections that do not read the server's whole list of types each time.

The driver reads every type of the database when an ``AdbcDatabase`` is made, and each table adds two: in a database of some hundred tables
that takes longer than the whole run of a small table. A database that was made is therefore used again for as long as its types stay.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql
import psycopg
from adbc_driver_manager import dbapi

#: addresses whose types are kept; a worker rarely speaks with more within a minute
_KEPT = 16
#: changes whenever a type is added or taken away, except the row types and arrays that come with every table, which no column of ours has
_TYPES = "select count(*), coalesce(max(oid::bigint), 0) from pg_type where typtype not in ('c', 'p') and typcategory <> 'A'"

_lock = threading.Lock()
_databases: OrderedDict[str, tuple[tuple[int, int], adbc_driver_manager.AdbcDatabase]] = OrderedDict()


class _Borrowed:
    """What a connection holds instead of its database: kept alive as long as the connection is, closed with the last who holds it."""

    def __init__(self, database: adbc_driver_manager.AdbcDatabase) -> None:
        self.database = database

    def close(self) -> None:
        """Others use it too."""


def connect(url: str) -> dbapi.Connection:
    """
    A connection outside autocommit.

    :raises psycopg.Error: if there is none.
    :raises adbc_driver_manager.Error: likewise.
    """
    with _lock:
        kept = _databases.get(url)
        if kept is not None:
            _databases.move_to_end(url)
    if kept is not None:
        again = _again(*kept)
        if again is not None:
            return again
    return _opened(_made(url))


def _opened(database: adbc_driver_manager.AdbcDatabase) -> dbapi.Connection:
    connection = adbc_driver_manager.AdbcConnection(database)
    try:
        holder: Any = _Borrowed(database)
        return dbapi.Connection(holder, connection)
    except Exception:
        connection.close()
        raise


def _again(types: tuple[int, int], database: adbc_driver_manager.AdbcDatabase) -> dbapi.Connection | None:
    """A connection over types that were read before, if they are still those; None where the first way has to say what is wrong."""
    try:
        connection = _opened(database)
    except adbc_driver_manager.Error:
        return None
    found: object = None
    with suppress(adbc_driver_manager.Error):
        with connection.cursor() as cursor:
            cursor.execute(_TYPES)
            found = cursor.fetchone()
        # nobody's transaction: whoever asked for the connection begins their own
        connection.rollback()
    if found == types:
        return connection
    connection.close()
    return None


def _made(url: str) -> adbc_driver_manager.AdbcDatabase:
    with psycopg.connect(url, autocommit=True) as asked:
        count, newest = asked.execute(_TYPES).fetchone() or (0, 0)
    types = (count, newest)
    made: adbc_driver_manager.AdbcDatabase = adbc_driver_postgresql.connect(url)
    with _lock:
        _databases[url] = (types, made)
        _databases.move_to_end(url)
        if len(_databases) > _KEPT:
            _databases.popitem(last=False)
    return made

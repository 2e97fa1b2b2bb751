"""Locks by name, held by this process's connection to the database, which lets go of those of a process that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

__all__ = ["alone"]


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else holds the lock; holds it for the block if so. Across transactions, which may come and go in the block."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        held = bool((cursor.fetchone() or (False,))[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])

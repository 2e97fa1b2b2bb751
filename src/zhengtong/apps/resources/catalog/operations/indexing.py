"""
Keeping the search index true: fed from the outbox, rebuilt from PostgreSQL at any time, its drift measured and mended.

One process writes at a time (a lock file decides); readers notice a new state by themselves. Losing the index loses nothing.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import tantivy
from django.db import connection, transaction

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.operations.storing import CHANGED
from zhengtong.apps.resources.catalog.queries import index
from zhengtong.apps.resources.catalog.queries.indexable import highest, indexable, of_offices, stamps
from zhengtong.apps.resources.catalog.rules.indexed import Indexable, index_document, schema
from zhengtong.toolkit.outbox import api as outbox

#: The name under which the indexer reads the outbox.
READER = "catalog-index"
_HEAP = 64 * 2**20
_MOST_MESSAGES = 1000
#: numbers that are compared at once when drift is measured
_SLICE = 20_000
#: How long a message may go unnoticed if no notice arrives.
_POLL_SECONDS = 0.5


@contextmanager
def _writing(*, wait: bool) -> Iterator[bool]:
    """Hold the writer's lock file; False if somebody else does and we do not wait."""
    index.folder().mkdir(parents=True, exist_ok=True)
    with (index.folder() / "writer.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def rebuild(*, progress: Callable[[int], None] | None = None) -> int:
    """Build the index anew from PostgreSQL beside the old one and switch over; returns how many entries it holds."""
    with _writing(wait=True):
        return _rebuild(progress)


def _rebuild(progress: Callable[[int], None] | None) -> int:
    with transaction.atomic():
        outbox.skip_to_end(READER)
    place = index.new_generation()
    count = _write(tantivy.Index(schema(), path=str(place)), (), indexable(), progress)
    marker = index.folder() / f"CURRENT.{place.name}"
    marker.write_text(place.name)
    marker.replace(index.folder() / "CURRENT")
    for old in index.folder().iterdir():
        if old.is_dir() and old != place:
            shutil.rmtree(old, ignore_errors=True)
    return count


def _write(
    target: tantivy.Index, gone: Collection[int], entries: Iterable[Indexable], progress: Callable[[int], None] | None = None
) -> int:
    writer = target.writer(_HEAP, 1)
    count = 0
    if gone:
        writer.delete_documents_by_query(tantivy.Query.term_set_query(schema(), "id", sorted(gone)))
    for count, entry in enumerate(entries, start=1):
        writer.add_document(index_document(entry))
        if progress is not None and count % _MOST_MESSAGES == 0:
            progress(count)
    writer.commit()
    writer.wait_merging_threads()
    return count


def _apply(place: Path, ids: set[int]) -> None:
    _write(tantivy.Index.open(str(place)), ids, indexable(sorted(ids)))


def index_once() -> int:
    """
    Take the next changes from the outbox into the index; returns how many entries were looked at.

    0 also when another process is at it. The outbox moves on only after the index is on disk, so a kill in between repeats the work.
    """
    with _writing(wait=False) as ours:
        if not ours:
            return 0
        place = index.current()
        if place is None or not (place / "meta.json").exists():
            return _rebuild(None)
        with outbox.batch(READER, topics=(CHANGED, organisations.OFFICE_CHANGED), limit=_MOST_MESSAGES) as messages:
            changed = [message.body for message in messages if message.topic == CHANGED]
            ids = {int(number) for body in changed for number in body.get("resources", [body.get("resource")])}
            ids.update(of_offices({message.body["office"] for message in messages if message.topic == organisations.OFFICE_CHANGED}))
            if ids:
                _apply(place, ids)
        return len(ids)


def keep_index(should_stop: Callable[[], bool]) -> None:
    """Follow the outbox until told to stop: a notice wakes the indexer, so that a change is found within a second."""
    try:
        with psycopg.connect(**_parameters(), autocommit=True) as listener:
            listener.execute(f"listen {outbox.CHANNEL}")
            while not should_stop():
                while index_once():
                    pass
                for _notice in listener.notifies(timeout=_POLL_SECONDS, stop_after=1):
                    pass
    finally:
        connection.close()


def _parameters() -> dict[str, Any]:
    """How the control plane's own database is reached, without what only Django understands."""
    own = connection.get_connection_params()
    return {name: value for name, value in own.items() if name not in {"cursor_factory", "context", "prepare_threshold"}}


@dataclass(frozen=True)
class Drift:
    """How far the index is from the truth: entries it lacks, has in an old state, or should not have."""

    database: int
    index: int
    missing: tuple[int, ...]
    stale: tuple[int, ...]
    surplus: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many entries are wrong."""
        return len(self.missing) + len(self.stale) + len(self.surplus)


def drift() -> Drift:
    """
    Compare every published entry with the index, by the stamp of its version and of its office's names.

    Entries are compared a slice at a time, so that neither a catalog nor an index lies in memory as a whole.

    :raises IndexMissing: before the index is first built.
    """
    searcher = index.reader().searcher
    offices: dict[str, organisations.OfficeView] = {}
    database, indexed, missing, stale, surplus = 0, 0, list[int](), list[int](), list[int]()
    last = max(highest(), _highest_indexed(searcher))
    for above in range(0, last, _SLICE):
        truth, held = stamps(above, above + _SLICE, offices), _held(searcher, above, above + _SLICE)
        database, indexed = database + len(truth), indexed + len(held)
        missing += sorted(truth.keys() - held.keys())
        stale += sorted(number for number, stamp in truth.items() if number in held and held[number] != stamp)
        surplus += sorted(held.keys() - truth.keys())
    return Drift(database, indexed, missing=tuple(missing), stale=tuple(stale), surplus=tuple(surplus))


def _held(searcher: tantivy.Searcher, above: int, upto: int) -> dict[int, int]:
    """Stamps by number of what the index holds between two numbers."""
    within = tantivy.Query.range_query(schema(), "id", tantivy.FieldType.Unsigned, above + 1, upto)
    addresses = [address for _score, address in searcher.search(within, upto - above, count=False).hits]
    numbers, found = (searcher.fast_field_values(name, addresses) for name in ("id", "stamp"))
    return {int(number): int(stamp) for number, stamp in zip(numbers, found, strict=True) if number is not None and stamp is not None}


def _highest_indexed(searcher: tantivy.Searcher) -> int:
    found = searcher.search(tantivy.Query.all_query(), 1, order_by_field="id", count=False).hits
    return int(found[0][0]) if found else 0


def mend() -> Drift:
    """
    Put right what :func:`drift` finds, and return what that was.

    Changes go on being taken in meanwhile: only what seems wrong is held against the truth once more, and written, under the lock.

    :raises IndexMissing: before the index is first built.
    """
    found = drift()
    if not found.total:
        return found
    with _writing(wait=True):
        place = index.current()
        if place is not None:
            _apply(place, {*found.missing, *found.stale, *found.surplus})
    return found

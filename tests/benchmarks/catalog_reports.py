"""
What the catalog says about itself at the size of a province, asked in one process: measuring, worklists, comparisons, files, notices.

Every figure is seconds or milliseconds of one call as the pages make it, with the queries it took; ``catalog_size --reports`` runs it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

#: so many batches of messages are surely all
_TURNS = 50


def _timed(act: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds (the middle of three) and queries of an act."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            act()
            taken.append((time.perf_counter() - began) * 1000)
    return {"ms": round(sorted(taken)[1], 1), "queries": len(asked)}


def _emptied(rows: Iterable[Any]) -> int:
    return sum(1 for _ in rows)


def _drained(pieces: Iterable[bytes]) -> dict[str, float]:
    began, first, size = time.perf_counter(), 0.0, 0
    for piece in pieces:
        first = first or time.perf_counter() - began
        size += len(piece)
    return {"seconds": round(time.perf_counter() - began, 1), "first_byte_ms": round(first * 1000, 1), "mib": round(size / 2**20, 1)}


def measuring() -> dict[str, Any]:
    """Measuring everything anew, finding what looks the same, and following one change."""
    from zhengtong.apps.resources.quality import api as quality
    from zhengtong.apps.resources.quality.models import AlikePair, EntryScore, ItemUse
    from zhengtong.apps.resources.quality.operations import measuring as work
    from zhengtong.apps.resources.quality.operations import pairing
    from zhengtong.kernel import clock

    def tell(done: int) -> None:
        if done % 20_000 == 0:
            print(f"measured {done}", file=sys.stderr, flush=True)

    began = time.perf_counter()
    entries = quality.rebuild(now=clock.now(), progress=tell)
    whole = time.perf_counter() - began
    began = time.perf_counter()
    pairing.pair_all()
    paired = time.perf_counter() - began
    middle = list(EntryScore.objects.order_by("pk").values_list("pk", flat=True)[entries // 2 : entries // 2 + 1000])
    return {
        "rebuild": {
            "entries": entries,
            "items": ItemUse.objects.count(),
            "seconds": round(whole, 1),
            "of_it_pairing": round(paired, 1),
            "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        },
        "alike_pairs": AlikePair.objects.count(),
        "measure_one": _timed(lambda: work.measure(middle[:1], now=clock.now())),
        "measure_thousand": _timed(lambda: work.measure(middle, now=clock.now())),
    }


def pages() -> dict[str, Any]:
    """What the pages of quality and the worklists ask, first pages and ones from the middle."""
    from factories import world
    from zhengtong.apps.foundation.identity import api as identity
    from zhengtong.apps.foundation.organisations import api as organisations
    from zhengtong.apps.resources.catalog import api as catalog
    from zhengtong.apps.resources.quality import api as quality
    from zhengtong.apps.resources.quality.models import OfficeTally

    tally = OfficeTally.objects.filter(office__region__code="3701").order_by("-entries").first()
    assert tally is not None
    office = organisations.office(tally.office_id)
    bureau = organisations.bureau_for(office.region)
    approver = world.official(identity.Role.BUREAU_APPROVER, at=bureau)
    steward = world.official(identity.Role.STEWARD, at=office)
    rule = quality.mend_first(office.code, entries=tally.entries)[0].rule.code
    pair = quality.alike_pairs(approver, quality.AlikeFilter())[0]
    entry = catalog.resource(pair.first.id)
    anything, alike, cases = catalog.WorkFilter(), quality.AlikeFilter(), quality.CaseFilter()
    deep = quality.office_scores(limit=2000)[-1].key
    found = {
        "offices": _timed(lambda: (quality.whole(), quality.office_scores())),
        "offices_deep": _timed(lambda: quality.office_scores(after=deep)),
        "offices_named": _timed(lambda: quality.office_scores(text="教育局")),
        "office": _timed(lambda: (quality.office_score(office.code), quality.entry_scores(office.code), quality.months(office.code))),
        "office_rule": _timed(lambda: quality.entry_scores(office.code, rule=rule)),
        "sources": _timed(lambda: quality.source_cases(cases)),
        "sources_open": _timed(lambda: quality.source_cases(quality.CaseFilter(decided="no", office=office.code))),
        "alike_of_bureau": _timed(lambda: quality.alike_pairs(approver, alike)),
        "alike_of_office": _timed(lambda: quality.alike_pairs(steward, alike)),
        "alike_within": _timed(lambda: quality.alike_pairs(approver, quality.AlikeFilter(within=True), after=pair.key)),
        "hints": _timed(lambda: quality.alike_hints(office.code, entry.name, entry.items)),
        "coverage": _timed(quality.coverages),
        "worklist": _timed(lambda: (catalog.worklist(approver, anything), catalog.work_counts(approver, anything))),
        "worklist_by_name": _timed(lambda: catalog.worklist(approver, catalog.WorkFilter(order="name"))),
        "worklist_text": _timed(lambda: catalog.worklist(approver, catalog.WorkFilter(text="许可"))),
        "worklist_of_fault": _timed(lambda: catalog.worklist(approver, catalog.WorkFilter(fault=rule))),
        "editable": _timed(lambda: catalog.count_editable(steward, anything)),
    }
    return {"pages": found}


def files() -> dict[str, Any]:
    """Files and comparisons of everything."""
    from zhengtong.apps.resources.catalog import api as catalog
    from zhengtong.apps.resources.quality import api as quality

    found = {
        "offices_csv": _timed(lambda: _emptied(quality.every_office_score())),
        "sources_csv": _timed(lambda: _emptied(quality.every_case(quality.CaseFilter()))),
        "catalog_csv": _drained(catalog.export_published(kind="csv")),
    }
    began = time.perf_counter()
    drifted = catalog.drift()
    found["drift"] = {"seconds": round(time.perf_counter() - began, 1), "compared": drifted.database}
    return {"files": found}


def changes() -> dict[str, Any]:
    """A change of a thousand entries and its undoing; two hundred followed searches told of fifty new entries."""
    from factories import catalog as factory
    from factories import world
    from zhengtong.apps.foundation.identity import api as identity
    from zhengtong.apps.foundation.organisations import api as organisations
    from zhengtong.apps.resources.catalog import api as catalog
    from zhengtong.apps.resources.quality import api as quality
    from zhengtong.apps.resources.quality.models import OfficeTally
    from zhengtong.kernel import clock

    tallies = OfficeTally.objects.filter(office__region__code="3701").order_by("-entries")
    offices = list(tallies.values_list("office", flat=True)[:20])
    steward = world.official(identity.Role.STEWARD, at=organisations.office(offices[0]))
    for code in offices[1:]:
        identity.assign_role(
            by="process:bench", account_id=steward.account_id, office=code, role=identity.Role.STEWARD, now=world.NOW, since=world.TODAY
        )
    actor = identity.actor(steward.account_id, on=clock.local_date(clock.now()))
    wanted = catalog.WorkFilter()
    count = catalog.count_editable(actor, wanted)
    began = time.perf_counter()
    made = catalog.change_many(actor=actor, wanted=wanted, said={"tags_add": [f"批{os.getpid()}"]}, expected=count, now=clock.now())
    queued = time.perf_counter() - began
    began = time.perf_counter()
    catalog.work_off_changes(now=clock.now())
    worked = time.perf_counter() - began
    catalog.undo_change(actor=actor, number=made.id, now=clock.now())
    began = time.perf_counter()
    catalog.work_off_changes(now=clock.now())
    undone = time.perf_counter() - began
    while catalog.index_once():
        pass
    for _ in range(_TURNS):
        catalog.tell_of_new_hits(now=clock.now())
    followers = [world.official(at=organisations.office(offices[0])) for _ in range(10)]
    for place, one in enumerate(followers):
        for number in range(20):
            catalog.keep_search(actor=one, text=f"登记 {place * 20 + number}" if number % 2 else "登记", chosen={}, now=clock.now())
    city = factory.city("3701", "济南市", bureau=organisations.bureau_for("3701"), place=organisations.office(offices[0]))
    for number in range(50):
        city.published(name=f"新登记 {number}", now=clock.now())
    while catalog.index_once():
        pass
    began = time.perf_counter()
    told = sum(catalog.tell_of_new_hits(now=clock.now()) for _ in range(_TURNS))
    telling = time.perf_counter() - began
    began = time.perf_counter()
    while quality.follow(now=clock.now()):
        pass
    return {
        "change": {"entries": count, "queued_seconds": round(queued, 2), "seconds": round(worked, 1), "undone_seconds": round(undone, 1)},
        "followed": {"searches": 200, "new_entries": 50, "notices": told, "seconds": round(telling, 2)},
        "quality_caught_up_seconds": round(time.perf_counter() - began, 1),
    }


def figures() -> dict[str, Any]:
    """All of them; the database is the caller's."""
    found = dict[str, Any]()
    for act in (measuring, pages, files, changes):
        some = act()
        # what a later part breaks on is not to take the earlier ones with it
        print(json.dumps(some), file=sys.stderr, flush=True)
        found |= some
    return found

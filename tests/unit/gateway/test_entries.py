"""Entries formatted by hand are the entries that the contract encodes."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.contracts.traces import Entry, decode_entries, encode_entries
from zhengtong.gateway.counting import KINDS, Knock, RefusalCounter, entry
from zhengtong.gateway.entries import EntryForm
from zhengtong.gateway.moments import Moments
from zhengtong.kernel.identifiers import uuid7

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
lists = st.lists(words, max_size=3).map(tuple)
moments = st.integers(min_value=0, max_value=4_102_444_800_000_000).map(lambda micro: micro * 1000)


@given(
    texts=st.fixed_dictionaries(
        dict.fromkeys(
            ("event", "outcome", "actor", "office", "provider", "resource", "grant", "purpose", "case", "channel", "address"), words
        )
    ),
    items=lists,
    subjects=lists,
    rows=st.integers(min_value=0, max_value=2**40),
    ns=moments,
    detail=st.dictionaries(words, st.integers(0, 9), max_size=2),
)
def test_by_hand_equals_by_contract(texts, items, subjects, rows, ns, detail):
    at = datetime.fromtimestamp(ns // 1_000_000_000, UTC).replace(microsecond=ns % 1_000_000_000 // 1000)
    model = Entry(id="0" * 32, at=at, items=items, subjects=subjects, rows=rows, detail=detail, **texts)
    fixed = {name: texts[name] for name in ("event", "actor", "office", "provider", "resource", "grant", "purpose", "channel")}
    line = EntryForm.of(items=items, **fixed).fill(
        request_id="0" * 32,
        at=Moments(lambda: 0).iso(ns),
        outcome=texts["outcome"],
        case=texts["case"],
        subjects=subjects,
        rows=rows,
        address=texts["address"],
        detail=detail,
    )
    assert line == encode_entries([model])
    assert decode_entries(line) == [model]


@given(moments, st.integers(-3_000_000, 3_000_000))
def test_moments_are_written_as_msgspec_writes_them(ns, away):
    """Also away from the second that the clock last saw."""
    clock = Moments(lambda: ns)
    clock.read()
    other = max(0, ns + away * 1000)
    at = datetime.fromtimestamp(other // 1_000_000_000, UTC).replace(microsecond=other % 1_000_000_000 // 1000)
    assert clock.iso(other) == msgspec.json.encode(at).strip(b'"')


@given(moments)
def test_request_ids_are_uuids_of_version_7(ns):
    made = Moments(lambda: ns).request_id(ns)
    model = uuid7(datetime.fromtimestamp(ns // 1_000_000_000, UTC)).hex
    assert len(made) == len(model) == 32
    assert int(made[:12], 16) == ns // 1_000_000
    assert made[12] == model[12] == "7"
    assert made[16] in "89ab"


def test_request_ids_do_not_repeat():
    clock = Moments(lambda: 1)
    assert len({clock.request_id(1) for _ in range(10_000)}) == 10_000


def test_a_day_ends_at_midnight_in_china():
    noon = int(datetime(2026, 3, 1, 4, 0, 0, tzinfo=UTC).timestamp()) * 1_000_000_000
    clock = Moments(lambda: noon)
    today = clock.day
    assert clock.until_tomorrow == 12 * 3600
    clock.time_ns = lambda: noon + 12 * 3600 * 1_000_000_000
    clock.read()
    assert clock.day == today + 1
    assert clock.until_tomorrow == 86_400


def test_knocks_are_counted_and_bounded():
    counter, clock = RefusalCounter(), Moments(lambda: 0)
    for number in range(KINDS + 500):
        counter.count(Knock("unknown-key", f"10.0.{number // 256}.{number % 256}"))
        counter.count(Knock("unknown-key", "10.0.0.1"))
    counts = counter.take()
    entries = decode_entries(b"\n".join(entry(knock, count, clock) for knock, count in counts.items()))
    assert len(entries) == KINDS + 1
    assert sum(one.detail["count"] for one in entries) == 2 * (KINDS + 500)
    assert next(one for one in entries if one.address == "").detail["count"] == 500
    assert not counter.take()
    for knock, count in counts.items():
        counter.put_back(knock, count)
    assert counter.take() == counts

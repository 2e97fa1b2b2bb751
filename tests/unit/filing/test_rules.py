"""The state of a field, what an answer means, what may be uploaded, what spares a material, when one may come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.affairs.filing.rules import fields, files, queueing
from zhengtong.apps.affairs.filing.rules.fields import FieldLocked, FieldState, Held, Told, blocked, heard, may_type, typed, unresolved
from zhengtong.apps.affairs.filing.rules.materials import Choice, Needed, Way, spared_share, ways
from zhengtong.apps.affairs.filing.rules.meanings import SILENT, Meaning, said_of
from zhengtong.engines.forms.document import Field, Source
from zhengtong.engines.forms.kinds import Kind

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
LOCKED = Field("name", Kind.NAME, "姓名", required=True, source=Source("r", "xm"), locked=True)
FREE = replace(LOCKED, key="phone", title="电话", kind=Kind.TEXT, locked=False)


def told(meaning: Meaning, value: Any = None) -> Told:
    return Told(meaning, NOW, value, "r", "xm", "市公安局", "e1")


def page(rows: Any) -> bytes:
    return json.dumps({"data": rows, "request_id": "q1"}).encode()


# ---------------------------------------------------------------------- what an answer means
@given(status=st.integers(100, 599), body=st.binary(max_size=60))
def test_every_answer_means_something_and_only_rows_mean_found(status: int, body: bytes) -> None:
    said = said_of([LOCKED], status, body)
    assert set(said.meanings) == {"name"}
    assert said.meanings["name"] is not Meaning.FOUND


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, page([{"xm": "张三"}]), Meaning.FOUND),
        (200, page([]), Meaning.MISSING),
        (200, page([{"xm": None}]), Meaning.MISSING),
        (200, page([{"xm": ""}]), Meaning.MISSING),
        (200, page([{"xm": "张三"}, {"xm": "张三"}]), Meaning.FOUND),
        (200, page([{"xm": "张三"}, {"xm": "李四"}]), Meaning.AMBIGUOUS),
        (200, page([{"mz": "汉"}]), Meaning.FAILED),
        (200, page([{"xm": "12345"}]), Meaning.FAILED),
        (200, page("text"), Meaning.FAILED),
        (200, b"", Meaning.FAILED),
        (204, page([]), Meaning.FAILED),
        (302, b"", Meaning.FAILED),
        (401, b'{"code": "unknown-key"}', Meaning.REFUSED),
        (403, b'{"code": "grant-expired"}', Meaning.REFUSED),
        (404, b'{"code": "not-found"}', Meaning.MISSING),
        (404, b'{"code": "no-such-path"}', Meaning.REFUSED),
        (404, b"<html>", Meaning.FAILED),
        (409, b'{"code": "replayed"}', Meaning.FAILED),
        (429, b'{"code": "rate-exceeded"}', Meaning.FAILED),
        (500, b'{"code": "unexpected"}', Meaning.FAILED),
        (503, b'{"code": "binding-broken"}', Meaning.FAILED),
    ],
)
def test_three_things_that_are_not_found_are_kept_apart(status: int, body: bytes, meaning: Meaning) -> None:
    assert said_of([LOCKED], status, body).meanings == {"name": meaning}


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (replace(FREE, kind=Kind.DATE), "2026-03-01T00:00:00", "2026-03-01"),
        (replace(FREE, kind=Kind.DATE), "20260301", "2026-03-01"),
        (replace(FREE, kind=Kind.AMOUNT), 12.5, 1250),
        (replace(FREE, kind=Kind.NUMBER), 7, 7),
        (replace(FREE, kind=Kind.YES_NO), "是", True),
        (replace(FREE, kind=Kind.CHOICE, options=(("1", "男"), ("2", "女"))), "女", "2"),
        (replace(FREE, kind=Kind.CHOICE, options=(("1", "男"), ("2", "女"))), 1, "1"),
    ],
)
def test_a_value_of_a_source_becomes_one_of_the_field(field: Field, raw: object, value: object) -> None:
    assert said_of([field], 200, page([{"xm": raw}])).values == {"phone": value}


# ---------------------------------------------------------------------- the state of a field
meanings = st.sampled_from(Meaning)
answers = st.builds(lambda meaning, value: told(meaning, value if meaning is Meaning.FOUND else None), meanings, st.sampled_from("甲乙"))
typings = st.sampled_from(["甲", "乙", "丙", None])


@given(steps=st.lists(st.one_of(answers, typings), max_size=12), locked=st.booleans())
def test_whatever_happens_a_field_keeps_its_word(steps: list[Told | str | None], *, locked: bool) -> None:
    field, held, last_typed = (LOCKED if locked else FREE), None, None
    for step in steps:
        before = held
        if isinstance(step, Told):
            held = heard(field, held, step)
            if step.meaning in SILENT and before is not None:
                # silence never takes a value away
                assert held.value == before.value
        else:
            try:
                held = typed(field, held, step)
                last_typed = step
            except FieldLocked:
                assert locked
                assert not may_type(field, before)
                continue
        assert held is not None
        # only a source makes a value ok, and it says which and when
        if held.state is FieldState.OK:
            assert held.resource
            assert held.fetched_at
            assert held.said is None
        assert (held.state is FieldState.DEGRADED) <= held.empty
        # a locked field is owed whatever was typed while its source is silent
        if locked and held.meaning in SILENT:
            assert unresolved(field, held)
        if locked and held.meaning is Meaning.FOUND:
            assert held.state is FieldState.OK
        if held.corrected:
            assert not locked
            assert held.value == last_typed


def test_a_locked_value_is_not_the_applicants_to_change() -> None:
    held = heard(LOCKED, None, told(Meaning.FOUND, "张三"))
    with pytest.raises(FieldLocked) as refused:
        typed(LOCKED, held, "李四")
    assert (refused.value.field, "市公安局" in refused.value.remedy) == ("name", True)
    assert typed(LOCKED, held, "张三") == held


def test_a_correction_is_marked_and_taken_back_by_agreeing() -> None:
    held = typed(FREE, heard(FREE, None, told(Meaning.FOUND, "甲")), "乙")
    assert (held.state, held.said) == (FieldState.DECLARED, "甲")
    assert typed(FREE, held, "甲").state is FieldState.OK


def test_the_registers_no_blocks_and_its_silence_does_not() -> None:
    assert blocked(LOCKED, heard(LOCKED, None, told(Meaning.MISSING)))
    assert not blocked(LOCKED, heard(LOCKED, None, told(Meaning.FAILED)))
    assert not blocked(FREE, heard(FREE, None, told(Meaning.MISSING)))


def test_after_filing_what_was_declared_stays_beside_what_the_source_says() -> None:
    declared = typed(LOCKED, heard(LOCKED, None, told(Meaning.FAILED)), "张三")
    same = heard(LOCKED, declared, told(Meaning.FOUND, "张三"), filed=True)
    other = heard(LOCKED, declared, told(Meaning.FOUND, "李四"), filed=True)
    assert (same.state, same.said) == (FieldState.OK, None)
    assert (other.state, other.value, other.said) == (FieldState.DECLARED, "张三", "李四")
    assert not unresolved(LOCKED, other)
    assert fields.STATE_LABELS.keys() == set(FieldState)


def test_an_optional_or_free_field_is_never_owed() -> None:
    silent = Held("x", meaning=Meaning.FAILED)
    assert not unresolved(FREE, silent)
    assert not unresolved(replace(LOCKED, required=False), silent)


# ---------------------------------------------------------------------- files, materials, half hours
@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04....OFD.xml", "application/ofd"),
    ],
)
def test_content_decides_what_a_file_is(content: bytes, type_: str) -> None:
    assert files.media_type(content, field="f") == type_


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>", b"<svg xmlns=", b"MZ\x90", b"PK\x03\x04 plain zip", b"%PDF-" + b"x" * files.LARGEST]
)
def test_what_is_no_document_is_refused_with_a_remedy(content: bytes) -> None:
    with pytest.raises(files.FileRefused) as refused:
        files.media_type(content, field="f")
    assert refused.value.field == "f"
    assert refused.value.remedy


@given(st.text(max_size=300))
def test_a_file_name_is_a_plain_short_name(name: str) -> None:
    tidy = files.tidy_name(name)
    assert len(tidy) <= files.LONGEST_NAME + 20
    assert not set(tidy) & set('/\\"<>\n\r\0')


@given(
    source=st.sampled_from(["shared", "licence", "case", "commitment", "upload", "unheard-of"]), silent=st.booleans(), held=st.booleans()
)
def test_there_is_always_a_way_and_the_sparing_one_comes_first(source: str, *, silent: bool, held: bool) -> None:
    found = ways(source=source, licences=[Choice(Way.LICENCE, "1")] * held, cases=[Choice(Way.EARLIER, "2")] * held, shared_silent=silent)
    assert found
    assert (found[0].way is Way.UPLOAD) <= (source in {"upload", "unheard-of"} or (source == "shared" and silent) or not held)
    assert Way.UPLOAD in {one.way for one in found} or source == "shared"


def test_spared_documents_are_counted() -> None:
    taken = [Needed(str(way), required=True, choices=(), taken=Choice(way)) for way in Way]
    taken.append(Needed("later", required=False, choices=()))
    assert spared_share(taken) == (4, 5)


def test_half_hours_end_when_the_hall_closes() -> None:
    found = list(queueing.slots(time(9), time(12, 15)))
    assert (found[0], found[-1], len(found)) == (time(9), time(11, 30), 6)


@pytest.mark.parametrize(
    ("day", "at", "working", "field"),
    [
        (date(2026, 6, 11), time(9, 10), True, "at"),
        (date(2026, 6, 13), time(9), False, "day"),
        (date(2026, 6, 10), time(9), True, "at"),
        (date(2026, 7, 11), time(9), True, "day"),
    ],
)
def test_nobody_books_when_nobody_is_there(day: date, at: time, *, working: bool, field: str) -> None:
    with pytest.raises(queueing.SlotRefused) as refused:
        queueing.check_slot(day, at, opens=time(9), closes=time(17), working=working, now=NOW + timedelta(hours=8))
    assert refused.value.field == field

"""Simulated applicants: right answers, totals that agree, the same from the same seed."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.forms.test_forms import document
from zhengtong.engines.forms.answers import wrong
from zhengtong.engines.forms.document import Form, form
from zhengtong.engines.forms.drawing import applicant, hints
from zhengtong.engines.forms.kinds import Kind
from zhengtong.engines.forms.simulation import InvalidSetting, Paper, Setting, Step, Tally, quantile, report, run

STEPS = (Step("受理", "甲局", 1), Step("审批", "乙局", 3), Step("送达", "甲局", 0))
PAPERS = (Paper("身份证明", "307001/000001"), Paper("承诺书", spared=True), Paper("照片"))


def every_kind() -> Form:
    """A form with every kind of field."""
    properties: dict[str, Any] = {}
    for kind in Kind:
        plain: dict[str, Any] = {"type": "string", "format": kind.value, "title": kind.value}
        properties["f_" + kind.value.replace("-", "_")] = {
            Kind.TEXT: {"type": "string", "title": "文字", "minLength": 30},
            Kind.NUMBER: {"type": "integer", "title": "数", "minimum": -5, "maximum": 9},
            Kind.AMOUNT: {"type": "integer", "format": "amount", "title": "钱"},
            Kind.YES_NO: {"type": "boolean", "title": "是吗"},
            Kind.PERIOD: {"type": "object", "format": "period", "title": "期"},
            Kind.CHOICE: {"type": "string", "title": "选", "oneOf": [{"const": "a"}, {"const": "b"}]},
            Kind.CHOICES: {
                "type": "array",
                "title": "多选",
                "items": {"oneOf": [{"const": "a"}, {"const": "b"}, {"const": "c"}]},
                "minItems": 2,
            },
            Kind.GROUP: {
                "type": "array",
                "title": "组",
                "minItems": 2,
                "items": {
                    "type": "object",
                    "properties": {"n": {"type": "string", "format": "cn-name", "title": "姓名"}},
                    "required": ["n"],
                },
            },
        }.get(kind, plain)
    return form({"type": "object", "title": "全", "properties": properties, "required": list(properties)})


@given(st.integers(0, 10**9))
def test_what_is_drawn_could_be_handed_in(seed: int) -> None:
    for made in (every_kind(), form(document())):
        answers = applicant(made, hints(made), Random(seed))
        assert wrong(made, answers) == ()


@settings(max_examples=25, deadline=None)
@given(
    applicants=st.integers(1, 60),
    seed=st.integers(0, 1000),
    shares=st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 100)),
    load=st.integers(0, 95),
    cut=st.integers(0, 60),
)
def test_totals_agree_and_pieces_make_the_whole(applicants: int, seed: int, shares: tuple[int, int, int], load: int, cut: int) -> None:
    made = form(document())
    stale, dead, unknown = shares
    setting = Setting(applicants, seed, stale=stale, dead=dead, unknown=unknown, load=load)
    whole = run(made, setting, steps=STEPS, papers=PAPERS)
    assert whole.applicants == applicants
    assert whole.finished + sum(whole.refused.values()) == applicants
    for counts in (whole.pages, whole.clicks, whole.clicks_alone, whole.seconds, whole.seconds_alone, whole.days):
        assert sum(counts.values()) == whole.finished
    assert 0 <= whole.prefilled <= whole.asked
    assert 0 <= whole.spared <= whole.papers
    assert sum(whole.sources.values()) == whole.finished, "the form and the papers name one source"
    assert whole.seen_pages["what"] == applicants
    assert max(whole.seen_fields.values()) == applicants
    pieces = Tally()
    for first, count in ((0, cut), (cut, applicants)):
        pieces.add(run(made, setting, steps=STEPS, papers=PAPERS, first=first, count=count))
    assert pieces == whole
    told = report(made, whole, promised=5)
    assert (told.applicants, told.finished) == (applicants, whole.finished)
    assert told.clicks.median <= told.clicks_alone.median
    assert told.minutes.p90 <= told.minutes_alone.p90


def test_the_same_seed_finds_the_same_and_another_finds_others() -> None:
    made = form(document())
    first, again, other = (run(made, Setting(200, seed), steps=STEPS) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_sources_spare_work_and_dead_ones_do_not() -> None:
    made = form(document())
    helped = report(made, run(made, Setting(300, stale=0, dead=0, unknown=0), papers=PAPERS), promised=None)
    alone = report(made, run(made, Setting(300, stale=0, dead=100), papers=PAPERS), promised=None)
    assert helped.prefilled > 0
    assert alone.prefilled == 0
    assert helped.spared > alone.spared > 0
    assert alone.minutes == alone.minutes_alone
    assert (helped.late, helped.days, helped.promised) == (None, None, None)


def test_load_and_dead_sources_of_locked_fields_make_cases_late() -> None:
    made = form(document())

    def late(**changes: Any) -> float:
        setting = Setting(600, **{"stale": 0, "dead": 0, **changes})
        return report(made, run(made, setting, steps=STEPS), promised=4).late or 0.0

    assert late(load=0) < late(load=50) < late(load=90)
    assert late(load=90) > late(load=90, loads=(("乙局", 10),))
    assert late(dead=100, heal=10) > late(dead=0, heal=10)
    assert late(dead=100, heal=0, load=0) == late(load=0), "a source that is back at once holds nothing"


def test_what_nobody_sees_is_named() -> None:
    says = document()
    says["properties"]["capital"]["x-when"] = 'kind == "club"'
    says["x-pages"][3]["when"] = "foreign and not foreign"
    says["x-refuse"] = [{"when": 'name == "没有人叫这个"', "sentence": "不。"}, {"when": 'kind == "club"', "sentence": "也不。"}]
    made = form(says)
    told = report(made, run(made, Setting(200)), promised=None)
    assert told.unseen_pages == (("money", "资本"), ("where", "在哪里"))
    assert {path for path, _title in told.unseen} == {"capital", "lease", "plan"}
    assert set(told.never) == {("capital", 'kind == "club"'), ("where", "foreign and not foreign")}
    # a text that a condition compares with is drawn often enough to meet it
    assert [sentence for _when, sentence in told.never_refused] == ["也不。"]


def test_thresholds_of_conditions_are_reached_from_both_sides() -> None:
    says = document()
    says["x-refuse"] = [{"when": "capital < 777", "sentence": "太少。"}]
    made = form(says)
    told = report(made, run(made, Setting(300)), promised=None)
    assert 0 < dict(told.refused)["太少。"] < 300


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("applicants", {"applicants": 0}),
        ("applicants", {"applicants": 10**7}),
        ("dead", {"dead": 60, "stale": 60}),
        ("load", {"load": 96}),
        ("load", {"loads": (("甲局", 100),)}),
        ("heal", {"heal": -1}),
        ("unknown", {"unknown": 101}),
    ],
)
def test_settings_that_make_no_sense_are_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Setting(**changes)
    assert caught.value.field == field


@given(st.lists(st.integers(0, 100), min_size=1), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_not_exceeded_by_its_share(values: list[int], share: float) -> None:
    found = quantile(Counter(values), share)
    assert found in values
    assert sum(one <= found for one in values) >= share * len(values) - 1e-9
    assert sum(one < found for one in values) < share * len(values) + 1e-9

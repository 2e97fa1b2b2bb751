"""MQA's points and the index's indicators, by hand and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from zhengtong.apps.oversight.indicators.rules import index, mqa
from zhengtong.apps.oversight.indicators.rules.index import Facts

DATASET = "https://d.cn/1"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
"""
WHOLE = """
<https://d.cn/1> a dcat:Dataset ; dct:title "t" ; dct:description "d" ; dcat:keyword "k" ; dcat:theme <https://x/theme> ;
  dct:spatial <https://x/place> ; dct:temporal <https://x/time> ; dct:publisher <https://x/office> ; dcat:contactPoint [] ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dct:issued "2026-01-01" ; dct:modified "2026-01-01" ;
  dcat:distribution <https://d.cn/1#csv> .
<https://d.cn/1#csv> dcat:accessURL <https://d.cn/data.csv> ; dcat:downloadURL <https://d.cn/data.csv> ;
  dct:rights <https://x/r> ; dcat:byteSize 1 ;
  dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ;
  dct:license <http://publications.europa.eu/resource/authority/licence/CC_BY_4_0> ;
  dct:issued "2026-01-01" ; dct:modified "2026-01-01" .
"""


def shares(turtle: str, *, reached: bool = True) -> dict[str, float]:
    return mqa.measure(Graph().parse(data=PREFIXES + turtle, format="turtle"), DATASET, reached=lambda _address: reached)


def test_the_points_are_mqas() -> None:
    by_dimension = {name: sum(one.points for one in mqa.METRICS if one.dimension == name) for name in mqa.DIMENSION_LABELS}
    assert by_dimension == {"findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20}
    assert mqa.MOST == 405
    assert set(mqa.METRIC_LABELS) == set(mqa.REMEDY_LABELS) == {one.key for one in mqa.METRICS}
    assert [mqa.rating(points) for points in (351, 350, 221, 220, 121, 120)] == [
        "excellent",
        "good",
        "good",
        "sufficient",
        "sufficient",
        "bad",
    ]


def test_a_dataset_that_says_everything_has_all_points() -> None:
    assert mqa.points(shares(WHOLE)) == 405
    assert mqa.lost(shares(WHOLE)) == {}


def test_what_does_not_answer_loses_what_it_should() -> None:
    assert mqa.lost(shares(WHOLE, reached=False)) == {"access_status": 50, "download_status": 30}


def test_a_dataset_that_says_nothing_has_none() -> None:
    found = shares("<https://d.cn/1> a dcat:Dataset .")
    assert mqa.points(found) == 0
    assert sum(mqa.lost(found).values()) == 405


def test_what_is_asked_of_distributions_counts_by_share() -> None:
    second = """
    <https://d.cn/1> dcat:distribution <https://d.cn/1#xlsx> .
    <https://d.cn/1#xlsx> dcat:accessURL <https://d.cn/data.xlsx> ;
      dct:format <http://publications.europa.eu/resource/authority/file-type/XLSX> .
    """
    lost = mqa.lost(shares(WHOLE + second))
    assert lost["non_proprietary"] == 10
    assert lost["download"] == 10
    assert lost["licence"] == 10
    assert "machine_readable" not in lost
    assert "format" not in lost


#: a share, or nothing to measure
SHARE = st.one_of(st.none(), st.floats(0, 1))
FACTS = st.builds(
    Facts,
    offices=st.integers(0, 99),
    offices_open=st.integers(0, 99),
    offices_staffed=st.integers(0, 99),
    datasets=st.integers(0, 10_000),
    themes=st.integers(0, 20),
    rows=st.integers(0, 10**9),
    filled=SHARE,
    on_time=SHARE,
    clean=SHARE,
    mqa=SHARE,
    described=SHARE,
    with_rows=SHARE,
    with_all_forms=SHARE,
    unconditional=SHARE,
    reuses=st.integers(0, 999),
    reuse_kinds=st.integers(0, 9),
    reuse_datasets=st.integers(0, 9999),
    reuse_rating=SHARE,
    answered_in_time=SHARE,
    reuses_decided=SHARE,
    rating=st.one_of(st.none(), st.floats(1, 5)),
    evidence=st.dictionaries(st.sampled_from(index.BY_EVIDENCE), st.integers(0, 9)),
)


@given(FACTS)
def test_every_indicator_is_a_share_with_its_sentence(facts: Facts) -> None:
    found = index.values(facts)
    assert [one.key for one in found] == list(index.INDICATOR_LABELS)
    assert all(one.value is None or 0 <= one.value <= 100 for one in found)
    assert all(one.told and one.remedy for one in found)
    whole = index.whole(found)
    assert whole is None or 0 <= whole <= 100


@given(FACTS)
def test_full_marks_are_reached_by_mending_everything(facts: Facts) -> None:
    found = index.values(facts)
    gains = index.mend_first(found, most=99)
    assert [gain for _one, gain in gains] == sorted((gain for _one, gain in gains), reverse=True)
    whole = index.whole(found)
    if whole is not None:
        assert whole + sum(gain for _one, gain in gains) == pytest.approx(100, abs=2)

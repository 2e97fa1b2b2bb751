"""How much two columns have in common, told from samples."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhengtong.apps.resources.quality.rules.contents import SIZE, Column, Content, Sample, Shares, Why, compare, meaning, verdict


def sample(values: set[int], forms: dict[str, int] | None = None) -> Sample:
    return Sample(tuple(sorted(values)[:SIZE]), len(values), forms or {})


hashes = st.sets(st.integers(0, 2**60 - 1), min_size=20, max_size=400)


@given(hashes, hashes)
def test_columns_that_fit_into_a_sample_are_compared_exactly(one: set[int], other: set[int]) -> None:
    found = compare(sample(one), sample(other))
    assert (found.there, found.back) == (round(100 * len(one & other) / len(one)), round(100 * len(one & other) / len(other)))


@settings(max_examples=40, deadline=None)
@given(st.integers(1000, 4000), st.floats(0.3, 1), st.floats(0, 1), st.integers())
def test_an_estimate_is_within_five_standard_errors(size: int, ratio: float, common: float, seed: int) -> None:
    chance = random.Random(seed)
    drawn = [chance.getrandbits(60) for _ in range(size)]
    smaller = int(size * ratio)
    shared = drawn[: int(smaller * common)]
    one, other = set(drawn), {*shared, *(chance.getrandbits(60) for _ in range(smaller - len(shared)))}
    found = compare(sample(one), sample(other))
    assert found.there is not None
    assert found.back is not None
    error = 5 * 100 * 0.5 / found.compared**0.5 + 1
    assert abs(found.there - 100 * len(one & other) / len(one)) <= error
    assert abs(found.back - 100 * len(one & other) / len(other)) <= error


@given(hashes, hashes)
def test_the_other_way_round_the_shares_are_turned_round(one: set[int], other: set[int]) -> None:
    there, back = compare(sample(one), sample(other)), compare(sample(other), sample(one))
    assert (there.there, there.back, there.compared) == (back.back, back.there, back.compared)


def test_a_column_in_a_far_larger_one_cannot_be_told() -> None:
    chance = random.Random(1)
    large = {chance.getrandbits(60) for _ in range(60_000)}
    assert compare(sample(large), sample(set(list(large)[:600]))).most is None


@pytest.mark.parametrize(
    ("column", "is_code", "sensitivity", "why"),
    [
        (Column(100, 100, 0, (), {}), False, "identity", Why.COMPARED),
        (Column(100, 100, 0, (), {}), True, "", Why.CODES),
        (Column(100, 100, 0, (), {}), False, "name", Why.NAMES),
        (Column(19, 19, 0, (), {}), False, "", Why.FEW),
        (Column(5000, 100, 0, (), {}), False, "", Why.CODES),
        (Column(4999, 100, 0, (), {}), False, "", Why.COMPARED),
        (Column(100, 100, 6, (), {}), False, "", Why.DENSE),
    ],
)
def test_what_is_not_compared(column: Column, *, is_code: bool, sensitivity: str, why: Why) -> None:
    assert verdict(column, is_code=is_code, sensitivity=sensitivity) is why


@pytest.mark.parametrize(
    ("shares", "same_item", "same_name", "kind"),
    [
        (Shares(60, 5, 100, 0), False, False, Content.ALIKE),
        (Shares(59, 5, 100, 100), False, False, None),
        (Shares(100, 100, 100, 100), False, True, None),
        (Shares(None, None, 3, 100), False, False, None),
        (Shares(5, 5, 100, 30), True, True, Content.APART),
        (Shares(0, 0, 100, 100), True, True, Content.SAME_ITEM),
        (Shares(0, 6, 100, 0), True, True, Content.SAME_ITEM),
        (Shares(None, None, 3, 0), True, True, Content.SAME_ITEM),
    ],
)
def test_what_a_comparison_says(shares: Shares, *, same_item: bool, same_name: bool, kind: Content | None) -> None:
    assert meaning(shares, same_item=same_item, same_name=same_name) is kind

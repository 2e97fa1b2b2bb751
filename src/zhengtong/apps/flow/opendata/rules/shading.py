"""Classes of figures for areas that are shaded: as many regions in each as ties allow."""

from __future__ import annotations

from collections.abc import Sequence

MOST_CLASSES = 5


def classes(values: Sequence[float]) -> list[tuple[float, float]]:
    """
    The least and the greatest value of each class, lowest first: five at most, equal values in the same one.

    Quantiles rather than equal steps, because figures of regions are skewed: one large city would leave all others in the palest shade.
    """
    ordered = sorted(values)
    distinct = sorted(set(ordered))
    if len(distinct) <= MOST_CLASSES:
        return [(one, one) for one in distinct]
    ends = sorted({ordered[-(-len(ordered) * place // MOST_CLASSES) - 1] for place in range(1, MOST_CLASSES + 1)})
    found, start = [], distinct[0]
    for end in ends:
        found.append((start, end))
        start = next((one for one in distinct if one > end), end)
    return found


def class_of(value: float, found: Sequence[tuple[float, float]]) -> int:
    """The class of a value, from 1; the last whose least value it reaches."""
    return max(1, sum(value >= least for least, _greatest in found))


def written(value: float) -> str:
    """A figure as people read it: whole numbers in thousands, others with two decimals at most."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")

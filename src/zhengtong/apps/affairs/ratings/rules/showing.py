"""
What the rated may see of a rating.

A single rating of an office with one case a day names its rater by its time alone. Ratings therefore reach an office in crowds: once
:data:`CROWD` of them lie together, or when the month in which they were given is over, and show no time but the month.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from functools import reduce

from zhengtong.apps.affairs.ratings.rules.vocabulary import CROWD

_DIGITS = re.compile(r"[0-9][0-9Xx\- ]{4,}[0-9Xx]")


def released(given: list[date], today: date) -> int:
    """
    How many of an office's waiting ratings, oldest first, it may see from today.

    :param given: the days on which they were given, in order.
    """
    if len(given) >= CROWD:
        return len(given)
    month = (today.year, today.month)
    return sum((day.year, day.month) < month for day in given)


def without(names: Collection[str], text: str) -> str:
    """The text without the names of those whose case it is, as they must not be known by it."""
    return reduce(lambda left, name: left.replace(name, "**"), names, text)


def masked(text: str) -> str:
    """The text without the numbers of six and more digits by which a rater would be known: phones, identities, cases."""
    return _DIGITS.sub("******", text)


def month_of(day: date) -> str:
    """The month of a day: 2026-11."""
    return f"{day.year:04}-{day.month:02}"

"""
What two columns have in common, told from samples of keyed hashes: which columns are compared, how much is shared, and what that means.

A sample holds the 512 smallest keyed hashes of a column's different values (bottom-k): of two columns the hashes below the smaller of both
bounds are a random part of the values of each, so that what they share there estimates what they share at all. With n hashes compared the
standard error of a share is at most 0.5/√n, 2.2 points for 512; a column of no more values than that is compared whole.

Values are compared without blanks, in capitals, in half width (Unicode NFKC), and dates, 20240105 too, as ``2024-01-05``. What is not
compared: what holds a code, a person's name, a truth value, a fraction, money or a moment, since equal values there say nothing; fewer
than 20 different values; values that each stand in 50 rows or more, which are codes whatever the entry says; and whole numbers and days
that lie so close together that strangers share one in twenty by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

#: hashes kept of a column
SIZE = 512
#: a sample is taken anew at most this often
EVERY = timedelta(hours=6)
#: a table of more rows is not read
MOST_ROWS = 2_000_000
#: items of an entry that are sampled
MOST_ITEMS = 40
#: fewer different values are not compared, nor are fewer hashes on either side
_LEAST_VALUES = 20
#: each value stands in this many rows on average, and it is a code
_CODE_ROWS = 50
#: hundredths of all whole numbers, or days, between the smallest and the greatest that occur
_DENSEST = 5
#: hundredths in common, of one side or the other, from which two names hold the same
_ALIKE = 60
#: hundredths in common up to which, of either side, one name holds two things
_APART = 5
#: hundredths of values of the same form up to which it does; ID numbers of other people have the same form
_FORMS_APART = 30


class Why(StrEnum):
    """Why a column is not compared."""

    COMPARED = ""
    KIND = "kind"
    CODES = "codes"
    NAMES = "names"
    FEW = "few"
    DENSE = "dense"
    LARGE = "large"
    MANY = "many"
    SLOW = "slow"
    ABSENT = "absent"


WHY_LABELS = {
    Why.COMPARED: "已抽样",
    Why.KIND: "是非、小数、金额和时刻不比对,取值相同说明不了问题",
    Why.CODES: "代码不比对,取值相同说明不了问题",
    Why.NAMES: "人名不比对,同名的人很多",
    Why.FEW: "不同的取值太少",
    Why.DENSE: "数字或日期取值太密,巧合相同的太多",
    Why.LARGE: "表的行数太多,没有抽样",
    Why.MANY: "目录的信息项太多,这一项没有抽样",
    Why.SLOW: "读取超时,没有抽样",
    Why.ABSENT: "归集库里没有这一项",
}


class Content(StrEnum):
    """What a comparison says of two items of different offices."""

    SAME_ITEM = "same"
    ALIKE = "alike"
    APART = "apart"


CONTENT_LABELS = {
    Content.SAME_ITEM: "同一信息项",
    Content.ALIKE: "名称不同,内容相同",
    Content.APART: "名称相同,内容不同",
}


@dataclass(frozen=True)
class Column:
    """
    What was read of a column: rows with a value, different values, how dense these lie (hundredths, 0 where that means nothing), the
    smallest keyed hashes in ascending order, and keyed hashes of the forms of the sampled values with their share in hundredths.
    """

    rows: int
    values: int
    density: int
    hashes: tuple[int, ...] = field(repr=False)
    forms: Mapping[str, int] = field(repr=False)


def verdict(column: Column, *, is_code: bool, sensitivity: str) -> Why:
    """Whether a column is compared; ``is_code`` where entry or dictionary name a code list for it."""
    if is_code:
        return Why.CODES
    if sensitivity == "name":
        return Why.NAMES
    if column.values < _LEAST_VALUES:
        return Why.FEW
    if column.values * _CODE_ROWS <= column.rows:
        return Why.CODES
    return Why.DENSE if column.density > _DENSEST else Why.COMPARED


@dataclass(frozen=True)
class Sample:
    """The keyed hashes that are compared, ascending; ``forms`` as in :class:`Column`."""

    hashes: tuple[int, ...] = field(repr=False)
    values: int
    forms: Mapping[str, int] = field(repr=False)

    @property
    def whole(self) -> bool:
        """Whether every value of the column is among the hashes."""
        return self.values <= len(self.hashes)


@dataclass(frozen=True)
class Shares:
    """
    Hundredths of the values of one column that the other has too, both ways, None where too few can be compared because one column is so
    much larger; ``compared`` is the number of hashes on the smaller side, ``forms`` the hundredths of values of the same form.
    """

    there: int | None
    back: int | None
    compared: int
    forms: int

    @property
    def most(self) -> int | None:
        """The greater of both shares."""
        return max(self.there, self.back) if self.there is not None and self.back is not None else None


def compare(one: Sample, other: Sample) -> Shares:
    """How much two columns have in common; comparing the other way round turns the shares round."""
    bounds = [sample.hashes[-1] for sample in (one, other) if not sample.whole]
    mine, theirs = set(one.hashes), set(other.hashes)
    if bounds:
        bound = min(bounds)
        mine, theirs = {value for value in mine if value <= bound}, {value for value in theirs if value <= bound}
    forms = sum(min(share, other.forms.get(form, 0)) for form, share in one.forms.items())
    compared = min(len(mine), len(theirs))
    if compared < _LEAST_VALUES:
        return Shares(None, None, compared, forms)
    common = len(mine & theirs)
    return Shares(round(100 * common / len(mine)), round(100 * common / len(theirs)), compared, forms)


def meaning(shares: Shares, *, same_item: bool, same_name: bool) -> Content | None:
    """
    What a comparison says; None where there is nothing to say.

    Values that do not meet tell two things of one name apart only where their forms differ too: two offices serve other people, and both
    hold ID numbers.
    """
    if same_item:
        apart = shares.most is not None and shares.most <= _APART and shares.forms <= _FORMS_APART
        return Content.APART if apart else Content.SAME_ITEM
    return Content.ALIKE if not same_name and shares.most is not None and shares.most >= _ALIKE else None

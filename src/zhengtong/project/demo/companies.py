"""The companies of the city: a credit code, a name of their own and a legal representative among the people."""

from __future__ import annotations

from datetime import date

import polars as pl

from zhengtong.kernel.codes.credit_code import ALPHABET
from zhengtong.kernel.errors import Invalid
from zhengtong.project.demo import words
from zhengtong.project.demo.draw import Draw, choose, joined, weighted
from zhengtong.project.demo.people import People
from zhengtong.project.demo.territory import Territory

_SERIAL = 6
_SERIALS = len(ALPHABET) ** _SERIAL
_SERIAL_STEP = 15_485_863  # a prime, so prime to 31 to the sixth
_NAME_STEP = 99_991  # a prime that divides none of the word counts
_LETTERS = pl.Series(list(ALPHABET))
_CREDIT_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_BODY_VALUES = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY_CHECKS = pl.Series(list("0X987654321"))
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_OLDEST_DAYS = 9_000

#: (first two characters of the credit code, what the register calls it, the end of the name)
_FORMS = (("91", "有限责任公司", "有限公司"), ("92", "个体工商户", "经营部"), ("93", "农民专业合作社", "专业合作社"))
#: which form, in ten companies of a trade: cooperatives are farmers', stalls are townspeople's
_TOWN_FORMS, _FARM_FORMS = pl.Series([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]), pl.Series([0, 0, 0, 0, 2, 2, 2, 2, 2, 2])
#: 法人状态: in business, moved away, deregistered, revoked
_STATES = weighted([("在业", 88), ("迁出", 2), ("注销", 7), ("吊销", 3)])
_CAPITALS = pl.Series([10.0, 50.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 2000.0, 5000.0])


class Companies:
    """
    The companies under one seed, all of them in ``rows`` (two hundred bytes each, 100,000 of them for a million people).

    :raises Invalid: if ``count`` exceeds the names that can be told apart.
    """

    def __init__(self, draw: Draw, territory: Territory, people: People, count: int, as_of: date) -> None:
        names = len(words.COMPANY_FIRST) * len(words.COMPANY_SECOND) * len(words.INDUSTRIES)
        if not 0 < count <= names:
            raise Invalid(f"企业数应在 1 至 {names} 之间", field="companies")
        self._draw, self._territory, self._as_of = draw, territory, as_of
        number = pl.int_range(count, eager=True).alias("number")
        mixed = (number * _NAME_STEP) % names
        industry = mixed % len(words.INDUSTRIES)
        farming = industry < words.FARMING
        form = choose(farming, _FARM_FORMS.gather(draw.below("farm", number, 10)), _TOWN_FORMS.gather(draw.below("form", number, 10)))
        county = draw.below("company-county", number, len(territory.counties))
        chief = people.at(people.heads("chief", number)).select(
            pl.col("number").alias("chief_number"), pl.col("name").alias("chief"), pl.col("identity").alias("chief_identity"), "phone"
        )
        code = self._codes(number, form, county)
        age = draw.below("company-age", number, _OLDEST_DAYS) + 30
        founded = pl.select(pl.lit(as_of) - pl.duration(days=pl.lit(age))).to_series()
        state = draw.pick("company-state", number, _STATES)
        self.rows = pl.DataFrame(
            {
                "number": number,
                "code": code,
                "name": self._names(mixed, form),
                "form": pl.Series([row[1] for row in _FORMS]).gather(form),
                "industry": pl.Series([row[0] for row in words.INDUSTRIES]).gather(industry),
                "capital": _CAPITALS.gather(draw.below("capital", number, len(_CAPITALS))),
                "founded": founded,
                "state": state,
                "county": pl.Series([division.code for division in territory.counties]).gather(county),
                "address": self._addresses(number, county),
            }
        ).hstack(chief)

    def __len__(self) -> int:
        return self.rows.height

    def employers(self, person: pl.Series) -> pl.DataFrame:
        """The ``code``, ``name`` and ``number`` of each person's employer."""
        return self.rows.select("number", "code", "name")[self._draw.below("employer", person, len(self))]

    def _codes(self, number: pl.Series, form: pl.Series, county: pl.Series) -> pl.Series:
        serial = (number * _SERIAL_STEP + self._draw.below("serial", pl.Series([0]), _SERIALS)[0]) % _SERIALS
        letters = [serial // len(ALPHABET) ** place % len(ALPHABET) for place in reversed(range(_SERIAL))]
        body = joined("MA", *(_LETTERS.gather(letter) for letter in letters))
        body_check = _BODY_CHECKS.gather(_weigh(body, _BODY_WEIGHTS, _BODY_VALUES) % len(_BODY_CHECKS))
        region = pl.Series([division.code for division in self._territory.counties]).gather(county)
        first = joined(pl.Series([row[0] for row in _FORMS]).gather(form), region, body, body_check)
        total = _weigh(first, _CREDIT_WEIGHTS, _CREDIT_VALUES)
        return joined(first, _LETTERS.gather((31 - total % 31) % 31))

    def _names(self, mixed: pl.Series, form: pl.Series) -> pl.Series:
        firsts, industries = len(words.COMPANY_FIRST), len(words.INDUSTRIES)
        return joined(
            self._territory.city.name,
            words.COMPANY_FIRST.gather(mixed // industries % firsts),
            words.COMPANY_SECOND.gather(mixed // industries // firsts),
            pl.Series([row[1] for row in words.INDUSTRIES]).gather(mixed % industries),
            pl.Series([row[2] for row in _FORMS]).gather(form),
        )

    def _addresses(self, number: pl.Series, county: pl.Series) -> pl.Series:
        draw = self._draw
        names = pl.Series([self._territory.city.name + division.name for division in self._territory.counties])
        door = (draw.below("company-door", number, 899) + 1).cast(pl.String)
        floor = choose(
            draw.chance("company-floor", number, 5_000), joined((draw.below("floors", number, 20) + 1).cast(pl.String), "层"), ""
        )
        return joined(names.gather(county), draw.pick("company-road", number, words.ROADS), door, "号", floor)


def _weigh(text: pl.Series, weights: tuple[int, ...], values: dict[str, int]) -> pl.Series:
    total = pl.zeros(len(text), dtype=pl.Int64, eager=True)
    for place, weight in enumerate(weights):
        total += text.str.slice(place, 1).replace_strict(values, return_dtype=pl.Int64) * weight
    return total

"""
The people of the city, each a function of a number from 0 to ``count`` - 1.

Ten numbers in a row are a block of two to four households whose shape a pattern gives: head, spouse, children, parents, or one person
alone. A block lives in one county. Within a county, day of birth and sequence come from a bijection, so no two people share an identity
number.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from zhengtong.kernel.errors import Invalid
from zhengtong.project.demo import words
from zhengtong.project.demo.draw import Draw, choose, joined, padded
from zhengtong.project.demo.territory import Territory

BLOCK = 10
_HOUSEHOLDS = 8  # room for numbering the households of a block
_DAYS, _SEQUENCES = 365, 498  # 996 to 999 once meant people born before 1900
_SLOTS = _DAYS * _SEQUENCES
_STEP = 48_271  # prime to the number of slots
_PHONE_STEP = 7_654_321  # prime to ten to the eighth
_MALE, _FEMALE = 1, 2
_GROWN_UP, _PHONE_AGE, _MARRIAGEABLE = 18, 14, 25
_BORN_ELSEWHERE = 1_200
_DIED = 300
_DOTTED_GROUPS = ["05", "17"]

#: A alone, H head, S spouse, C child, P parent of the head
PATTERNS = (
    "A HS HSC HSCC",
    "HS HS HSC HSC",
    "A HSC HSC HSP",
    "HSCCP HSCP A",
    "HC HSC HSCPP",
    "HSCC HSCCPP",
    "A A HSC HSCPP",
    "HSC HSP HSCC",
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = pl.Series(list("10X98765432"))


def _places() -> pl.DataFrame:
    """For every place of every pattern: role, household, places of head and spouse, rank among its role, and how many share the role."""
    rows = []
    for pattern in PATTERNS:
        place = 0
        for household, shape in enumerate(pattern.split()):
            for offset, role in enumerate(shape):
                spouse = place + shape.index("S") if "S" in shape else -1
                rows.append((role, household, place, spouse, shape[:offset].count(role), shape.count(role)))
            place += len(shape)
    return pl.DataFrame(rows, schema=["role", "household", "head_place", "spouse_place", "rank", "peers"], orient="row")


class People:
    """
    The people under one seed.

    :param count: a multiple of ten.
    :param as_of: the day on which ages are true and after which nothing happened.
    :raises Invalid: if ``count`` does not fit the territory.
    """

    def __init__(self, draw: Draw, territory: Territory, count: int, as_of: date) -> None:
        counties = len(territory.counties)
        most = _SLOTS * counties
        if count < BLOCK or count % BLOCK or count > most:
            raise Invalid(f"人口应为 10 的倍数,且不超过 {most}", field="persons", remedy="调整人口,或换一个县区更多的市")
        if counties > len(words.BIRTHPLACES_ELSEWHERE):
            raise Invalid(f"最多支持 {len(words.BIRTHPLACES_ELSEWHERE)} 个县区", field="territory")
        self.count = count
        self._draw, self._territory, self._as_of = draw, territory, as_of
        self._pattern_places = _places()
        self._counties = pl.Series([county.code for county in territory.counties])
        self._towns = pl.Series([town.name for towns in territory.towns for town in towns])
        self._town_codes = pl.Series([town.code for towns in territory.towns for town in towns])
        sizes = [len(towns) for towns in territory.towns]
        self._town_counts = pl.Series(sizes)
        self._town_starts = pl.Series([sum(sizes[:number]) for number in range(counties)])

    def rows(self, first: int, length: int) -> pl.DataFrame:
        """People ``first`` to ``first`` + ``length`` - 1."""
        return self.at(pl.int_range(first, min(first + length, self.count), eager=True))

    def heads(self, stream: str, index: pl.Series) -> pl.Series:
        """A random head of a household, always grown up, for every index."""
        block = self._draw.below(stream, index, self.count // BLOCK)
        first_head = self._pattern_places.with_row_index("place").filter(pl.col("role") == "H")["place"]
        by_pattern = pl.Series([int(first_head.filter(first_head // BLOCK == number)[0]) % BLOCK for number in range(len(PATTERNS))])
        return block * BLOCK + by_pattern.gather(self._pattern(block))

    def _pattern(self, block: pl.Series) -> pl.Series:
        return self._draw.below("pattern", block, len(PATTERNS))

    def at(self, number: pl.Series) -> pl.DataFrame:
        """
        The people of the given numbers, in that order.

        Columns: ``number``, ``role``, ``household`` (number), ``head``, ``spouse`` (numbers; spouse null outside couples), ``sex`` (1, 2),
        ``age``, ``birth_date``, ``identity``, ``name``, ``ethnic``, ``marital`` (GB/T 2261.2), ``relation`` (GB/T 4761), ``county`` (code),
        ``town`` (code), ``address``, ``phone``, ``died``.
        """
        draw = self._draw
        number = number.cast(pl.Int64).alias("number")
        block = number // BLOCK
        place = self._pattern(block) * BLOCK + number % BLOCK
        where = self._pattern_places.select(pl.all().gather(place))
        role = where["role"]
        head = block * BLOCK + where["head_place"]
        household = block * _HOUSEHOLDS + where["household"]
        head_male = draw.chance("head-sex", household, 8_000)
        sex = self._sex(number, where, head_male)
        age = self._age(number, where, household)
        couple = where["spouse_place"] >= 0
        spouse = block * BLOCK + where["spouse_place"]
        county = block % len(self._counties)
        ethnic = draw.pick("ethnic", choose(role == "S", number, head), words.ETHNIC_GROUPS)
        born = self._birth(number, block, age, sex, county)
        frame = pl.DataFrame(
            {
                "number": number,
                "role": role,
                "household": household,
                "head": head,
                "sex": sex,
                "age": age,
                "ethnic": ethnic,
                "county": self._counties.gather(county),
            }
        )
        father = choose(couple & ~head_male, spouse, head)
        own = (role == "A") | (role == "H") | (role == "S") | ((role == "P") & (sex == _FEMALE))
        names = self._names(number, choose(own, number, choose(role == "P", head, father)), sex, ethnic)
        phone_of = choose((age < _PHONE_AGE) & (role == "C"), head, number)
        spouse_number = choose(role == "S", head, spouse)
        married = couple & ((role == "H") | (role == "S"))
        return frame.with_columns(
            pl.when(married).then(spouse_number).alias("spouse"),
            *born,
            names.alias("name"),
            self._marital(number, role, age, married).alias("marital"),
            _relation(role, sex).alias("relation"),
            *self._home(household, county),
            self._phones(phone_of).alias("phone"),
            (draw.chance("died", number, _DIED) & (age > 60)).alias("died"),  # noqa: PLR2004 - the old
        )

    def _sex(self, number: pl.Series, where: pl.DataFrame, head_male: pl.Series) -> pl.Series:
        role, drawn = where["role"], self._draw.below("sex", number, 2) == 0
        one_parent = where["peers"] == 1
        parent = (one_parent & drawn) | (~one_parent & (where["rank"] == 0))
        male = choose(role == "H", head_male, choose(role == "S", ~head_male, choose(role == "P", parent, drawn)))
        return pl.select(pl.when(male).then(_MALE).otherwise(_FEMALE).alias("sex")).to_series()

    def _age(self, number: pl.Series, where: pl.DataFrame, household: pl.Series) -> pl.Series:
        draw, role = self._draw, where["role"]
        head = draw.below("head-age", household, 40) + 27
        alone = draw.below("alone-age", number, 73) + _GROWN_UP
        spouse = head + draw.below("spouse-age", number, 7) - 3
        child = (head - 24 - draw.below("child-age", number, 14)).clip(1)
        parent = head + 22 + draw.below("parent-age", number, 12)
        family = choose(role == "S", spouse, choose(role == "C", child, choose(role == "P", parent, head)))
        return choose(role == "A", alone, family)

    def _birth(self, number: pl.Series, block: pl.Series, age: pl.Series, sex: pl.Series, county: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The birth date and the identity number."""
        inside = (block // len(self._counties)) * BLOCK + number % BLOCK
        slot = (inside * _STEP + self._draw.below("slots", pl.Series([0]), _SLOTS)[0]) % _SLOTS
        year = self._as_of.year - age
        first = pl.select(pl.date(pl.lit(year), 1, 1)).to_series()
        birth = (first + pl.select(pl.duration(days=pl.lit(slot // _SEQUENCES))).to_series()).alias("birth_date")
        sequence = slot % _SEQUENCES * 2 + (sex == _MALE).cast(pl.Int64)
        elsewhere = pl.Series(words.BIRTHPLACES_ELSEWHERE).gather(county)
        region = choose(self._draw.chance("elsewhere", number, _BORN_ELSEWHERE), elsewhere, self._counties.gather(county))
        digits = joined(region, birth.dt.strftime("%Y%m%d"), padded(sequence, 3))
        return birth, with_identity_check(digits).alias("identity")

    def _names(self, number: pl.Series, family: pl.Series, sex: pl.Series, ethnic: pl.Series) -> pl.Series:
        draw, male = self._draw, sex == _MALE

        def letter(stream: str) -> pl.Series:
            return choose(male, draw.pick(stream, number, words.MALE_LETTERS), draw.pick(stream, number, words.FEMALE_LETTERS))

        second = choose(draw.chance("short-name", number, 1_500), "", letter("second-letter"))
        usual = joined(draw.pick("surname", family, words.SURNAMES), letter("first-letter"), second)
        dotted = joined(draw.pick("given", number, words.GIVEN_NAMES), "·", draw.pick("father", family, words.GIVEN_NAMES))
        return choose(ethnic.is_in(_DOTTED_GROUPS), dotted, usual)

    def _marital(self, number: pl.Series, role: pl.Series, age: pl.Series, married: pl.Series) -> pl.Series:
        drawn = self._draw.pick("marital", number, pl.Series(["10", "10", "10", "30", "40", "40"]))
        single = choose((age < _MARRIAGEABLE) | (role == "C"), "10", drawn)
        return choose(married, "20", choose((role == "P") & (single == "10"), "30", single))

    def _home(self, household: pl.Series, county: pl.Series) -> tuple[pl.Series, pl.Series]:
        draw = self._draw
        sizes = self._town_counts.gather(county)
        town = self._town_starts.gather(county) + draw.raw("town", household).cast(pl.UInt64) % sizes.cast(pl.UInt64)
        names = pl.Series([self._territory.city.name + division.name for division in self._territory.counties]).gather(county)
        address = joined(
            names,
            self._towns.gather(town),
            draw.pick("road", household, words.ROADS),
            (draw.below("door", household, 399) + 1).cast(pl.String),
            "号",
            (draw.below("building", household, 30) + 1).cast(pl.String),
            "号楼",
            (draw.below("unit", household, 4) + 1).cast(pl.String),
            "单元",
            ((draw.below("floor", household, 18) + 1) * 100 + draw.below("flat", household, 4) + 1).cast(pl.String),
            "室",
        )
        return self._town_codes.gather(town).alias("town"), address.alias("address")

    def _phones(self, owner: pl.Series) -> pl.Series:
        tail = (owner * _PHONE_STEP + self._draw.below("phones", pl.Series([0]), 10**8)[0]) % 10**8
        return joined(self._draw.pick("phone", owner, words.PHONE_PREFIXES), padded(tail, 8))


def with_identity_check(digits: pl.Series) -> pl.Series:
    """Seventeen digits with their check character (GB 11643)."""
    number = digits.cast(pl.Int64)
    total = pl.zeros(len(digits), dtype=pl.Int64, eager=True)
    for place, weight in enumerate(_WEIGHTS):
        total += number // 10 ** (len(_WEIGHTS) - 1 - place) % 10 * weight
    return joined(digits, _CHECKS.gather(total % len(_CHECKS)))


def _relation(role: pl.Series, sex: pl.Series) -> pl.Series:
    """与户主关系 GB/T 4761: 02 head, 11 husband, 12 wife, 20 son, 30 daughter, 51 father, 52 mother."""
    male = sex == _MALE
    return choose(
        role == "S",
        choose(male, "11", "12"),
        choose(role == "C", choose(male, "20", "30"), choose(role == "P", choose(male, "51", "52"), "02")),
    )

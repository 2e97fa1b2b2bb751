"""Where the city lies: a prefecture with its counties and towns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zhengtong.kernel.codes import regions
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.codes.regions import Level


@dataclass(frozen=True)
class Division:
    """A region with its name; the code has six digits, nine for a town."""

    code: str
    name: str


@dataclass(frozen=True)
class Territory:
    """
    A city, its counties in order, and for each county its towns.

    :raises InvalidCode: if a code does not lie where it stands, or a county has no town.
    """

    city: Division
    counties: tuple[Division, ...]
    towns: tuple[tuple[Division, ...], ...]

    def __post_init__(self) -> None:
        above = regions.parse(self.city.code)
        if above.level is not Level.CITY or not self.counties or len(self.counties) != len(self.towns):
            raise InvalidCode("需要一个市、至少一个县区,以及每个县区的镇街", field="city", rule="structure")
        for county, towns in zip(self.counties, self.towns, strict=True):
            inside = regions.parse(county.code)
            if inside.level is not Level.COUNTY or not above.contains(inside):
                raise InvalidCode(f"{county.name} 不是 {self.city.name} 的县区", field="counties", rule="structure")
            if not towns:
                raise InvalidCode(f"{county.name} 没有镇街", field="towns", rule="structure")
            if not all(inside.contains(regions.parse(town.code)) for town in towns):
                raise InvalidCode(f"{county.name} 的镇街代码不属于它", field="towns", rule="structure")

    @classmethod
    def of(cls, city: tuple[str, str], counties: Iterable[tuple[str, str]], towns: Iterable[tuple[str, str]]) -> Territory:
        """
        From rows of (code, name), for instance of a published list of divisions.

        Rows that do not belong to the city, 市辖区 placeholders and counties without a town are left out.

        :param city: its six- or four-digit code and the name to use, which need not be the real one.
        """
        code = regions.normalise(city[0], 6)
        town_rows = sorted(towns)
        kept: list[tuple[Division, tuple[Division, ...]]] = []
        for county_code, county_name in sorted(counties):
            if county_code.startswith(code[:4]) and county_code[4:6] != "00" and county_name != "市辖区":
                inside = tuple(Division(row[0][:9], row[1]) for row in town_rows if row[0].startswith(county_code[:6]))
                if inside:
                    kept.append((Division(county_code[:6], county_name), inside))
        return cls(Division(code, city[1]), tuple(county for county, _ in kept), tuple(inside for _, inside in kept))

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The whole list as (code, name, level, code of the parent), in the official order."""
        province = f"{self.city.code[:2]}0000"
        rows = [(self.city.code, self.city.name, "市级", province)]
        for county, towns in zip(self.counties, self.towns, strict=True):
            rows.append((county.code, county.name, "县级", self.city.code))
            rows += [(town.code, town.name, "乡级", county.code) for town in towns]
        return rows


_TOWNS = {
    "云城区": "云河街道 古槐街道 文昌街道 阜桥街道 观音阁街道 安居街道 南苑街道 柳行街道",
    "东湖区": "东湖街道 凤凰台街道 洸河街道 王因街道 黄屯街道 接庄镇 石桥镇",
    "任阳区": "任阳街道 太白湖街道 许庄街道 唐口街道 长沟镇 喻屯镇 二十里铺街道",
    "泗源县": "泗源街道 苗馆镇 泉林镇 星村镇 中册镇 金庄镇 圣水峪镇",
    "鲁桥县": "鲁桥镇 两城镇 马坡镇 欢城镇 留庄镇 高楼乡 昭阳街道",
    "兰陵山县": "兰山街道 羊山镇 胡集镇 霄云镇 鸡黍镇 司马镇 卜集镇",
    "石墙市": "石墙镇 太平镇 城前镇 大束镇 香城镇 看庄镇 千泉街道 钢山街道",
    "九仙市": "九仙街道 时庄街道 王庄镇 防山镇 小雪街道 陵城镇 息陬镇",
}

#: a city that does not exist, under codes that nobody holds
YUNZHOU = Territory(
    Division("379900", "云州市"),
    tuple(Division(f"3799{number:02}", name) for number, name in zip((2, 3, 11, 21, 22, 23, 81, 82), _TOWNS, strict=True)),
    tuple(
        tuple(Division(f"3799{number:02}{serial:03}", town) for serial, town in enumerate(names.split(), start=1))
        for number, names in zip((2, 3, 11, 21, 22, 23, 81, 82), _TOWNS.values(), strict=True)
    ),
)

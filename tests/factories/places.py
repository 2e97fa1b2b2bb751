"""A resource whose rows lie somewhere: divisions with longitude and latitude, the last one without."""

from __future__ import annotations

import psycopg

from factories import opening as plain
from factories.exchange import addressed
from factories.opening import Opening, divisions
from factories.sharing import NOW, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api as opendata

ITEMS = (*plain.ITEMS, ("jd", "经度", "B", False, False, ""), ("wd", "纬度", "B", False, False, ""))
MAPPING = {**plain.MAPPING, "jd": "lon", "wd": "lat"}
PLACE = opendata.Place("jd", "wd")


class PlacedOpening(Opening):
    """An opening whose items hold longitude and latitude too."""

    def __post_init__(self) -> None:
        self.resource = resource(self.circle.provider, name="行政区划代码", sharing_type="1", items=ITEMS)
        wanted = exchange.TableBinding(url=addressed(self.url), schema="civil", table="division", mapping=MAPPING)
        exchange.bind_table(by=self.circle.keeper, resource_id=self.resource, wanted=wanted, now=NOW)
        self.collect()

    def proposal(self, **changes: object) -> opendata.Proposal:
        items = dict.fromkeys(("dm", "mc", "rks", "mj", "gx", "jd", "wd"), "none")
        return super().proposal(**{"items": items, **changes})


def placed_opening(url: str) -> PlacedOpening:
    """Twelve divisions a tenth of a degree apart, the last one without a place."""
    divisions(url)
    with psycopg.connect(url) as connection:
        connection.execute("alter table civil.division add lon float, add lat float")
        connection.execute(
            "update civil.division set lon = 117 + (people - 1000) / 10.0, lat = 36.5 + (people - 1000) / 10.0 where people < 1011"
        )
    return PlacedOpening(url)

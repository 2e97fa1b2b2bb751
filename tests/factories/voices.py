"""What people hand in, as forms send it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from factories.sharing import NOW, Circle
from zhengtong.apps.flow.participation import api
from zhengtong.kernel.actors import Actor

WISH = api.Wish(
    title="全市公交线路和站点坐标",
    purpose="做一个换乘查询的小程序",
    items="线路名称、站点、经纬度",
    frequency="",
    way="open",
    asker="company",
    name="云州快行科技",
    contact="13800000001",
)
MISTAKE = api.Mistake(row="370103", column="mc", wrong="名称是旧的", right="应为新区名", evidence="市政府公告")


def filed(*, actor: Actor | None = None, form: str = "t", now: datetime = NOW, **changes: Any) -> api.Receipt:
    """A demand that was handed in."""
    if actor is not None:
        changes = {"asker": "office", **changes}
    return api.file_demand(wish=replace(WISH, **changes), form=form, actor=actor, now=now)


def admitted(circle: Circle, *, now: datetime = NOW, **changes: Any) -> api.Receipt:
    """A stranger's demand that lies with the named office."""
    receipt = filed(now=now, **{"provider": circle.provider.code, **changes})
    api.admit_demand(actor=circle.approver, number=receipt.number, now=now)
    return receipt

"""A conditional dataset, and an applicant's way to a grant of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from factories import world
from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata

TERMS = opendata.Conditions("both", "研究区划沿革", "加密保存,不得转让", 365, 90)
CODE = world.credit_code("91370100MA3C0000X")


def filing(**changes: Any) -> opendata.Filing:
    """A complete request of a company."""
    facts: dict[str, Any] = {
        "kind": "company",
        "name": "泉城数图科技有限公司",
        "credit_code": CODE,
        "contact_name": "赵经办",
        "contact": "13800001234",
        "purpose": "研究区划沿革",
        "scenario": "绘制历史地图",
        "safety": "内网加密存放,三人可见",
        "items": ("dm", "rks"),
        "days": 200,
        "promised": True,
    }
    return opendata.Filing(**{**facts, **changes})


@dataclass
class Applying:
    """An applicant and the dataset wanted."""

    opening: Opening

    def __post_init__(self) -> None:
        self.dataset = self.opening.opened(conditions=TERMS)
        self.number = self.proven = self.key = ""

    def filed(self, *, at: datetime = NOW, **changes: Any) -> Applying:
        self.number, secret = opendata.file_request(number=self.dataset, filing=filing(**changes), address="10.0.0.1", now=at)
        self.secret, self.proven = secret, opendata.proof(secret)
        return self

    def answered(self, **changes: Any) -> Applying:
        """A request whose prepared answer waits for the head."""
        self.filed()
        facts: dict[str, Any] = {"agree": True, "items": ["dm"], "days": 100, **changes}
        opendata.propose_answer(actor=self.opening.circle.keeper, number=self.number, now=NOW, **facts)
        return self

    def agreed(self) -> Applying:
        self.answered()
        opendata.conclude(actor=self.opening.circle.chief, number=self.number, now=NOW)
        return self

    def granted(self) -> Applying:
        self.agreed()
        _text, digest = opendata.agreement(self.number, self.proven)
        self.key = opendata.accept(number=self.number, proven=self.proven, name="赵经理", content=digest, now=NOW)
        return self

    def seen(self, now: datetime = NOW) -> opendata.RequestView:
        return opendata.own_request(self.number, self.proven, now=now)

    def admitted(self, key: str = "", now: datetime = NOW) -> opendata.Admission:
        return opendata.admit(key or self.key, self.dataset, now=now)

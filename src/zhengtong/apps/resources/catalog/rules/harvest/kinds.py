"""What can be harvested, how often, and where a harvest stands."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is found at an address."""

    CKAN = "ckan"
    DCAT = "dcat"
    DATAJSON = "datajson"
    TABLE = "table"


class HarvestState(StrEnum):
    """Where a source stands."""

    IDLE = "idle"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"


KIND_LABELS = {
    Kind.CKAN: "CKAN 门户",
    Kind.DCAT: "DCAT 目录(Turtle、RDF/XML、JSON-LD)",
    Kind.DATAJSON: "data.json",
    Kind.TABLE: "表格文件(xlsx、xls、CSV、JSON)",
}
HARVEST_STATE_LABELS = {
    HarvestState.IDLE: "等待下次采集",
    HarvestState.QUEUED: "排队中",
    HarvestState.RUNNING: "采集中",
    HarvestState.FAILED: "上次未完成",
}
EVERY_LABELS = {6: "每 6 小时", 24: "每天", 168: "每周", 0: "只在点“立即采集”时"}
#: a portal that is read by changes is read whole after so many days, to see what it does not have any more
WHOLE_DAYS = 7
#: a whole reading that misses more than this share of what we have is not believed
MOST_VANISHED = 0.5
VANISHED = "vanished-at-source"

"""The job that ``exchange`` measures, and the process it is measured in."""

from __future__ import annotations

import json
import resource
import sys
import time
import uuid

from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, Selected
from zhengtong.engines.dataflow.connectors.postgresql.reader import PostgresSource
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.job import Job, Target
from zhengtong.engines.dataflow.pipeline import run_job
from zhengtong.engines.dataflow.rules import CodeList, IdentityNumber, NotNull, Range
from zhengtong.kernel.clock import now

TABLE = """create table person (
    pid bigint primary key, id_no varchar(18), name varchar(50), phone varchar(20), dept varchar(40), address varchar(200),
    gender varchar(1), birth date, amount numeric(12, 2), score integer, active boolean, updated_at timestamptz)"""

ITEMS = (
    Item(key="pid", type=ItemType.INTEGER, is_key=True),
    Item(key="id_no", length=18),
    Item(key="name", length=50),
    Item(key="phone", length=20),
    Item(key="dept", length=40),
    Item(key="address", length=200),
    Item(key="gender", length=1),
    Item(key="birth", type=ItemType.DATE),
    Item(key="amount", type=ItemType.DECIMAL, precision=12, scale=2),
    Item(key="score", type=ItemType.INTEGER, width=4),
    Item(key="active", type=ItemType.BOOLEAN),
    Item(key="updated_at", type=ItemType.DATETIME),
)
#: as contracts.projection writes them
MASKS = {
    "name": "left(t.name::text, 1) || repeat('*', greatest(length(t.name::text) - 1, 0))",
    "phone": "case when length(t.phone::text) >= 7 then left(t.phone::text, 3) || repeat('*', length(t.phone::text) - 7)"
    " || right(t.phone::text, 4) else repeat('*', length(t.phone::text)) end",
}
RULES = (
    NotNull(item="phone"),
    Range(item="score", low="0", high="100"),
    IdentityNumber(item="id_no"),
    CodeList(item="dept", codes=("住建局", "公安局", "民政局", "卫健委", "教育局")),
)


def job(source: str, target: str) -> Job:
    """All of ``person``, masked and checked."""
    selected = tuple(Selected(item.key, MASKS.get(item.key) or Selected.column(item.key).expression) for item in ITEMS)
    return Job(
        name="bench",
        source=PostgresSource(Endpoint(source), "public", "person", selected),
        target=Target(endpoint=Endpoint(target), schema="public", table="person", create_engine_tables=True),
        items=ITEMS,
        mapping={item.key: item.key for item in ITEMS},
        rules=RULES,
    )


def main() -> None:
    """Run the job between the two databases named on the command line; print what it took as JSON."""
    began = time.perf_counter()
    outcome = run_job(job(sys.argv[1], sys.argv[2]), run=uuid.uuid4(), clock=now)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**outcome.counts.as_dict(), "seconds": seconds, "peak_mib": peak}))


if __name__ == "__main__":
    main()

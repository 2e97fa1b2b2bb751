"""A worker process that carries out one job, to be killed at any instant."""

from __future__ import annotations

import json
import sys
import time
import uuid
from pathlib import Path

from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, Selected
from zhengtong.engines.dataflow.connectors.postgresql.reader import PostgresSource
from zhengtong.engines.dataflow.errors import TransientFailure
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.job import Full, Incremental, Job, Target
from zhengtong.engines.dataflow.pipeline import Report, run_job
from zhengtong.engines.dataflow.rules import Range
from zhengtong.kernel.clock import now
from zhengtong.kernel.errors import Party

ITEMS = (
    Item(key="id", type=ItemType.INTEGER, is_key=True),
    Item(key="name", length=40),
    Item(key="amount", type=ItemType.DECIMAL, precision=12, scale=2),
    Item(key="changed", type=ItemType.DATETIME),
)
RETRY_SECONDS = 0.1


def job(source: str, target: str, mode: str) -> Job:
    """Rows of ``person``, those with a negative amount refused."""
    return Job(
        name=mode,
        source=PostgresSource(
            Endpoint(source, party=Party.PROVIDER), "public", "person", tuple(Selected.column(item.key) for item in ITEMS)
        ),
        target=Target(endpoint=Endpoint(target), schema="public", table="person", create_engine_tables=True),
        items=ITEMS,
        mapping={item.key: item.key for item in ITEMS},
        rules=(Range(item="amount", low="0"),),
        mode=Incremental(cursor="changed", overlap="1 second") if mode == "incremental" else Full(),
        chunk_rows=250,
    )


def main() -> None:
    """``source target mode folder``: run until finished, retrying what is transient; the receipt goes into the folder."""
    source, target, mode, folder = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])

    def note(report: Report) -> None:
        (folder / "progress").write_text(str(report.chunk))

    while True:
        try:
            outcome = run_job(job(source, target, mode), run=uuid.uuid4(), clock=now, progress=note)
        except TransientFailure:
            # where the caller of the engine would pause longer each time
            time.sleep(RETRY_SECONDS)
            continue
        break
    assert outcome.receipt is not None
    (folder / "receipt.json").write_text(json.dumps(outcome.receipt.as_dict()))


if __name__ == "__main__":
    main()

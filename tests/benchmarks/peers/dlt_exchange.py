"""The same table through dlt (pyarrow backend, merge by primary key, no rules, no masks); runs in the benchmarks' own environment."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time

import dlt
from dlt.sources.sql_database import sql_table
from sqlalchemy import create_engine


def main() -> None:
    """Move the rows named on the command line; print seconds and rows as JSON on the last line."""
    # dlt wants a host in the address; libpq prefers the socket in its query
    source, target = (url.replace("@/", "@localhost/") for url in sys.argv[1:3])
    rows = int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DLT_DATA_DIR"] = folder
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        pipeline = dlt.pipeline(
            "peer", pipelines_dir=folder, destination=dlt.destinations.postgres(credentials=target), dataset_name="peer"
        )
        engine = create_engine(source.replace("postgresql://", "postgresql+psycopg2://"))
        person = sql_table(
            credentials=engine,
            table="person",
            backend="pyarrow",
            chunk_size=100_000,
            query_adapter_callback=lambda query, _: query.limit(rows),
        )
        person.apply_hints(primary_key="pid", write_disposition={"disposition": "merge", "strategy": "upsert"})
        began = time.perf_counter()
        pipeline.run(person)
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "rows": rows}))


if __name__ == "__main__":
    main()

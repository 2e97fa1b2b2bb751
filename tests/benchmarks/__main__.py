"""``make bench``: every benchmark beside its peers, as ratios of one run; ``make bench ARGS=gateway`` for one of them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

BENCHMARKS = (
    *("gateway", "revocation", "exchange", "catalog", "catalog_size", "relevance", "opening", "rows"),
    *("workflow", "cases", "licences", "filing"),
)


def run(names: list[str]) -> int:
    """Run the named benchmarks, all if none is named; arguments behind a name with dashes go to that benchmark."""
    sys.path.insert(0, str(Path(__file__).parents[1]))  # where the factories are, as for the tests
    chosen = [name for name in names if not name.startswith("-")] or list(BENCHMARKS)
    options = [name for name in names if name.startswith("-")]
    unknown = sorted(set(chosen) - set(BENCHMARKS))
    if unknown:
        print(f"no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
        return 2
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").main(options)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))

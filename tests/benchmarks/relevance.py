"""
Relevance of the search: NDCG@10 over the judged questions of ``tests/relevance``, beside plain BM25 over words, in one table.

The corpus is the demo city's catalog with its synonyms.

    python -m tests.benchmarks relevance
"""

from __future__ import annotations

import argparse

from tests.benchmarks import catalog as small


def table(ours: dict[str, tuple[float, int]], plain: dict[str, tuple[float, int]]) -> str:
    """The figures of both, kind by kind."""
    lines = [f"{'kind':10} {'questions':>9} {'ours':>6} {'BM25':>6}"]
    lines += [f"{kind:10} {count:9} {value:6.3f} {plain[kind][0]:6.3f}" for kind, (value, count) in ours.items() if kind != "all"]
    value, count = ours["all"]
    return "\n".join([*lines, f"{'all':10} {count:9} {value:6.3f} {plain['all'][0]:6.3f}"])


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if the floor was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floor", type=float, default=0.75)
    parser.add_argument("--show", action="store_true", help="each question with its figures and what was found")
    given = parser.parse_args(arguments)
    small.prepare("bench_relevance")
    from relevance.corpus import corpus, demo_city, search
    from relevance.measuring import by_kind, judgments, ndcg
    from relevance.plain import PlainBm25

    demo_city()
    entries = corpus()
    plain = PlainBm25(entries)
    if given.show:
        known = {entry.id: entry for entry in entries}
        for judged in judgments():
            found, beside = ([known[number] for number in ranked(judged.text)[:10]] for ranked in (search, plain.search))
            figures = f"{ndcg(judged, found, entries):.2f} ({ndcg(judged, beside, entries):.2f})"
            print(f"{figures} {judged.kind:8} {judged.text}: " + " ".join(f"{entry.name}:{judged.grade(entry)}" for entry in found[:6]))
    ours = by_kind(entries, search)
    print(f"{len(entries)} entries, NDCG@10\n{table(ours, by_kind(entries, plain.search))}")
    return 0 if ours["all"][0] >= given.floor else 1

"""
Counters and histograms, as plain numbers on the hot path and as Prometheus text on request.

Each worker keeps its own and leaves a copy in the shared folder every second; ``/metrics`` of any worker answers with the sum over all
workers that left one lately.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
#: a copy older than this belongs to a worker that has gone; seconds
_STALE = 10.0


class Histogram(msgspec.Struct):
    """Counts by upper bound; the last count is for everything above."""

    bounds: tuple[float, ...]
    counts: list[int]
    total: float = 0.0

    @classmethod
    def of(cls, bounds: tuple[float, ...]) -> Histogram:
        """An empty histogram."""
        return cls(bounds, [0] * (len(bounds) + 1))

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def add(self, other: Histogram) -> None:
        """Add the counts of another worker."""
        self.counts = [one + two for one, two in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


class Metrics(msgspec.Struct):
    """What one worker counts. Durations in seconds; ``snapshot_loaded`` in seconds since 1970."""

    #: kind of route → outcome → calls
    calls: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    latency: Histogram = msgspec.field(default_factory=lambda: Histogram.of(_SECONDS))
    batches: Histogram = msgspec.field(default_factory=lambda: Histogram.of(_SIZES))
    blocks: Histogram = msgspec.field(default_factory=lambda: Histogram.of(_SIZES))
    commits: Histogram = msgspec.field(default_factory=lambda: Histogram.of(_SECONDS))
    snapshot_version: int = 0
    snapshot_loaded: float = 0.0
    snapshots_refused: int = 0
    grants_refused: int = 0
    keys_refused: int = 0

    def call(self, kind: str, outcome: str, seconds: float) -> None:
        """Count an answered call."""
        by_outcome = self.calls.get(kind)
        if by_outcome is None:
            by_outcome = self.calls[kind] = {}
        by_outcome[outcome] = by_outcome.get(outcome, 0) + 1
        self.latency.observe(seconds)

    def block(self, entries: int, seconds: float) -> None:
        """Count a committed block of the ledger."""
        self.blocks.observe(entries)
        self.commits.observe(seconds)

    def add(self, other: Metrics) -> None:
        """Add what another worker counted; the older snapshot is what the machine serves."""
        for kind, outcomes in other.calls.items():
            mine_by_outcome = self.calls.setdefault(kind, {})
            for outcome, count in outcomes.items():
                mine_by_outcome[outcome] = mine_by_outcome.get(outcome, 0) + count
        for mine, theirs in (
            (self.latency, other.latency),
            (self.batches, other.batches),
            (self.blocks, other.blocks),
            (self.commits, other.commits),
        ):
            mine.add(theirs)
        self.snapshot_version = min(self.snapshot_version, other.snapshot_version)
        self.snapshot_loaded = min(self.snapshot_loaded, other.snapshot_loaded)
        self.snapshots_refused += other.snapshots_refused
        self.grants_refused += other.grants_refused
        self.keys_refused += other.keys_refused

    def leave_copy(self, folder: Path) -> None:
        """Leave a copy for the other workers."""
        path = folder / f"metrics-{os.getpid()}.json"
        partial = path.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(self))
        partial.rename(path)

    def with_others(self, folder: Path, now: float) -> Metrics:
        """The sum with the fresh copies of other workers. ``now`` is seconds since 1970; copies of workers long gone are removed."""
        total = msgspec.json.decode(msgspec.json.encode(self), type=Metrics)
        for path in folder.glob("metrics-*.json"):
            if path.name == f"metrics-{os.getpid()}.json":
                continue
            try:
                if path.stat().st_mtime < now - _STALE:
                    path.unlink()
                    continue
                total.add(msgspec.json.decode(path.read_bytes(), type=Metrics))
            except (OSError, msgspec.MsgspecError):
                continue  # its worker is just leaving a new one
        return total


class _Collector:
    def __init__(self, metrics: Metrics, now: float, *, ready: bool) -> None:
        self._metrics, self._now, self._ready = metrics, now, ready

    def collect(self) -> Iterator[Metric]:
        metrics = self._metrics
        calls = CounterMetricFamily("zhengtong_gateway_calls", "Answered calls", labels=("kind", "outcome"))
        for kind, outcomes in sorted(metrics.calls.items()):
            for outcome, count in sorted(outcomes.items()):
                calls.add_metric((kind, outcome), count)
        yield calls
        yield from self._histograms()
        for name, text, count in (
            ("snapshots_refused", "Routing snapshots with a wrong signature, format or version", metrics.snapshots_refused),
            ("grants_refused", "Routes left out because their grant is not trusted", metrics.grants_refused),
            ("keys_refused", "Caller keys left out because they cannot be used", metrics.keys_refused),
        ):
            yield CounterMetricFamily(f"zhengtong_gateway_{name}", text, value=count)
        age = self._now - metrics.snapshot_loaded if metrics.snapshot_loaded else float("nan")
        yield GaugeMetricFamily(
            "zhengtong_gateway_snapshot_version", "Version of the routing snapshot served", value=metrics.snapshot_version
        )
        yield GaugeMetricFamily("zhengtong_gateway_snapshot_age_seconds", "Seconds since that snapshot was loaded", value=age)
        yield GaugeMetricFamily("zhengtong_gateway_ready", "Whether this worker can serve", value=int(self._ready))

    def _histograms(self) -> Iterable[Metric]:
        metrics = self._metrics
        for name, text, histogram in (
            ("latency_seconds", "From the whole request to the answer handed to the socket", metrics.latency),
            ("batch_size", "Look-ups answered by one round trip", metrics.batches),
            ("block_entries", "Ledger entries committed together", metrics.blocks),
            ("commit_seconds", "From a block's sealing to its durability", metrics.commits),
        ):
            running, buckets = 0, []
            for bound, count in zip((*histogram.bounds, float("inf")), histogram.counts, strict=True):
                running += count
                buckets.append(("+Inf" if bound == float("inf") else str(bound), float(running)))
            yield HistogramMetricFamily(f"zhengtong_gateway_{name}", text, buckets=buckets, sum_value=histogram.total)


def exposition(metrics: Metrics, now: float, *, ready: bool) -> bytes:
    """Prometheus text format 0.0.4. ``now`` is seconds since 1970."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(metrics, now, ready=ready))
    return generate_latest(registry)

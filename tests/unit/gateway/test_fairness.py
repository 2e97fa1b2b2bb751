"""Shares of questions: by address, together for all processes of a machine, and none is lost by a flood of strangers."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from zhengtong.gateway.moments import SECOND, Moments
from zhengtong.gateway.opendata.fairness import Share, Shares, subscriber
from zhengtong.gateway.refusals import QuotaExhausted, RateExceeded

START = 2_000_000_000 * SECOND


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


def shares(path: Path | None, clock: Clock, slots: int = 1024) -> Shares:
    return Shares(path, Moments(clock), slots)


def taken(made: Shares, caller: str, share: Share, times: int) -> int:
    """How many of so many questions are let in."""
    count = 0
    for _time in range(times):
        try:
            with made.taken(caller, share):
                count += 1
        except RateExceeded:
            pass
    return count


def test_a_bucket_empties_and_fills_up_again() -> None:
    clock = Clock()
    made, share = shares(None, clock), Share(per_second=2, burst=6)
    with made.taken("a", share) as left:
        assert (left.remaining, left.reset) == (5, 1)
        assert left.lines == b"ratelimit-limit: 6\r\nratelimit-remaining: 5\r\nratelimit-reset: 1\r\nratelimit-policy: 6;w=3\r\n"
    assert taken(made, "a", share, 10) == 5
    with pytest.raises(RateExceeded) as refused:
        made.spend("a", share)
    assert refused.value.retry_after == 1
    assert b"ratelimit-remaining: 0" in refused.value.lines
    assert taken(made, "b", share, 10) == 6
    clock.now += 2 * SECOND
    assert taken(made, "a", share, 10) == 4
    clock.now += 100 * SECOND
    assert taken(made, "a", share, 10) == 6


def test_to_look_takes_nothing() -> None:
    made, share = shares(None, Clock()), Share(per_second=1, burst=1)
    for _time in range(3):
        made.require("a", share)
    made.spend("a", share)
    with pytest.raises(RateExceeded):
        made.require("a", share)


def test_so_many_at_once() -> None:
    made, share = shares(None, Clock()), Share(at_once=2)
    with made.taken("a", share), made.taken("a", share):
        with pytest.raises(RateExceeded), made.taken("a", share):
            pass
        assert taken(made, "b", share, 1) == 1
    assert taken(made, "a", share, 1) == 1


def test_a_day_holds_so_many_and_what_a_record_knows_counts() -> None:
    clock = Clock()
    made, share = shares(None, clock), Share(per_second=100, burst=100, per_day=3)
    assert taken(made, "a", share, 2) == 2
    with made.taken("a", share, 2) as left:
        assert (left.today, left.remaining) == (0, 0)
        assert left.lines.endswith(b"100;w=1, 3;w=86400\r\n")
    with pytest.raises(QuotaExhausted) as refused, made.taken("a", share):
        pass
    assert 0 < refused.value.retry_after <= 86_400
    with pytest.raises(QuotaExhausted), made.taken("b", share, 3):
        pass
    clock.now += 86_400 * SECOND
    assert taken(made, "a", share, 2) == 2


def test_what_one_process_took_the_other_has_not(tmp_path: Path) -> None:
    clock, share = Clock(), Share(per_second=0.1, burst=10)
    one, other = shares(tmp_path / "open.table", clock), shares(tmp_path / "open.table", clock)
    assert taken(one, "a", share, 7) == 7
    assert taken(other, "a", share, 7) == 3
    one.close()
    other.close()
    again = shares(tmp_path / "open.table", clock)
    assert taken(again, "a", share, 1) == 0


def _ask(path: Path, results: multiprocessing.Queue[int]) -> None:
    results.put(taken(shares(path, Clock()), "a", Share(per_second=0.001, burst=500, at_once=1), 1_000))


def test_processes_at_the_same_time_count_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_ask, args=(tmp_path / "open.table", results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(found) == 500


def test_a_flood_of_strangers_frees_nobody_who_is_in_debt() -> None:
    clock = Clock()
    made, share = shares(None, clock, slots=32), Share(per_second=1, burst=20)
    assert taken(made, "greedy", share, 30) == 20
    for number in range(500):
        made.spend(f"stranger {number}", share)
    assert taken(made, "greedy", share, 1) == 0


def test_a_clock_that_is_set_back_keeps_nobody_out_for_long() -> None:
    clock = Clock()
    made, share = shares(None, clock), Share(per_second=1, burst=5)
    assert taken(made, "a", share, 5) == 5
    clock.now -= 3_600 * SECOND
    with pytest.raises(RateExceeded) as refused:
        made.spend("a", share)
    assert refused.value.retry_after == 1
    clock.now += 5 * SECOND
    assert taken(made, "a", share, 9) == 5


def test_of_ipv6_a_subscriber_has_the_64() -> None:
    assert subscriber("2001:db8:1:2:3::4") == subscriber("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert subscriber("::ffff:10.0.0.1") != subscriber("::ffff:10.0.0.2")
    assert subscriber("10.0.0.1") == "10.0.0.1"
    assert subscriber("not an address") == "not an address"

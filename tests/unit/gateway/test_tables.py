"""The shared tables: a nonce counts once, whoever asks; a quota is one for all processes."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from zhengtong.gateway.moments import SECOND
from zhengtong.gateway.refusals import QuotaExhausted, RateExceeded, Replayed, SignatureExpired, TableFull
from zhengtong.gateway.settings import BadSettings
from zhengtong.gateway.tables import Tables

NOW = 2_000_000_000 * SECOND


def tables(folder: Path, *, replay: int = 1024, quota: int = 16, since: int = NOW - 1000 * SECOND) -> Tables:
    return Tables(
        shared=folder / "shared", state=folder / "state", replay_slots=replay, quota_slots=quota, window=300, skew=60, now_ns=since
    )


def rich(made: Tables):
    return made.account("a", "g", per_second=1_000_000, per_day=2**40)


def claim(made: Tables, nonce: str, *, now: int = NOW, created: int | None = None, account=None, day: int = 1):
    created = now // SECOND if created is None else created
    return made.admit(nonce=nonce.encode(), created=created, account=account or rich(made), now_ns=now, day=day)


def test_a_nonce_counts_once_even_after_a_restart(tmp_path):
    first = tables(tmp_path)
    claim(first, "one")
    claim(first, "two")
    for made in (first, tables(tmp_path)):
        with pytest.raises(Replayed):
            claim(made, "one")
        with pytest.raises(Replayed):
            claim(made, "two", now=NOW + 200 * SECOND, created=NOW // SECOND)


@pytest.mark.parametrize("created", [-301, 61])
def test_outside_the_window(tmp_path, created):
    with pytest.raises(SignatureExpired):
        claim(tables(tmp_path), "one", created=NOW // SECOND + created)


def test_what_was_signed_before_the_table_existed_is_doubtful(tmp_path):
    made = tables(tmp_path, since=NOW)
    with pytest.raises(SignatureExpired):
        claim(made, "one", created=NOW // SECOND - 1)
    claim(made, "one", created=NOW // SECOND)


def test_every_nonce_is_remembered_as_long_as_it_could_be_used(tmp_path):
    """Walk through many generations; at each step everything still inside the window must be refused."""
    made, used = tables(tmp_path, replay=4096), []
    for step in range(0, 5_000, 50):
        now = NOW + step * SECOND
        for offset in (-250, 0, 55):
            created = now // SECOND + offset
            claim(made, f"{step}:{offset}", now=now, created=created)
            used.append((f"{step}:{offset}", created))
        for nonce, created in used:
            if now // SECOND - 300 <= created <= now // SECOND + 60:
                with pytest.raises(Replayed):
                    claim(made, nonce, now=now, created=created)


def test_a_full_table_refuses(tmp_path):
    made = tables(tmp_path, replay=64)
    for number in range(int(64 * 0.7)):
        claim(made, f"nonce {number}")
    with pytest.raises(TableFull):
        claim(made, "one more")
    with pytest.raises(TableFull):
        claim(made, "nonce 0")
    later = NOW + 1000 * SECOND
    claim(made, "nonce 0", now=later)


def _claim_all(folder: Path, start, results) -> None:
    made = tables(folder, replay=8192)
    account = made.account("a", "g", per_second=1_000_000, per_day=1_500)
    start.wait()
    accepted = exhausted = 0
    for number in range(2_000):
        try:
            claim(made, f"shared {number}", account=account)
            accepted += 1
        except Replayed:
            pass
        except QuotaExhausted:
            exhausted += 1
    results.put((accepted, exhausted))


def test_processes_together_accept_each_nonce_and_each_call_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    start, results = context.Event(), context.Queue()
    workers = [context.Process(target=_claim_all, args=(tmp_path, start, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    start.set()
    counted = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    # the quota ends at 1,500 accepted; each of the other 500 nonces was used up by one worker as well
    assert sum(accepted for accepted, _ in counted) == 1_500
    assert sum(exhausted for _, exhausted in counted) == 500


def test_the_days_calls_are_counted_across_restarts_and_days(tmp_path):
    made = tables(tmp_path)
    account = made.account("a", "g", per_second=1000, per_day=2)
    assert claim(made, "1", account=account).day == 1
    again = tables(tmp_path)
    account = again.account("a", "g", per_second=1000, per_day=2)
    assert claim(again, "2", account=account).day == 0
    with pytest.raises(QuotaExhausted):
        claim(again, "3", account=account)
    other = again.account("a", "another grant", per_second=1000, per_day=2)
    assert claim(again, "4", account=other).day == 1
    assert claim(again, "5", account=account, day=2).day == 1


def test_a_second_holds_so_many_calls(tmp_path):
    made = tables(tmp_path)
    account = made.account("a", "g", per_second=10, per_day=1000)
    for number in range(10):
        claim(made, f"{number}", account=account)
    with pytest.raises(RateExceeded):
        claim(made, "11", account=account)
    claim(made, "12", account=account, now=NOW + SECOND // 10)
    with pytest.raises(RateExceeded):
        claim(made, "13", account=account, now=NOW + SECOND // 10)


def test_accounts_nobody_used_for_days_make_room(tmp_path):
    made = tables(tmp_path, quota=4)
    for number in range(4):
        claim(made, f"{number}", account=made.account(f"caller {number}", "g", per_second=10, per_day=10))
    with pytest.raises(TableFull):
        claim(made, "x", account=made.account("new", "g", per_second=10, per_day=10), day=2)
    assert claim(made, "y", account=made.account("new", "g", per_second=10, per_day=10), day=3).day == 9


def test_a_table_of_another_size_is_not_touched(tmp_path):
    tables(tmp_path)
    with pytest.raises(BadSettings):
        tables(tmp_path, replay=2048)
    with pytest.raises(BadSettings):
        tables(tmp_path, replay=1000)

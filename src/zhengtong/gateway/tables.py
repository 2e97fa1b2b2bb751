"""
The two tables that all gateway processes of a machine share: used nonces, and what each caller has spent.

Threat model. Somebody repeats a captured request, at once or after a restart, against the same or another worker process; a caller spreads
its calls over workers to escape its quota. One memory-mapped file per table, changed only under one file lock, makes every worker see every
claim. The kernel drops the lock of a killed process. Whatever is doubtful is refused: a full table, a message older than the table. Not
defended: a second machine that serves the same callers; there a load balancer has to send one key to one machine.

Nonces live in two halves, one per generation. A generation is as long as a signature is acceptable, so a message always belongs to the
present or the previous one. A slot carries its generation, so that a half is emptied by counting on instead of by writing zeros.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from zhengtong.gateway.mapped import HEADER_WORDS, SINCE, WORD, key_of, mapped
from zhengtong.gateway.moments import SECOND
from zhengtong.gateway.refusals import QuotaExhausted, RateExceeded, Replayed, SignatureExpired, TableFull
from zhengtong.gateway.settings import BadSettings

_FILL = 0.7
_TAGS = 0xFFFF
_PRINT = 2**64 - 1 - _TAGS
# words of the replay table's header, behind those of every file
_GENERATION, _COUNT = 5, 7
# words of an account
_OWNER, _DAY, _USED, _ARRIVAL, _ACCOUNT_WORDS = 0, 1, 2, 3, 4
#: an account that was not used for so many days may be given to somebody else
_FORGET_DAYS = 2


@dataclass(slots=True)
class Account:
    """A caller under a grant: its limits, and where in the table it stands (a hint; the table decides)."""

    owner: int
    per_second: int
    per_day: int
    slot: int = 0


@dataclass(slots=True)
class Spent:
    """What is left after a call."""

    day: int
    second: int


class Tables:
    """The nonces and accounts of a machine. ``window`` and ``skew`` are seconds."""

    def __init__(self, *, shared: Path, state: Path, replay_slots: int, quota_slots: int, window: int, skew: int, now_ns: int) -> None:
        if replay_slots & (replay_slots - 1) or quota_slots & (quota_slots - 1):
            raise BadSettings("replay_slots 与 quota_slots 必须是 2 的幂")
        self._replay, self._lock = mapped(shared / "replay.table", 2 * replay_slots, replay_slots, now_ns // SECOND)
        self._quota, self._quota_descriptor = mapped(state / "quota.table", quota_slots * _ACCOUNT_WORDS, quota_slots, now_ns // SECOND)
        self._since = self._replay[SINCE]
        self._slots, self._quota_slots = replay_slots, quota_slots
        self._limit = int(replay_slots * _FILL)
        self._window, self._skew = window, skew
        self._generation_seconds = window + skew + 1
        self._keyed = hashlib.blake2b(digest_size=WORD, key=key_of(self._replay))
        # the quota file keeps its own key, so that accounts are found again after the replay table has gone
        self._quota_key = key_of(self._quota)

    def close(self) -> None:
        """Unlock and close both files."""
        os.close(self._lock)
        os.close(self._quota_descriptor)

    def account(self, caller: str, grant: str, *, per_second: int, per_day: int) -> Account:
        """The account of a caller under a grant."""
        name = f"{caller}\n{grant}".encode()
        owner = int.from_bytes(hashlib.blake2b(name, digest_size=8, key=self._quota_key).digest(), "big") or 1
        return Account(owner, per_second, per_day)

    def admit(self, *, nonce: bytes, created: int, account: Account, now_ns: int, day: int) -> Spent:
        """
        Use up a nonce and one call of an account. ``created`` is the second at which the caller signed.

        :raises SignatureExpired: outside the window, or before this table existed.
        :raises Replayed: the nonce was used.
        :raises RateExceeded, QuotaExhausted: the account is used up.
        :raises TableFull: no more can be remembered.
        """
        now = now_ns // SECOND
        table = self._replay
        if not now - self._window <= created <= now + self._skew:
            raise SignatureExpired(field="created", remedy="校准时钟并重新签名")
        if created < self._since:
            raise SignatureExpired(field="created", remedy="重新签名")
        generation = created // self._generation_seconds
        half, tag, mask = generation & 1, generation % _TAGS + 1, self._slots - 1
        base = HEADER_WORDS + half * self._slots
        hashed = self._keyed.copy()
        hashed.update(nonce)
        print_ = int.from_bytes(hashed.digest(), "big")
        index, wanted = base + (print_ & mask), (print_ & _PRINT) | tag
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            if generation != table[_GENERATION + half]:
                self._begin(half, generation)
            count = table[_COUNT + half]
            if count >= self._limit:
                raise TableFull
            # a free slot always comes: the half is at most 70 % full
            while (slot := table[index]) & _TAGS == tag:
                if slot == wanted:
                    raise Replayed
                index = base + ((index - base + 1) & mask)
            table[index] = wanted
            table[_COUNT + half] = count + 1
            return self._spend(account, now_ns, day)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _begin(self, half: int, generation: int) -> None:
        """Give a half to a new generation. What it holds carries older tags and counts as free."""
        if generation < self._replay[_GENERATION + half]:
            raise SignatureExpired(field="created")
        self._replay[_COUNT + half] = 0
        self._replay[_GENERATION + half] = generation

    def _spend(self, account: Account, now_ns: int, day: int) -> Spent:
        table = self._quota
        at = account.slot
        if not at or table[at + _OWNER] != account.owner:
            at = account.slot = self._find(account.owner, day)
        if table[at + _DAY] != day:
            table[at + _DAY], table[at + _USED] = day, 0
        used = table[at + _USED]
        if used >= account.per_day:
            raise QuotaExhausted
        # the generic cell rate algorithm: a bucket of one second's calls, kept as the moment at which it will be full again
        arrival = max(table[at + _ARRIVAL], now_ns) + SECOND // account.per_second
        ahead = arrival - now_ns
        if ahead > SECOND:
            raise RateExceeded
        table[at + _ARRIVAL] = arrival
        table[at + _USED] = used + 1
        return Spent(account.per_day - used - 1, (SECOND - ahead) * account.per_second // SECOND)

    def _find(self, owner: int, day: int) -> int:
        """The slot of an owner, else a free one, else one that nobody used for days."""
        table, mask = self._quota, self._quota_slots - 1
        forgotten = 0
        for step in range(self._quota_slots):
            at = HEADER_WORDS + ((owner + step) & mask) * _ACCOUNT_WORDS
            holder = table[at + _OWNER]
            if holder == owner:
                return at
            if holder == 0:
                forgotten = forgotten or at
                break
            if not forgotten and table[at + _DAY] + _FORGET_DAYS <= day:
                forgotten = at
        if not forgotten:
            raise TableFull
        table[forgotten + _DAY] = table[forgotten + _USED] = table[forgotten + _ARRIVAL] = 0
        table[forgotten + _OWNER] = owner
        return forgotten

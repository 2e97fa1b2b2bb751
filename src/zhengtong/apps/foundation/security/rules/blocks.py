"""
How a block is made and what makes one false.

Threat model: see ``operations.recording``. A check begins at the first block, or where an expiry that stands in the signed control chain
says that the expired part ends; nothing else can move the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block, Entry
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.signing import PrivateKey, PublicKey
from zhengtong.kernel.sentences import kept, say, told


def make_block(*, chain: str, height: int, previous: str, entries: list[Entry], at: datetime, digest: Digest, key: PrivateKey) -> Block:
    """The block that follows ``previous`` (hexadecimal hash, :data:`traces.GENESIS` for height 1), hashed and signed."""
    body = traces.encode_entries(entries)
    head = traces.header(
        digest=digest.value,
        chain=chain,
        height=height,
        at=at.astimezone(UTC),
        count=len(entries),
        previous=previous,
        body_hash=digest.of(body).hex(),
    )
    block_hash = digest.of(head)
    return Block(
        chain=chain,
        height=height,
        at=at,
        count=len(entries),
        digest=digest.value,
        previous=previous,
        hash=block_hash.hex(),
        scheme=key.scheme.value,
        key_id=key.key_id,
        signature=key.sign(block_hash),
        body=body,
    )


@dataclass(frozen=True)
class Finding:
    """Something wrong in a chain: ``kind`` is gap, link, body, count, digest, signature, key, head, anchor, missing or expiry."""

    chain: str
    height: int
    kind: str
    sentence: str

    def as_kept(self) -> dict[str, Any]:
        """The finding as it is kept: its sentence can still be said in any language."""
        return {"chain": self.chain, "height": self.height, "kind": self.kind, "sentence": kept(self.sentence)}

    @classmethod
    def of(cls, document: dict[str, Any]) -> Finding:
        """What ``as_kept`` kept."""
        return cls(document["chain"], document["height"], document["kind"], told(document["sentence"]))


@dataclass
class ChainCheck:
    """
    Checks the blocks of one chain in ascending order; ``height`` and ``hash`` are the last block that was given.

    To check a chain whose older part has expired, begin with ``height`` and ``hash`` where that part ends.
    """

    chain: str
    trusted: dict[str, PublicKey]
    height: int = 0
    hash: str = traces.GENESIS

    def check(self, block: Block) -> list[Finding]:
        """What is wrong with the next block; checking goes on from it as it stands."""
        digest = Digest(block.digest)
        findings: list[Finding] = []

        def found(kind: str, sentence: str) -> None:
            findings.append(Finding(self.chain, block.height, kind, sentence))

        if block.height != self.height + 1:
            found("gap", say("第 {height} 块之后是第 {next} 块", height=self.height, next=block.height))
        elif block.previous != self.hash:
            found("link", "前块散列与上一块不符")
        if block.body.count(b"\n") + 1 != block.count:
            found("count", "条目数与块头不符")
        head = traces.header(
            digest=block.digest,
            chain=block.chain,
            height=block.height,
            at=block.at.astimezone(UTC),
            count=block.count,
            previous=block.previous,
            body_hash=digest.of(block.body).hex(),
        )
        if digest.of(head).hex() != block.hash:
            found("body", "内容或块头被改动,散列不符")
        key = self.trusted.get(block.key_id)
        if key is None:
            found("key", say("签名密钥 {key_id} 不受信任", key_id=block.key_id))
        elif not key.verify(bytes.fromhex(block.hash), block.signature):
            found("signature", "块签名不成立")
        self.height, self.hash = block.height, block.hash
        return findings

    def check_head(self, height: int, head_hash: str) -> list[Finding]:
        """Whether the chain ends where its head says it ends: a cut-off tail shows here."""
        if (self.height, self.hash) == (height, head_hash):
            return []
        return [Finding(self.chain, self.height, "head", say("账本头在第 {height} 块,账本止于第 {end} 块", height=height, end=self.height))]

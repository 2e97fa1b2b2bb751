"""
Check exported ledgers: python verify_ledger.py FOLDER [FOLDER ...], oldest first. Needs Python and `cryptography` (for SM2 `gmssl-pyx`).

Given alone, a folder begins where the last expiry in its own signed control chain says; given behind older ones, where they end.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = ("digest", "chain", "height", "at", "count", "previous")


def signature_holds(key: dict[str, str], message: bytes, signature: bytes) -> bool:
    public = bytes.fromhex(key["public"])
    if key["scheme"] == "sm2-sm3":
        import gmssl_pyx

        return bool(gmssl_pyx.sm2_verify(public, message, signature))
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def blocks_of(folder: Path, containing: str = "") -> Iterator[dict[str, Any]]:
    with (folder / "blocks.ndjson").open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if containing in line)


def problems_of(block: dict[str, Any], keys: dict[str, Any], height: int, previous: str) -> list[str]:
    body = block["body"].encode()
    head = ["zhengtong-block/1", *(block[name] for name in FIELDS), hashlib.new(block["digest"], body).hexdigest()]
    computed = hashlib.new(block["digest"], "\n".join(map(str, head)).encode()).digest()
    key = keys.get(block["key_id"])
    checks = {
        "gap or reordering": block["height"] == height + 1,
        "broken link": block["previous"] == previous,
        "changed content": computed.hex() == block["hash"] and body.count(b"\n") + 1 == block["count"],
        "bad signature": key is not None and signature_holds(key, computed, bytes.fromhex(block["signature"])),
    }
    return [f"{block['chain']} block {block['height']}: {name}" for name, holds in checks.items() if not holds]


def main(folders: list[Path]) -> int:
    blocks, problems, ends = 0, list[str](), dict[str, Any]()
    for folder in folders:
        keys, heads = (json.loads((folder / name).read_text()) for name in ("keys.json", "heads.json"))
        expired: dict[str, Any] = {}
        for block in blocks_of(folder, "ledger:month:expired"):
            for entry in map(json.loads, block["body"].split("\n") if block["chain"] == "control" else []):
                expired = entry["detail"]["ends"] if entry["event"] == "ledger:month:expired" else expired
        ends = expired | ends
        for block in blocks_of(folder):
            blocks += 1
            problems += problems_of(block, keys, *ends.get(block["chain"], (0, "0" * 64)))
            ends[block["chain"]] = [block["height"], block["hash"]]
        problems += [
            f"{chain}: ends at {ends.get(chain)}, its head says {head}" for chain, head in heads.items() if ends.get(chain) != head
        ]
    print(*problems, f"{blocks} blocks in {len(ends)} chains checked, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or [Path()]))

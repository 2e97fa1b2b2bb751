"""
Check exported ledgers: python verify_ledger.py [HEADS.json ...] FOLDER ..., oldest first. Needs `cryptography` (for SM2 `gmssl-pyx`).

A folder alone begins where the last expiry in its own signed control chain says; behind older ones, where they end. HEADS.json are heads
that were kept elsewhere, {chain: [height, hash]}: only against them does a tail show that was cut off everywhere, or written anew.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADER = "zhengtong-block/1\n{digest}\n{chain}\n{height}\n{at}\n{count}\n{previous}\n"


def signature_holds(key: dict[str, str], message: bytes, signature: str) -> bool:
    if key["scheme"] == "sm2-sm3":
        import gmssl_pyx

        return bool(gmssl_pyx.sm2_verify(bytes.fromhex(key["public"]), message, bytes.fromhex(signature)))
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    with contextlib.suppress(InvalidSignature):
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(bytes.fromhex(signature), message) is None
    return False


def blocks_of(folder: Path, containing: str = "") -> Iterator[dict[str, Any]]:
    with (folder / "blocks.ndjson").open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if containing in line)


def problems_of(block: dict[str, Any], keys: dict[str, Any], anchors: dict[Any, str], height: int, previous: str) -> list[str]:
    body = block["body"].encode()
    computed = hashlib.new(block["digest"], (HEADER.format_map(block) + hashlib.new(block["digest"], body).hexdigest()).encode()).digest()
    key = keys["node"].get(block["key_id"]) or (block["chain"].startswith("gateway:") and keys["gateway"].get(block["key_id"]))
    checks = {
        "gap or reordering": block["height"] == height + 1,
        "broken link": block["previous"] == previous,
        "changed content": computed.hex() == block["hash"] and body.count(b"\n") + 1 == block["count"],
        "bad signature": bool(key) and signature_holds(key, computed, block["signature"]),
        "not what was anchored": anchors.get((block["chain"], block["height"]), block["hash"]) == block["hash"],
    }
    return [f"{block['chain']} block {block['height']}: {name}" for name, holds in checks.items() if not holds]


def main(paths: list[Path]) -> int:
    known = [json.loads(path.read_text()) for path in paths if path.is_file()]  # what was known earlier overrules
    blocks, problems, ends = 0, list[str](), dict[str, list[Any]]()
    for folder in [path for path in paths if not path.is_file()] or [Path()]:
        listed, heads = (json.loads((folder / name).read_text()) for name in ("keys.json", "heads.json"))
        keys = json.loads(listed["payload"])  # a gateway's keys count because the node has signed the list
        if not signature_holds(keys["node"][listed["key_id"]], listed["payload"].encode(), listed["signature"]):
            problems.append("keys.json: bad signature")
        control = (block["body"] for block in blocks_of(folder, "ledger:") if block["chain"] == "control")
        said = [json.loads(line) for body in control for line in body.split("\n")]
        known += [heads, *(entry["detail"]["heads"] for entry in said if entry["event"] == "ledger:heads:anchored")]
        anchors = {(chain, height): hash_ for one in reversed(known) for chain, (height, hash_) in one.items()}
        ends = [{}, *(entry["detail"]["ends"] for entry in said if entry["event"] == "ledger:month:expired")][-1] | ends
        for block in blocks_of(folder):
            blocks += 1
            problems += problems_of(block, keys, anchors, *ends.get(block["chain"], (0, "0" * 64)))
            ends[block["chain"]] = [block["height"], block["hash"]]
    problems += [f"{chain}: ends before {top}" for chain, top in dict(sorted(anchors)).items() if top > ends.get(chain, [0])[0]]
    print(*problems, f"{blocks} blocks in {len(ends)} chains checked, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))

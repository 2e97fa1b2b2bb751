"""Check an exported ledger: python verify_ledger.py FOLDER. Needs Python and `cryptography` (for SM2 also `gmssl-pyx`), nothing else."""

import hashlib
import json
import sys
from pathlib import Path


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


def main(folder: Path) -> int:
    keys = json.loads((folder / "keys.json").read_text())
    heads = json.loads((folder / "heads.json").read_text())
    ends: dict[str, tuple[int, str]] = {}
    blocks = problems = 0
    with (folder / "blocks.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            block = json.loads(line)
            chain, body = block["chain"], block["body"].encode()
            height, previous = ends.get(chain, (0, "0" * 64))
            body_hash = hashlib.new(block["digest"], body).hexdigest()
            fields = [
                "zhengtong-block/1",
                block["digest"],
                chain,
                block["height"],
                block["at"],
                block["count"],
                block["previous"],
                body_hash,
            ]
            computed = hashlib.new(block["digest"], "\n".join(map(str, fields)).encode()).digest()
            checks = {
                "gap or reordering": block["height"] == height + 1,
                "broken link": block["previous"] == previous,
                "changed content": computed.hex() == block["hash"] and body.count(b"\n") + 1 == block["count"],
                "bad signature": block["key_id"] in keys
                and signature_holds(keys[block["key_id"]], computed, bytes.fromhex(block["signature"])),
            }
            for problem in [name for name, holds in checks.items() if not holds]:
                print(f"{chain} block {block['height']}: {problem}")
                problems += 1
            ends[chain] = (block["height"], block["hash"])
            blocks += 1
    for chain, head in heads.items():
        if list(ends.get(chain, ())) != head:
            print(f"{chain}: ends at {ends.get(chain)}, its head says {head}")
            problems += 1
    print(f"{blocks} blocks in {len(heads)} chains checked, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))

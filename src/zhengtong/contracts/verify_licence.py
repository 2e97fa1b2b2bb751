"""
Check a licence without its issuer: python verify_licence.py KEYS.json LICENCE.json|CODE.txt [STATUS.json ...]. Needs `cryptography`
(for SM2 `gmssl-pyx`).

KEYS.json is ``/.well-known/zhengtong-licences``, STATUS.json ``/licences/status/<n>``, LICENCE.json a downloaded data file, CODE.txt what a
QR code held. Prints valid, suspended, revoked, expired, over (the code's minutes have passed), stale (no list that counts) or tampered.
"""

import base64
import contextlib
import gzip
import hashlib
import json
import sys
import time
import zlib
from pathlib import Path
from typing import Any


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def certified(keys: dict[str, Any], message: bytes, signature: str) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    certificate, authority = (x509.load_pem_x509_certificate(keys[name].encode()) for name in ("certificate", "authority"))
    key, both = certificate.public_key(), raw(signature)
    der = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    with contextlib.suppress(InvalidSignature, ValueError, TypeError):
        certificate.verify_directly_issued_by(authority)
        if isinstance(key, ec.EllipticCurvePublicKey):
            return key.verify(der, message, ec.ECDSA(hashes.SHA256())) is None
    return False


def signed_by_node(keys: dict[str, Any], message: bytes, key_id: str, signature: str) -> bool:
    key = keys["keys"].get(key_id)
    if key and key["scheme"] == "sm2-sm3":
        import gmssl_pyx

        return bool(gmssl_pyx.sm2_verify(bytes.fromhex(key["public"]), message, raw(signature)))
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    with contextlib.suppress(InvalidSignature):
        return bool(key) and Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(raw(signature), message) is None
    return False


def digest(parts: list[str]) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()[:16]).decode().rstrip("=")


def status(keys: dict[str, Any], lists: list[dict[str, Any]], number: int, place: int, now: float) -> str:
    for one in lists:
        payload = json.loads(one["payload"])
        if payload["list"] != number:
            continue
        if not certified(keys, b"zhengtong-status/1\n" + one["payload"].encode(), one["certified"]):
            return "tampered"
        if payload["validUntil"] < now:
            return "stale"
        bits = gzip.decompress(raw(payload["encodedList"][1:]))
        return ["valid", "suspended", "revoked", "expired"][bits[place // 4] >> (6 - 2 * (place % 4)) & 3]
    return "stale"


def verdict(keys: dict[str, Any], text: str, lists: list[dict[str, Any]], now: float) -> str:
    over = False
    if text.startswith("ZT1."):
        packed, signature = text.removeprefix("ZT1.").split(".")
        content = zlib.decompress(raw(packed))
        shown = json.loads(content)
        body, fields, over = shown["b"], shown["d"], not shown["iat"] - 120 <= now <= shown["exp"]
        agreed = certified(keys, b"zhengtong-presentation/1\n" + content, signature)
        agreed &= certified(keys, b"zhengtong-licence/1\n" + body.encode(), shown["s"])
    else:
        data = json.loads(text)
        body, fields, message = data["body"], data["fields"], b"zhengtong-licence/1\n" + data["body"].encode()
        agreed = signed_by_node(keys, message, data["key_id"], data["signature"]) and certified(keys, message, data["certified"])
    facts = json.loads(body)
    if not agreed or not {digest(one) for one in fields} <= set(facts["sd"]):
        return "tampered"
    if over:
        return "over"
    today = time.strftime("%Y-%m-%d", time.gmtime(now + 8 * 3600))  # the date in China
    if facts["ZZYXQQSRQ"] > today or (facts["ZZYXQJZRQ"] and facts["ZZYXQJZRQ"] < today):
        return "expired"
    number, place = facts["status"]
    return status(keys, lists, number, place, now)


def main(paths: list[Path]) -> int:
    keys, licence, *lists = paths
    found = verdict(json.loads(keys.read_text()), licence.read_text().strip(), [json.loads(one.read_text()) for one in lists], time.time())
    print(found)
    return 0 if found == "valid" else 1


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))

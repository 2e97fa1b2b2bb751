"""
The signed body of a licence, selective disclosure of its fields, and the short-lived presentation.

Threat model. Whoever shows a licence may change a field, show another person's, show more or fewer fields than chosen, or show a picture of
yesterday's code; whoever sees one may try to guess the fields that were not shown. The body carries of every field a digest over a salt of
128 bits, the key and the value (as SD-JWT, RFC 9901, does), cut to 128 bits: to put another value behind a digest takes 2^128 trials, and
without the salt nothing can be guessed. The body itself is signed, a presentation is signed anew with its end within minutes. Not defended:
a presentation shown by somebody else within its minutes (the face or the named holder is for people to compare), a stolen signing key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from zhengtong.kernel import canonical
from zhengtong.kernel.errors import Invalid

PREFIX = b"zhengtong-licence/1\n"
PRESENTATION_PREFIX = b"zhengtong-presentation/1\n"
QR_PREFIX = "ZT1."
_DIGEST_BYTES = 16
_MOST_BYTES = 64_000
LASTS = timedelta(minutes=5)


def b64(raw: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """:raises ValueError: if ``text`` is not what :func:`b64` writes, to the last bit."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64(raw) != text:
        raise ValueError("not canonical")
    return raw


def digest(salt: str, key: str, value: str) -> str:
    """What the body carries of a field."""
    return b64(hashlib.sha256(canonical.encode([salt, key, value])).digest()[:_DIGEST_BYTES])


def body(facts: Mapping[str, Any], fields: Mapping[str, str], salts: Mapping[str, str]) -> bytes:
    """The bytes that are signed: public facts, and of each field its digest; sorted, so that their order gives nothing away."""
    digests = sorted(digest(salts[key], key, value) for key, value in fields.items())
    return canonical.encode({**facts, "sd": digests})


@dataclass(frozen=True)
class Presented:
    """A licence as somebody shows it: the signed body, the chosen fields, and from when until when the showing counts."""

    body: bytes
    signature: bytes
    fields: dict[str, str]
    until: datetime
    begins: datetime

    @property
    def facts(self) -> dict[str, Any]:
        """The public facts."""
        found: dict[str, Any] = json.loads(self.body)
        return found


def present(text: bytes, signature: bytes, chosen: Mapping[str, tuple[str, str]], sign: Callable[[bytes], bytes], *, now: datetime) -> str:
    """
    The text of a QR code in which the holder shows the ``chosen`` fields (key → salt, value) for :data:`LASTS`.

    :param sign: signs with the key of the installation's certificate.
    """
    content = canonical.encode(
        {
            "b": text.decode(),
            "s": b64(signature),
            "d": [[salt, key, value] for key, (salt, value) in chosen.items()],
            "iat": int(now.timestamp()),
            "exp": int((now + LASTS).timestamp()),
        }
    )
    return f"{QR_PREFIX}{b64(zlib.compress(content, 9))}.{b64(sign(PRESENTATION_PREFIX + content))}"


def read_presentation(text: str, holds: Callable[[bytes, bytes], bool]) -> Presented | None:
    """
    What a QR code shows; None if it was changed: its own signature or a disclosed field does not agree.

    :param holds: whether a signature over a message is the installation's.
    :raises Invalid: if it is no such code at all.
    """
    try:
        packed, signature = text.strip().removeprefix(QR_PREFIX).split(".")
        raw = zlib.decompressobj().decompress(unb64(packed), _MOST_BYTES)
        content = json.loads(raw)
        shown = Presented(
            content["b"].encode(),
            unb64(content["s"]),
            {key: value for _salt, key, value in content["d"]},
            datetime.fromtimestamp(content["exp"], UTC),
            datetime.fromtimestamp(content["iat"], UTC),
        )
        carried = set(shown.facts["sd"])
        disclosed = [digest(salt, key, value) for salt, key, value in content["d"]]
        given = unb64(signature)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, OverflowError) as exc:
        raise Invalid("这不是证照的亮证码", field="text", remedy="请扫描或粘贴完整的亮证码") from exc
    agreed = holds(PRESENTATION_PREFIX + raw, given) and holds(PREFIX + shown.body, shown.signature) and set(disclosed) <= carried
    return shown if agreed else None

"""A document together with the signature over its exact bytes."""

from __future__ import annotations

import msgspec


class SignedDocument(msgspec.Struct, frozen=True):
    """``payload`` is the document as it was signed, byte for byte; ``signature`` is over its UTF-8 form."""

    payload: str
    scheme: str
    key_id: str
    signature: bytes

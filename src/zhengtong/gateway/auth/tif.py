"""
The TIF convention: headers ``x-tif-paasid``, ``x-tif-timestamp`` (seconds), ``x-tif-nonce`` and ``x-tif-signature``.

``signature = upper(hex(SHA-256(timestamp + token + nonce + timestamp)))``, compared without case. The paasid is the id of a key of the
caller, the token its secret. Nothing of the question is covered: see the threat model of ``zhengtong.gateway.auth``.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from zhengtong.gateway.auth.proof import Proof
from zhengtong.gateway.refusals import KeyExpired, SignatureExpired, SignatureMalformed, SignatureMissing, UnknownKey, WrongSignature

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.routes import Routing

#: seconds that servers of this convention allow
WINDOW = 180
_SECOND_DIGITS = 10


def verify(call: Call, routing: Routing) -> Proof:
    """
    Check the four headers.

    :raises Unidentified: a subclass names the fault.
    """
    headers = call.headers
    call.national = "tif"
    try:
        key_id, moment, nonce, sign = (headers[name] for name in (b"x-tif-paasid", b"x-tif-timestamp", b"x-tif-nonce", b"x-tif-signature"))
    except KeyError as exc:
        raise SignatureMissing(field=exc.args[0].decode()) from None
    if not (moment.isdigit() and len(moment) == _SECOND_DIGITS and nonce):
        raise SignatureMalformed(field="x-tif-timestamp", remedy="x-tif-timestamp 为秒时间戳")
    caller, credential = routing.keys.get(key_id, (None, None))
    if caller is None or credential is None or credential.algorithm != "hmac-sha256":
        raise UnknownKey(field="x-tif-paasid")
    expected = hashlib.sha256(moment + credential.secret + nonce + moment).hexdigest().upper().encode()
    if not hmac.compare_digest(expected, sign.upper()):
        raise WrongSignature(field="x-tif-signature")
    if call.now_ns > credential.not_after:
        raise KeyExpired(field="x-tif-paasid", remedy="更换密钥")
    created = int(moment)
    if created < call.now_ns // 1_000_000_000 - WINDOW:
        raise SignatureExpired(field="x-tif-timestamp", remedy="重新签名")
    return Proof(caller, b"\n".join((b"tif", key_id, nonce)), created)

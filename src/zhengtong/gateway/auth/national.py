"""
The national convention (数据直达接口规范): headers ``gjzwfwpt_rid``, ``_sid``, ``_rtime`` (milliseconds) and ``_sign``.

``sign = base64(HMAC-SHA256(secret, sid + rid + rtime))``. The query, the purpose and the body are not covered: see the threat model of
``zhengtong.gateway.auth``.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from zhengtong.gateway.auth.proof import Proof
from zhengtong.gateway.refusals import KeyExpired, SignatureMalformed, SignatureMissing, UnknownKey, WrongSignature

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.routes import Routing

_MILLISECOND_DIGITS = 13


def verify(call: Call, routing: Routing) -> Proof:
    """
    Check the four headers.

    :raises Unidentified: a subclass names the fault.
    """
    headers = call.headers
    call.national = "gjzwfwpt"
    try:
        rid, sid, rtime, sign = (headers[name] for name in (b"gjzwfwpt_rid", b"gjzwfwpt_sid", b"gjzwfwpt_rtime", b"gjzwfwpt_sign"))
    except KeyError as exc:
        raise SignatureMissing(field=exc.args[0].decode()) from None
    if not (rtime.isdigit() and len(rtime) == _MILLISECOND_DIGITS):
        raise SignatureMalformed(field="gjzwfwpt_rtime", remedy="gjzwfwpt_rtime 为毫秒时间戳")
    try:
        signature = binascii.a2b_base64(sign, strict_mode=True)
        requester, service = rid.decode(), sid.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SignatureMalformed(field="gjzwfwpt_sign") from None
    caller = routing.requesters.get(requester)
    if caller is None:
        raise UnknownKey(field="gjzwfwpt_rid")
    message = sid + rid + rtime
    for credential in caller.credentials:
        if credential.algorithm == "hmac-sha256" and credential.verify(message, signature):
            if call.now_ns > credential.not_after:
                raise KeyExpired(field="gjzwfwpt_rid", remedy="更换密钥")
            return Proof(caller, b"\n".join((b"gjzwfwpt", rid, sid, rtime)), int(rtime) // 1000, service)
    raise WrongSignature(field="gjzwfwpt_sign")

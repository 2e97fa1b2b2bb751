"""
Who is calling: HTTP Message Signatures (RFC 9421), the national convention, or TIF.

Threat model. The network may read, change, drop and repeat messages; callers may be anybody. A call counts only with a signature under a
key of the routing snapshot, made within the window, whose nonce no process of this machine has seen. What each scheme protects:

* RFC 9421: method, path, query, purpose and body. This is the scheme for new callers.
* National (``gjzwfwpt_*``): only requester, service and time; the query, the purpose and the body are *not* signed. Whoever can change the
  message on its way can change the question. Serve it behind TLS alone, with the allow-list of networks set; a (rid, sid, rtime) is
  accepted once. It exists so that systems written for the national platform can call without a change.
* TIF (``x-tif-*``): only a token, a time and a nonce, with the same weakness and the same remedy.

Not defended: a stolen key (revoke it: a new snapshot reaches the gateway within two seconds), a terminator that forwards foreign
``X-Forwarded-For`` lines (only addresses in ZHENGTONG_GATEWAY_PROXIES are believed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhengtong.gateway.auth import message_signatures, national, tif
from zhengtong.gateway.auth.proof import Proof
from zhengtong.gateway.refusals import SignatureMissing

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.routes import Routing

__all__ = ["Proof", "authenticate"]


def authenticate(call: Call, routing: Routing, origin: str) -> Proof:
    """
    Find out who calls, by whichever scheme the headers follow.

    :raises Unidentified: a subclass says why nobody is recognised.
    """
    headers = call.headers
    if b"signature-input" in headers or b"signature" in headers:
        return message_signatures.verify(call, routing, origin)
    if b"gjzwfwpt_rid" in headers:
        return national.verify(call, routing)
    if b"x-tif-paasid" in headers:
        return tif.verify(call, routing)
    raise SignatureMissing(remedy="按 RFC 9421 签名请求")

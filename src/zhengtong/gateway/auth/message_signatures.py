"""
HTTP Message Signatures, RFC 9421, for requests, as far as a gateway needs them.

One signature per request. Its covered components must include ``"@method"``, the whole target (``"@target-uri"``, ``"@request-target"``, or
``"@path"`` and ``"@query"``), ``"zhengtong-purpose"`` where that header is sent, and ``"content-digest"`` (RFC 9530, sha-256 or sha-512)
where there is a body. Parameters ``created``, ``nonce`` and ``keyid`` are required; ``alg`` must fit the key where it is given, ``expires``
is honoured, ``tag`` is ignored. Component parameters (``;sf``, ``;bs``, ``;key``) are not supported and refused.

The line ``"@signature-params"`` is taken byte for byte from the header: the grammar below admits only what serialises to itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from zhengtong.gateway.auth.proof import Proof
from zhengtong.gateway.refusals import (
    DigestMismatch,
    KeyExpired,
    SignatureExpired,
    SignatureIncomplete,
    SignatureMalformed,
    SignatureMissing,
    UnknownKey,
    WrongSignature,
)
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.credentials import CallerFile, Credential
    from zhengtong.gateway.routes import Routing

_LABEL = rb"[a-z*][a-z0-9_.*-]*"
_VALUE = rb'(?:"[ !#-\[\]-~]*"|-?[0-9]{1,15})'
_LABEL_GROUP = rb"(" + _LABEL + rb")"
_INPUT = re.compile(rb"\s*(" + _LABEL + rb")=(\(([^()]*)\)((?:;" + _LABEL + rb"=" + _VALUE + rb")*))\s*")
#: the same with the parameters in the order that our own clients use, read in one step
_USUAL = re.compile(
    _LABEL_GROUP + rb'=(\(([^()]*)\);created=([0-9]{1,15});nonce="([ !#-\[\]-~]*)";keyid="([ !#-\[\]-~]*)"(?:;alg="([a-z0-9-]*)")?)'
)
_PARAMETER = re.compile(rb";(" + _LABEL + rb')=(?:"([^"]*)"|(-?[0-9]{1,15}))')
_COMPONENT = re.compile(rb'"(@?[a-z0-9!#$%&\'*+.^_`|~-]+)"')
_DIGEST = re.compile(rb"\s*(sha-256|sha-512)=:([A-Za-z0-9+/=]+):\s*")
_SHAPES_KEPT = 256
_NOBODY: tuple[CallerFile | None, Credential | None] = (None, None)
_NONCE_LENGTHS = range(8, 129)
_DEFAULT_PORTS = {b"http": b":80", b"https": b":443"}


@dataclass(frozen=True, slots=True)
class _Covered:
    """A list of covered components: each as the start of its line, and what the list as a whole covers."""

    parts: tuple[tuple[bytes, bytes], ...]
    #: method, path and query
    target: bool
    purpose: bool
    digest: bool


#: covered component lists seen so far: a client always sends the same one
_shapes: dict[bytes, _Covered] = {}


def verify(call: Call, routing: Routing, origin: str) -> Proof:
    """
    Check the signature of a call.

    :raises Unidentified: a subclass names the fault.
    """
    headers = call.headers
    try:
        stated, given = headers[b"signature-input"], headers[b"signature"]
    except KeyError as exc:
        raise SignatureMissing(field=exc.args[0].decode()) from None
    usual = _USUAL.fullmatch(stated)
    if usual is not None:
        label, member, components_text, created, nonce, key_id, alg = usual.groups()
        expires = None
    else:
        label, member, components_text, (created, nonce, key_id, alg, expires) = _parameters(stated)
    covered = _shapes.get(components_text) or _components(components_text)
    if not (covered.target and (covered.purpose or b"zhengtong-purpose" not in headers) and (covered.digest or not call.body)):
        _name_missing(covered)
    if len(nonce) not in _NONCE_LENGTHS:
        raise SignatureMalformed("nonce 应为 8 到 128 个字符。", field="nonce")
    caller, credential = routing.keys.get(key_id, _NOBODY)
    if caller is None or credential is None:
        raise UnknownKey(field="keyid")
    _check_key(credential, alg, expires, call.now_ns)
    base = _base(call, covered, member, origin)
    if not credential.verify(base, _signature(given, label)):
        raise WrongSignature
    if call.body:
        check_digest(headers.get(b"content-digest", b""), call.body)
    return Proof(caller, key_id + b"\n" + nonce, int(created))


def _check_key(credential: Credential, alg: bytes | None, expires: bytes | None, now_ns: int) -> None:
    if alg is not None and alg != credential.alg:
        raise SignatureMalformed("签名算法与密钥不符。", field="alg")
    if now_ns > credential.not_after:
        raise KeyExpired(field="keyid", remedy="更换密钥")
    if expires is not None and (not expires.isdigit() or int(expires) * 1_000_000_000 < now_ns):
        raise SignatureExpired(field="expires", remedy="重新签名")


def _parameters(stated: bytes) -> tuple[bytes, bytes, bytes, tuple[bytes, bytes, bytes, bytes | None, bytes | None]]:
    """Label, member, components, and the parameters created, nonce, keyid, alg and expires, in whatever order they stand."""
    match = _INPUT.fullmatch(stated)
    if match is None:
        raise SignatureMalformed(field="signature-input")
    label, member, components_text, parameters_text = match.groups()
    found: dict[bytes, bytes] = {}
    for name, text, number in _PARAMETER.findall(parameters_text):
        if name in found:
            raise SignatureMalformed(field="signature-input")
        found[name] = text or number
    try:
        created, nonce, key_id = found[b"created"], found[b"nonce"], found[b"keyid"]
    except KeyError as exc:
        raise SignatureIncomplete(say("签名缺少参数 {name}。", name=exc.args[0].decode()), field="signature-input") from None
    if not created.isdigit():
        raise SignatureMalformed(field="created")
    return label, member, components_text, (created, nonce, key_id, found.get(b"alg"), found.get(b"expires"))


def _components(text: bytes) -> _Covered:
    """Read a list of covered components."""
    names = []
    for part in text.split(b" ") if text else ():
        match = _COMPONENT.fullmatch(part)
        if match is None:
            raise SignatureMalformed("不支持这样的签名组成部分。", field="signature-input")
        names.append(match.group(1))
    if len(set(names)) != len(names):
        raise SignatureMalformed(field="signature-input")
    shape = _Covered(
        parts=tuple((b'"%b": ' % name, name) for name in names),
        target=b"@method" in names and (not {b"@target-uri", b"@request-target"}.isdisjoint(names) or {b"@path", b"@query"} <= set(names)),
        purpose=b"zhengtong-purpose" in names,
        digest=b"content-digest" in names,
    )
    if len(_shapes) < _SHAPES_KEPT:
        _shapes[text] = shape
    return shape


def _name_missing(covered: _Covered) -> NoReturn:
    names = {name for _, name in covered.parts}
    if not covered.target:
        missing = "@target-uri" if b"@method" in names else "@method"
    else:
        missing = "content-digest" if covered.purpose else "zhengtong-purpose"
    raise SignatureIncomplete(say("签名没有覆盖 {name}。", name=missing), field=missing)


def _base(call: Call, covered: _Covered, member: bytes, origin: str) -> bytes:
    """The signature base, RFC 9421 §2.5."""
    lines = []
    headers = call.headers
    for start, name in covered.parts:
        if name == b"@method":
            value = call.method
        elif name == b"@path":
            value = call.path
        elif name == b"@query":
            value = b"?" + call.query
        elif name.startswith(b"@"):
            value = _derived(call, name, origin)
        else:
            field = headers.get(name)
            if field is None:
                raise SignatureIncomplete(say("签名覆盖的请求头 {name} 不存在。", name=name.decode()), field=name.decode())
            value = field.strip()
        lines.append(start + value)
    lines.append(b'"@signature-params": ' + member)
    return b"\n".join(lines)


def _derived(call: Call, name: bytes, origin: str) -> bytes:
    target = call.path + (b"?" + call.query if call.query else b"")
    if name == b"@request-target":
        return target
    if origin:
        scheme, _, authority = origin.lower().encode().partition(b"://")
    else:
        scheme, authority = b"http", call.headers.get(b"host", b"").strip().lower()
    authority = authority.removesuffix(_DEFAULT_PORTS.get(scheme, b"\n"))
    match name:
        case b"@target-uri":
            return scheme + b"://" + authority + target
        case b"@authority":
            return authority
        case b"@scheme":
            return scheme
    raise SignatureMalformed(say("不支持签名组成部分 {name}。", name=name.decode()), field="signature-input")


def _signature(given: bytes, label: bytes) -> bytes:
    given = given.strip()
    head = label + b"=:"
    if not (given.startswith(head) and given.endswith(b":")):
        raise SignatureMalformed(field="signature")
    try:
        return binascii.a2b_base64(given[len(head) : -1], strict_mode=True)
    except binascii.Error:
        raise SignatureMalformed(field="signature") from None


def check_digest(header: bytes, body: bytes) -> None:
    """
    Compare a body with its Content-Digest (RFC 9530); every digest given must fit.

    :raises DigestMismatch: if one does not, or none is given.
    """
    for member in header.split(b","):
        match = _DIGEST.fullmatch(member)
        if match is None:
            raise DigestMismatch(field="content-digest")
        algorithm = "sha256" if match.group(1) == b"sha-256" else "sha512"
        expected = base64.b64encode(hashlib.new(algorithm, body).digest())
        if not hmac.compare_digest(expected, match.group(2)):
            raise DigestMismatch(field="content-digest")

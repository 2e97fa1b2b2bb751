"""Signatures: vectors, a foreign library as oracle, and what a malformed header may not do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories.gateway import SECRET, World, make_grant, national, sign
from zhengtong.contracts.routing import Caller, CallerKey
from zhengtong.engines.crypto.sealing import seal
from zhengtong.gateway.auth import authenticate
from zhengtong.gateway.calls import Call
from zhengtong.gateway.refusals import Refusal, Unidentified
from zhengtong.gateway.routes import Routing, compile_routing


class PlainCall(Call):
    def respond(self, status, head, body):
        raise NotImplementedError

    async def open(self, status, head):
        raise NotImplementedError

    async def write(self, chunk):
        raise NotImplementedError

    async def close(self, *, complete):
        raise NotImplementedError


def call(target: str, headers: dict[str, str], *, method: str = "GET", body: bytes = b"", now: float | None = None) -> PlainCall:
    path, _, query = target.partition("?")
    lines = {name.lower().encode(): value.encode() for name, value in headers.items()}
    made = PlainCall(method.encode(), path.encode(), query.encode(), {b"host": b"gateway", **lines}, "127.0.0.1")
    made.body = body
    made.now_ns = int((time.time() if now is None else now) * 1_000_000_000)
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return World("postgresql://nowhere", Path(tmp_path_factory.mktemp("world")))


@pytest.fixture(scope="module")
def routes(world) -> Routing:
    token = CallerKey("paas0001", "hmac-sha256", seal(world.keys.seal, b"token0001", "caller-key:paas0001"))
    vector = Caller(id="vector", name="", office="", office_name="", keys=(token,), rid="r_vector")
    snapshot = world.snapshot(world.route(make_grant()), callers=(*world.callers, vector))
    return compile_routing(snapshot, world.keys, None, lambda *told: pytest.fail(str(told)))


def test_the_national_vector(routes):
    headers = {
        "gjzwfwpt_rid": "r_test_0001",
        "gjzwfwpt_sid": "s_test_0001",
        "gjzwfwpt_rtime": "1700000000000",
        "gjzwfwpt_sign": "mFhU6ApR4fusdnNRy0mGeXLoQavWGV5fr/74MCqNDJY=",
    }
    proof = authenticate(call("/", headers), routes, "")
    assert (proof.caller.source.id, proof.service, proof.created) == ("mz-app", "s_test_0001", 1_700_000_000)
    for name in headers:
        with pytest.raises(Unidentified):
            authenticate(call("/", headers | {name: headers[name][:-2] + "11"}), routes, "")


def test_the_tif_vector(routes):
    headers = {
        "x-tif-paasid": "paas0001",
        "x-tif-timestamp": "1700000000",
        "x-tif-nonce": "123456789abcdefg",
        "x-tif-signature": "5FB4E10BCE57687CF59B9ED17CAF51F9502F9D16656356CAD77B5433E22DEAB6",
    }
    assert authenticate(call("/", headers, now=1_700_000_100), routes, "").caller.source.id == "vector"
    lower = headers | {"x-tif-signature": headers["x-tif-signature"].lower()}
    assert authenticate(call("/", lower, now=1_700_000_100), routes, "").caller.source.id == "vector"
    for late, code in ((headers, "signature-expired"), (headers | {"x-tif-nonce": "other"}, "wrong-signature")):
        with pytest.raises(Refusal) as refused:
            authenticate(call("/", late, now=1_700_000_181), routes, "")
        assert refused.value.code == code


class Resolver(HTTPSignatureKeyResolver):
    def __init__(self, world: World) -> None:
        self.world = world

    def resolve_private_key(self, key_id: str):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return SECRET if key_id == "k-hmac" else Ed25519PrivateKey.from_private_bytes(self.world.ed25519.secret)


@pytest.mark.parametrize("key_id", ["k-hmac", "k-ed"])
@pytest.mark.parametrize(
    "components", [("@method", "@target-uri"), ("@method", "@authority", "@path", "@query"), ("@request-target", "@method")]
)
@pytest.mark.parametrize("query", ["", "?sfzh=1&fields=nl", "?dz=%E5%8C%97"])
def test_a_client_of_another_make_is_understood(world, routes, key_id, components, query):
    algorithm = algorithms.HMAC_SHA256 if key_id == "k-hmac" else algorithms.ED25519
    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Resolver(world))
    request = httpx.Request("GET", f"http://gateway/v1/resources/307001/000012/rows{query}", headers={"Zhengtong-Purpose": "dibao;case=1"})
    signer.sign(
        request,
        key_id=key_id,
        created=datetime.now(UTC),  # noqa: TID251
        nonce="0123456789",
        covered_component_ids=(*components, "zhengtong-purpose"),
    )
    target = request.url.raw_path.decode()
    proof = authenticate(call(target, dict(request.headers)), routes, "")
    assert proof.caller.source.id == "mz-app"
    with pytest.raises(Unidentified):
        authenticate(call(target + "0", dict(request.headers)), routes, "")


def test_behind_a_terminator_the_public_address_is_what_was_signed(routes):
    headers = sign("/a?b=c", components=("@method", "@target-uri", "@authority", "zhengtong-purpose"))
    with pytest.raises(Unidentified):
        authenticate(call("/a?b=c", headers), routes, "https://gw.example.cn")
    assert authenticate(call("/a?b=c", headers | {"host": "inside:8100"}), routes, "http://gateway").caller.source.id == "mz-app"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signature-input": 'sig=("@method");created=1'}, "signature-incomplete"),
        ({"signature-input": 'sig=("@method" "@method");created=1;nonce="12345678";keyid="k-hmac"'}, "signature-malformed"),
        ({"signature-input": 'sig=("@method";req);created=1;nonce="12345678";keyid="k-hmac"'}, "signature-malformed"),
        ({"signature-input": 'a=("@method");created=1, b=("@path");created=1'}, "signature-malformed"),
        ({"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose");created=1;keyid="k-hmac"'}, "signature-incomplete"),
        (
            {"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose");created=1;nonce="1";keyid="k-hmac"'},
            "signature-malformed",
        ),
        (
            {"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose");created=1;nonce="12345678";keyid="k-hmac";created=2'},
            "signature-malformed",
        ),
        (
            {"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose");created=-1;nonce="12345678";keyid="k-hmac"'},
            "signature-malformed",
        ),
        (
            {"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose" "x-none");created=1;nonce="12345678";keyid="k-hmac"'},
            "signature-incomplete",
        ),
        (
            {"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose" "@status");created=1;nonce="12345678";keyid="k-hmac"'},
            "signature-malformed",
        ),
        (
            {"signature-input": 'sig=("@method" "@target-uri" "zhengtong-purpose");created=1;nonce="12345678";keyid="k-hmac";expires=5'},
            "signature-expired",
        ),
        ({"signature": "other=:AAAA:"}, "signature-malformed"),
        ({"signature": "sig=:A*A:"}, "signature-malformed"),
        ({"signature": ""}, "signature-malformed"),
    ],
)
def test_malformed(routes, change, code):
    with pytest.raises(Refusal) as refused:
        authenticate(call("/a", sign("/a") | change), routes, "")
    assert refused.value.code == code


def test_a_parameter_order_of_ones_own_is_fine(routes):
    for parameters in (';alg="hmac-sha256"', ';tag="app"', f";expires={int(time.time()) + 60}"):
        assert authenticate(call("/a", sign("/a", parameters=parameters)), routes, "").caller.source.id == "mz-app"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_header_gets_anything_but_a_refusal(routes, stated, given_signature):
    made = call("/a", {})
    made.headers |= {b"signature-input": stated, b"signature": given_signature}
    with pytest.raises(Unidentified):
        authenticate(made, routes, "")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(national())), st.binary(max_size=20), min_size=1))
def test_no_national_header_gets_anything_but_a_refusal(routes, changes):
    made = call("/a", national())
    made.headers |= {name.encode(): value for name, value in changes.items()}
    if b"gjzwfwpt_rid" in made.headers:
        with pytest.raises(Unidentified):
            authenticate(made, routes, "")


def test_a_body_needs_its_digest(routes):
    body = b'{"a":1}'
    headers = sign("/a", method="POST", body=body)
    assert authenticate(call("/a", headers, method="POST", body=body), routes, "").caller.source.id == "mz-app"
    strong = "sha-512=:" + base64.b64encode(hashlib.sha512(body).digest()).decode() + ":"
    both = sign("/a", method="POST", extra={"content-digest": strong})
    assert authenticate(call("/a", both, method="POST", body=body), routes, "").caller.source.id == "mz-app"
    for broken in ("", "md5=:AAAA:", strong + ", sha-256=:AAAA:"):
        headers = sign("/a", method="POST", extra={"content-digest": broken})
        with pytest.raises(Refusal) as refused:
            authenticate(call("/a", headers, method="POST", body=body), routes, "")
        assert refused.value.code == "digest-mismatch"


def test_the_factory_signs_as_the_standard_says():
    """The worked example of RFC 9421 B.2.5, with its shared secret."""
    secret = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
    base = (
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@authority": example.com\n"content-type": application/json\n'
        b'"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    )
    assert base64.b64encode(hmac.digest(secret, base, "sha256")) == b"pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="

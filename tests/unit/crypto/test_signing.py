"""Signatures: what was signed verifies, anything else does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhengtong.engines.crypto.signing import PrivateKey, PublicKey, Scheme

each_scheme = pytest.mark.parametrize("scheme", list(Scheme))


def _der(r: str, s: str) -> bytes:
    def integer(digits: str) -> bytes:
        raw = bytes.fromhex(digits)
        raw = b"\0" + raw if raw[0] & 0x80 else raw
        return b"\x02" + bytes([len(raw)]) + raw

    body = integer(r) + integer(s)
    return b"\x30" + bytes([len(body)]) + body


def test_the_sm2_example_of_gmt_0003(shared_data: Path) -> None:
    vector = json.loads((shared_data / "crypto-vectors/sm2_sm3_sm4_standard.json").read_text(encoding="utf-8"))["SM2_sign"]
    key = PrivateKey.from_secret(Scheme.SM2, bytes.fromhex(vector["d"]))
    assert key.public.raw.hex().upper() == vector["Px"] + vector["Py"]
    signature = _der(vector["r"], vector["s"])
    assert key.public.verify(vector["M_utf8"].encode(), signature)
    assert not key.public.verify(b"another message", signature)


def test_the_ed25519_example_of_rfc_8032() -> None:
    key = PrivateKey.from_secret(Scheme.ED25519, bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


@each_scheme
@settings(max_examples=20, deadline=None)
@given(message=st.binary(max_size=300))
def test_what_was_signed_verifies(scheme: Scheme, message: bytes) -> None:
    key = PrivateKey.generate(scheme)
    assert key.public.verify(message, key.sign(message))
    assert not key.public.verify(message + b"!", key.sign(message))


@each_scheme
def test_every_changed_bit_is_noticed(scheme: Scheme) -> None:
    key = PrivateKey.from_secret(scheme, b"\x11" * 32)
    message = "授权:民政局 → 公安局".encode()
    signature = key.sign(message)
    for place in range(len(signature)):
        changed = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        assert not key.public.verify(message, changed)


@each_scheme
@pytest.mark.parametrize("signature", [b"", b"\0", b"\x30\x00", b"x" * 64, b"\x30\x06\x02\x01\x00\x02\x01\x00"])
def test_malformed_signatures_are_false_and_never_an_accident(scheme: Scheme, signature: bytes) -> None:
    assert not PrivateKey.from_secret(scheme, b"\x11" * 32).public.verify(b"message", signature)


@each_scheme
def test_another_key_does_not_verify(scheme: Scheme) -> None:
    one, other = PrivateKey.generate(scheme), PrivateKey.generate(scheme)
    assert not other.public.verify(b"message", one.sign(b"message"))
    assert one.key_id != other.key_id
    assert len(one.key_id) == 16


@each_scheme
def test_a_key_is_rebuilt_from_its_secret(scheme: Scheme) -> None:
    key = PrivateKey.generate(scheme)
    again = PrivateKey.from_secret(scheme, key.secret)
    assert again.public == key.public
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


@each_scheme
def test_keys_of_another_length_are_refused(scheme: Scheme) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PrivateKey.from_secret(scheme, b"short")
    with pytest.raises(ValueError, match="public key"):
        PublicKey(scheme, b"short")


def test_zero_is_no_sm2_key() -> None:
    with pytest.raises(ValueError, match="zero"):
        PrivateKey.from_secret(Scheme.SM2, bytes(32))

"""Digests against the examples of the standards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.crypto.digests import Digest, pseudonym


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_examples_of_gmt_0004(message: bytes, digest: str) -> None:
    assert Digest.SM3.of(message).hex() == digest


def test_sha256_of_fips_180() -> None:
    assert Digest.SHA256.of(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_published_sm3_vectors(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "crypto-vectors/sm2_sm3_sm4_standard.json").read_text(encoding="utf-8"))
    for vector in vectors["SM3"]:
        assert Digest.SM3.of(bytes.fromhex(vector["msg_hex"])).hex() == vector["digest"]


@given(st.binary(max_size=100), st.binary(max_size=200))
def test_keyed_digests_follow_rfc_2104(key: bytes, message: bytes) -> None:
    for digest in Digest:
        block = (digest.of(key) if len(key) > 64 else key).ljust(64, b"\0")
        inner = digest.of(bytes(byte ^ 0x36 for byte in block) + message)
        assert digest.keyed(key, message) == digest.of(bytes(byte ^ 0x5C for byte in block) + inner)


def test_pseudonyms_join_spellings_and_separate_kinds_and_keys() -> None:
    key = b"k" * 32
    name = pseudonym(key, "person", "11010519491231002X")
    assert len(name) == 32
    assert pseudonym(key, "person", " 11010519491231002x ") == name
    assert pseudonym(key, "company", "11010519491231002X") != name
    assert pseudonym(b"l" * 32, "person", "11010519491231002X") != name

"""Sealed secrets open in one place, under one key, unchanged, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.crypto.sealing import SealBroken, SealCipher, seal, unseal

KEY = bytes(range(32))
each_cipher = pytest.mark.parametrize("cipher", list(SealCipher))


@each_cipher
@given(secret=st.binary(max_size=200), context=st.text(max_size=40))
def test_a_sealed_secret_opens_again(cipher: SealCipher, secret: bytes, context: str) -> None:
    sealed = seal(KEY, secret, context, cipher)
    assert sealed.startswith(f"{cipher}.")
    assert unseal(KEY, sealed, context) == secret


@each_cipher
def test_it_cannot_be_moved(cipher: SealCipher) -> None:
    sealed = seal(KEY, b"secret", "connection:1:password", cipher)
    with pytest.raises(SealBroken):
        unseal(KEY, sealed, "connection:2:password")
    with pytest.raises(SealBroken):
        unseal(KEY[::-1], sealed, "connection:1:password")


@each_cipher
def test_every_changed_character_is_noticed(cipher: SealCipher) -> None:
    sealed = seal(KEY, b"a secret of some bytes", "here", cipher)
    for place in range(len(cipher) + 1, len(sealed) - 1):  # the last character carries unused bits
        if sealed[place] == ".":
            continue
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            unseal(KEY, changed, "here")


@each_cipher
def test_sealing_twice_gives_two_texts(cipher: SealCipher) -> None:
    assert seal(KEY, b"s", "c", cipher) != seal(KEY, b"s", "c", cipher)


@pytest.mark.parametrize("text", ["", "a256gcm", "a256gcm..", "sm4gcm..", "rot13.AAAA.AAAA", "a256gcm.AAAA.AAAA", "a.b.c.d"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, text, "here")


def test_sm4_example_of_gmt_0002(shared_data: Path) -> None:
    vector = json.loads((shared_data / "crypto-vectors/sm2_sm3_sm4_standard.json").read_text(encoding="utf-8"))["SM4_ecb_1block"]
    encryptor = Cipher(algorithms.SM4(bytes.fromhex(vector["key"])), modes.ECB()).encryptor()  # noqa: S305 - the standard's own example
    assert encryptor.update(bytes.fromhex(vector["pt"])).hex() == vector["ct"]


def test_sm4_gcm_example_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    plain = b"".join(bytes([byte] * 8) for byte in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(bytes.fromhex("00001234567800000000ABCD"))).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    cipher_text = encryptor.update(plain) + encryptor.finalize()
    assert cipher_text.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    assert encryptor.tag.hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"

"""
The certificate authority of this installation and the certificate that signs licences: ECDSA P-256, in files beside the node's keys.

Threat model. Whoever reads ``licences/licence.key`` signs licences that verify; whoever reads ``licences/ca.key`` makes further
certificates. Both are files of mode 0600 outside the database, and nothing but this module and the signing of files reads them. A
reader outside trusts ``ca.pem`` because it was handed over another way (the installation publishes it, and an authority above may
cross-sign it). Not defended: an attacker with the rights of the service account; a stolen key counts until the certificate published is
another one.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import NameOID

from zhengtong.toolkit.environment import environment

_BYTES = 32
_CA_YEARS, _YEARS = 20, 10


@dataclass(frozen=True)
class Signer:
    """The key that signs, its certificate and the authority's."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    authority: x509.Certificate

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of the certificate's SHA-256."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()[:16]

    def sign(self, message: bytes) -> bytes:
        """ES256 as WebCrypto and JWS write it: r and s, 32 bytes each."""
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_BYTES, "big") + s.to_bytes(_BYTES, "big")

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether :meth:`sign` made ``signature`` over ``message``."""
        if len(signature) != 2 * _BYTES:
            return False
        der = encode_dss_signature(int.from_bytes(signature[:_BYTES], "big"), int.from_bytes(signature[_BYTES:], "big"))
        try:
            self.key.public_key().verify(der, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def pem(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def signer(*, now: datetime) -> Signer:
    """The signer of this installation, made at the first call; ``now`` is when its certificates begin if they are made."""
    folder = environment().keys / "licences"
    if not folder.exists():
        _make(folder, environment().node, now)
    return _read(folder, folder.stat().st_ino)


@lru_cache(maxsize=2)
def _read(folder: Path, _inode: int) -> Signer:
    key = serialization.load_pem_private_key((folder / "licence.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("licence.key must hold a key on P-256")
    certificate, authority = (x509.load_pem_x509_certificate((folder / name).read_bytes()) for name in ("licence.pem", "ca.pem"))
    return Signer(key, certificate, authority)


def _make(folder: Path, node: str, now: datetime) -> None:
    """Make both in a folder beside and rename it, so that two processes that start at once agree on one."""
    partial = folder.with_name(f"licences.{os.getpid()}")
    partial.mkdir(parents=True, mode=0o700)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer, subject = _name(node, "政通节点证书机构"), _name(node, "政通电子证照签章")
    begins = now - timedelta(days=1)
    base = x509.CertificateBuilder().not_valid_before(begins).issuer_name(issuer)
    authority = (
        base.subject_name(issuer)
        .serial_number(x509.random_serial_number())
        .public_key(ca_key.public_key())
        .not_valid_after(begins + timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    signed = (
        base.subject_name(subject)
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .not_valid_after(begins + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    for name, secret in (("ca.key", ca_key), ("licence.key", key)):
        (partial / name).touch(0o600)
        (partial / name).write_bytes(
            secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
    (partial / "ca.pem").write_text(pem(authority))
    (partial / "licence.pem").write_text(pem(signed))
    try:
        partial.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(partial)


def _name(node: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, node),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )

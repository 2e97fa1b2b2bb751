"""
Sign a PDF as PAdES and check one that somebody brings.

Threat model. A PDF from anywhere: changed after it was signed, signed by somebody else's certificate that bears our name, extended by an
incremental update that paints over the page, or no PDF at all. A file counts as ours if its one signature is intact, was made with our
certificate under our authority, and covers the file from its first to its last byte. Nothing is fetched from a network for it.
"""

from __future__ import annotations

import io
from datetime import datetime
from functools import lru_cache

from asn1crypto import parser
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from zhengtong.toolkit.certificates import Signer


class NotPdf(ValueError):
    """The bytes are no PDF with one signature."""


@lru_cache(maxsize=2)
def _hanko(stamp: Signer) -> tuple[signers.SimpleSigner, asn1.Certificate]:
    authority, own = (asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in (stamp.authority, stamp.certificate))
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(authority)
    key = stamp.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    loaded = load_private_key_from_pemder_data(key, None)
    return signers.SimpleSigner(signing_cert=own, signing_key=loaded, cert_registry=store), authority


def sign(raw: bytes, stamp: Signer, *, office: str, now: datetime) -> bytes:
    """The PDF with an invisible PAdES baseline signature in the name of ``office``; the moment comes from ``now``."""
    hanko, _authority = _hanko(stamp)
    writer = IncrementalPdfFileWriter(io.BytesIO(raw))
    metadata = signers.PdfSignatureMetadata(
        field_name="Licence",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=office,
        reason=" ".join(("电子证照颁发", now.isoformat(timespec="seconds"))),
    )
    found = signers.PdfSigner(metadata, hanko).sign_pdf(writer)
    return found.getvalue() if isinstance(found, io.BytesIO) else bytes(found.getbuffer())


def identifier_in(raw: bytes, stamp: Signer) -> str | None:
    """
    The identifier that a PDF of ours is about; None if it was changed or is signed by another.

    :raises NotPdf: if it is no PDF with one signature.
    """
    try:
        reader = PdfFileReader(io.BytesIO(raw))
        signatures = reader.embedded_regular_signatures
        (ours,) = signatures  # none, or several, is a ValueError
        _hanko_signer, authority = _hanko(stamp)
        context = ValidationContext(trust_roots=[authority], allow_fetching=False)
        status = validate_pdf_signature(ours, signer_validation_context=context)
        whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        # what lies behind the signature in its own placeholder is covered by nothing
        signature = ours.pkcs7_content
        *_, header, content, trailer = parser.parse(signature)
        if any(signature[len(header) + len(content) + len(trailer) :]):
            return None
        if not (status.intact and status.valid and status.trusted and whole):
            return None
        return str(reader.trailer["/Info"]["/Subject"])
    except (SignatureValidationError, SigningError):
        return None
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as exc:
        raise NotPdf(str(exc)) from exc

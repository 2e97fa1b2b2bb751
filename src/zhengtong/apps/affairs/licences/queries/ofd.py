"""
Licences as OFD containers (GB/T 33190-2016) with the metadata of GB/T 36903 in ``CustomDatas``, and reading them back.

Threat model. A file from anywhere: it may be huge when unpacked, hold entities, name parts twice, or be changed after it was signed. Sizes
are bounded before anything is unpacked, XML is read without entities, every part has a digest in the signed ``Signature.xml``, and a part
that is not named there makes the file a changed one. The signature is the node's over the bytes of ``Signature.xml``; it is not a seal
after GB/T 38540, so seal readers show the page without a seal.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

NAMESPACE = "http://www.ofdspec.org/2016"
PREFIX = b"zhengtong-ofd/1\n"
_SIGNATURE, _VALUE = "Doc_0/Signs/Sign_0/Signature.xml", "Doc_0/Signs/Sign_0/SignedValue.dat"
_UNSIGNED = {_SIGNATURE, _VALUE}
_MOST_PARTS, _MOST_BYTES = 50, 4 * 2**20
_WIDE = 128
register_namespace("ofd", NAMESPACE)


class NotOfd(ValueError):
    """The bytes are no OFD container."""


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _put(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    found = SubElement(parent, _tag(name), attributes)
    found.text = text or None
    return found


def _text(layer: Element, number: int, place: tuple[float, float], size: float, text: str) -> None:
    """One line at ``place`` (millimetres from the upper left) with the advance of every character."""
    widths = [size if ord(one) >= _WIDE else size / 2 for one in text]
    x, y = place
    boundary = f"{x:g} {y:g} {sum(widths):g} {size * 1.4:g}"
    line = _put(layer, "TextObject", ID=str(number), Font="2", Size=f"{size:g}", Boundary=boundary)
    code = _put(line, "TextCode", text, X="0", Y=f"{size:g}")
    if len(widths) > 1:
        code.set("DeltaX", " ".join(f"{one:g}" for one in widths[:-1]))


def write(
    title: str, metadata: Mapping[str, str], lines: Sequence[tuple[str, str]], *, scheme: str, sign: Callable[[bytes], bytes], now: datetime
) -> bytes:
    """A container of one A4 page with metadata and signature."""
    identifier = metadata["ZZBS"]
    ofd = Element(_tag("OFD"), {"Version": "1.1", "DocType": "OFD"})
    document = _put(ofd, "DocBody")
    info = _put(document, "DocInfo")
    _put(info, "DocID", hashlib.sha256(identifier.encode()).hexdigest()[:32])
    _put(info, "Title", title)
    _put(info, "CreationDate", now.date().isoformat())
    custom = _put(info, "CustomDatas")
    for name, value in metadata.items():
        _put(custom, "CustomData", value, Name=name)
    _put(document, "DocRoot", "Doc_0/Document.xml")
    _put(document, "Signatures", "Doc_0/Signs/Signatures.xml")

    root = Element(_tag("Document"))
    common = _put(root, "CommonData")
    _put(common, "MaxUnitID", str(100 + 2 * len(lines)))
    _put(_put(common, "PageArea"), "PhysicalBox", "0 0 210 297")
    _put(common, "PublicRes", "PublicRes.xml")
    _put(_put(root, "Pages"), "Page", ID="1", BaseLoc="Pages/Page_0/Content.xml")

    resources = Element(_tag("Res"), {"BaseLoc": "Res"})
    _put(_put(resources, "Fonts"), "Font", ID="2", FontName="宋体", FamilyName="宋体")

    page = Element(_tag("Page"))
    layer = _put(_put(page, "Content"), "Layer", ID="3", Type="Body")
    _text(layer, 4, ((210 - 9 * len(title)) / 2, 35), 9, title)
    _text(layer, 5, (30, 50), 3.2, identifier)
    for at, (name, value) in enumerate(lines):
        _text(layer, 6 + 2 * at, (28, 70 + 9 * at), 4, name)
        _text(layer, 7 + 2 * at, (75, 70 + 9 * at), 4, value)

    signatures = Element(_tag("Signatures"))
    _put(signatures, "MaxSignId", "1")
    _put(signatures, "Signature", ID="1", Type="Sign", BaseLoc="Sign_0/Signature.xml")
    parts = {
        "OFD.xml": ofd,
        "Doc_0/Document.xml": root,
        "Doc_0/PublicRes.xml": resources,
        "Doc_0/Pages/Page_0/Content.xml": page,
        "Doc_0/Signs/Signatures.xml": signatures,
    }
    written = {name: tostring(part, encoding="utf-8", xml_declaration=True) for name, part in parts.items()}
    signature = _signature(written, scheme, now)
    written |= {_SIGNATURE: signature, _VALUE: sign(PREFIX + signature)}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, raw in written.items():
            container.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), raw, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _signature(parts: Mapping[str, bytes], scheme: str, now: datetime) -> bytes:
    signature = Element(_tag("Signature"))
    info = _put(signature, "SignedInfo")
    _put(info, "Provider", ProviderName="Zhengtong", Company="Zhengtong", Version="1")
    _put(info, "SignatureMethod", scheme)
    _put(info, "SignatureDateTime", now.isoformat())
    references = _put(info, "References", CheckMethod="SHA256")
    for name, raw in parts.items():
        reference = _put(references, "Reference", FileRef=f"/{name}")
        _put(reference, "CheckValue", base64.b64encode(hashlib.sha256(raw).digest()).decode())
    _put(signature, "SignedValue", f"/{_VALUE}")
    written: bytes = tostring(signature, encoding="utf-8", xml_declaration=True)
    return written


def read(raw: bytes, holds: Callable[[bytes, bytes], bool]) -> dict[str, str] | None:
    """
    The metadata of a container; None if it was changed after it was signed.

    :param holds: whether a signature over a message is the installation's.
    :raises NotOfd: if it is no container of ours.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as container:
            listed = container.infolist()
            if len(listed) > _MOST_PARTS or sum(one.file_size for one in listed) > _MOST_BYTES:
                raise NotOfd("too large")
            parts = {one.filename: container.read(one) for one in listed}
        if len(parts) != len(listed):
            return None
        signature, root = fromstring(parts[_SIGNATURE]), fromstring(parts["OFD.xml"])
        found = {one.get("Name", ""): one.text or "" for one in root.iter(_tag("CustomData"))}
        named = {
            one.get("FileRef", "").removeprefix("/"): one.findtext(_tag("CheckValue"), "") for one in signature.iter(_tag("Reference"))
        }
    except zlib.error:
        return None
    except (zipfile.BadZipFile, KeyError, ParseError, DefusedXmlException, RuntimeError, NotImplementedError) as exc:
        # a broken checksum of one part is a changed file, whatever else is wrong is none of ours
        if isinstance(exc, zipfile.BadZipFile) and "CRC" in str(exc):
            return None
        raise NotOfd(str(exc)) from exc
    digests = {name: base64.b64encode(hashlib.sha256(part).digest()).decode() for name, part in parts.items() if name not in _UNSIGNED}
    return found if digests == named and holds(PREFIX + parts[_SIGNATURE], parts[_VALUE]) else None

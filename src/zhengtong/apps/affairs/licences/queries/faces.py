"""The face of a licence as PDF: title, fields, a QR code. The embedded font is the one that the installation ships."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import segno
from django.contrib.staticfiles import finders
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_SHIPPED, _EVERYWHERE = "NotoSansSC", "STSong-Light"


@dataclass(frozen=True)
class Face:
    """What stands on a face. ``lines`` are names and values in order; ``code`` is the text of the QR code."""

    title: str
    identifier: str
    office: str
    legend: str
    lines: Sequence[tuple[str, str]]
    code: str


@cache
def _font() -> str:
    """The shipped font, of which a file carries the glyphs it uses; where front end assets were not built, a font that readers have."""
    path = finders.find("dist/fonts/NotoSansSC-Medium.ttf")
    if isinstance(path, str):
        pdfmetrics.registerFont(TTFont(_SHIPPED, path))
        return _SHIPPED
    pdfmetrics.registerFont(UnicodeCIDFont(_EVERYWHERE))
    return _EVERYWHERE


def draw(face: Face) -> bytes:
    """The page as an unsigned PDF; its subject is the identifier."""
    font, target = _font(), io.BytesIO()
    width, height = A4
    page = Canvas(target, pagesize=A4, invariant=True)
    page.setTitle(face.title)
    page.setSubject(face.identifier)
    page.setAuthor(face.office)
    page.setStrokeColorRGB(0.04, 0.33, 0.70)
    page.setLineWidth(1.2)
    page.rect(15 * mm, 15 * mm, width - 30 * mm, height - 30 * mm)
    page.setFont(font, 26)
    page.drawCentredString(width / 2, height - 45 * mm, face.title)
    page.setFont(font, 10)
    page.drawCentredString(width / 2, height - 55 * mm, face.identifier)
    y = height - 75 * mm
    for name, value in face.lines:
        page.setFont(font, 11)
        page.drawString(28 * mm, y, name)
        page.setFont(font, 12)
        for line in simpleSplit(value, font, 12, width - 105 * mm):
            page.drawString(75 * mm, y, line)
            y -= 8 * mm
        y -= 2 * mm
    page.setFont(font, 10)
    for line in simpleSplit(face.legend, font, 10, width - 56 * mm):
        page.drawString(28 * mm, y, line)
        y -= 6 * mm
    picture = io.BytesIO()
    segno.make(face.code, error="m", micro=False).save(picture, kind="png", scale=6, border=2)
    picture.seek(0)
    page.drawImage(ImageReader(picture), 25 * mm, 22 * mm, 38 * mm, 38 * mm)
    page.setFont(font, 12)
    page.drawRightString(width - 28 * mm, 40 * mm, face.office)
    page.setFont(font, 9)
    page.drawRightString(width - 28 * mm, 30 * mm, "本证照由颁发机构电子签名,扫描二维码或打开核验页可查验真伪")
    page.save()
    return target.getvalue()

"""Letters as PDF: A4, Chinese by the standard CID font that every reader has, so that nothing is embedded."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from zhengtong.apps.affairs.cases import api
from zhengtong.kernel.clock import local_date

_FONT = "STSong-Light"
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=14, leading=26, firstLineIndent=28, wordWrap="CJK")
_PLAIN = ParagraphStyle("plain", parent=_BODY, firstLineIndent=0)
_TITLE = ParagraphStyle("title", fontName=_FONT, fontSize=22, leading=34, alignment=TA_CENTER, wordWrap="CJK")
_NUMBER = ParagraphStyle("number", fontName=_FONT, fontSize=11, leading=20, alignment=TA_CENTER)
_SIGNED = ParagraphStyle("signed", parent=_PLAIN, alignment=TA_RIGHT)
#: data: letters are Chinese, whatever language their reader has chosen for the pages
_TEXTS: Mapping[str, tuple[str, ...]] = {
    api.LetterKind.MISSING: (
        "你(单位)于{began}申请办理“{item}”。经审查,申请材料不齐全或者不符合法定形式,依照《中华人民共和国行政许可法》第三十二条,现一次告知需要补正的全部内容:",
        "{lines}",
        "补正期间不计入办理期限。",
    ),
    api.LetterKind.ACCEPTED: (
        "你(单位)于{began}申请办理“{item}”。经审查,申请符合受理条件,依照《中华人民共和国行政许可法》第三十二条,决定予以受理。",
        "{until}",
    ),
    api.LetterKind.REJECTED: (
        "你(单位)于{began}申请办理“{item}”。经审查,决定不予受理。理由如下:",
        "{lines}",
        "如不服本决定,可以自收到之日起六十日内依法申请行政复议,或者六个月内依法提起行政诉讼。",
    ),
    api.LetterKind.GRANTED: (
        "你(单位)于{began}申请办理“{item}”。经审查,申请符合法定条件、标准,依照《中华人民共和国行政许可法》第三十八条,决定准予。",
    ),
    api.LetterKind.REFUSED: (
        "你(单位)于{began}申请办理“{item}”。经审查,依照《中华人民共和国行政许可法》第三十八条,决定不予许可。理由如下:",
        "{lines}",
        "如不服本决定,可以自收到之日起六十日内依法申请行政复议,或者六个月内依法提起行政诉讼。",
    ),
    api.LetterKind.DELIVERED: ("“{item}”的办理结果已于{day}送达({way})。",),
}
_TITLES: Mapping[str, str] = {**api.LETTER_LABELS}


def pdf(view: api.CaseView, letter: Any) -> bytes:
    """A letter; the same bytes every time, as its only moment is its own."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=28 * mm,
        rightMargin=26 * mm,
        topMargin=37 * mm,
        bottomMargin=35 * mm,
        title=f"{_TITLES[letter.kind]} {letter.number}",
        author=letter.office_name or view.office_name,
        invariant=1,
    )
    document.build(_story(view, letter))
    return buffer.getvalue()


def _story(view: api.CaseView, letter: Any) -> list[Any]:
    story: list[Any] = [
        Paragraph(escape(view.office_name), _TITLE),
        Paragraph(_TITLES[letter.kind], _TITLE),
        Paragraph(escape(letter.number), _NUMBER),
        Spacer(1, 8 * mm),
        Paragraph(escape(f"{view.applicant}:"), _PLAIN),
    ]
    facts = {
        "began": _day(local_date(view.began_at)),
        "item": view.item_name,
        "until": f"办理期限至{_day(letter.until)}。" if letter.until else "",  # data:
        "day": _day(local_date(letter.at)),
        "way": api.DELIVERY_LABELS.get(view.delivery, ""),
    }
    for text in _TEXTS[letter.kind]:
        if text == "{lines}":
            story += [Paragraph(escape(f"{place}. {line}"), _BODY) for place, line in enumerate(letter.lines, start=1)]
        elif said := text.format(**facts):
            story.append(Paragraph(escape(said), _BODY))
    story += [
        Spacer(1, 16 * mm),
        Paragraph(escape(letter.office_name or view.office_name), _SIGNED),
        Paragraph(_day(local_date(letter.at)), _SIGNED),
    ]
    return story


def _day(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日"  # data:

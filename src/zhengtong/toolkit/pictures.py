"""
Pictures: what strangers upload is decoded within limits and painted anew, and cards for social media are drawn.

Threat model of an upload. A small file that unfolds to gigabytes (refused by the size its header names, before anything is decoded); a file
that is something else besides a picture, or carries where and by whom it was taken (nothing but its dots survives); a decoder that stumbles
over a crafted file (three formats are tried, whatever their decoders raise is a refusal).
"""

from __future__ import annotations

import functools
import io
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from zhengtong.kernel.errors import Invalid, Unavailable
from zhengtong.kernel.sentences import say

LARGEST_UPLOAD = 5 * 2**20
#: dots of an upload, and the least of either side: less says nothing
MOST_DOTS, LEAST_SIDE = 24_000_000, 120
FORMATS = ("PNG", "JPEG", "WEBP")
MEDIA_TYPE = "image/webp"
_SHOWN, _THUMBNAIL = (1600, 1200), (480, 360)
_QUALITY = 82

#: a card as Open Graph and others want it
CARD = (1200, 630)
_INK, _QUIET, _ACCENT, _PAPER = "#1b1f24", "#4a5561", "#0a55b3", "#ffffff"
_EDGE, _BAR = 72, 16
_TITLE, _TEXT, _BRAND = 64, 34, 34
_TITLE_LINES, _TEXT_LINES = 3, 2
_FONTS = (
    Path(__file__).parent / "ui" / "static" / "dist" / "fonts" / "NotoSansSC-Medium.ttf",
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
#: one picture is drawn at a time: strangers who ask for all of them occupy one core and no more
_drawing = threading.Lock()


class PictureRefused(Invalid):
    """这个文件不能用作图片。"""

    code = "picture-refused"


@dataclass(frozen=True)
class Painted:
    """An upload painted anew as WebP: as it is shown, and small; nothing else of the file is left."""

    shown: bytes
    thumbnail: bytes
    width: int
    height: int


def painted(content: bytes, *, field: str) -> Painted:
    """
    Decode an upload and paint it anew.

    :raises PictureRefused: naming the rule, if it is too large, no PNG, JPEG or WebP, or broken.
    """
    remedy = "请上传 PNG、JPEG 或 WebP 图片,如一张截图"
    if len(content) > LARGEST_UPLOAD:
        raise PictureRefused(say("图片超过 {most} MB", most=LARGEST_UPLOAD >> 20), field=field, remedy="请缩小后再上传")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what we refuse by our own limit
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        _check_size(image.size, field)
        image.draft("RGB", _SHOWN)
        whole = ImageOps.exif_transpose(image).convert("RGBA")
    except PictureRefused:
        raise
    except Image.DecompressionBombError as exc:
        raise PictureRefused(say("图片超过 {most} 万像素", most=MOST_DOTS // 10_000), field=field, remedy="请缩小后再上传") from exc
    except Exception as exc:  # whatever a decoder makes of a hostile file, it is no picture
        raise PictureRefused("文件不是能读的图片", field=field, remedy=remedy) from exc
    # what shines through has white behind it, as on the page
    plain = Image.new("RGB", whole.size, _PAPER)
    plain.paste(whole, mask=whole)
    shown, small = ImageOps.contain(plain, _least(plain.size, _SHOWN)), ImageOps.fit(plain, _THUMBNAIL)
    return Painted(_webp(shown), _webp(small), *shown.size)


def _check_size(size: tuple[int, int], field: str) -> None:
    width, height = size
    if width * height > MOST_DOTS:
        raise PictureRefused(say("图片超过 {most} 万像素", most=MOST_DOTS // 10_000), field=field, remedy="请缩小后再上传")
    if min(width, height) < LEAST_SIDE:
        raise PictureRefused(say("图片的宽和高至少 {least} 像素", least=LEAST_SIDE), field=field, remedy="请上传更大的图片")


def _least(size: tuple[int, int], limit: tuple[int, int]) -> tuple[int, int]:
    return min(size[0], limit[0]), min(size[1], limit[1])


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


# ------------------------------------------------------------------ cards
@functools.lru_cache(maxsize=512)
def card(brand: str, title: str, lines: tuple[str, ...]) -> bytes:
    """
    A card for social media as PNG: the portal's name, a title of three lines at most, and lines of facts below.

    The same words give the same card, which is remembered; callers pass words of published records and nothing that an address says.

    :raises Unavailable: if this installation has no Chinese font.
    """
    with _drawing:
        image = Image.new("RGB", CARD, _PAPER)
        draw = ImageDraw.Draw(image)
        width, height = CARD
        draw.rectangle((0, 0, width, _BAR), fill=_ACCENT)
        draw.text((_EDGE, _EDGE - _BAR), brand, font=_font(_BRAND), fill=_ACCENT)
        place = _EDGE + _BRAND + 32
        for line in broken(title, _font(_TITLE), width - 2 * _EDGE, _TITLE_LINES):
            draw.text((_EDGE, place), line, font=_font(_TITLE), fill=_INK)
            place += int(_TITLE * 1.35)
        below = [part for line in lines for part in broken(line, _font(_TEXT), width - 2 * _EDGE, _TEXT_LINES)]
        place = height - _EDGE - len(below) * int(_TEXT * 1.5)
        for line in below:
            draw.text((_EDGE, place), line, font=_font(_TEXT), fill=_QUIET)
            place += int(_TEXT * 1.5)
        out = io.BytesIO()
        image.quantize(64).save(out, "PNG", optimize=True)
        return out.getvalue()


def broken(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> Sequence[str]:
    """A text in lines that fit; what does not fit into the last is cut with an ellipsis. Words of Latin letters stay whole if they can."""
    lines: list[str] = []
    rest = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    while rest and len(lines) < most:
        fits = next((count for count in range(len(rest), 0, -1) if font.getlength(rest[:count]) <= width), 1)
        if fits < len(rest):
            if len(lines) == most - 1:
                while fits and font.getlength(rest[:fits] + "…") > width:
                    fits -= 1
                lines.append(rest[:fits] + "…")
                break
            space = rest.rfind(" ", 0, fits + 1)
            fits = space if space > fits // 2 else fits
        lines.append(rest[:fits].strip())
        rest = rest[fits:].strip()
    return lines


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    found = next((path for path in _FONTS if path.exists()), None)
    if found is None:
        raise Unavailable("这台机器没有中文字体,画不出图片", remedy="构建前端(make setup),或安装 fonts-noto-cjk")
    return ImageFont.truetype(str(found), size)

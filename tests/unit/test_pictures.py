"""Uploads are painted anew within limits; cards hold what they are given and no more."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageFont

from factories.pictures import bomb, picture, with_place
from zhengtong.toolkit import pictures


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_three_formats_become_webp_in_two_sizes(kind: str) -> None:
    found = pictures.painted(picture(kind, (2000, 1000)), field="picture")
    assert (found.width, found.height) == (1600, 800)
    assert (opened(found.shown).format, opened(found.shown).size, opened(found.thumbnail).size) == ("WEBP", (1600, 800), (480, 360))


def test_a_small_picture_is_not_blown_up() -> None:
    assert pictures.painted(picture(size=(200, 150)), field="picture").width == 200


def test_nothing_but_the_dots_is_left() -> None:
    content = with_place() + b"<script>alert(1)</script>"
    found = pictures.painted(content, field="picture")
    assert (found.width, found.height) == (480, 640), "turned as its metadata says"
    for text in ("王小明".encode(), b"secret", b"script", b"Exif"):
        assert text not in found.shown
        assert text not in found.thumbnail
    assert not opened(found.shown).getexif()


def test_what_shines_through_has_white_behind_it() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, "PNG")
    corner = opened(pictures.painted(out.getvalue(), field="picture").shown).convert("RGB").getpixel((5, 5))
    assert isinstance(corner, tuple)
    assert min(corner) > 250


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 200,
        picture()[:300],
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture(size=(119, 400)),
        bomb(30_000, 30_000),
        bomb(6_000, 5_000),
        bomb(2_000_000_000, 2_000_000_000),
        b"\0" * (pictures.LARGEST_UPLOAD + 1),
    ],
    ids=["empty", "gif-head", "svg", "pdf", "broken", "cut", "gif", "bmp", "tiff", "small", "bomb", "many-dots", "absurd", "large"],
)
def test_hostile_files_are_refused(content: bytes) -> None:
    with pytest.raises(pictures.PictureRefused) as refused:
        pictures.painted(content, field="picture")
    assert (refused.value.field, bool(refused.value.remedy)) == ("picture", True)


def test_a_card_has_the_size_that_social_media_want() -> None:
    content = pictures.card("云州市 · 开放数据", "分县区人口" * 30, ("市统计局", "128 行"))
    assert (opened(content).format, opened(content).size) == ("PNG", (1200, 630))
    assert len(content) < 100_000


def test_lines_fit_and_the_last_is_cut() -> None:
    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    lines = pictures.broken("one two three four five six seven eight nine ten " * 5, font, 200, 3)
    assert len(lines) == 3
    assert all(font.getlength(line) <= 200 for line in lines)
    assert lines[-1].endswith("…")
    assert pictures.broken("short", font, 200, 3) == ["short"]
    assert pictures.broken("a\n\tb\x00\u202ec", font, 200, 3) == ["a bc"]
    assert pictures.broken("", font, 200, 3) == []

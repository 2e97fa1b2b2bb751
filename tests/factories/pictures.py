"""Pictures as people upload them, and files that only look like some."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), colour: str = "#0a55b3", **options: Any) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to as many dots as are asked for."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


def with_place() -> bytes:
    """A JPEG that tells who took it, turned by its metadata."""
    exif = Image.Exif()
    exif[0x013B] = "王小明"  # artist
    exif[0x0112] = 6  # to be turned by a quarter
    return picture("JPEG", exif=exif, comment=b"secret comment")

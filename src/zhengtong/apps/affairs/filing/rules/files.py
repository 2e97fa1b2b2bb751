"""
What may be uploaded.

Threat model. A file that calls itself a picture and is a program or a page (its content decides, never its name or what the browser says);
one that is large (refused by its size before it is read); one that runs in the reader's browser (it is handed out as an attachment of the
type found here, and never as HTML or SVG, which are not taken). Not defended: malware inside a PDF; that needs a scanner on the desk.
"""

from __future__ import annotations

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

LARGEST = 10 * 2**20
LONGEST_NAME = 120
#: how a type begins → media type, endings
_BEGINNINGS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
)
#: an OFD file is a ZIP whose first entry or directory names OFD.xml
_ZIP, _OFD, _LOOKED_AT = b"PK\x03\x04", b"OFD.xml", 4096
TYPES = "PDF、OFD、JPG、PNG"


class FileRefused(Invalid):
    """这个文件不能上传。"""

    code = "file-refused"


def media_type(content: bytes, *, field: str) -> str:
    """
    The media type that the content shows.

    :raises FileRefused: if it is empty, too large or of another type.
    """
    if not content:
        raise FileRefused("文件是空的", field=field, remedy="重新选择文件")
    if len(content) > LARGEST:
        raise FileRefused(say("文件超过 {most} MB", most=LARGEST >> 20), field=field, remedy="压缩或拍得小一些再上传")
    for beginning, found, _endings in _BEGINNINGS:
        if content.startswith(beginning):
            return found
    if content.startswith(_ZIP) and (_OFD in content[:_LOOKED_AT] or _OFD in content[-_LOOKED_AT:]):
        return "application/ofd"
    raise FileRefused(say("只收 {types} 文件", types=TYPES), field=field, remedy="另存为其中一种,或拍成照片再上传")


def tidy_name(name: str) -> str:
    """A file's name without folders and control characters, short enough to be kept."""
    plain = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable() and sign not in '"<>').strip()
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if dot else plain[:LONGEST_NAME] or "file"

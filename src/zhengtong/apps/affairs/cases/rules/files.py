"""
Files that applicants hand in.

Threat model. A programme dressed as a document: the first bytes decide what it is, not its name, and only kinds that run nothing are kept.
Somebody fills the disk: a file has a most, a supplement as many files as things that were missing. A name that is a path: only its last
part is kept, and the file lies under a number of ours.
"""

from __future__ import annotations

from zhengtong.kernel.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
_LONGEST_NAME = 120
_KINDS = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class FileUnfit(Invalid):
    """文件不能接收。"""

    code = "case-file-unfit"


def media_type(content: bytes, *, field: str) -> str:
    """
    What a file is, by its content.

    :raises FileUnfit: if it is empty, too big, or neither PDF, PNG nor JPEG.
    """
    if not content or len(content) > MOST_BYTES:
        raise FileUnfit("文件应有内容,最大 10 MB", field=field, remedy="压缩或分成几份")
    found = next((kind for mark, kind in _KINDS if content.startswith(mark)), None)
    if found is None:
        raise FileUnfit("只接收 PDF、PNG 和 JPEG 文件", field=field, remedy="转成 PDF 或拍成照片再上传")
    return found


def tidy_name(name: str) -> str:
    """The last part of a name, without control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-_LONGEST_NAME:] or "file"

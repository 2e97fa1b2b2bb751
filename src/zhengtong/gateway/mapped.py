"""
Files of 64-bit words that all processes of a machine map, changed only under their lock.

The kernel drops the lock of a killed process; a word is written whole. The first words of a file say what it is and hold a random key.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from pathlib import Path

from zhengtong.gateway.settings import BadSettings

WORD = 8
HEADER_WORDS = 16
_MAGIC = 0x5A54_4757_0000_0001
#: words of the header: the key takes two
KEY, SLOTS, SINCE = 1, 3, 4


def mapped(path: Path, words: int, slots: int, since: int) -> tuple[memoryview, int]:
    """
    Map a file, making it if needed. Returns its words and the descriptor that the lock is taken on.

    :raises BadSettings: if the file has another size.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    size = (HEADER_WORDS + words) * WORD
    if os.fstat(descriptor).st_size not in {0, size}:
        os.close(descriptor)
        raise BadSettings(f"{path} 的大小与设置不符", remedy="停止全部网关进程后删除该文件")
    os.ftruncate(descriptor, size)
    table = memoryview(mmap.mmap(descriptor, 0)).cast("Q")
    if table[0] != _MAGIC:
        table[KEY] = int.from_bytes(os.urandom(WORD), "big")
        table[KEY + 1] = int.from_bytes(os.urandom(WORD), "big")
        table[SLOTS], table[SINCE] = slots, since
        table[0] = _MAGIC
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return table, descriptor


def key_of(table: memoryview) -> bytes:
    """The random key of a file: 16 bytes, by which strangers cannot aim at a slot."""
    return bytes(table[KEY].to_bytes(WORD, "big") + table[KEY + 1].to_bytes(WORD, "big"))

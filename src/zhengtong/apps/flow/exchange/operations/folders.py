"""
A folder that others write into, opened so that nothing in it leads out of it.

Threat model. Whoever may write into a drop folder puts a link there, or swaps the folder for one, so that the platform reads its own keys
or moves files of somebody else; or makes a pipe that blocks it. Every part of the way is opened by itself without following links, relative
to the part before; files are opened without following links and must be plain ones with one name; moving is by name within open folders.
Nothing is looked up by path again after it has been checked.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zhengtong.apps.flow.exchange.rules.drops import Lying
from zhengtong.kernel.errors import Invalid

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NotPlain(Invalid):
    """不是普通文件:链接和管道不收。"""

    code = "not-a-plain-file"


class Folder:
    """An open folder."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def prepare(self, *names: str) -> None:
        """
        Make folders in this one, so that moving into them works when it comes to that.

        :raises OSError: if one cannot be had, or this folder or one of them cannot be written into.
        """
        for name in names:
            with _inside(self._handle, name, make=True) as inner:
                for handle in (inner, self._handle):
                    if not os.access(".", os.W_OK | os.X_OK, dir_fd=handle):
                        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)

    def lying(self) -> list[Lying]:
        """All files and links, no folders."""
        with os.scandir(self._handle) as entries:
            found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
        return [Lying(name, facts.st_size, facts.st_mtime_ns) for name, facts in found if not stat.S_ISDIR(facts.st_mode)]

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """
        A file of the folder.

        :raises NotPlain: if it is a link, a pipe, or a file with a second name elsewhere.
        :raises FileNotFoundError: if it is gone.
        """
        try:
            handle = os.open(name, _FILE, dir_fd=self._handle)
        except FileNotFoundError:
            raise
        except OSError as exc:  # a link is ELOOP, a socket ENXIO
            raise NotPlain from exc
        with os.fdopen(handle, "rb") as file:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
                raise NotPlain
            yield file

    def move(self, name: str, into: str, *, mark: str) -> str:
        """
        Move a file into a folder of this one; returns its name there, with ``mark`` in it where its own is taken.

        One that is gone was moved by somebody else.
        """
        with _inside(self._handle, into, make=True) as target:
            stem, dot, ending = name.rpartition(".")
            there = name if not _exists(name, target) else f"{stem}.{mark}.{ending}" if dot and stem else f"{name}.{mark}"
            try:
                os.rename(name, there, src_dir_fd=self._handle, dst_dir_fd=target)
            except FileNotFoundError:
                return there
        return there

    def write(self, into: str, name: str, text: str) -> None:
        """Write a small file into a folder of this one, in place of one of the same name."""
        with _inside(self._handle, into, make=True) as target:
            partial = f".{name}.part"
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640, dir_fd=target)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(partial, name, src_dir_fd=target, dst_dir_fd=target)

    def remove(self, name: str) -> None:
        """Remove a file; none there is as well."""
        try:
            os.unlink(name, dir_fd=self._handle)
        except FileNotFoundError:
            return


def _exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _inside(folder: int, name: str, *, make: bool) -> Iterator[int]:
    if make and not _exists(name, folder):
        os.mkdir(name, 0o770, dir_fd=folder)
    handle = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def opened(root: Path, office: str, name: str) -> Iterator[Folder]:
    """
    The folder of an office below the root, made if it is not there.

    :raises OSError: if it cannot be made or opened, or a part of the way below the root is a link.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o770)
    # the root is the installation's own word, and may be a link
    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _inside(top, office, make=True) as between, _inside(between, name, make=True) as handle:
            yield Folder(handle)
    finally:
        os.close(top)

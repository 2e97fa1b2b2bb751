"""The search index on disk, and a reader that follows it."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

import tantivy
from django.conf import settings

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.rules.indexed import FORM
from zhengtong.kernel.errors import Unavailable

#: counts of so many questions are remembered, a few kilobytes each
_MOST_COUNTED = 1000
#: a word is common in a field that holds it in more than one entry of so many, where there are more than a few
_SHARE, _FEW = 10, 5_000


class IndexMissing(Unavailable):
    """检索索引正在建立,请稍后再试。"""

    code = "catalog-index-missing"


def _missing() -> IndexMissing:
    return IndexMissing("检索索引还没有建立", remedy="后台进程启动后会自动建立;也可以运行 zhengtong catalog index rebuild")


def folder() -> Path:
    """Where the index lives: one folder a generation, and the name of the current one in ``CURRENT``."""
    place: Path = settings.ENVIRONMENT.var / "index/catalog"
    return place


def current() -> Path | None:
    """The folder of the current generation; None before the first build, and after an upgrade that lays the index out differently."""
    try:
        name = (folder() / "CURRENT").read_text().strip()
    except FileNotFoundError:
        return None
    return folder() / name if name.startswith(f"{FORM}-") else None


def new_generation() -> Path:
    """A new folder to build an index in."""
    place = folder() / f"{FORM}-{uuid.uuid4().hex[:12]}"
    place.mkdir(parents=True)
    return place


class Reader:
    """One state of the index, with the names that belong to it."""

    def __init__(self, place: Path, stamp: int) -> None:
        self.place, self.stamp = place, stamp
        self.index = tantivy.Index.open(str(place))
        self.searcher = self.index.searcher()
        #: counts that were made of this state, by what was counted; the oldest go first
        self.counted: OrderedDict[Hashable, dict[str, dict[str, int]]] = OrderedDict()
        self._offices: dict[str, str] = {}
        self._regions: dict[str, str] = {}

    def is_common(self, field: str, word: str) -> bool:
        """Whether a word stands in so many entries' field that it tells none of them from another."""
        return int(self.searcher.doc_freq(field, word)) > max(_FEW, self.searcher.num_docs // _SHARE)

    def remembered(self, key: Hashable, count: Callable[[], dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
        """What ``count`` gives, made once for ``key`` as long as the index stands as it is."""
        found = self.counted.get(key)
        if found is None:
            found = self.counted[key] = count()
            while len(self.counted) > _MOST_COUNTED:
                self.counted.popitem(last=False)
        return found

    def office_names(self, codes: list[str]) -> dict[str, str]:
        """Names of offices by code, remembered as long as the index stands as it is."""
        missing = [code for code in codes if code not in self._offices]
        if missing:
            found = organisations.offices_by_code(missing)
            self._offices |= {code: found[code].name if code in found else code for code in missing}
        return {code: self._offices[code] for code in codes}

    def region_name(self, code: str) -> str:
        """The name of a division, remembered likewise."""
        if code not in self._regions:
            try:
                self._regions[code] = organisations.region(code).name
            except organisations.RegionUnknown:
                self._regions[code] = code
        return self._regions[code]


_lock = threading.Lock()
_readers: dict[Path, Reader] = {}


def reader() -> Reader:
    """
    A reader of the index as it stands now; looking whether it changed costs one ``stat``.

    :raises IndexMissing: before the first build.
    """
    place = current()
    if place is None:
        raise _missing()
    try:
        stamp = (place / "meta.json").stat().st_mtime_ns
    except FileNotFoundError as exc:
        raise _missing() from exc
    known = _readers.get(folder())
    if known is not None and (known.place, known.stamp) == (place, stamp):
        return known
    with _lock:
        fresh = Reader(place, stamp)
        _readers[folder()] = fresh
    return fresh

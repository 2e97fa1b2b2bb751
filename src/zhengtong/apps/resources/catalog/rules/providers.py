"""Which office a foreign record means when it writes 市教育局: full, short and former names, with the region's own name left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

_LEVEL_WORDS = ("自治区", "自治州", "省", "市", "区", "县", "旗")


def _without_region(name: str, region: str) -> list[str]:
    """``合肥市教育局`` in ``合肥市`` is also written ``市教育局``."""
    if not region or not name.startswith(region) or name == region:
        return []
    rest = name[len(region) :]
    word = next((word for word in _LEVEL_WORDS if region.endswith(word)), "")
    return [f"{word}{rest}"] if word else []


class Providers:
    """The offices of a region by every name they are called; a name of two offices means neither."""

    def __init__(self, offices: Iterable[tuple[str, str, Iterable[str], bool]]) -> None:
        """``offices`` are (credit code, region's name, names, whether it lies in the importing office's own region)."""
        found: Mapping[str, set[str]] = defaultdict(set)
        for code, region, names, here in offices:
            for name in names:
                for written in (name, *(_without_region(name, region) if here else ())):
                    found[written].add(code)
        self._codes = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}

    def code_of(self, written: str) -> str:
        """The office that is meant; empty when none or more than one is."""
        return self._codes.get(written.strip(), "")

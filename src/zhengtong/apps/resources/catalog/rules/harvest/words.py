"""
What catalogs elsewhere call things, said in the words that imports understand.

Frequencies: EU Publications Office's frequency list, Dublin Core's collection frequencies, ISO 8601 intervals (as data.json asks for).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_CYCLES = {
    "实时": "cont update_cont continuous realtime real_time r/pt1s 1min 5min 10min 15min 30min hourly bihourly trihourly r/pt1h",
    "每日": "daily daily_2 12hrs r/p1d",
    "每周": "weekly weekly_2 weekly_3 r/p1w r/p7d semiweekly threetimesaweek",
    "每月": "monthly monthly_2 monthly_3 r/p1m biweekly semimonthly threetimesamonth r/p2w",
    "每季度": "quarterly r/p3m",
    "每半年": "annual_2 semiannual biannual r/p6m",
    "每年": "annual yearly r/p1y",
    "每两年": "biennial r/p2y",
    "不定期": "irreg irregular as_needed asneeded not_planned notplanned never unknown other op_datpro",
}
_BY_WORD = {word: cycle for cycle, words in _CYCLES.items() for word in words.split()}
_PLAIN = re.compile(r"[\s\-]+")


def cycle(value: Any) -> str:
    """An update cycle by code, address or word; what is not known is given back as it was written."""
    said = str(value or "").strip()
    if said.upper().startswith("R/"):
        return _BY_WORD.get(said.lower(), said)
    last = _PLAIN.sub("_", re.split(r"[/#]", said.rstrip("/"))[-1]).lower()
    return _BY_WORD.get(last) or _BY_WORD.get(last.replace("_", "")) or said


def file_type(value: Any) -> str:
    """A format by name, media type or address, as people write it: ``csv``, ``xlsx``."""
    said = str(value or "").strip()
    last = re.split(r"[/#]", said.rstrip("/"))[-1].partition(";")[0].strip().lower()
    known = {
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "vnd.ms-excel": "xls",
        "plain": "txt",
        "vnd.geo+json": "geojson",
        "geo+json": "geojson",
        "ld+json": "jsonld",
        "rdf+xml": "rdf",
        "turtle": "ttl",
        "rdf_turtle": "ttl",
        "vnd.apache.parquet": "parquet",
    }
    return known.get(last, last)


def file_types(values: Iterable[Any]) -> list[str]:
    """Formats, each once, in order."""
    return list(dict.fromkeys(one for one in map(file_type, values) if one))


def openness(value: Any) -> str:
    """An access right (EU list or data.json) as portals here say it; empty when it says nothing."""
    last = re.split(r"[/#]", str(value or "").strip().rstrip("/"))[-1].lower()
    return {
        "public": "无条件开放",
        "restricted": "有条件开放",
        "restricted public": "有条件开放",
        "non_public": "不予开放",
        "non-public": "不予开放",
        "confidential": "不予开放",
    }.get(last, "")


def mailbox(value: Any) -> str:
    """An address of electronic mail without its scheme."""
    return str(value or "").strip().removeprefix("mailto:")

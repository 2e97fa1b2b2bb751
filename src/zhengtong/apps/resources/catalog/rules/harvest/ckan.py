"""Datasets of a CKAN portal as records of an import (CKAN action API, ``package_search``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhengtong.apps.resources.catalog.rules.harvest import words
from zhengtong.apps.resources.catalog.rules.harvest.errors import SourceStrange

#: Datasets asked for at once; CKAN gives at most 1,000.
ROWS = 500


@dataclass(frozen=True)
class Place:
    """Where a harvest stands: everything changed before ``since`` (a second, UTC, as CKAN writes it) is read; ``start`` of it too."""

    since: str = ""
    start: int = 0

    def question(self) -> dict[str, str]:
        """
        The parameters of the next page, oldest change first.

        Pages go by the moment of change, not by number: what changes meanwhile moves to the end and shifts nothing.
        """
        asked = {"rows": str(ROWS), "start": str(self.start), "sort": "metadata_modified asc, id asc"}
        return asked | ({"fq": f"metadata_modified:[{self.since}Z TO *]"} if self.since else {})

    def after(self, packages: list[dict[str, Any]]) -> Place | None:
        """Where the next page begins; None when this one was the last."""
        if len(packages) < ROWS:
            return None
        last = _second(packages[-1].get("metadata_modified"))
        if last and last > self.since:
            # the second itself is asked for again: not all that changed in it need have been on this page
            return Place(last, 0)
        return Place(self.since, self.start + len(packages))


def _second(value: Any) -> str:
    try:
        return datetime.fromisoformat(str(value).removesuffix("Z")).replace(microsecond=0, tzinfo=None).isoformat()
    except ValueError:
        return ""


def latest(packages: list[dict[str, Any]], since: str) -> str:
    """The moment up to which a source is known once these are taken."""
    return max([since, *(_second(one.get("metadata_modified")) for one in packages)])


def packages(body: bytes) -> list[dict[str, Any]]:
    """
    The datasets of an answer of ``package_search``.

    :raises SourceStrange: if it is none.
    """
    try:
        whole = json.loads(body)
        found = whole["result"]["results"] if whole.get("success") else None
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise SourceStrange(
            "没有得到 CKAN 的应答", field="address", remedy="地址写到门户的根,例如 https://data.example.cn;平台会加上 /api/3/action/"
        )
    return found


def record(package: Mapping[str, Any], root: str) -> dict[str, Any]:
    """One dataset; names are those of ``rules.mapping.TARGETS``."""
    resources = [one for one in _list(package.get("resources")) if isinstance(one, dict)]
    organization = package.get("organization")
    owner = organization if isinstance(organization, dict) else {}
    extras = {
        str(one.get("key")): one.get("value")
        for one in _list(package.get("extras"))
        if isinstance(one, dict) and one.get("key") is not None
    }
    return {
        "source_id": package.get("id") or package.get("name"),
        "title": package.get("title") or package.get("name"),
        "description": package.get("notes") or "",
        "department": owner.get("title") or owner.get("name") or "",
        "category": [_title(one) for one in _list(package.get("groups"))],
        "tags": [_title(one) for one in _list(package.get("tags"))],
        "data_formats": words.file_types(one.get("format") or one.get("mimetype") for one in resources),
        "update_frequency": words.cycle(extras.get("frequency") or extras.get("update_frequency") or package.get("frequency")),
        "publish_time": str(package.get("metadata_created") or "")[:10],
        "update_time": str(extras.get("modified") or package.get("metadata_modified") or "")[:10],
        "email": words.mailbox(package.get("maintainer_email") or package.get("author_email")),
        "is_open": "不予开放" if package.get("private") else "无条件开放",
        "url": f"{root.rstrip('/')}/dataset/{package.get('name') or package.get('id')}",
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _title(one: Any) -> str:
    return str(one.get("title") or one.get("display_name") or one.get("name") or "") if isinstance(one, dict) else str(one)

"""Datasets of a ``/data.json`` as records of an import (Project Open Data metadata schema 1.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zhengtong.apps.resources.catalog.rules.harvest import words
from zhengtong.apps.resources.catalog.rules.harvest.errors import SourceStrange


def records(body: bytes) -> list[dict[str, Any]]:
    """
    Every dataset of the document; names are those of ``rules.mapping.TARGETS``.

    :raises SourceStrange: if it is no such document.
    """
    try:
        whole = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as exc:
        raise SourceStrange("不是完整的 JSON", field="address", remedy="与来源核实") from exc
    found = whole.get("dataset") if isinstance(whole, dict) else whole
    if not isinstance(found, list):
        raise SourceStrange("没有 dataset 数组,不是 data.json", field="address", remedy="核对地址与种类")
    return [_record(one) if isinstance(one, dict) else {"title": "", "description": str(one)[:200]} for one in found]


def _record(one: Mapping[str, Any]) -> dict[str, Any]:
    publisher, contact = one.get("publisher"), one.get("contactPoint")
    distributions = one.get("distribution")
    files = [part for part in distributions if isinstance(part, dict)] if isinstance(distributions, list) else []
    return {
        "source_id": one.get("identifier"),
        "title": one.get("title"),
        "description": one.get("description") or "",
        "department": publisher.get("name") if isinstance(publisher, dict) else publisher,
        "category": one.get("theme") or [],
        "tags": one.get("keyword") or [],
        "data_formats": words.file_types(part.get("format") or part.get("mediaType") for part in files),
        "update_frequency": words.cycle(one.get("accrualPeriodicity")),
        "publish_time": str(one.get("issued") or "")[:10],
        "update_time": str(one.get("modified") or "")[:10],
        "email": words.mailbox(contact.get("hasEmail")) if isinstance(contact, dict) else "",
        "is_open": words.openness(one.get("accessLevel")),
        "open_condition": one.get("rights") or "",
        "url": one.get("landingPage") or "",
    }

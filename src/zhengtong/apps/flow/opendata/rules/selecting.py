"""
Which open datasets somebody asks for: words and conditions. Read from the part of Solr's query language that clients of CKAN use:
``field:value``, ``field:"two words"``, ``field:(a OR b)``, ``field:[from TO to]``, ``-`` or ``NOT`` before any of them, joined by ``AND``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: what may be asked for by name; what is always so of a public dataset is read and left out
FIELDS = frozenset(
    {
        "organization",
        "groups",
        "tags",
        "license_id",
        "frequency",
        "res_format",
        "title",
        "name",
        "id",
        "metadata_modified",
        "metadata_created",
    }
)
_ALWAYS = {
    "state": "active",
    "capacity": "public",
    "private": "false",
    "dataset_type": "dataset",
    "type": "dataset",
    "entity_type": "package",
}
_MOMENTS = frozenset({"metadata_modified", "metadata_created"})
ORDERS = {
    "metadata_modified": "modified",
    "metadata_created": "created",
    "title_string": "title",
    "title": "title",
    "name": "id",
    "id": "id",
    "score": "modified",
    "relevance": "modified",
}
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<joint>AND|&&)(?=\s)
      | (?P<or>OR|\|\|)(?=\s)
      | (?P<sign>NOT\s+|[+\-!]?)(?:(?P<field>[A-Za-z_*][\w.]*):)?
        (?P<value>"[^"]*"|\([^()]*\)|[\[{][^\[\]{}]*[\]}]|[^\s"()\[\]{}]+)
    )""",
    re.VERBOSE,
)
_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+?)\s*([\]}])")
LONGEST = 1000


class QueryUnreadable(Invalid):
    """查询语句不能识别。"""

    code = "query-unreadable"
    status = 400


@dataclass(frozen=True)
class Condition:
    """A field that has one of some values, or a moment within bounds."""

    field: str
    values: tuple[str, ...] = ()
    negated: bool = False
    lower: datetime | None = None
    upper: datetime | None = None
    lower_included: bool = True
    upper_included: bool = True


@dataclass(frozen=True)
class Selection:
    """Words that all must occur, conditions that all must hold, and the order."""

    words: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    order: str = "modified"
    descending: bool = False


def read(query: str) -> Selection:
    """
    The words and conditions of a query.

    :raises QueryUnreadable: naming the part that is not understood, so that nothing is left out silently.
    """
    if len(query) > LONGEST:
        raise QueryUnreadable(say("查询语句超过 {limit} 个字符", limit=LONGEST))
    words: list[str] = []
    conditions: list[Condition] = []
    place = 0
    while query[place:].strip():
        token = _TOKEN.match(query, place)
        if token is None or token["or"]:
            raise QueryUnreadable(
                say("看不懂查询语句从“{part}”开始的部分", part=query[place:].strip()[:40]), remedy="各条件只能用 AND 连接"
            )
        place = token.end()
        if token["joint"]:
            continue
        negated = token["sign"].strip() in {"-", "!", "NOT"}
        if token["field"] is None:
            words.extend(_words(token["value"], negated=negated))
        else:
            condition = _condition(token["field"], token["value"], negated=negated)
            if condition:
                conditions.append(condition)
    return Selection(tuple(words), tuple(conditions))


def _words(value: str, *, negated: bool) -> list[str]:
    if negated:
        raise QueryUnreadable(say("不能排除词语“{part}”", part=value[:40]), remedy="只能排除 field:value 这样的条件")
    plain = value.strip('"()').replace("*", " ")
    return plain.split()


def _condition(field: str, value: str, *, negated: bool) -> Condition | None:
    field = {"res_license": "license_id", "owner_org": "organization", "theme": "groups", "publisher": "organization"}.get(field, field)
    if value == "*" and not negated:
        return None
    if field in _ALWAYS and not negated and value.strip('"').lower() == _ALWAYS[field]:
        return None
    if field not in FIELDS:
        raise QueryUnreadable(
            say("不能按“{field}”查询", field=field), field=field, remedy=say("可用:{names}", names=", ".join(sorted(FIELDS)))
        )
    if field in _MOMENTS:
        return _moments(field, value, negated=negated)
    if value.startswith(("[", "{")):
        raise QueryUnreadable(say("“{field}”没有范围", field=field), field=field)
    inside = value[1:-1] if value.startswith("(") else value
    values = [one[0].strip('"') for one in re.finditer(r'"[^"]*"|\S+', inside) if one[0] != "OR"]
    if field == "name":
        field, values = "id", [one.removeprefix("dataset-") for one in values]
    return Condition(field, tuple(values), negated)


def _moments(field: str, value: str, *, negated: bool) -> Condition:
    bounds = _RANGE.fullmatch(value)
    if bounds is None:
        raise QueryUnreadable(say("“{field}”要写成 [开始 TO 结束]", field=field), field=field, remedy="例如 [2026-01-01T00:00:00Z TO *]")
    opening, lower, upper, closing = bounds.groups()
    return Condition(
        field, (), negated, _moment(field, lower), _moment(field, upper), lower_included=opening == "[", upper_included=closing == "]"
    )


def _moment(field: str, text: str) -> datetime | None:
    if text == "*":
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise QueryUnreadable(say("“{text}”不是时间", text=text[:40]), field=field, remedy="例如 2026-01-01T00:00:00Z") from exc
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ordered(text: str) -> tuple[str, bool]:
    """
    The order that CKAN's ``sort`` asks for, by its first field, and whether it descends.

    :raises QueryUnreadable: if that cannot be sorted by.
    """
    first, *_others = text.split(",")
    field, _, direction = first.strip().partition(" ")
    if field not in ORDERS or direction.strip().lower() not in {"", "asc", "desc"}:
        raise QueryUnreadable(
            say("不能按“{text}”排序", text=first.strip()[:40]), field="sort", remedy=say("可用:{names}", names=", ".join(sorted(ORDERS)))
        )
    return ORDERS[field], direction.strip().lower() == "desc"

"""
Clients of the row interface in Python and JavaScript, generated from its OpenAPI document.

A dataset's document differs from another's in its items alone; what is generated here is what all of them share: the operations, their
parameters with words and types, the comparisons, the statuses of refusals. All else stands in the templates beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhengtong.engines.rowquery.table import Column, Kind, Table
from zhengtong.gateway.opendata import descriptions

_TEMPLATES = Path(__file__).parent
FOLDER = Path(__file__).parents[2] / "apps/flow/opendata/web/handouts"
NAMES = ("zhengtong_open.py", "zhengtong-open.mjs")
_ITEM = "item"
_SUMMARIES = {
    "dataset": ("describe", "A dataset in words and figures: title, version, rows, columns, links."),
    "rows": ("rows_page", "A page of rows: data, next (the cursor of the next page, or nothing), total, version."),
    "facets": ("facets", "How often each value of some items occurs among the rows that fit: facets by item."),
    "aggregate": ("aggregate", "Figures of the rows that fit, by group: data, more."),
    "schema": ("schema", "The items of a dataset with kinds, comparisons and indexes; how many rows; which version."),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation: its type is ``int``, ``bool``, ``list``, ``where`` or ``str``."""

    name: str
    kind: str
    words: str
    required: bool


def document() -> dict[str, Any]:
    """The OpenAPI document of a dataset with a single item of text."""
    column = Column(_ITEM, Kind.TEXT, _ITEM)
    return descriptions.openapi(Table(1, 1, "relation", 0, (column,)), "")


def generated() -> dict[str, str]:
    """The clients by the names of their files."""
    found = document()
    operations = {one["get"]["operationId"]: one["get"] for one in found["paths"].values()}
    places = {one["get"]["operationId"]: path.rpartition("/")[2] for path, one in found["paths"].items()}
    unknown = set(operations) ^ set(_SUMMARIES)
    if unknown:
        message = f"operations without a summary, or summaries without an operation: {sorted(unknown)}"
        raise ValueError(message)
    answers = [pair for one in operations.values() for pair in one["responses"].items()]
    statuses = {status: words["description"] for status, words in answers if status != "200"}
    common = {
        "COMPARISONS": ", ".join(_comparisons(operations["rows"])),
        "FORMS": next(one["schema"]["enum"] for one in operations["rows"]["parameters"] if one["name"] == "format")[1:],
        "LIMIT": next(one["schema"]["maximum"] for one in operations["rows"]["parameters"] if one["name"] == "limit"),
        "STATUSES": statuses,
    }
    methods = {name: list(_parameters(one)) for name, one in operations.items()}
    return {NAMES[0]: _python(common, methods, places), NAMES[1]: _javascript(common, methods, places)}


def differing() -> list[str]:
    """The files that are not what would be generated now."""
    return [name for name, text in generated().items() if not (FOLDER / name).is_file() or (FOLDER / name).read_text() != text]


def write() -> None:
    """Write the clients into the folder that they are served from."""
    for name, text in generated().items():
        (FOLDER / name).write_text(text)


def _comparisons(operation: Mapping[str, Any]) -> Iterator[str]:
    yield "eq"
    for one in operation["parameters"]:
        item, joint, comparison = one["name"].partition("__")
        if joint and item == _ITEM:
            yield comparison


def _parameters(operation: Mapping[str, Any]) -> Iterator[Parameter]:
    for one in operation["parameters"]:
        if one["name"] == "format" or one["name"].partition("__")[0] == _ITEM:
            continue
        schema = one["schema"]
        kind = "int" if schema["type"] == "integer" else "bool" if schema.get("enum") == ["true", "false"] else "str"
        kind = "list" if "comma-separated" in one["description"] else "where" if one["name"] == "where" else kind
        yield Parameter(one["name"], kind, one["description"], one.get("required", False))


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = (_TEMPLATES / template).read_text()
    return re.sub(r"<<(\w+)>>", lambda found: values[found[1]], text)


# --------------------------------------------------------------------------- Python
_PYTHON_TYPES = {"int": "int | None", "bool": "bool", "list": "Iterable[str]", "where": "Mapping[str, Any] | None", "str": "str"}
_PYTHON_EMPTY = {"int": "None", "bool": "False", "list": "()", "where": "None", "str": '""'}


def _python(common: Mapping[str, Any], methods: Mapping[str, list[Parameter]], places: Mapping[str, str]) -> str:
    values = {
        "COMPARISONS": common["COMPARISONS"],
        "FORMS": ", ".join(f'"{one}"' for one in common["FORMS"]),
        "LIMIT": str(common["LIMIT"]),
        "STATUSES": "\n".join(f'    {status}: "{words}",' for status, words in common["STATUSES"].items()),
        "METHODS": "\n\n".join(_python_method(name, places[name], given) for name, given in methods.items()),
    }
    return _filled("client.py.txt", values)


def _python_method(name: str, place: str, given: list[Parameter]) -> str:
    method, summary = _SUMMARIES[name]
    if not given:
        return f'''    def {method}(self, dataset: int) -> dict[str, Any]:
        """{summary}"""
        return self._json(dataset, "{place}", {{}}, {{}})'''
    ordered = [*(one for one in given if one.required), *(one for one in given if not one.required)]
    named = "\n".join(
        f"        {one.name}: {_PYTHON_TYPES[one.kind]}" + ("," if one.required else f" = {_PYTHON_EMPTY[one.kind]},") for one in ordered
    )
    words = "\n".join(f"        :param {one.name}: {one.words}" for one in given)
    sent = ", ".join(f'"{one.name}": {one.name}' for one in given)
    return f'''    def {method}(
        self,
        dataset: int,
        filters: Filters | None = None,
        *,
{named}
    ) -> dict[str, Any]:
        """
        {summary}

{words}
        """
        return self._json(
            dataset,
            "{place}",
            filters or {{}},
            {{{sent}}},
        )'''


# --------------------------------------------------------------------------- JavaScript
_DOC_TYPES = {"int": "number", "bool": "boolean", "list": "string[]", "where": "object", "str": "string"}


def _javascript(common: Mapping[str, Any], methods: Mapping[str, list[Parameter]], places: Mapping[str, str]) -> str:
    values = {
        "COMPARISONS": common["COMPARISONS"],
        "FORMS": ", ".join(f'"{one}"' for one in common["FORMS"]),
        "LIMIT": str(common["LIMIT"]),
        "STATUSES": ", ".join(f'{status}: "{words}"' for status, words in common["STATUSES"].items()),
        "METHODS": "\n\n".join(_javascript_method(name, places[name], given) for name, given in methods.items()),
    }
    return _filled("client.mjs.txt", values)


def _javascript_method(name: str, place: str, given: list[Parameter]) -> str:
    method, summary = _SUMMARIES[name]
    method = re.sub(r"_(\w)", lambda found: found[1].upper(), method)
    if not given:
        return f"""  /** {summary} */
  {method}(dataset) {{
    return this.#json(dataset, "{place}", {{}}, {{}});
  }}"""
    return f"""  /**
   * {summary}
   * @param {{number}} dataset
   * @param {{object}} [asked] filters, and:
{_doc(given)}
   */
  {method}(dataset, {{ filters = {{}}, {", ".join(one.name for one in given)} }} = {{}}) {{
    return this.#json(dataset, "{place}", filters, {{ {", ".join(one.name for one in given)} }});
  }}"""


def _doc(given: Iterable[Parameter]) -> str:
    return "\n".join(
        f"   * @param {{{_DOC_TYPES[one.kind]}}} " + (f"asked.{one.name}" if one.required else f"[asked.{one.name}]") + f" {one.words}"
        for one in given
    )

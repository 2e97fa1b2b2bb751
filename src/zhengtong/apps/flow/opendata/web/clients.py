"""Clients of the row interface as downloads, and recipes that use them. ``python -m zhengtong.project.clients write`` makes the clients."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhengtong.kernel.errors import NotFound

_FOLDER = Path(__file__).parent / "handouts"
#: the file of each client → its media type
FILES = {"zhengtong_open.py": "text/x-python; charset=utf-8", "zhengtong-open.mjs": "text/javascript; charset=utf-8"}
#: what a recipe does, in the words of the page
RECIPE_LABELS = {
    "list": "列出全部数据集",
    "dump": "把一个数据集的全部数据行存成 CSV 文件",
    "count": "某个信息项最常见的五个值",
    "refusal": "处理拒绝:读懂原因,不要重试",
    "stream": "在浏览器或 Node 里逐行读取",
}
_PYTHON, _SCRIPT = "Python", "JavaScript"
_RECIPES = {
    "list": (
        _PYTHON,
        """from zhengtong_open import Portal

for dataset in Portal("$address").datasets():
    print(dataset["number"], dataset["title"], len(dataset["resources"]))""",
    ),
    "dump": (
        _PYTHON,
        """from zhengtong_open import Portal

print(Portal("$address").dump($dataset, "rows.csv"), "bytes")""",
    ),
    "count": (
        _PYTHON,
        """from zhengtong_open import Portal

found = Portal("$address").facets($dataset, items=["$column"], limit=5)
for one in found["facets"]["$column"]["values"]:
    print(one["value"], one["count"])""",
    ),
    "refusal": (
        _PYTHON,
        """from zhengtong_open import Portal, RefusedError

try:
    Portal("$address", language="en").rows_page($dataset, {"no_such_item": 1})
except RefusedError as refused:
    print(refused.status, refused.code, refused.message, refused.remedy)""",
    ),
    "stream": (
        _SCRIPT,
        """import { Portal } from "./zhengtong-open.mjs";

const portal = new Portal("$address");
for await (const row of portal.rows($dataset, { filters: { ${column}__isnull: false }, limit: 5 })) console.log(row);""",
    ),
}


class NoSuchClient(NotFound):
    """没有这个客户端文件。"""

    code = "client-unknown"


@dataclass(frozen=True)
class Recipe:
    """A short program: what it does, its language, its text."""

    name: str
    label: str
    language: str
    text: str


def recipes(address: str, dataset: int, column: str) -> list[Recipe]:
    """The recipes for a portal at an address, with a dataset and an item of it."""
    given = {"address": address, "dataset": str(dataset), "column": column}
    return [Recipe(name, RECIPE_LABELS[name], language, Template(text).substitute(given)) for name, (language, text) in _RECIPES.items()]


@require_safe
def client(_request: HttpRequest, name: str) -> HttpResponse:
    """A client, to be saved beside one's own program."""
    if name not in FILES:
        raise NoSuchClient
    answer = HttpResponse((_FOLDER / name).read_bytes(), content_type=FILES[name])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer

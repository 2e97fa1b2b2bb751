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
SANDBOX_RECIPE_LABELS = {
    "pages": "自己翻页",
    "wait": "太快时等待重试",
    "pull": "有新版本才取",
    "duckdb": "用 DuckDB 分析",
    "pandas": "用 pandas 分析",
    "browser": "处理拒绝",
    "curl": "读响应头里的配额",
}
PROVOKED_LABELS = {
    "400": "参数不对",
    "401": "密钥不对",
    "403": "有条件开放,要先申请",
    "404": "没有这个数据集",
    "410": "已停止开放",
    "429": "太快,总是这样答",
    "503": "平台暂时不能应答,总是这样答",
    "flaky": "双数秒答 429,按 Retry-After 等待就能过去",
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

_SANDBOX_RECIPES = {
    "curl": (
        "curl",
        'curl -s -D - -o page.json "$address/open/v1/datasets/0/rows?limit=3&sort=code"',
    ),
    "pages": (
        _PYTHON,
        """import json
from urllib.parse import urlencode
from urllib.request import urlopen

found, after = 0, ""
while after is not None:
    asked = urlencode({"kind": "公园", "limit": 100, "after": after})
    with urlopen("$address/open/v1/datasets/0/rows?" + asked) as answer:
        page = json.load(answer)
    found, after = found + len(page["data"]), page["next"]
print(found)""",
    ),
    "wait": (
        _PYTHON,
        """import json, time
from urllib.error import HTTPError
from urllib.request import urlopen

def asked(address, turns=5):
    for _turn in range(turns):
        try:
            with urlopen(address) as answer:
                return json.load(answer)
        except HTTPError as refused:
            if refused.code not in (429, 503):
                raise
            time.sleep(int(refused.headers["Retry-After"]))
    raise TimeoutError

print(asked("$address/open/v1/datasets/0/rows?provoke=flaky&limit=1")["total"])""",
    ),
    "pull": (
        _PYTHON,
        """from pathlib import Path
from zhengtong_open import SANDBOX, Portal

portal, seen = Portal("$address"), Path("version.txt")
version = str(portal.describe(SANDBOX)["version"])
if not seen.exists() or seen.read_text() != version:
    portal.dump(SANDBOX, "places.csv")
    seen.write_text(version)
    print("new version", version)
else:
    print("nothing new")""",
    ),
    "duckdb": (
        _PYTHON,
        """import duckdb
from zhengtong_open import SANDBOX, Portal

Portal("$address").dump(SANDBOX, "places.csv")
print(duckdb.sql("select kind, count(*) as places from 'places.csv' group by kind order by kind").fetchall())""",
    ),
    "pandas": (
        _PYTHON,
        """import pandas

places = pandas.read_csv("$address/open/v1/datasets/0/rows?format=csv", parse_dates=["opened", "updated"])
print(places.groupby("kind")["visitors"].mean())""",
    ),
    "browser": (
        _SCRIPT,
        """import { Portal, RestrictedError } from "./zhengtong-open.mjs";

const portal = new Portal("$address", { language: "en" });
try {
  await portal.rowsPage(0, { filters: { provoke: 403 } });
} catch (refused) {
  if (!(refused instanceof RestrictedError)) throw refused;
  console.log(refused.status, refused.code);
}""",
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


def sandbox_recipes(address: str) -> list[Recipe]:
    """Recipes over the sandbox, which is always there."""
    return [
        Recipe(name, SANDBOX_RECIPE_LABELS[name], language, Template(text).substitute(address=address))
        for name, (language, text) in _SANDBOX_RECIPES.items()
    ]


@require_safe
def client(_request: HttpRequest, name: str) -> HttpResponse:
    """A client, to be saved beside one's own program."""
    if name not in FILES:
        raise NoSuchClient
    answer = HttpResponse((_FOLDER / name).read_bytes(), content_type=FILES[name])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer

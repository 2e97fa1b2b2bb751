"""The workbench: SQL over published files in the visitor's own browser. What is asked and found stays there; only files are fetched."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock

_FOUND = 12
_LONGEST_WORDS = 100
#: WebAssembly may be compiled on this page, by a worker from our own host, and nowhere else
_POLICY = {"script-src": [SELF, "'wasm-unsafe-eval'"], "worker-src": [SELF], "connect-src": [SELF], "default-src": [NONE]}


@require_safe
@csp_replace(_POLICY)
def workbench(request: HttpRequest) -> HttpResponseBase:
    """Notebook of queries; it works without an account and keeps everything in the browser."""
    return render(
        request, "opendata/workbench.html", {"words": _words(), "kinds": {k: v for k, v in api.KIND_LABELS.items() if k != "scatter"}}
    )


@require_safe
def choices(request: HttpRequest) -> HttpResponseBase:
    """Datasets for the workbench to choose of: by words (``q``), or by their numbers (``ids``, separated by commas)."""
    numbers = [int(one) for one in request.GET.get("ids", "").split(",") if one.isdecimal() and len(one) < 10][:_FOUND]  # noqa: PLR2004
    if not numbers and "ids" not in request.GET:
        words = request.GET.get("q", "").strip()[:_LONGEST_WORDS]
        numbers = [card.id for card in api.search(api.Question(words, {}, "downloads"), limit=_FOUND)]
    found = []
    for number in numbers:
        try:
            view = api.dataset(number, now=clock.now())
        except (api.DatasetUnknown, api.DatasetGone):
            continue
        if view.version.open_to_all:
            found.append(_choice(view))
    return JsonResponse({"datasets": found})


def _choice(view: api.DatasetView) -> dict[str, Any]:
    file = next(one for one in view.version.files if one.form is api.Form.PARQUET)
    return {
        "id": view.id,
        "title": view.version.facts["title"],
        "office": view.version.facts["office_name"],
        "rows": view.version.rows,
        "bytes": file.size,
        "version": view.version.number,
        "file": reverse("opendata:file", args=[view.id, view.version.number, file.name]),
        "columns": [{"key": one["key"], "name": one["name"]} for one in view.version.columns],
        "examples": _examples(view),
    }


def _examples(view: api.DatasetView) -> list[dict[str, str]]:
    """Queries that make sense for a dataset, to begin with."""
    table = f"d{view.id}"
    found = [{"label": _("看前 20 行"), "sql": f"SELECT * FROM {table} LIMIT 20"}]  # noqa: S608 - shown to the visitor, run in their browser
    chart = api.suggested_chart(view.version.columns, view.version.profile)
    if chart is not None:
        sql = f'SELECT "{chart.x}", count(*) AS n\nFROM {table}\nGROUP BY 1\nORDER BY n DESC'
        found.append({"label": _("分组计数"), "sql": sql})
    number = next((one["key"] for one in view.version.columns if one["data_type"] in api.NUMBERS and not one["is_key"]), None)
    if number is not None:
        sql = f'SELECT min("{number}") AS least, avg("{number}") AS mean, max("{number}") AS greatest\nFROM {table}'
        found.append({"label": _("最小、平均、最大"), "sql": sql})
    return found


def _words() -> dict[str, str]:
    """What the script says."""
    return {
        "load": _("载入"),
        "remove": _("移除"),
        "loading": _("正在载入"),
        "engine": _("正在启动查询引擎(约 5 MB,只下载一次)"),
        "ready": _("已就绪"),
        "rows": _("行"),
        "nothing": _("没有找到数据集。"),
        "unreachable": _("数据集列表取不到。检查网络后再试。"),
        "failed": _("这个文件没有载入。检查网络后再试。"),
        "running": _("正在查询"),
        "took": _("毫秒"),
        "of": _("共"),
        "no_rows": _("查询成功,没有结果行。"),
        "empty": _("请先写一条查询语句。"),
        "one_statement": _("一格只写一条语句。"),
        "error": _("查询没有成功:"),
        "no_table": _("没有这个表。先在上面载入数据集;表名是 d 加编号,如 d1。"),
        "no_column": _("没有这一列。列名见数据集下面的列表。"),
        "syntax": _("语句写法有误,请看出错位置附近。"),
        "type": _("类型不合:这一列的值不能这样计算或比较。"),
        "foreign": _("分析台只能读本站已载入的数据,不能访问其他地址。"),
        "extension": _("这里没有这个函数或格式。"),
        "memory": _("浏览器内存不够。少载入几个数据集,或先筛选再计算。"),
        "no_wasm": _("您的浏览器不支持 WebAssembly,不能在浏览器里查询。请换新版浏览器,或下载 CSV 用表格软件打开。"),
        "copied": _("网址已复制"),
        "previous": _("上一页"),
        "next": _("下一页"),
        "cell": _("第 {n} 格"),
        "cleared": _("已清空"),
        "broken_link": _("分享网址不完整,没有读出查询。"),
        "result": _("查询结果"),
        "no_number": _("结果里没有数字列,画不出图。"),
    }

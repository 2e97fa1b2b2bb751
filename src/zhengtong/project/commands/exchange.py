"""``zhengtong exchange``: bind a file, collect what is bound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid

_ACTOR = "process:command"


@click.group()
def group() -> None:
    """Bindings and their runs."""


def _answer(document: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)


def _resource(given: str) -> catalog.ResourceView:
    """A resource by its number or its code."""
    return catalog.resource(int(given) if given.isdecimal() else given)


def _chosen(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise Invalid(f"{path.name} 不是 JSON", field="mapping") from exc
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise Invalid(f"{path.name} 应是“信息项英文名: 文件列名”的对象", field="mapping")
    return document


@group.command("bind-file")
@click.argument("resource")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON {item: column}; others as suggested.")
@click.option("--key", default="", metavar="ITEM", help="Refuse unless this is the item by which the catalog tells rows apart.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def bind_file(resource: str, file: Path, mapping: Path | None, key: str, *, as_json: bool) -> None:
    """Bind RESOURCE (number or code) to FILE (csv, tsv, xlsx, xls, ods)."""
    entry = _resource(resource)
    keys = [item.key for item in entry.items if item.is_key]
    if key and keys != [key]:
        raise Invalid(f"目录中的主键信息项是 {'、'.join(keys) or '(没有)'},不是 {key}", field="key", remedy="在目录中修改主键后再挂接")
    with file.open("rb") as stream:
        looked, mapped = exchange.bind_file_at_once(
            by=_ACTOR, resource_id=entry.id, stream=stream, file_name=file.name, chosen=_chosen(mapping), now=clock.now()
        )
    [edition, *_earlier] = exchange.editions(entry.id, limit=1)
    document = {
        "resource": entry.code,
        "edition": looked.edition,
        "sha256": edition.sha256,
        "rows": edition.rows,
        "layout": looked.layout.to_dict(),
        "mapping": mapped,
        "warnings": list(looked.warnings),
    }
    _answer(document, "\n".join([f"已挂接 {file.name},共 {edition.rows} 行", *(f"  · {one}" for one in looked.warnings)]), as_json=as_json)


@group.command("run")
@click.argument("resource")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_context
def run(context: click.Context, resource: str, *, as_json: bool) -> None:
    """Collect RESOURCE (number or code) now, in this process; exit code 1 if the run does not finish."""
    entry = _resource(resource)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(entry.name, total=None)
        result = exchange.collect_here(
            by=_ACTOR,
            resource_id=entry.id,
            now=clock.now(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    failure = result.failure
    document = {"run": str(result.id), "state": str(result.state), "counts": result.counts, "failure": failure}
    if failure:
        sentence = "✕ " + " ".join(filter(None, [failure.get("message", ""), failure.get("remedy", "")]))
    else:
        counts = result.counts
        sentence = (
            f"{result.label}:读取 {counts.get('read', 0)},新增 {counts.get('inserted', 0)},更新 {counts.get('updated', 0)},"
            f"未变 {counts.get('unchanged', 0)},退回 {counts.get('quarantined', 0)},重复 {counts.get('duplicates', 0)}"
        )
    _answer(document, sentence, as_json=as_json)
    if result.state is not exchange.RunState.FINISHED:
        context.exit(1)

"""``zhengtong catalog``: import, export, and the search index."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock

_ACTOR = "process:command"


@click.group()
def group() -> None:
    """The catalog of information resources."""


def _answer(document: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--office", required=True, metavar="CODE", help="Credit code of the importing office.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON {foreign field: our field}.")
@click.option("--source", default="", help="Name of the source, under which its records are known again.")
@click.option("--publish", is_flag=True, help="Publish at once: the entries are published at their source already.")
@click.option("--class-code", default=catalog.Options.class_code, show_default=True, help="Classification of entries that name none.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def import_(file: Path, office: str, mapping: Path | None, source: str, class_code: str, *, publish: bool, as_json: bool) -> None:
    """Take the records of FILE (xlsx, xls, csv, json) into the catalog."""
    with _bar() as bar:
        task = bar.add_task(file.name, total=None)
        run = catalog.import_file(
            data=file.read_bytes(),
            file_name=file.name,
            office=office,
            by=_ACTOR,
            now=clock.now(),
            source=source,
            mapping=json.loads(mapping.read_text(encoding="utf-8")) if mapping else None,
            options=catalog.Options(publish=publish, class_code=class_code, whole_region=True),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    counts = {name: getattr(run, name) for name in ("id", "source", "total", "added", "changed", "unchanged", "quarantined", "flagged")}
    sentence = (
        f"共 {run.total} 条:新增 {run.added},更新 {run.changed},未变 {run.unchanged},"
        f"隔离 {run.quarantined};其中 {run.flagged} 条有待核对之处"
    )
    _answer(counts, sentence, as_json=as_json)


@group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--office", default="", metavar="CODE", help="Only this office's entries.")
@click.option("--region", default="", metavar="CODE", help="Only entries of this region and those below it.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def export(file: Path, office: str, region: str, *, as_json: bool) -> None:
    """Write the published entries to FILE (.xlsx national form, .csv or .json)."""
    pieces = catalog.export_published(kind=file.suffix.lstrip(".").lower(), office=office, region=region)
    with file.open("wb") as target:
        for piece in pieces:
            target.write(piece)
        size = target.tell()
    _answer({"file": str(file), "bytes": size}, f"已写入 {file}({size:,} 字节)", as_json=as_json)


@group.group("index")
def index() -> None:
    """The search index, derived from the database."""


@index.command("rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def rebuild(*, as_json: bool) -> None:
    """Build the index anew and switch over to it."""
    with _bar() as bar:
        task = bar.add_task("重建索引", total=None)
        count = catalog.rebuild(progress=lambda done: bar.update(task, completed=done))
    _answer({"entries": count}, f"索引已重建,共 {count} 条", as_json=as_json)


@index.command("check")
@click.option("--mend", is_flag=True, help="Put right what is found.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_context
def check(context: click.Context, *, mend: bool, as_json: bool) -> None:
    """Compare the index with the database; exit code 1 if they differ and are left so."""
    found = catalog.mend() if mend else catalog.drift()
    sentence = (
        f"数据库 {found.database} 条,索引 {found.index} 条:"
        f"缺 {len(found.missing)},过时 {len(found.stale)},多余 {len(found.surplus)}{'(已修复)' if mend and found.total else ''}"
    )
    _answer(dataclasses.asdict(found) | {"mended": mend}, sentence, as_json=as_json)
    if found.total and not mend:
        context.exit(1)

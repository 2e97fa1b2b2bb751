"""``zhengtong items``: lists of service items in and out."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from zhengtong.apps.affairs.services import api as services
from zhengtong.kernel import clock

_ACTOR = "process:command"


@click.group()
def group() -> None:
    """Service items 事项."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="The items are in force already: publish those without errors at once.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def import_(file: Path, *, publish: bool, as_json: bool) -> None:
    """Take the items of FILE (xlsx, xls, ods, csv) in; rows that a rule refuses stay in quarantine."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(file.name, total=None)
        run = services.import_items(
            data=file.read_bytes(),
            file_name=file.name,
            actor=None,
            by=_ACTOR,
            now=clock.now(),
            publish=publish,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    counts = {name: value for name, value in dataclasses.asdict(run).items() if isinstance(value, int)}
    sentence = (
        f"共 {run.total} 条:新增 {run.added},更新 {run.changed},未变 {run.unchanged},隔离 {run.quarantined};直接发布 {run.published} 个"
    )
    click.echo(json.dumps(counts) if as_json else sentence)


@group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def export(file: Path, *, as_json: bool) -> None:
    """Write all items to FILE: .xlsx with every table, or .csv with the elements alone."""
    if file.suffix.lower() == ".xlsx":
        file.write_bytes(services.export_xlsx(None, services.WorkFilter()))
    else:
        file.write_bytes(b"".join(services.export_csv(None, services.WorkFilter())))
    size = file.stat().st_size
    click.echo(json.dumps({"file": str(file), "bytes": size}, ensure_ascii=False) if as_json else f"已写入 {file}({size:,} 字节)")

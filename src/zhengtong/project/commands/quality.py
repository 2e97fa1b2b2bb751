"""``zhengtong quality``: the measurements of the catalog."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from zhengtong.apps.resources.quality import api as quality
from zhengtong.kernel import clock


@click.group()
def group() -> None:
    """The quality of the catalog, and the sources of its items."""


@group.command("rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def rebuild(*, as_json: bool) -> None:
    """Measure every published entry anew, and count every sum from there."""
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("重新测评", total=None)
        count = quality.rebuild(now=clock.now(), progress=lambda done: bar.update(task, completed=done))
    click.echo(json.dumps({"entries": count}) if as_json else f"已重新测评 {count} 条目录")

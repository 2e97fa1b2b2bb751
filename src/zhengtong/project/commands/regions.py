"""``zhengtong regions``: base data of administrative divisions."""

from __future__ import annotations

import json
from pathlib import Path

import click

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock

_ACTOR = "process:command"


@click.group()
def group() -> None:
    """Administrative divisions and their outlines."""


@group.command("outlines")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--property", "prop", default="", metavar="NAME", help="The property that holds the code; the usual names are tried without it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
@click.pass_context
def outlines(context: click.Context, file: Path, prop: str, *, as_json: bool) -> None:
    """Take the outlines of FILE (GeoJSON in degrees); exit code 1 if features were refused."""
    number = organisations.take_outlines(file.read_bytes(), prop=prop, actor=_ACTOR, now=clock.now())
    load = organisations.outline_load(number)
    counts = {name: getattr(load, name) for name in ("id", "given", "written", "unchanged", "refused")}
    if as_json:
        refusals = [dict(zip(("feature", "code", "rule", "where"), one, strict=True)) for one in load.refusals]
        click.echo(json.dumps(counts | {"refusals": refusals}, ensure_ascii=False))
    else:
        click.echo(f"共 {load.given} 个要素:写入 {load.written},未变 {load.unchanged},隔离 {load.refused}")
        for place, code, rule, where in load.refusals:
            click.echo(f"  第 {place} 个 {code}:{rule} {where}".rstrip(), err=True)
    if load.refused:
        context.exit(1)

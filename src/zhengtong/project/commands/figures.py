"""``zhengtong figures``: the public figures of cases and ratings."""

from __future__ import annotations

import json

import click

from zhengtong.apps.affairs.ratings import api as ratings


@click.group()
def group() -> None:
    """The public figures of cases and ratings."""


@group.command("rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def rebuild(*, as_json: bool) -> None:
    """Work out every figure anew from the cases."""
    count = ratings.rebuild_figures()
    click.echo(json.dumps({"cases": count}) if as_json else f"已从 {count} 件办件重新计算")

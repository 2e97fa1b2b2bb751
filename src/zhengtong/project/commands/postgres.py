"""``zhengtong postgres``: the embedded database."""

from __future__ import annotations

import click

from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres


@click.group()
def group() -> None:
    """The embedded PostgreSQL below ZHENGTONG_VAR."""


@group.command()
def start() -> None:
    """Start it and print its address."""
    click.echo(EmbeddedPostgres.under(environment().var).start())


@group.command()
def stop() -> None:
    """Stop it; the data stays."""
    EmbeddedPostgres.under(environment().var).stop()

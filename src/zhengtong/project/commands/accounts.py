"""``zhengtong accounts``: the first administrators, and the way back in when nobody else can help."""

from __future__ import annotations

import click

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock

_ACTOR = "process:cli"


@click.group("accounts")
def group() -> None:
    """Accounts: add administrators, reset passwords, unlock. Every act stands in the ledger."""


@group.command("add-admin")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--duty", required=True, type=click.Choice(["system", "security", "audit"]), help="One of the three duties.")
def add_admin(username: str, name: str, duty: str) -> None:
    """Add an administrator and print a one-time password; they choose their own, and a second factor, at the first sign-in."""
    _id, password = identity.add_account_with_password(by=_ACTOR, username=username, name=name, duty=identity.Duty(duty), now=clock.now())
    click.echo(f"{username} 的一次性密码(只显示这一次): {password}")


@group.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """Give an account a one-time password; its sessions end."""
    password = identity.reset_password(actor=_ACTOR, account_id=identity.account_named(username).id, now=clock.now())
    click.echo(f"{username} 的一次性密码(只显示这一次): {password}")


@group.command()
@click.argument("username")
def unlock(username: str) -> None:
    """Let an account sign in again that failed too often."""
    identity.unlock(actor=_ACTOR, username=username, now=clock.now())
    click.echo(f"{username} 已解锁")

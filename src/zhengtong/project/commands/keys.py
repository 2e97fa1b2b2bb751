"""
``zhengtong keys``: make, show and rotate the node's keys.

Threat model: see ``toolkit.keys``. No secret is ever printed. A rotation is recorded under the old key, which so vouches for the new one.
"""

from __future__ import annotations

import json

import click

from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.signing import Scheme
from zhengtong.kernel import clock
from zhengtong.toolkit import keys
from zhengtong.toolkit.environment import environment


@click.group("keys")
def group() -> None:
    """The node's keys: make, show, rotate."""


@group.command()
def init() -> None:
    """Make the key files that are missing; what is there stays."""
    made = keys.make_missing(environment().keys, environment().scheme)
    click.echo(f"{environment().keys}: 已生成 {'、'.join(made)}" if made else f"{environment().keys}: 密钥齐全")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def show(*, as_json: bool) -> None:
    """Show the public key and the older ones that are still trusted; never a secret."""
    found = keys.read(environment().keys)
    rows = [
        {"key_id": key_id, "scheme": key.scheme.value, "public": key.raw.hex(), "signs": key_id == found.signing.key_id}
        for key_id, key in found.trusted.items()
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['key_id']} {row['scheme']} {row['public']} {'(现用)' if row['signs'] else '(旧,仍受信任)'}")


@group.command()
@click.option("--scheme", type=click.Choice([one.value for one in Scheme]), help="Scheme of the new key; ZHENGTONG_SCHEME if not given.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rotate(*, scheme: str | None, yes: bool) -> None:
    """Sign with a new key; the old public key moves to trusted/, so that what it signed still verifies."""
    if not yes:
        click.confirm("轮换签名密钥?完成后须重启全部进程", abort=True)
    old, new = security.rotate_key(scheme=Scheme(scheme or environment().scheme), now=clock.now(), actor="process:cli")
    click.echo(f"{old} → {new};旧公钥已移入 trusted/。请重启 web、gateway 和 worker。")

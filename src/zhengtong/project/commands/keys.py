"""
``zhengtong keys``: make, show and rotate the keys of the node and its gateways.

Threat model: see ``toolkit.keys``. No secret is ever printed. A rotation is recorded under the node's old key, which so vouches for the new
one; processes that run take it up.
"""

from __future__ import annotations

import json

import click

from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.signing import Scheme
from zhengtong.kernel import clock
from zhengtong.toolkit import keys, token_keys
from zhengtong.toolkit.environment import environment


@click.group("keys")
def group() -> None:
    """The keys of the node and its gateways: make, show, rotate."""


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
    signing = {found.signing.key_id, keys.signing_key(environment().keys, "gateway.key").key_id}
    rows = [
        {"key_id": key_id, "use": use, "scheme": key.scheme.value, "public": key.raw.hex(), "signs": key_id in signing}
        for use, listed in (("node", found.trusted), ("gateway", found.gateways))
        for key_id, key in listed.items()
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['use']} {row['key_id']} {row['scheme']} {row['public']} {'(现用)' if row['signs'] else '(旧,仍受信任)'}")


@group.command("rotate-sign-on")
@click.option("--stolen", is_flag=True, help="Believe nothing any more that the old key signed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rotate_sign_on(*, stolen: bool, yes: bool) -> None:
    """Sign what other systems are told about who has signed in with a new key from now on."""
    if not yes:
        click.confirm("轮换统一登录的签名密钥?", abort=True)
    now = clock.now()
    old, new = token_keys.rotate_token_key(stolen=stolen)
    security.record("signon:key:rotated", at=now, actor="process:cli", detail={"old": old, "new": new, "stolen": stolen})
    click.echo(f"{old} → {new};运行中的进程即时改用新密钥" + (",旧密钥不再可信" if stolen else ",旧签名仍可核验"))


@group.command()
@click.option("--scheme", type=click.Choice([one.value for one in Scheme]), help="Scheme of the new key; ZHENGTONG_SCHEME if not given.")
@click.option("--gateway", is_flag=True, help="The key of the gateways instead of the node's.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rotate(*, scheme: str | None, gateway: bool, yes: bool) -> None:
    """Sign with a new key from now on, in running processes as well; what the old one signed still verifies."""
    if not yes:
        click.confirm("轮换网关的签名密钥?" if gateway else "轮换节点的签名密钥?", abort=True)
    change = security.rotate_gateway_key if gateway else security.rotate_key
    old, new = change(scheme=Scheme(scheme or environment().scheme), now=clock.now(), actor="process:cli")
    click.echo(f"{old} → {new};运行中的进程数秒内改用新密钥,旧签名仍可核验")
    if gateway:
        click.echo("单独部署的网关需要把新的 gateway.key 复制过去;节点密钥轮换后则复制 trusted/")

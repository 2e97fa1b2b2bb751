"""
``zhengtong signon``: systems whose users sign in here, from the command line of the server.

Threat model: see ``signon.operations.systems``. Whoever runs this is the installation's operator; it needs no second person, and stands in
the ledger as ``process:cli``. A secret is printed once and kept as a digest.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import click
import uvicorn

from zhengtong.apps.foundation.signon import api as signon
from zhengtong.kernel import clock
from zhengtong.project import ports
from zhengtong.project.demo import relying
from zhengtong.toolkit.environment import environment

_ACTOR = "process:cli"


@click.group("signon")
def group() -> None:
    """Systems whose users sign in here with OpenID Connect."""


@group.command()
@click.argument("client_id")
@click.option("--name", required=True, help="What people see.")
@click.option("--office", required=True, help="The 18-digit code of the office that keeps it.")
@click.option("--redirect", "redirects", required=True, multiple=True, help="Where answers go, to the letter; may be given several times.")
@click.option("--post-logout", "post_logouts", multiple=True, help="Where people go after signing out.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(["profile", "office"]), help="What it may know besides the subject.")
@click.option("--sector", default="", help="Within which a person has one subject (default: the host of the redirect addresses).")
@click.option("--consent", is_flag=True, help="Ask people before the first sign-in; not for a department's own system.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def add(
    client_id: str,
    *,
    name: str,
    office: str,
    redirects: tuple[str, ...],
    post_logouts: tuple[str, ...],
    scopes: tuple[str, ...],
    sector: str,
    consent: bool,
    as_json: bool,
) -> None:
    """Add a system, or make an existing one so; a new one gets its first secret, printed once."""
    new = all(one.client_id != client_id for one in signon.systems())
    now = clock.now()
    signon.add_system(
        by=_ACTOR,
        now=now,
        client_id=client_id,
        name=name,
        office=office,
        redirect_uris=redirects,
        post_logout_redirect_uris=post_logouts,
        scopes=scopes,
        sector=sector,
        asks_consent=consent,
    )
    made = signon.add_secret(by=_ACTOR, client_id=client_id, now=now) if new else None
    _print(client_id, made, as_json=as_json)


@group.command("rotate-secret")
@click.argument("client_id")
@click.option("--overlap-days", type=click.IntRange(0, 90), default=7, show_default=True, help="How long the older secrets go on.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def rotate_secret(client_id: str, *, overlap_days: int, as_json: bool) -> None:
    """Give a system a new secret, printed once; older ones end after the overlap."""
    made = signon.add_secret(by=_ACTOR, client_id=client_id, now=clock.now(), overlap=timedelta(days=overlap_days))
    _print(client_id, made, as_json=as_json)


def _print(client_id: str, made: signon.NewSecret | None, *, as_json: bool) -> None:
    if as_json:
        told = {"client_id": client_id} | ({"secret_id": made.id, "client_secret": made.secret} if made else {})
        click.echo(json.dumps(told))
    elif made:
        click.echo(f"{client_id} 的 client_secret(只显示这一次): {made.secret}")
    else:
        click.echo(f"{client_id} 已变更,密钥不变")


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def show(*, as_json: bool) -> None:
    """Show the systems; never a secret."""
    rows = [{"client_id": one.client_id, "name": one.name, "office": one.office, "active": one.is_active} for one in signon.systems()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['client_id']} {row['name']} {row['office']} {'' if row['active'] else '(已暂停)'}")


@group.command()
def demo() -> None:
    """Run the systems of two departments of the demo city; open them in a browser and sign in. Ctrl-C stops them."""
    serving = [
        uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=one.port, log_level="warning", lifespan="off"))
        for one, app in relying.apps(environment().issuer or ports.WEB)
    ]
    for one in relying.DEPARTMENTS:
        click.echo(f"{one.name}  {one.origin}/" + ("(首次登录前请本人同意)" if one.asks_consent else ""))

    async def run() -> None:
        await asyncio.gather(*(server.serve() for server in serving))

    asyncio.run(run())

"""``zhengtong``: one command for operators; ``--json`` for machines, progress bars for people."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import os
import pkgutil
import sys

import click

from zhengtong.kernel.errors import ZhengtongError
from zhengtong.project.ports import GATEWAY_PORT, WEB_PORT, WORKER_PORT, require_free
from zhengtong.toolkit import logs
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import make_missing
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

_EXIT_REFUSED = 2


def prepare_environment() -> EmbeddedPostgres | None:
    """
    Give every process of this installation the same settings, and start the embedded database where no other is named.

    Returns that database, or None when ``DATABASE_URL`` points elsewhere.
    """
    settings = environment()
    settings.var.mkdir(parents=True, exist_ok=True)
    make_missing(settings.keys, settings.scheme)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhengtong.project.settings")
    defaults = {
        "ZHENGTONG_VAR": settings.var,
        "ZHENGTONG_KEYS": settings.keys,
        "ZHENGTONG_NODE": settings.node,
        "ZHENGTONG_DIGEST": settings.digest,
        "ZHENGTONG_GATEWAY_PORT": GATEWAY_PORT,
        "ZHENGTONG_GATEWAY_STATE": settings.var / "gateway",
        # in memory, and each installation of a machine its own
        "ZHENGTONG_GATEWAY_SHARED": f"/dev/shm/zhengtong-{hashlib.sha256(bytes(settings.var)).hexdigest()[:12]}",  # noqa: S108 - made 0700
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, str(value))
    if settings.database_url:
        return None
    server = EmbeddedPostgres.under(settings.var)
    os.environ["DATABASE_URL"] = server.start()
    environment.cache_clear()
    return server


def prepare_django() -> EmbeddedPostgres | None:
    """As :func:`prepare_environment`, and Django set up."""
    server = prepare_environment()
    import django  # noqa: PLC0415 - Django reads its settings, and so the environment, when it is set up

    django.setup()
    return server


class Commands(click.Group):
    """Loads a group of commands from ``project/commands`` when it is called, and turns our errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands here and the groups in the folder."""
        folder = importlib.import_module("zhengtong.project.commands").__path__
        return sorted({*super().list_commands(ctx), *(module.name for module in pkgutil.iter_modules(folder))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by name; groups are imported with Django set up."""
        found = super().get_command(ctx, cmd_name)
        if found is not None or cmd_name not in self.list_commands(ctx):
            return found
        prepare_django()
        group = importlib.import_module(f"zhengtong.project.commands.{cmd_name}").group
        return group if isinstance(group, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error of ours ends it with its sentence and remedy."""
        try:
            return super().invoke(ctx)
        except ZhengtongError as exc:
            click.echo(f"✕ {exc.sentence}" + (f"\n  {exc.remedy}" if exc.remedy else ""), err=True)
            ctx.exit(_EXIT_REFUSED)


@click.group(cls=Commands)
@click.version_option(package_name="zhengtong")
def main() -> None:
    """政通: government data shared under lawful grants."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=WEB_PORT, show_default=True)
@click.option("--processes", type=int, help="processes that share the port (default: ZHENGTONG_WEB_PROCESSES)")
def web(host: str, port: int, processes: int | None) -> None:
    """Serve the control plane."""
    prepare_environment()
    from zhengtong.project import serving  # noqa: PLC0415 - what it starts reads the environment just prepared

    settings = environment()
    number = serving.processes_for(settings, processes)
    serving.serve(host=host, port=port, processes=number, metrics=settings.var / "metrics" / f"web-{port}")


@main.command()
def gateway() -> None:
    """Serve the data plane."""
    prepare_environment()
    from zhengtong.gateway.main import run  # noqa: PLC0415 - reads its settings from the environment just prepared

    run()


@main.command()
@click.option("--port", default=WORKER_PORT, show_default=True, help="health and metrics")
def worker(port: int) -> None:
    """Run exchanges, clocks and everything that turns by itself."""
    # the databases at both ends of an exchange need the other cores
    os.environ.setdefault("POLARS_MAX_THREADS", "2")
    prepare_django()
    logs.configure(process="worker")
    from zhengtong.project import worker as working  # noqa: PLC0415 - needs Django set up

    asyncio.run(working.run(port=port))


@main.command()
def migrate() -> None:
    """Bring the database to this version."""
    prepare_django()
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up

    call_command("migrate", verbosity=1, interactive=False)


@main.command()
@click.option("--json", "as_json", is_flag=True)
def check(*, as_json: bool) -> None:
    """Tell what is wrong and how to mend it."""
    prepare_django()
    from zhengtong.project import readiness  # noqa: PLC0415 - needs Django set up

    found = readiness.findings()
    if as_json:
        click.echo(json.dumps([vars(one) for one in found], ensure_ascii=False))
    else:
        marks = {"ok": "✓", "warning": "!", "error": "✕"}
        for one in found:
            click.echo(f"{marks[one.level]} {one.name}:{one.sentence}" + (f"\n    → {one.remedy}" if one.remedy else ""))
    sys.exit(1 if any(one.level == "error" for one in found) else 0)


@main.command()
def up() -> None:
    """Start web, gateway and worker; Ctrl-C stops everything."""
    require_free()
    server = prepare_django()
    logs.configure(process="up")
    from zhengtong.project.launching import serve  # noqa: PLC0415 - needs Django set up

    serve(server)


@main.command()
@click.option("--scale", type=click.Choice(["tiny", "small", "city"]), default="small", show_default=True)
@click.option("--once", is_flag=True, help="stop after the self-check")
def demo(*, scale: str, once: bool) -> None:
    """Bring up the demo city, prove the loop, and serve it."""
    require_free()
    os.environ.setdefault("ZHENGTONG_DEMO", "1")
    server = prepare_django()
    logs.configure(process="demo")
    from zhengtong.project import launching  # noqa: PLC0415 - needs Django set up

    sys.exit(launching.demo(server, scale=scale, once=once))


if __name__ == "__main__":
    main()

"""``zhengtong ledger``: verify, export, unfold and expire the ledger."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock

_SHOWN = 50


@click.group("ledger")
def group() -> None:
    """The ledger: verify, export, unfold, expire."""


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def verify(*, as_json: bool) -> None:
    """Verify every chain, block by block; exit code 1 if anything is wrong."""
    if as_json:
        checked, findings = security.verify()
        click.echo(json.dumps({"blocks": checked, "findings": [asdict(one) for one in findings]}, ensure_ascii=False))
    else:
        total = security.kept_blocks()
        with click.progressbar(length=total, label="核验") as bar:
            checked, findings = security.verify(progress=lambda done: bar.update(done - bar.pos))
            bar.update(total - bar.pos)
        for one in findings[:_SHOWN]:
            click.echo(f"{one.chain} {one.height} {one.kind}: {one.sentence}", err=True)
        click.echo(f"已核验 {checked} 块,发现 {len(findings)} 处问题")
    raise SystemExit(1 if findings else 0)


@group.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(folder: Path) -> None:
    """Export the ledger into FOLDER, where verify_ledger.py checks it on any machine."""
    click.echo(f"已导出 {security.export(folder)} 块到 {folder}")


@group.command()
def unfold() -> None:
    """Make new blocks searchable."""
    total = 0
    while count := security.unfold():
        total += count
    click.echo(f"已展开 {total} 条")


@group.command()
@click.option("--keep-months", type=int, default=security.USUAL_MONTHS, show_default=True, help="Whole months to keep; six at least.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def expire(*, keep_months: int, yes: bool) -> None:
    """Export, then remove, the months past retention; each is verified first, and its end is recorded."""
    if not yes:
        click.confirm(f"清除 {keep_months} 个月以前的账本(先导出到文件库)?", abort=True)
    gone = security.expire_months(keep_months=keep_months, now=clock.now(), actor="process:cli")
    for one in gone:
        click.echo(f"{one.month}: {one.blocks} 块已导出到 {one.folder} 并清除")
    if not gone:
        click.echo("没有超过保留期的月份")

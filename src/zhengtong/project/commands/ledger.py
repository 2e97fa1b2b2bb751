"""``zhengtong ledger``: verify, export, unfold and expire the ledger, and write its heads out."""

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
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Heads that were kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def verify(*, against: Path | None, as_json: bool) -> None:
    """Verify every chain, block by block; exit code 1 if anything is wrong."""
    kept = _read_heads(against) if against else {}
    if as_json:
        checked, findings = security.verify(kept=kept)
        click.echo(json.dumps({"blocks": checked, "findings": [asdict(one) for one in findings]}, ensure_ascii=False))
    else:
        total = security.kept_blocks()
        with click.progressbar(length=total, label="核验") as bar:
            checked, findings = security.verify(kept=kept, progress=lambda done: bar.update(done - bar.pos))
            bar.update(total - bar.pos)
        for one in findings[:_SHOWN]:
            click.echo(f"{one.chain} {one.height} {one.kind}: {one.sentence}", err=True)
        click.echo(f"已核验 {checked} 块,发现 {len(findings)} 处问题")
    raise SystemExit(1 if findings else 0)


def _read_heads(file: Path) -> dict[str, tuple[int, str]]:
    try:
        return {chain: (int(height), str(hash_)) for chain, (height, hash_) in json.loads(file.read_text()).items()}
    except (ValueError, TypeError, AttributeError) as exc:
        raise click.BadParameter(f"{file} 不是链头文件", param_hint="--against") from exc


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
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def heads(file: Path) -> None:
    """Write where every chain stands into FILE, to be kept elsewhere; ``verify --against`` and verify_ledger.py compare with it."""
    found = security.chain_heads()
    file.write_text(json.dumps({one.chain: [one.height, one.hash] for one in found}))
    click.echo(f"{len(found)} 条链的链头已写入 {file};请保存在别处")


@group.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def expire(*, yes: bool) -> None:
    """Export, then remove, the months past retention, as the worker does by itself; each is verified first, and its end is recorded."""
    kept = security.retention()
    if not yes:
        click.confirm(f"清除 {kept.months} 个月以前的账本(先导出到文件库)?", abort=True)
    gone = security.expire_months(kept=kept, now=clock.now(), actor="process:cli")
    for one in gone:
        click.echo(f"{one.month}: {one.blocks} 块已导出到 {one.folder} 并清除")
    if not gone:
        click.echo("没有超过保留期的月份")

"""What must answer before a process is ready, and what ``zhengtong check`` tells: each with the remedy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from zhengtong.kernel import clock
from zhengtong.toolkit import keys
from zhengtong.toolkit.environment import environment

_LEAST_FREE_BYTES = 2 * 2**30
_MOST_DRIFT = timedelta(seconds=30)
_OLDEST_SERVER = 150_000


def database() -> str:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError as exc:
        return f"数据库不应答:{type(exc).__name__}"
    return ""


def migrations() -> str:
    """No migration is pending."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as exc:
        return f"数据库不应答:{type(exc).__name__}"
    return f"有 {len(pending)} 个迁移未执行" if pending else ""


#: what a process needs to be ready
CHECKS: Mapping[str, Callable[[], str]] = {"database": database}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``level`` is ok, warning or error."""

    name: str
    level: str
    sentence: str
    remedy: str = ""


def findings() -> list[Finding]:
    """Everything that an operator should know, in the order of looking."""
    found = [_server()]
    if found[0].level == "error":
        return found
    pending = migrations()
    found.append(Finding("迁移", "error", pending, "运行 zhengtong migrate") if pending else Finding("迁移", "ok", "都已执行"))
    return [*found, _clock(), _disk(), _calendar(), _keys(), _retention()]


def _server() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version_num')::int, current_setting('server_version')")
            number, text = cursor.fetchone() or (0, "")
    except DatabaseError as exc:
        return Finding("数据库", "error", f"不应答:{exc}", "检查 DATABASE_URL,或运行 zhengtong postgres start")
    if number < _OLDEST_SERVER:
        return Finding("数据库", "error", f"PostgreSQL {text} 过旧", "升级到 15 或更新")
    return Finding("数据库", "ok", f"PostgreSQL {text}")


def _clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        row = cursor.fetchone()
    drift = abs(clock.now() - row[0]) if row else timedelta()
    if drift > _MOST_DRIFT:
        return Finding("时钟", "error", f"与数据库相差 {drift.total_seconds():.0f} 秒", "用 NTP 校准两台机器的时钟;签名窗口会因此失效")
    return Finding("时钟", "ok", "与数据库一致")


def _disk() -> Finding:
    free = shutil.disk_usage(environment().var).free
    sentence = f"{environment().var} 余 {free / 2**30:.1f} GiB"
    return Finding("磁盘", "ok", sentence) if free > _LEAST_FREE_BYTES else Finding("磁盘", "warning", sentence, "清理或扩容")


def _calendar() -> Finding:
    from zhengtong.apps.foundation.calendar import api as working_days  # noqa: PLC0415 - web reads its checks before the apps are ready

    year = clock.today().year
    settled = working_days.current().settled_years
    if year not in settled:
        return Finding("工作日历", "error", f"{year} 年的放假安排没有录入", "在工作日历中录入国务院办公厅通知")
    if year + 1 not in settled:
        return Finding("工作日历", "warning", f"{year + 1} 年的放假安排尚未公布,跨年期限按周末暂算并标明", "公布后录入")
    return Finding("工作日历", "ok", f"已录入到 {max(settled)} 年")


def _keys() -> Finding:
    try:
        found = keys.read(environment().keys)
    except keys.KeysMissing as exc:
        return Finding("密钥", "error", exc.sentence, exc.remedy)
    loose = [path.name for path in environment().keys.glob("*.key") if path.stat().st_mode & 0o077]
    if loose:
        return Finding("密钥", "error", f"{'、'.join(loose)} 可被他人读取", f"chmod 600 {environment().keys}/*.key")
    return Finding("密钥", "ok", f"{found.signing.scheme},密钥号 {found.signing.key_id}")


def _retention() -> Finding:
    from zhengtong.apps.foundation.security import api as security  # noqa: PLC0415 - web reads this module before Django is set up

    try:
        kept = security.retention()
    except security.TooShort as exc:
        return Finding("账本保存", "error", exc.sentence, f"{exc.field} {exc.remedy};在此之前不会清除任何月份")
    return Finding("账本保存", "ok", f"使用记录 {kept.use} 个月,管理操作 {kept.acts} 个月;整月清除,以较长者为准")

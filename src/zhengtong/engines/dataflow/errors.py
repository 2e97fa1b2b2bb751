"""
Failures of an exchange: whether to try again is their type, who has to act is their party.

``classify`` turns what a driver raised into one of them. Sentences are built from the SQLSTATE, never from the driver's own text, because
that text quotes rows ("Key (id_no)=(…)") and statements, and failures are logged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import adbc_driver_manager
import psycopg

from zhengtong.kernel.errors import Invalid, Party, ZhengtongError
from zhengtong.kernel.sentences import say


class ExchangeFailure(ZhengtongError):
    """The exchange did not finish."""

    code = "exchange-failed"
    party = Party.PLATFORM
    status = 500

    def __init__(self, sentence: str = "", *, field: str = "", remedy: str = "", sqlstate: str = "") -> None:
        super().__init__(sentence, field=field, remedy=remedy)
        self.sqlstate = sqlstate


class TransientFailure(ExchangeFailure):
    """The same run can succeed later without anybody changing anything; the caller retries with a growing pause."""

    code = "exchange-interrupted"
    status = 503


class TerminalFailure(ExchangeFailure):
    """The run cannot succeed until somebody mends its cause; retrying is of no use."""

    code = "exchange-refused"


class ProviderUnavailable(TransientFailure):
    """The source system does not answer at the moment."""

    code = "provider-unavailable"
    party = Party.PROVIDER


class PlatformUnavailable(TransientFailure):
    """The platform's database does not answer at the moment."""

    code = "platform-unavailable"


class ClientUnavailable(TransientFailure):
    """The receiver's front database does not answer at the moment."""

    code = "client-unavailable"
    party = Party.CLIENT


class ProviderRefused(TerminalFailure):
    """The source system refuses, or does not hold what was agreed."""

    code = "provider-refused"
    party = Party.PROVIDER


class PlatformRefused(TerminalFailure):
    """The platform's database refuses, or the job does not fit it."""

    code = "platform-refused"


class ClientRefused(TerminalFailure):
    """The receiver's front database refuses, or does not fit the grant."""

    code = "client-refused"
    party = Party.CLIENT


class AlreadyRunning(TransientFailure):
    """Another worker is on this job."""

    code = "exchange-already-running"


class NotReconciled(TerminalFailure):
    """The rows counted at the source and the rows accounted for at the target differ; nothing may be called finished."""

    code = "exchange-not-reconciled"


class UnreadableFile(ProviderRefused):
    """The file cannot be read as a table."""

    code = "unreadable-file"
    status = 422


class BadPlan(Invalid):
    """The job contradicts itself or the tables it names."""

    code = "bad-exchange-plan"


_UNAVAILABLE: dict[Party, type[TransientFailure]] = {
    Party.PROVIDER: ProviderUnavailable,
    Party.PLATFORM: PlatformUnavailable,
    Party.CLIENT: ClientUnavailable,
}
_REFUSED: dict[Party, type[TerminalFailure]] = {
    Party.PROVIDER: ProviderRefused,
    Party.PLATFORM: PlatformRefused,
    Party.CLIENT: ClientRefused,
}
_WHO_LABELS = {Party.PROVIDER: "来源系统数据库", Party.PLATFORM: "平台数据库", Party.CLIENT: "接收方前置库"}


def unavailable(party: Party, sentence: str, *, remedy: str = "", sqlstate: str = "") -> TransientFailure:
    """A failure of ``party`` that may pass by itself."""
    return _UNAVAILABLE[party](sentence, remedy=remedy, sqlstate=sqlstate)


def refused(party: Party, sentence: str, *, remedy: str = "", field: str = "", sqlstate: str = "") -> TerminalFailure:
    """A failure that ``party`` has to mend."""
    return _REFUSED[party](sentence, remedy=remedy, field=field, sqlstate=sqlstate)


@dataclass(frozen=True)
class _Cause:
    transient: bool
    sentence: str
    remedy: str


def _passing(sentence: str, remedy: str) -> _Cause:
    return _Cause(transient=True, sentence=sentence, remedy=remedy)


def _lasting(sentence: str, remedy: str) -> _Cause:
    return _Cause(transient=False, sentence=sentence, remedy=remedy)


#: by SQLSTATE, else by its class (the first two characters)
_CAUSES: dict[str, _Cause] = {
    "08": _passing("连接中断", "检查网络与数据库服务,稍后自动重试"),
    "40": _passing("事务与其他写入冲突", "无需处理,稍后自动重试"),
    "53": _passing("资源不足(连接数、内存或磁盘)", "释放连接或扩大磁盘,稍后自动重试"),
    "53300": _passing("连接数已满", "提高 max_connections 或关闭闲置连接"),
    "53100": _passing("磁盘已满", "清理或扩大数据库所在磁盘"),
    "55P03": _passing("表被其他事务锁定", "等待占用结束,稍后自动重试"),
    "57": _passing("服务停止、重启或取消了查询", "确认服务已恢复,稍后自动重试"),
    "57014": _passing("查询超过了时限", "提高 statement_timeout 或为排序列建立索引"),
    "58": _passing("服务器系统错误", "查看数据库服务器日志"),
    "25006": _passing("当前是只读副本", "改连主库,或等待主备切换结束"),
    "72000": _passing("快照过旧", "无需处理,稍后自动重试"),
    "28": _lasting("账户或口令不被接受", "核对账户、口令与 pg_hba.conf 的许可"),
    "3D000": _lasting("没有这个数据库", "核对连接中的库名"),
    "3F000": _lasting("没有这个模式", "核对表名前的模式名"),
    "42501": _lasting("账户没有所需的权限", "授予来源表 SELECT,或目标表 SELECT、INSERT、UPDATE"),
    "42P01": _lasting("表不存在", "核对表名;表若已改名,请更新挂接"),
    "42703": _lasting("列不存在", "核对列名;列若已改名,请更新映射"),
    "42804": _lasting("列的类型与约定不符", "核对列类型与信息项类型"),
    "42": _lasting("数据库不接受这条语句", "核对表结构与映射"),
    "22": _lasting("有数值无法按约定类型表示", "核对列类型、行范围的取值与信息项类型"),
    "23": _lasting("目标表的约束拒绝了数据", "核对目标表的约束与信息项的规则"),
    "54": _lasting("超出了数据库的限制", "减少列数或缩短文本"),
    "0A": _lasting("数据库版本不支持所需功能", "使用 PostgreSQL 15 或更新"),
}
_LOST = _passing("连接中断", "检查网络与数据库服务,稍后自动重试")
_ODD = _lasting("出现意外的数据库错误", "查看数据库服务器日志")

#: connection refusals reach libpq clients as text without an SQLSTATE
_CONNECT_TEXT: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied|no pg_hba\.conf entry|authentication failed|role .* does not exist", "28"),
    (r"database .* does not exist", "3D000"),
    (r"too many (clients|connections)|remaining connection slots", "53300"),
    (r"starting up|shutting down|recovery mode|not yet accepting", "57"),
)


def sqlstate_of(error: BaseException) -> str:
    """The five characters of SQLSTATE behind a driver's error, or of what its text gives away; empty if unknown."""
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str) and state.strip("\0"):
        return state
    text = str(error)
    if "FATAL" in text or "no password supplied" in text:
        for pattern, implied in _CONNECT_TEXT:
            if re.search(pattern, text):
                return implied
    return ""


#: what ``classify`` accepts
DRIVER_ERRORS: tuple[type[Exception], ...] = (psycopg.Error, adbc_driver_manager.Error)


def classify(error: BaseException, party: Party) -> ExchangeFailure:
    """
    Name what a driver raised: transient or terminal, and whose.

    :param party: whose database raised it.
    """
    if isinstance(error, ExchangeFailure):
        return error
    state = sqlstate_of(error)
    cause = _CAUSES.get(state) or _CAUSES.get(state[:2])
    if cause is None:
        lost = isinstance(error, psycopg.OperationalError | adbc_driver_manager.OperationalError)
        cause = _LOST if lost or isinstance(error, adbc_driver_manager.Error) else _ODD
    sentence = say("{who}:{what}", who=say(_WHO_LABELS[party]), what=say(cause.sentence))
    if cause.transient:
        return unavailable(party, sentence, remedy=cause.remedy, sqlstate=state)
    return refused(party, sentence, remedy=cause.remedy, sqlstate=state)

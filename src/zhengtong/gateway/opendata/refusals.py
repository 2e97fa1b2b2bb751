"""What open rows say no with, beside what every gateway does."""

from __future__ import annotations

from typing import ClassVar

from zhengtong.gateway.refusals import Refusal


class Busy(Refusal):
    """现在问的人多,请稍后再试。"""

    code = "busy"
    status = 429
    retry_after = 1


class DatasetUnknown(Refusal):
    """没有这个开放数据集。"""

    code = "dataset-unknown"
    status: ClassVar[int] = 404


class DatasetGone(Refusal):
    """这个数据集已停止开放。"""

    code = "dataset-gone"
    status: ClassVar[int] = 410


class ConditionalOnly(Refusal):
    """这个数据集有条件开放:请先申请,同意并签订协议后凭密钥取用。"""

    code = "dataset-conditional"
    status: ClassVar[int] = 403


class VersionGone(Refusal):
    """这一版的数据行已不能在线查询。"""

    code = "version-gone"
    status: ClassVar[int] = 410


class KeyRefused(Refusal):
    """密钥不对、已到期或已注销。"""

    code = "key-refused"
    status: ClassVar[int] = 401
    lines = b'www-authenticate: Bearer realm="zhengtong-open"\r\n'


class KeyBlocked(Refusal):
    """密钥已被主管部门停用。"""

    code = "key-blocked"
    status: ClassVar[int] = 403


class GrantStopped(Refusal):
    """授权现在不能使用。"""

    code = "access-grant-stopped"
    status: ClassVar[int] = 403


class ItemsGone(Refusal):
    """授权的信息项不在现在的版本里。"""

    code = "granted-items-gone"
    status: ClassVar[int] = 403


class TooMany(Refusal):
    """今天的次数已用完,请明天再来。"""

    code = "too-many"
    status: ClassVar[int] = 429

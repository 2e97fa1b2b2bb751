"""
Every reason for which the gateway says no: one class, one stable code, one HTTP status, one party that has to act.

The codes are part of the protocol and of the ledger; they never change meaning.
"""

from __future__ import annotations

from typing import ClassVar

from zhengtong.kernel.errors import Party, ZhengtongError


class Refusal(ZhengtongError):
    """The gateway refuses."""

    #: whether the trace is a counter (one entry a second and address) instead of an entry of its own, so that nobody can fill the ledger
    counted: ClassVar[bool] = False
    #: seconds after which a repetition makes sense; 0: never, as it is
    retry_after: int = 0
    #: header lines that go with the refusal, each ending in CRLF
    lines: bytes = b""


# --------------------------------------------------------------------------- who is calling
class Unidentified(Refusal):
    """不能识别调用方。"""

    code = "unidentified"
    status = 401
    counted = True


class SignatureMissing(Unidentified):
    """请求没有签名。"""

    code = "signature-missing"


class SignatureMalformed(Unidentified):
    """签名头的写法不正确。"""

    code = "signature-malformed"
    status = 400


class SignatureIncomplete(Unidentified):
    """签名没有覆盖必须覆盖的部分。"""

    code = "signature-incomplete"


class UnknownKey(Unidentified):
    """没有这个密钥,或密钥已经停用。"""

    code = "unknown-key"


class KeyExpired(Unidentified):
    """密钥已经过期。"""

    code = "key-expired"


class WrongSignature(Unidentified):
    """签名不正确。"""

    code = "wrong-signature"


class SignatureExpired(Unidentified):
    """签名时间不在允许的范围内。"""

    code = "signature-expired"


class DigestMismatch(Unidentified):
    """请求体与 Content-Digest 不符。"""

    code = "digest-mismatch"
    status = 400


class DuplicateHeader(Unidentified):
    """请求头重复出现。"""

    code = "duplicate-header"
    status = 400


class Replayed(Unidentified):
    """这个请求已经用过一次。"""

    code = "replayed"
    status = 409


# --------------------------------------------------------------------------- what the caller may do
class Forbidden(Refusal):
    """您无权这样做。"""

    code = "forbidden"
    status = 403


class NetworkRefused(Forbidden):
    """不允许从这个网络地址调用。"""

    code = "network-refused"


class NoGrant(Forbidden):
    """没有这个信息资源,或没有对它的授权。"""

    code = "no-grant"


class GrantSuspended(Forbidden):
    """授权已被暂停。"""

    code = "grant-suspended"
    party = Party.PROVIDER


class GrantTerminated(Forbidden):
    """授权已经终止。"""

    code = "grant-terminated"


class GrantExpired(Forbidden):
    """授权已经到期。"""

    code = "grant-expired"


class GrantNotYet(Forbidden):
    """授权尚未生效。"""

    code = "grant-not-yet"


class WrongChannel(Forbidden):
    """授权不包括这种共享方式。"""

    code = "wrong-channel"


class ServiceMismatch(Forbidden):
    """服务编号与信息资源不符。"""

    code = "service-mismatch"


class PurposeMissing(Refusal):
    """请求没有写明用途。"""

    code = "purpose-missing"


class PurposeMalformed(Refusal):
    """用途的写法不正确。"""

    code = "purpose-malformed"


class PurposeRefused(Forbidden):
    """授权不包括这个用途。"""

    code = "purpose-refused"


class ForeignItem(Forbidden):
    """授权不包括这个信息项。"""

    code = "foreign-item"


class NotFilterable(Forbidden):
    """这个信息项不能作为查询条件。"""

    code = "not-filterable"


class MaskedRange(Forbidden):
    """脱敏的信息项只能用相等条件查询。"""

    code = "masked-range"


class RateExceeded(Refusal):
    """调用太快。"""

    code = "rate-exceeded"
    status = 429
    counted = True


class QuotaExhausted(Refusal):
    """今天的调用次数已经用完。"""

    code = "quota-exhausted"
    status = 429
    counted = True


# --------------------------------------------------------------------------- how the question is put
class BadQuery(Refusal):
    """查询参数的写法不正确。"""

    code = "bad-query"


class BadValue(Refusal):
    """查询条件的值不正确。"""

    code = "bad-value"


class FilterRequired(Refusal):
    """必须给出规定的查询条件。"""

    code = "filter-required"


class TooManyFilters(Refusal):
    """查询条件太多。"""

    code = "too-many-filters"


class PageTooLarge(Refusal):
    """每页行数超过授权。"""

    code = "page-too-large"


class BadCursor(Refusal):
    """翻页标记不正确,或不属于这个查询。"""

    code = "bad-cursor"


class BadBody(Refusal):
    """请求体的写法不正确。"""

    code = "bad-body"


class NotAcceptable(Refusal):
    """不能按要求的格式回答。"""

    code = "not-acceptable"
    status = 406


class NoSuchPath(Refusal):
    """没有这个地址。"""

    code = "no-such-path"
    status = 404
    counted = True


class WrongMethod(Refusal):
    """这个地址不接受这种方法。"""

    code = "wrong-method"
    status = 405
    counted = True


class TooLarge(Refusal):
    """请求太大。"""

    code = "too-large"
    status = 413
    counted = True


# --------------------------------------------------------------------------- what the platform cannot do now
class PlatformRefusal(Refusal):
    """平台暂时无法应答。"""

    code = "unavailable"
    party = Party.PLATFORM
    status = 503
    retry_after = 1


class NotReady(PlatformRefusal):
    """路由尚未载入。"""

    code = "not-ready"
    counted = True


class TraceUnavailable(PlatformRefusal):
    """存证账本暂时不能写入,因此不能提供数据。"""

    code = "trace-unavailable"
    counted = True


class DatabaseUnavailable(PlatformRefusal):
    """数据库暂时不能使用。"""

    code = "database-unavailable"
    counted = True


class Overloaded(PlatformRefusal):
    """平台繁忙。"""

    code = "overloaded"
    counted = True


class TableFull(PlatformRefusal):
    """重放检查表或配额表已满。"""

    code = "table-full"
    counted = True


class QueryTimeout(PlatformRefusal):
    """查询时间太长。"""

    code = "query-timeout"


class BindingBroken(Refusal):
    """信息资源的库表与目录不符。"""

    code = "binding-broken"
    party = Party.PROVIDER
    status = 503


class Unexpected(Refusal):
    """平台内部错误。"""

    code = "unexpected"
    party = Party.PLATFORM
    status = 500

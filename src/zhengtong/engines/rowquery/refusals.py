"""Why a question about rows is refused: stable codes, the item concerned, and what to do instead."""

from __future__ import annotations

from zhengtong.kernel.errors import ZhengtongError


class RowRefusal(ZhengtongError):
    """不能这样查询。"""

    code = "bad-query"


class BadQuery(RowRefusal):
    """查询参数的写法不正确。"""

    code = "bad-query"


class UnknownItem(RowRefusal):
    """这个数据集没有这个信息项。"""

    code = "unknown-item"


class BadOperator(RowRefusal):
    """这个信息项不能这样比较。"""

    code = "bad-operator"


class BadValue(RowRefusal):
    """查询条件的值不正确。"""

    code = "bad-value"


class TooManyFilters(RowRefusal):
    """查询条件太多。"""

    code = "too-many-filters"


class PageTooLarge(RowRefusal):
    """一次要的行太多。"""

    code = "page-too-large"


class BadCursor(RowRefusal):
    """翻页标记不正确,或不属于这个查询。"""

    code = "bad-cursor"


class NotIndexed(RowRefusal):
    """行数多的数据集只能按有索引的信息项查询。"""

    code = "not-indexed"


class TooExpensive(RowRefusal):
    """这个查询要读的行太多,没有在规定时间内完成。"""

    code = "too-expensive"

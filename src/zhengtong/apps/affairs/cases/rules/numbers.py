"""Numbers of cases 办件编号: at most 50 characters, unique (GB/T 39046-2020); their structure is the installation's."""

from __future__ import annotations

from datetime import date

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

LONGEST = 50
USUAL = "{region}{organisation}{day}{sequence:05d}"


def prefix(pattern: str, *, region: str, office: str, day: date) -> str:
    """What stands before the running number: by it the database counts. ``office`` is a credit code, of which nine signs count."""
    head, _, _ = pattern.partition("{sequence")
    return head.format(region=region[:6].ljust(6, "0"), organisation=office[8:17], day=f"{day:%Y%m%d}")


def numbered(pattern: str, before: str, sequence: int) -> str:
    """
    The whole number.

    :raises Invalid: if the installation's pattern makes it longer than the standard allows.
    """
    _, mark, tail = pattern.partition("{sequence")
    number = before + f"{mark}{tail}".format(sequence=sequence)
    if len(number) > LONGEST:
        raise Invalid("办件编号超过 50 个字符", field="ZHENGTONG_CASE_NUMBER", remedy="改短编号的格式")
    return number


def check(pattern: str) -> str:
    """
    A pattern that can be used; ``{sequence}`` stands once and last, as what stands before it is what is counted under.

    :raises Invalid: naming the setting.
    """
    try:
        made = numbered(pattern, prefix(pattern, region="370900", office="1" * 18, day=date(2000, 1, 1)), 1)
    except (KeyError, IndexError, ValueError) as exc:
        raise Invalid("办件编号的格式不能用", field="ZHENGTONG_CASE_NUMBER", remedy=say("例如 {usual}", usual=USUAL)) from exc
    if not pattern.partition("{sequence")[1] or "}" in pattern.partition("{sequence")[2].partition("}")[2] or not made:
        raise Invalid("办件编号的格式以 {sequence} 结尾", field="ZHENGTONG_CASE_NUMBER", remedy=say("例如 {usual}", usual=USUAL))
    return pattern

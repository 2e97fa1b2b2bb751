"""全国组织机构代码 GB 11714-1997: eight characters and a check character; since 2015 it lives inside the unified social credit code."""

from __future__ import annotations

from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.sentences import say

LENGTH = 9
_BODY = 8
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "0X987654321"  # by the weighted sum mod 11: C9 = 11 - sum, 10 is X, 11 is 0


def check_character(body: str, *, field: str = "organisation_code") -> str:
    """
    The ninth character of an organisation code.

    :param body: eight characters of ``0-9A-Z``.
    :raises InvalidCode: with rule ``length`` or ``alphabet``.
    """
    if len(body) != _BODY:
        raise InvalidCode(
            say("组织机构代码本体应为 {length} 位,这里是 {count} 位", length=_BODY, count=len(body)),
            field=field,
            rule="length",
            remedy="核对是否漏位或多位",
        )
    try:
        total = sum(_VALUE[character] * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    except KeyError as exc:
        raise InvalidCode("组织机构代码只用数字和大写字母", field=field, rule="alphabet", remedy="改用半角数字和大写字母") from exc
    return _CHECK[total % 11]


def check(code: str, *, field: str = "organisation_code") -> str:
    """
    Return ``code`` if it is a well-formed nine-character organisation code without a hyphen.

    :raises InvalidCode: with rule ``length``, ``alphabet`` or ``check``.
    """
    if len(code) != LENGTH:
        raise InvalidCode(
            say("组织机构代码应为 {length} 位,这里是 {count} 位", length=LENGTH, count=len(code)),
            field=field,
            rule="length",
            remedy="去掉连字符,核对位数",
        )
    if check_character(code[:_BODY], field=field) != code[_BODY]:
        raise InvalidCode("组织机构代码的校验码不符", field=field, rule="check", remedy="与登记证书核对每一位")
    return code


def is_valid(code: str) -> bool:
    """Whether :func:`check` accepts ``code``."""
    try:
        check(code)
    except InvalidCode:
        return False
    return True

"""
电子证照标识 GB/T 36904-2018: what names one version of one electronic licence anywhere.

``1.2.156.3005.2`` . type code (21: the credit code of the body that defined the type, and 3 characters) . issuing body (credit code, or a
region code) . serial . version (3 digits from 001) . check character. The check character is ISO 7064 MOD 37,36 over type, body, serial and
version, without the root and without dots.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from zhengtong.kernel.codes.faults import InvalidCode, tidy

ROOT = "1.2.156.3005.2"
TYPE_LENGTH = 21
MOST_VERSIONS = 999
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_PARTS = re.compile(r"([0-9A-Z]{21})\.([0-9A-Z]{18}|[0-9]{6}|[0-9]{12})\.([0-9A-Z]{1,64})\.([0-9]{3})\.([0-9A-Z])")


@dataclass(frozen=True)
class LicenceIdentifier:
    """The parts of a valid identifier; ``text`` is the whole."""

    text: str
    type_code: str
    issuer: str
    serial: str
    version: int


def check_character(body: str, *, field: str = "identifier") -> str:
    """
    The check character of ISO 7064 MOD 37,36 over ``body``.

    :raises InvalidCode: with rule ``alphabet``.
    """
    check = 36
    try:
        for character in body:
            check = (check + _VALUE[character]) % 36 or 36
            check = check * 2 % 37
    except KeyError as exc:
        raise InvalidCode("电子证照标识只用数字和大写字母", field=field, rule="alphabet", remedy="改用半角数字和大写字母") from exc
    return _ALPHABET[(1 - check) % 36]


def parse(code: str, *, field: str = "identifier") -> LicenceIdentifier:
    """
    Take an identifier apart; the root may be left out, small letters and blanks are forgiven.

    :raises InvalidCode: with rule ``length`` (parts are missing or of another length) or ``check``.
    """
    rest = tidy(code).removeprefix(ROOT).removeprefix(".")
    found = _PARTS.fullmatch(rest)
    if found is None:
        raise InvalidCode(
            "电子证照标识由类型代码、颁发机构代码、流水号、版本号和校验位组成,中间用点隔开",
            field=field,
            rule="length",
            remedy="照证照上的标识完整抄写",
        )
    kind, issuer, serial, version, check = found.groups()
    if int(version) == 0 or check_character(kind + issuer + serial + version, field=field) != check:
        raise InvalidCode("电子证照标识的校验位不符", field=field, rule="check", remedy="与证照上的标识核对每一位")
    return LicenceIdentifier(f"{ROOT}.{rest}", kind, issuer, serial, int(version))


def is_valid(code: str) -> bool:
    """Whether :func:`parse` accepts ``code``."""
    try:
        parse(code)
    except InvalidCode:
        return False
    return True


def compose(*, type_code: str, issuer: str, serial: str, version: int) -> LicenceIdentifier:
    """
    Make an identifier from its parts.

    :param version: 1 to 999.
    :raises InvalidCode: if a part does not fit.
    """
    body = f"{type_code}{issuer}{serial}{version:03d}"
    return parse(f"{type_code}.{issuer}.{serial}.{version:03d}.{check_character(body)}")

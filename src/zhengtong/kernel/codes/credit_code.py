"""
法人和其他组织统一社会信用代码 GB 32100-2015.

Eighteen characters of a 31-character alphabet: 1 registering authority, 1 category, 6 region (GB/T 2260), 9 organisation code (GB 11714),
1 check character. Authorities may be letters (``N`` agriculture, ``A`` armed forces, ``Y`` others): only positions 3 to 8 must be digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhengtong.kernel.codes import organisation_code
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.sentences import say

LENGTH = 18
#: no I, O, S, V, Z: they look like 1, 0, 5, U, 2
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, position, 31) for position in range(LENGTH - 1))

#: 登记管理部门, by the first character
AUTHORITIES: Mapping[str, str] = {
    "1": "机构编制",
    "2": "外交",
    "3": "司法行政",
    "4": "文化",
    "5": "民政",
    "6": "旅游",
    "7": "宗教",
    "8": "工会",
    "9": "市场监督管理",
    "A": "中央军委改革和编制办公室",
    "N": "农业农村",
    "Y": "其他",
}

#: 机构类别, by the first two characters; an authority's other categories are ``9``, 其他
CATEGORIES: Mapping[str, str] = {
    "11": "机关",
    "12": "事业单位",
    "13": "编办直接管理机构编制的群众团体",
    "19": "其他",
    "51": "社会团体",
    "52": "民办非企业单位",
    "53": "基金会",
    "59": "其他",
    "91": "企业",
    "92": "个体工商户",
    "93": "农民专业合作社",
    "N1": "组级集体经济组织",
    "N2": "村级集体经济组织",
    "N3": "乡镇级集体经济组织",
    "Y1": "其他",
}


@dataclass(frozen=True)
class CreditCode:
    """The parts of a valid code; ``text`` is the whole."""

    text: str
    authority: str
    category: str
    region: str
    organisation_code: str

    @property
    def authority_name(self) -> str:
        """Who registered the organisation; empty for a character that the standard has not assigned."""
        return AUTHORITIES.get(self.authority, "")

    @property
    def category_name(self) -> str:
        """What kind of organisation it is; empty for a category that the standard has not assigned."""
        return CATEGORIES.get(self.authority + self.category, "")

    @property
    def organisation_code_agrees(self) -> bool:
        """Whether characters 9 to 17 also satisfy GB 11714. A warning, not a rule: codes issued before the merger may not."""
        return organisation_code.is_valid(self.organisation_code)


def check_character(first_seventeen: str, *, field: str = "credit_code") -> str:
    """
    The eighteenth character: (31 - sum of Ci times 3^(i-1)) mod 31, written in the alphabet.

    :raises InvalidCode: with rule ``length`` or ``alphabet``.
    """
    if len(first_seventeen) != LENGTH - 1:
        raise InvalidCode(
            say("校验码由前 17 位算出,这里有 {count} 位", count=len(first_seventeen)), field=field, rule="length", remedy="核对位数"
        )
    try:
        total = sum(_VALUE[character] * weight for character, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    except KeyError as exc:
        raise InvalidCode(
            "统一社会信用代码只用数字和不含 I、O、S、V、Z 的大写字母",
            field=field,
            rule="alphabet",
            remedy="I 多为 1,O 多为 0,S 多为 5,Z 多为 2;改用半角大写",
        ) from exc
    return ALPHABET[-total % 31]


def parse(code: str, *, field: str = "credit_code") -> CreditCode:
    """
    Take a code apart.

    :param field: the name of the field that holds it, for the error.
    :raises InvalidCode: with rule ``length``, ``alphabet``, ``region`` (positions 3 to 8 are not digits) or ``check``.
    """
    if len(code) != LENGTH:
        raise InvalidCode(
            say("统一社会信用代码应为 18 位,这里是 {count} 位", count=len(code)), field=field, rule="length", remedy="核对位数,去掉空格"
        )
    expected = check_character(code[:-1], field=field)
    if not code[2:8].isdigit():
        raise InvalidCode("第 3 至 8 位应为六位行政区划代码", field=field, rule="region", remedy="与营业执照或登记证书核对每一位")
    if code[-1] not in _VALUE:
        raise InvalidCode("校验码是数字或大写字母", field=field, rule="alphabet", remedy="改用半角大写")
    if code[-1] != expected:
        raise InvalidCode("统一社会信用代码的校验码不符", field=field, rule="check", remedy="与营业执照或登记证书核对每一位")
    return CreditCode(code, code[0], code[1], code[2:8], code[8:17])


def is_valid(code: str) -> bool:
    """Whether :func:`parse` accepts ``code``."""
    try:
        parse(code)
    except InvalidCode:
        return False
    return True


def compose(*, authority: str, category: str, region: str, organisation: str) -> str:
    """
    Make a code from its parts.

    :param authority: one character, see :data:`AUTHORITIES`.
    :param category: one character, see :data:`CATEGORIES`.
    :param region: six digits.
    :param organisation: the eight characters of the organisation code without its check character; the credit code's alphabet applies.
    :raises InvalidCode: if a part does not fit.
    """
    if len(authority) != 1 or len(category) != 1:
        raise InvalidCode("登记管理部门和机构类别各占一位", field="authority", rule="length", remedy="各给一个字符")
    organisation_check = organisation_code.check_character(organisation, field="organisation")
    first = f"{authority}{category}{region}{organisation}{organisation_check}"
    return parse(first + check_character(first)).text

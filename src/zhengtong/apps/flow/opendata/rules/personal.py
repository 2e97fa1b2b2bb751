"""
Detectors of personal data in values, whatever the column is called (GB/T 35273 annex B names the kinds).

Each finds whole tokens inside of a value, so that a number in a remark is found too, and proves them where there is a proof: identity
numbers by check character and date (GB 11643), bank cards by Luhn and length. What is masked already is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.sentences import say

_EXAMPLES = 3
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹"
    "孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚"
    "符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜"
    "冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "东方", "夏侯", "宇文", "长孙")
_NAME = rf"^(?:(?:{'|'.join(_COMPOUND)})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})$"
_NAME_COLUMN = re.compile(r"姓名|法定代表人|法人代表|联系人|负责人|经办人|当事人|申请人|权利人|户主|监护人")
_STREET = r"(?:路|街|巷|弄|大道|胡同|村|小区|花园|家园|公寓)"
_DWELLING = (
    rf"{_STREET}.{{0,20}}?[0-9０-９一二三四五六七八九十]+\s*号?.{{0,12}}?[0-9０-９]+\s*(?:室|单元|户)"  # data: how addresses are written
)


@dataclass(frozen=True)
class Detector:
    """What is looked for: a pattern (its first group is the token), a proof, and in which columns."""

    gate: str
    pattern: str
    proves: Callable[[str], bool] = bool
    applies: Callable[[Column], bool] = lambda _column: True


def luhn(number: str) -> bool:
    """Whether the last digit proves the others (ISO/IEC 7812-1)."""
    digits = [int(one) for one in reversed(number)]
    return sum(digits[0::2]) % 10 == -sum(sum(divmod(2 * one, 10)) for one in digits[1::2]) % 10


def _is_card(number: str) -> bool:
    return luhn(number) and len(set(number)) > 3 and not identity_number.is_valid(number)  # noqa: PLR2004 - 0000… is no card


def _is_identity(number: str) -> bool:
    return identity_number.is_valid(number.upper())


def _looks_like_names(column: Column) -> bool:
    return column.sensitivity == "name" or bool(_NAME_COLUMN.search(column.name))


DETECTORS = (
    Detector("identity-number", r"(?:^|[^0-9])([1-9]\d{16}[0-9Xx])(?:[^0-9]|$)", _is_identity),
    Detector("mobile-phone", r"(?:^|[^0-9.])(?:\+?86[- ]?)?(1[3-9]\d{9})(?:[^0-9]|$)"),
    Detector("bank-card", r"(?:^|[^0-9])((?:62\d|4\d\d|5[1-5]\d|35\d|37\d)\d{12,16})(?:[^0-9]|$)", _is_card),
    Detector("email", r"([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})"),
    Detector("detailed-address", rf"({_DWELLING})"),
    Detector("personal-name", f"({_NAME})", applies=_looks_like_names),
)
SENTENCE_LABELS = {
    "identity-number": "“{column}”中有公民身份号码",
    "mobile-phone": "“{column}”中有手机号码",
    "bank-card": "“{column}”中有银行卡号",
    "email": "“{column}”中有电子邮箱",
    "detailed-address": "“{column}”中有具体到户的住址",
    "personal-name": "“{column}”中有个人姓名",
}
REMEDY_LABELS = {
    "identity-number": "去掉这一项或整项隐去;身份号码一律不开放",
    "mobile-phone": "去掉这一项,或选择电话脱敏",
    "bank-card": "去掉这一项,或选择只留后四位",
    "email": "去掉这一项;单位公开的邮箱可说明理由后放行",
    "detailed-address": "去掉这一项,或只留到区县;企业住所依法公示的可说明理由后放行",
    "personal-name": "去掉这一项,或选择姓名脱敏;依法公示的可说明理由后放行",
}


def masked_example(text: str) -> str:
    """A value as an example that gives nobody away: of every run of letters or digits only its first stays."""
    return re.sub(r"[0-9A-Za-z\u4e00-\u9fff]+", lambda found: found[0][0] + "*" * (len(found[0]) - 1), text)[:60]


def detect(values: pl.Series, detector: Detector) -> tuple[int, list[str]]:
    """How many values hold what the detector looks for, and the first few of the tokens, as they are."""
    tokens = values.str.extract(detector.pattern, 1).drop_nulls()
    if detector.proves is bool:
        return tokens.len(), tokens.head(_EXAMPLES).to_list()
    proven = _proven(values, detector) if tokens.len() else []
    return len(proven), proven[:_EXAMPLES]


def _proven(values: pl.Series, detector: Detector) -> list[str]:
    """For every value the first of its tokens that proves itself, if there is one: a value may hold several."""
    pattern = re.compile(detector.pattern)
    found = []
    for value in values.filter(values.str.contains(detector.pattern)):
        place, hit = 0, pattern.search(value)
        while hit is not None:
            if detector.proves(hit[1]):
                found.append(hit[1])
                break
            place = hit.end(1)
            hit = pattern.search(value, place)
    return found


def kinds_in(text: str) -> list[str]:
    """Which kinds of personal data stand in a free text, as gates name them; names cannot be told apart from other words."""
    plain = unicodedata.normalize("NFKC", text)
    anywhere = [one for one in DETECTORS if one.gate != "personal-name"]
    return [one.gate for one in anywhere if any(one.proves(found[1]) for found in re.finditer(one.pattern, plain))]


def personal_findings(sheet: Sheet) -> list[Finding]:
    """Every kind of personal data in every column whose values can hold it."""
    schema = sheet.frame.collect_schema()
    columns = [column for column in sheet.columns if schema[column.key] == pl.String() or schema[column.key].is_integer()]
    counts: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], list[str]] = {}
    for batch in sheet.batches():
        for column in columns:
            values = batch[column.key].cast(pl.String()).drop_nulls()
            for detector in DETECTORS:
                if not detector.applies(column):
                    continue
                count, found = detect(values, detector)
                if count:
                    place = (detector.gate, column.key)
                    counts[place] = counts.get(place, 0) + count
                    examples.setdefault(place, []).extend(found)
    return _told(sheet, counts, examples)


def _told(sheet: Sheet, counts: dict[tuple[str, str], int], examples: dict[tuple[str, str], list[str]]) -> list[Finding]:
    names = {column.key: column.name for column in sheet.columns}
    return [
        Finding(
            gate,
            key,
            count,
            sheet.rows,
            say(SENTENCE_LABELS[gate], column=names[key]),
            say(REMEDY_LABELS[gate]),
            tuple(masked_example(one) for one in examples[gate, key][:_EXAMPLES]),
        )
        for (gate, key), count in counts.items()
    ]


_STARS = r"[*＊×]{2,}|某某"


def masking_findings(sheet: Sheet) -> list[Finding]:
    """Columns of text in which some values are masked and some are not."""
    found = []
    for column in sheet.texts():
        value = pl.col(column.key)
        starred = value.str.contains(_STARS)
        filled = value.is_not_null() & (value.str.len_chars() > 1)
        facts = sheet.frame.select(masked=(filled & starred).sum(), bare=(filled & ~starred).sum()).collect().row(0)
        masked, bare = int(facts[0]), int(facts[1])
        # one asterisk in a thousand values is a typing error rather than a mask
        if bare and masked * 100 >= masked + bare:
            bare_ones = sheet.frame.filter(filled & ~starred).select(value).head(_EXAMPLES).collect()[column.key].to_list()
            sentence = say("“{column}”有 {masked} 个值已脱敏,{bare} 个没有", column=column.name, masked=masked, bare=bare)
            remedy = "整项统一脱敏:在提议中为这一项选择脱敏方式"
            found.append(
                Finding("inconsistent-masking", column.key, bare, sheet.rows, sentence, say(remedy), tuple(map(masked_example, bare_ones)))
            )
    return found

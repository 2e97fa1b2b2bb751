"""
Detectors of personal data in values, whatever the column is called (GB/T 35273 annex B names the kinds).

Each finds whole tokens inside of a value, so that a number in a remark is found too, and proves them where there is a proof: identity
numbers by check character and date (GB 11643), bank cards by Luhn and length. Names are found in columns that are called so, and in
sentences by a surname behind or before a word that goes with names. What is masked already is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from zhengtong.apps.flow.opendata.rules import numbers
from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.kernel.sentences import say

_EXAMPLES = 3
#: no number of somebody has fewer digits; a double holds no longer one exactly
_SHORTEST, _LARGEST = 10**10, 2**53
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
    rf"|{_STREET}[^,，。]{{0,8}}?\d+(?:号楼|号|栋|幢)?-\d{{1,2}}-\d{{3,4}}"  # data: as above
)


@dataclass(frozen=True)
class Detector:
    """
    What is looked for: a pattern (its first group is the token where ``tokens`` does not take the value apart), and in which columns.

    ``tokens`` are the numbers of a value that prove themselves; the pattern then only says which values are worth the while.
    """

    gate: str
    pattern: str
    tokens: Callable[[str], Iterator[str]] | None = None
    applies: Callable[[Column], bool] = lambda _column: True
    numbers: bool = True


def _new_identities(value: str) -> Iterator[str]:
    return (text for text, old in numbers.identities(value) if not old)


def _old_identities(value: str) -> Iterator[str]:
    return (text for text, old in numbers.identities(value) if old)


def _looks_like_names(column: Column) -> bool:
    return column.sensitivity == "name" or bool(_NAME_COLUMN.search(column.name))


#: who is named before a name in a sentence
_ROLES = (
    "姓名|申请人|当事人|联系人|经办人|负责人|法定代表人|法人代表|户主|业主|患者|学生|家长|监护人|投诉人|举报人|被处罚人|受害人|"
    "原告|被告|收件人|承包人|权利人|受理人|举报者|司机|店主|死者|伤者"
)
_TITLES = "先生|女士|同志|老师|医生|师傅|大爷|大妈|阿姨"
#: of which every sentence that is looked at has one
_SIGNS = [*_ROLES.split("|"), *_TITLES.split("|"), "居民", "村民", "职工"]
_SHORTEST_LONG = 15
#: a name ends where a sentence breaks off, a number begins, or one of the words follows that follow names
_AFTER_NAME = r"(?:$|[\s,，。；;：:、()（）\d/]|(?:的|来|到|于|反|因|向|在|与|和|住|称|系|电|身|报|已|要|提|表|诉|投|申))"
_IN_TEXT = (
    rf"(?:{_ROLES}|(?:^|[,，。、；\s该本名组村区])(?:居民|村民|职工))(?:是|为|叫)?[:： ]{{0,2}}"
    rf"((?:{'|'.join(_COMPOUND)}|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}}?){_AFTER_NAME}"
    rf"|((?:{'|'.join(_COMPOUND)}|[{_SURNAMES}])[\u4e00-\u9fff]{{0,2}}?)(?:{_TITLES})"  # data: how names stand in sentences
)
#: what such words end with when they are no names
_NO_NAME = r"(?:单位|公司|部门|姓名|电话|身份|单|位|方|人|员|局|院|校|村|镇|路|街|区|县|市|厂|店|站|等|未|不|应|须|工程|科|所|项|部)$"


#: surnames that are far more often words of a sentence
_PARTICLES = "应于和向成时解"


def _names_in_text(value: str) -> Iterator[str]:
    for found in re.finditer(_IN_TEXT, value):
        group = 1 if found[1] else 2
        told = value[found.start(group) - 1 : found.start(group)] in {":", "：", " "}
        if not re.search(_NO_NAME, found[group]) and (told or found[group][0] not in _PARTICLES):
            yield found[group]


DETECTORS = (
    Detector("identity-number", numbers.LONG, _new_identities),
    Detector("old-identity-number", numbers.LONG, _old_identities),
    Detector("mobile-phone", r"(?:^|[^0-9.])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?:[^0-9]|$)"),
    Detector("bank-card", numbers.LONG, numbers.cards),
    Detector("email", r"([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})", numbers=False),
    Detector("detailed-address", rf"({_DWELLING})", numbers=False),
    Detector("personal-name", f"({_NAME})", applies=_looks_like_names, numbers=False),
    Detector("personal-name", _IN_TEXT, _names_in_text, applies=lambda column: not _looks_like_names(column), numbers=False),
)
#: fifteen digits prove little: where a column is full of them, so small a part that reads as old numbers is chance
_OLD_COLUMN, _OLD_CHANCE = 20, 0.1
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
    if detector.tokens is None:
        found = values.str.extract(detector.pattern, 1).drop_nulls()
        return found.len(), found.head(_EXAMPLES).to_list()
    tokens = [next(detector.tokens(value), "") for value in _worth_looking_at(values, detector.pattern)]
    proven = [token for token in tokens if token]
    return len(proven), proven[:_EXAMPLES]


def _worth_looking_at(values: pl.Series, pattern: str) -> pl.Series:
    """The values that match; those that lack what every match has are put aside by a quicker look."""
    if pattern is _IN_TEXT:
        values = values.filter(values.str.contains_any(_SIGNS))
    elif pattern is numbers.LONG:
        values = values.filter(values.str.len_bytes() >= _SHORTEST_LONG)
    return values.filter(values.str.contains(pattern)) if values.len() else values


def kinds_in(text: str) -> list[str]:
    """
    Which kinds of personal data surely stand in what somebody writes for the public, as gates name them.

    Names and old identity numbers are left to a reader: refusing a sentence for a word that reads like a name would be worse.
    """
    plain = unicodedata.normalize("NFKC", text)
    sure = [one for one in DETECTORS if one.gate not in {"personal-name", "old-identity-number"}]
    return [one.gate for one in sure if (any(one.tokens(plain)) if one.tokens else re.search(one.pattern, plain))]


def personal_findings(sheet: Sheet) -> list[Finding]:
    """Every kind of personal data in every column whose values can hold it."""
    schema = sheet.frame.collect_schema()
    columns = [column for column in sheet.columns if schema[column.key] == pl.String() or schema[column.key].is_numeric()]
    counts: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], list[str]] = {}
    fifteens: dict[str, int] = {}
    for batch in sheet.batches():
        for column in columns:
            values = _as_text(batch[column.key])
            if values is None:
                continue
            for detector in DETECTORS:
                if not detector.applies(column) or not (detector.numbers or batch.schema[column.key] == pl.String()):
                    continue
                count, found = detect(values, detector)
                if count:
                    place = (detector.gate, column.key)
                    counts[place] = counts.get(place, 0) + count
                    examples.setdefault(place, []).extend(found)
                    if detector.gate == "old-identity-number":
                        fifteens[column.key] = fifteens.get(column.key, 0) + int(values.str.contains(r"^\s*\d{15}\s*$").sum())
    return _told(sheet, *_merged(counts, examples, fifteens))


def _as_text(values: pl.Series) -> pl.Series | None:
    """Values as they would be read; None where none is long enough to be a number of somebody."""
    if values.dtype == pl.String():
        values = values.drop_nulls()
        return values.str.replace_many(numbers.WIDE) if values.str.contains_any(list(numbers.WIDE)).any() else values
    if not values.len() or (values.abs().max() or 0) < _SHORTEST:  # type: ignore[operator]  # numbers only
        return None
    if values.dtype.is_float():
        values = values.filter(values.is_finite() & (values.abs() < _LARGEST) & (values == values.round())).cast(pl.Int64)
    return values.cast(pl.String).str.replace(r"\.0*$", "").drop_nulls()


def _merged(
    counts: dict[tuple[str, str], int], examples: dict[tuple[str, str], list[str]], fifteens: dict[str, int]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], list[str]]]:
    """Old identity numbers counted as identity numbers, unless the column is one of other numbers of fifteen digits."""
    kept: dict[tuple[str, str], int] = {}
    shown: dict[tuple[str, str], list[str]] = {}
    for (gate, column), count in counts.items():
        whole = fifteens.get(column, 0)
        if gate == "old-identity-number" and whole >= _OLD_COLUMN and count < _OLD_CHANCE * whole:
            continue
        place = (gate.removeprefix("old-"), column)
        kept[place] = kept.get(place, 0) + count
        shown.setdefault(place, []).extend(examples[gate, column])
    return kept, shown


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

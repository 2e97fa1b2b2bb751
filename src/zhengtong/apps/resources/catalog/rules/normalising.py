"""
Values as foreign catalogs write them, turned into ours. A value that cannot be understood is said to be so, never guessed.

Every function takes what a file may hold (text, number, date, list, None) and is total: it never raises.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from datetime import date, datetime
from typing import Any

from zhengtong.apps.resources.catalog.rules.vocabulary import (
    DATA_TYPE_LABELS,
    FORMAT_LABELS,
    FORMAT_TYPES,
    MODE_LABELS,
    DataType,
    FormatClass,
    SharingMode,
    SharingType,
    UpdateCycle,
)

_NOTHING = {"", "-", "--", "/", "无", "暂无", "null", "none", "nan", "n/a", "undefined", "[]", "空"}
_STRONG = re.compile(r"[,,;;|\r\n\t]+")
_ANY = re.compile(r"[,,;;|\r\n\t、/\s]+")


def text(value: Any) -> str:
    """One line or paragraph of text without surrounding blanks; empty for what only says that there is nothing."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(part for part in map(text, value) if part)
    plain = "" if value is None else str(value).replace("\x00", "").strip()
    return "" if plain.lower() in _NOTHING else plain


def _tight(value: Any) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text(value))).lower()


def listed(value: Any, *, weak: bool = False) -> list[str]:
    """
    A list, also one that was written as text (``"['a', 'b']"``, ``["a"]``, ``a,b``, lines), each part once, in order.

    ``、`` and blanks separate only when ``weak``: themes like 文化、体育 are one.
    """
    parts: list[Any]
    if isinstance(value, list | tuple | set):
        parts = list(value)
    else:
        plain = text(value)
        parts = _literal(plain) or (_ANY if weak else _STRONG).split(plain)
    return list(dict.fromkeys(one for one in map(text, parts) if one))


def _literal(plain: str) -> list[Any] | None:
    if not (plain.startswith("[") and plain.endswith("]")):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(plain)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(found, list):
            return found
    return None


_CYCLE_WORDS = {
    UpdateCycle.REALTIME: ("实时", "即时", "随时"),
    UpdateCycle.DAILY: ("日", "天", "1日", "1天", "一天", "一日", "工作日"),
    UpdateCycle.WEEKLY: ("周", "星期", "1周", "一周"),
    UpdateCycle.MONTHLY: ("月", "月度", "1月", "个月", "1个月", "一个月"),
    UpdateCycle.QUARTERLY: ("季", "季度", "1季度", "3个月", "三个月", "一季度"),
    UpdateCycle.HALF_YEARLY: ("半年", "半年度", "6个月", "六个月"),
    UpdateCycle.YEARLY: ("年", "年度", "1年", "一年", "12个月"),
    UpdateCycle.IRREGULAR: ("不定期", "不定时", "按需", "无固定周期"),
}
_CYCLES = {word: cycle for cycle, words in _CYCLE_WORDS.items() for word in words}
_CYCLE_FRAME = re.compile(r"^(?:按|每)*|(?:更新|更新一次|一次|一更|/次)*$")


def cycle(value: Any) -> tuple[str, str, bool]:
    """
    An update cycle as (code, verbatim, understood).

    The verbatim text is kept where the cycle has no code of its own (每两年 becomes custom); nothing said is ``("", "", True)``.
    """
    said = text(value)
    tight = _tight(value)
    if not tight:
        return "", "", True
    if tight in set(UpdateCycle):
        return tight, "", True
    found = _CYCLES.get(tight) or _CYCLES.get(_CYCLE_FRAME.sub("", tight))
    if found is not None:
        return found.value, "", True
    return UpdateCycle.CUSTOM.value, said[:60], False


_TYPE_CLASS = {kind.lower(): group for group, kinds in reversed(FORMAT_TYPES.items()) for kind in kinds}
_TYPE_CLASS |= {
    **dict.fromkeys(("excel", "xlsm", "ods", "电子表格"), FormatClass.SPREADSHEET),
    **dict.fromkeys(("word", "rtf", "ppt", "pptx", "zip", "rar", "7z", "file", "文件", "电子文件", "文档"), FormatClass.FILE),
    **dict.fromkeys(("db", "db数据库", "数据库", "库表", "table", "kingbase", "dameng", "达梦", "sqlserver", "sql"), FormatClass.DATABASE),
    **dict.fromkeys(("api", "接口", "服务接口", "webservice", "rest", "wms", "wmts", "wfs"), FormatClass.INTERFACE),
    **dict.fromkeys(("jpeg", "tif", "tiff", "kml", "gml", "dwg", "图形图像", "图片"), FormatClass.IMAGE),
    **dict.fromkeys(("avi", "mp3", "wav", "流媒体", "视频"), FormatClass.STREAM),
    **dict.fromkeys(("json", "jsonld", "rdf", "xml", "ttl", "自描述格式"), FormatClass.SELF_DESCRIBING),
}
_TYPE_CLASS |= {name: group for group, name in FORMAT_LABELS.items()}
#: When a resource comes in several formats, the one that says most about it gives the class.
_PREFERENCE = (
    *(FormatClass.DATABASE, FormatClass.SPREADSHEET, FormatClass.INTERFACE, FormatClass.SELF_DESCRIBING),
    *(FormatClass.IMAGE, FormatClass.STREAM, FormatClass.FILE),
)


def formats(value: Any) -> tuple[str, list[str], list[str]]:
    """Formats as (class code, types in small letters, words that were not understood)."""
    types, unknown, groups = [], [], set[FormatClass]()
    for word in listed(value, weak=True):
        tight = _tight(word).lstrip(".")
        group = _TYPE_CLASS.get(tight)
        if group is None:
            unknown.append(word)
            continue
        groups.add(group)
        if tight not in FORMAT_LABELS.values() and tight not in types:
            types.append(tight[:40])
    return next((group.value for group in _PREFERENCE if group in groups), ""), types, unknown


def format_class(value: Any) -> str:
    """The class of the national form by its name or number; empty when it is neither."""
    tight = _tight(value)
    by_name = {name: group.value for group, name in FORMAT_LABELS.items()}
    return by_name.get(tight) or (tight if tight in set(FormatClass) else "") or formats(value)[0]


_OPEN = {"是", "1", "true", "yes", "y", "开放", "向社会开放"}
_CLOSED = {"否", "0", "false", "no", "n", "不开放", "不予开放", "不宜开放", "暂不开放", "非开放", "不向社会开放"}


def openness(value: Any) -> tuple[bool | None, str, bool]:
    """Openness as (open, condition as written, understood); nothing said is ``(None, "", True)``."""
    said, tight = text(value), _tight(value)
    if tight in {"无", ""}:
        return None, "", True
    if tight in _CLOSED:
        return False, "", True
    if tight in _OPEN:
        return True, "", True
    if "开放" in tight and not tight.startswith(("不", "非", "暂不")):
        return True, said, True
    return None, "", False


_SHARING = {
    SharingType.UNCONDITIONAL: ("1", "01", "无条件共享", "无条件", "普遍共享", "普通共享", "完全共享"),
    SharingType.CONDITIONAL: ("2", "02", "有条件共享", "有条件", "授权共享", "依申请共享"),
    SharingType.NOT_SHARED: ("3", "03", "不予共享", "不共享", "非共享", "不予"),
}
_SHARING_OF = {word: kind.value for kind, words in _SHARING.items() for word in words}


def sharing(value: Any) -> tuple[str, bool]:
    """A sharing type as (code, understood)."""
    tight = _tight(value)
    found = _SHARING_OF.get(tight, "")
    return found, bool(found) or not tight


_MODES = {name: mode for mode, name in MODE_LABELS.items()} | {
    **dict.fromkeys(("库表", "数据库表", "批量交换", "db", "database", "数据库交换", "前置机"), SharingMode.DATABASE),
    **dict.fromkeys(("文件下载", "file", "文件交换", "电子文件"), SharingMode.FILE),
    **dict.fromkeys(("接口", "服务接口", "api", "interface", "数据接口", "webservice"), SharingMode.INTERFACE),
    **dict.fromkeys(("电子邮件", "mail"), SharingMode.MAIL),
    **dict.fromkeys(("光盘", "u盘", "disk"), SharingMode.DISK),
    **dict.fromkeys(("介质", "纸质报表", "电子文档", "纸质", "medium"), SharingMode.MEDIUM),
}
_MODE_GROUPS = {"共享平台方式", "共享平台", "其他方式", "平台方式", "其他"}


def modes(value: Any) -> tuple[list[str], list[str]]:
    """Ways of sharing as (codes, words that were not understood)."""
    known, unknown = list[str](), list[str]()
    for word in listed(value, weak=True):
        tight = _tight(word)
        mode = _MODES.get(tight)
        if mode is not None:
            known += [mode.value] if mode.value not in known else []
        elif tight not in _MODE_GROUPS:
            unknown.append(word)
    return known, unknown


_DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{6})?$")


def day(value: Any) -> tuple[date | None, bool]:
    """A date as (date, understood): padded or not, with dashes, dots, slashes or 年月日, with or without a time."""
    if isinstance(value, datetime):
        return value.date(), True
    if isinstance(value, date):
        return value, True
    said = unicodedata.normalize("NFKC", text(value))
    if not said:
        return None, True
    found = _DAY.match(said) or _PACKED.match(said)
    if found is None:
        return None, False
    try:
        return date(*map(int, found.groups())), True
    except ValueError:
        return None, False


_TYPE_WORDS = {name: kind for kind, name in DATA_TYPE_LABELS.items()} | {
    **dict.fromkeys(("字符", "字符串", "字符串型", "文本", "varchar", "varchar2", "nvarchar", "char", "string", "text型"), DataType.TEXT),
    **dict.fromkeys(("数值", "数字", "number", "numeric", "decimal"), DataType.NUMBER),
    **dict.fromkeys(("货币", "money"), DataType.MONEY),
    **dict.fromkeys(("日期", "date"), DataType.DATE),
    **dict.fromkeys(("日期时间", "时间", "时间型", "时间戳", "datetime", "timestamp"), DataType.MOMENT),
    **dict.fromkeys(("逻辑", "布尔", "布尔型", "bool", "boolean"), DataType.LOGICAL),
    **dict.fromkeys(("备注", "大文本", "text", "clob", "longtext"), DataType.MEMO),
    **dict.fromkeys(("通用", "二进制", "blob", "image"), DataType.GENERAL),
    **dict.fromkeys(("双精度", "double"), DataType.DOUBLE),
    **dict.fromkeys(("整数", "整数型", "int", "integer", "bigint", "smallint", "long"), DataType.INTEGER),
    **dict.fromkeys(("浮点", "float", "real"), DataType.FLOAT),
}
_SIZES = re.compile(r"(\d+)(?:\D+(\d+))?")
_LONGEST = 2_000_000_000


def data_type(value: Any) -> tuple[str, bool]:
    """A data type by its name, its letter (``字符型C``) or its name in a database, as (code, understood)."""
    tight = re.sub(r"[((].*$", "", _tight(value))
    if tight.upper() in set(DataType):
        return tight.upper(), True
    if len(tight) > 1 and tight[-1].upper() in set(DataType) and tight[:-1] in _TYPE_WORDS:
        tight = tight[:-1]
    found = _TYPE_WORDS.get(tight)
    return (found.value, True) if found is not None else ("", not tight)


def size(value: Any) -> tuple[int | None, int | None]:
    """A length and a number of decimals, from ``18``, ``10,2`` or ``varchar(50)``."""
    found = _SIZES.search(unicodedata.normalize("NFKC", text(value)))
    if found is None:
        return None, None
    length, decimals = int(found.group(1)), int(found.group(2) or 0)
    return (length if length < _LONGEST else None), (decimals if found.group(2) and decimals < 1000 else None)  # noqa: PLR2004


def yes(value: Any) -> bool | None:
    """是 or 否 in any spelling; None when neither is said."""
    tight = _tight(value)
    if tight in {"是", "1", "true", "yes", "y", "√", "t"}:
        return True
    return False if tight in {"否", "0", "false", "no", "n", "×", "f"} else None

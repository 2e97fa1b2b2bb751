"""Standard items 标准数据元: what one must state, how a file of them is read, and how an item deviates from its standard."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from zhengtong.apps.resources.quality.rules.naming import normalised
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_CODE = re.compile(r"^[A-Z][A-Z0-9-]{1,19}$")
_TYPES = frozenset("CNYDTLMGBIF")
_BETWEEN = re.compile(r"[、,,;;|\n]+")
_LONGEST_LENGTH = 1_000_000
MOST_ROWS = 5000
MOST_BYTES = 4 * 2**20
#: heads of the file's columns, in order
COLUMNS = {
    "code": "代码",
    "name": "名称",
    "synonyms": "同义词",
    "data_type": "数据类型",
    "length": "数据长度",
    "code_list": "代码集",
    "sensitivity": "敏感类别",
    "definition": "定义",
    "source": "来源标准",
}
SENSITIVITIES = ("", "name", "identity", "phone", "address", "account", "birth", "company", "other")
DEVIATION_LABELS = {"data_type": "数据类型与标准不同", "length": "长度与标准不同", "code_list": "没有采用标准的代码集"}


class StandardInvalid(Invalid):
    """标准数据元不合要求。"""

    code = "standard-invalid"


@dataclass(frozen=True)
class StandardContent:
    """What a standard item says. ``data_type`` is a letter of the national form, ``length`` in characters or digits."""

    name: str
    data_type: str
    definition: str
    synonyms: tuple[str, ...] = ()
    length: int | None = None
    code_list: str = ""
    sensitivity: str = ""
    source: str = ""

    def document(self) -> dict[str, object]:
        """The content as plain JSON."""
        return asdict(self) | {"synonyms": list(self.synonyms)}

    def words(self) -> list[str]:
        """Its name and synonyms, normalised, each once; the name first."""
        return list(dict.fromkeys(word for word in map(normalised, (self.name, *self.synonyms)) if word))


@dataclass(frozen=True)
class RefusedRow:
    """A row of a file that was not taken: its line, what it said, the rule and the remedy."""

    line: int
    said: str
    rule: str
    remedy: str


def split(text: str) -> tuple[str, ...]:
    """Synonyms that were written into one cell."""
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()))


def check(code: str, content: StandardContent) -> None:
    """
    Refuse what is no standard item.

    :raises StandardInvalid: naming the field, the rule and the remedy.
    """
    if not _CODE.match(code):
        raise StandardInvalid(say("代码“{code}”不合要求", code=code), field="code", remedy="大写字母开头,2 至 20 个大写字母、数字或连字符")
    if not content.words():
        raise StandardInvalid("没有名称", field="name", remedy="填写名称")
    if max(map(len, (content.name, *content.synonyms))) > 100:  # noqa: PLR2004 - what the column holds
        raise StandardInvalid("名称或同义词超过 100 字", field="name", remedy="缩短")
    if content.data_type not in _TYPES:
        raise StandardInvalid(
            say("数据类型“{kind}”不在国家表中", kind=content.data_type), field="data_type", remedy="填写 C、N、D、T、L 等类型字母"
        )
    if content.length is not None and not 0 < content.length <= _LONGEST_LENGTH:
        raise StandardInvalid("长度不在 1 至 1000000 之间", field="length", remedy="改正长度;没有长度的留空")
    if content.sensitivity not in SENSITIVITIES:
        raise StandardInvalid(say("没有敏感类别“{kind}”", kind=content.sensitivity), field="sensitivity", remedy="按字典填写,没有的留空")
    if not content.definition.strip():
        raise StandardInvalid("没有定义", field="definition", remedy="用一句话说明这一项是什么")


def read_csv(data: bytes) -> Iterator[tuple[int, str, StandardContent] | RefusedRow]:
    """
    The rows of a file by their lines: code and content of the good ones, the bad ones with the rule.

    :raises StandardInvalid: if it is no such file: too large, not UTF-8 or GB 18030, without the columns.
    """
    if len(data) > MOST_BYTES:
        raise StandardInvalid("文件超过 4 MB", field="file", remedy="分成几个文件")
    rows = csv.DictReader(io.StringIO(decoded(data)))
    missing = [
        head
        for name, head in COLUMNS.items()
        if name in {"code", "name", "data_type", "definition"} and head not in (rows.fieldnames or ())
    ]
    if missing:
        raise StandardInvalid(say("表头缺“{head}”", head=missing[0]), field="file", remedy="先导出字典,按它的表头填写")
    seen = dict[str, int]()
    for line, row in enumerate(rows, start=2):
        if line > MOST_ROWS + 1:
            raise StandardInvalid(say("超过 {most} 行", most=MOST_ROWS), field="file", remedy="分成几个文件")
        if any(isinstance(value, str) and value.strip() for value in row.values()):
            yield _row(line, row, seen)


def decoded(data: bytes) -> str:
    """
    A file as text, in UTF-8 or GB 18030.

    :raises StandardInvalid: if it is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StandardInvalid("认不出文件的编码", field="file", remedy="另存为 UTF-8 的 CSV")


def _row(line: int, row: Mapping[str, str | None], seen: dict[str, int]) -> tuple[int, str, StandardContent] | RefusedRow:
    # a cell that an export protected against spreadsheets begins with an apostrophe
    said = {name: (row.get(head) or "").strip().removeprefix("'").replace("\x00", "") for name, head in COLUMNS.items()}
    shown = "、".join(part for part in (said["code"], said["name"]) if part)
    try:
        content = StandardContent(
            name=said["name"],
            data_type=said["data_type"].upper(),
            definition=said["definition"],
            synonyms=split(said["synonyms"]),
            length=_length(said["length"]),
            code_list=said["code_list"][:100],
            sensitivity=said["sensitivity"],
            source=said["source"][:100],
        )
        check(said["code"], content)
        _once(said["code"], line, seen)
    except StandardInvalid as exc:
        return RefusedRow(line, shown, exc.sentence, exc.remedy)
    return line, said["code"], content


def _length(said: str) -> int | None:
    if said and not (said.isascii() and said.isdigit() and len(said) <= 7):  # noqa: PLR2004 - the longest length has seven digits
        raise StandardInvalid(say("长度“{length}”不是整数", length=said), remedy="改正长度;没有长度的留空")
    return int(said) if said else None


def _once(code: str, line: int, seen: dict[str, int]) -> None:
    if code in seen:
        raise StandardInvalid(say("代码与第 {line} 行重复", line=seen[code]), remedy="每个代码只写一行")
    seen[code] = line


def deviations(*, data_type: str, length: int | None, dictionary: str, standard: StandardContent) -> list[str]:
    """The fields in which an item is not as its standard item says; a length that is not stated deviates from nothing."""
    found = []
    if data_type != standard.data_type:
        found.append("data_type")
    if standard.length and length and length != standard.length:
        found.append("length")
    if standard.code_list and normalised(standard.code_list) not in normalised(dictionary):
        found.append("code_list")
    return found

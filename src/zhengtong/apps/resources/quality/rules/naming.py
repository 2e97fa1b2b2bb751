"""When two items are the same one: by their names, without what does not tell them apart, and by the kind of their types."""

from __future__ import annotations

import re
import unicodedata

#: letters of data types → kind; those of one kind can hold the same values
KINDS = {"C": "text", "M": "text", "N": "number", "Y": "number", "B": "number", "I": "number", "F": "number", "D": "date", "T": "date"}
_OTHER = "other"
#: marks and blanks, which tell no names apart
NOISE = re.compile(r"[\s_\-—·..,,、::;;/\\'\"“”‘’*#()()\[\]【】<>《》]+")
#: what stands in brackets, brackets included
BRACKETED = re.compile(r"[((【\[].*?[))】\]]")
_LONGEST = 100
#: what every table has for itself, so that nothing is collected twice by having it
_HOUSEKEEPING = frozenset(
    {
        *(
            "序号",
            "编号",
            "备注",
            "说明",
            "id",
            "主键",
            "状态",
            "类型",
            "名称",
            "数据更新时间",
            "更新时间",
            "创建时间",
            "修改时间",
            "入库时间",
        ),
        *("数据来源", "操作人", "录入人", "录入时间", "填报时间", "填报单位", "时间", "日期", "年份", "月份", "登记序号", "内容", "描述"),
        *("统计指标", "统计期", "计量单位", "本期数", "上年同期数", "指标名称", "数值", "单位", "类别", "编码", "代码", "用途", "金额"),
        *("变更日期", "变更事项", "变更前内容", "变更后内容", "建档日期", "发布日期", "登记日期", "办理日期", "管理单位", "责任单位"),
    }
)


def normalised(name: str) -> str:
    """A name without brackets, marks and blanks, in small letters; empty where nothing is left."""
    plain = unicodedata.normalize("NFKC", name)
    tight = NOISE.sub("", BRACKETED.sub("", plain)) or NOISE.sub("", plain)
    return tight.lower()[:_LONGEST]


def kind_of(data_type: str) -> str:
    """The kind of a type: text, number, date or other."""
    return KINDS.get(data_type, _OTHER)


def is_housekeeping(norm: str) -> bool:
    """Whether an item is one that every table has for itself."""
    return norm in _HOUSEKEEPING or not norm or norm.isdigit()


def group_key(norm: str, data_type: str, standard: str = "") -> str:
    """What the same items have in common: their standard item, else name and kind; empty where nothing is collected twice."""
    if standard:
        return f"s:{standard}"
    return "" if is_housekeeping(norm) else f"n:{norm}|{kind_of(data_type)}"

"""
Code lists of a catalog entry (发改高技〔2017〕1272号 §1.3 and the national form).

Codes are what is stored; labels are what people read and what forms carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from zhengtong.kernel.sentences import say


class SharingType(StrEnum):
    """共享类型."""

    UNCONDITIONAL = "1"
    CONDITIONAL = "2"
    NOT_SHARED = "3"


class UpdateCycle(StrEnum):
    """更新周期; the text is the standard, the codes above 6 are extensions that deployed systems use."""

    REALTIME = "1"
    DAILY = "2"
    WEEKLY = "3"
    MONTHLY = "4"
    QUARTERLY = "5"
    YEARLY = "6"
    HALF_YEARLY = "7"
    IRREGULAR = "8"
    CUSTOM = "9"


class FormatClass(StrEnum):
    """信息资源格式分类."""

    FILE = "1"
    SPREADSHEET = "2"
    DATABASE = "3"
    IMAGE = "4"
    STREAM = "5"
    SELF_DESCRIBING = "6"
    INTERFACE = "7"


class SharingMode(StrEnum):
    """共享方式."""

    DATABASE = "database"
    FILE = "file"
    INTERFACE = "interface"
    MAIL = "mail"
    DISK = "disk"
    MEDIUM = "medium"


class DataType(StrEnum):
    """信息项数据类型."""

    TEXT = "C"
    NUMBER = "N"
    MONEY = "Y"
    DATE = "D"
    MOMENT = "T"
    LOGICAL = "L"
    MEMO = "M"
    GENERAL = "G"
    DOUBLE = "B"
    INTEGER = "I"
    FLOAT = "F"


class Sensitivity(StrEnum):
    """What personal fact an item holds; it decides the mask that is proposed."""

    NONE = ""
    NAME = "name"
    IDENTITY = "identity"
    PHONE = "phone"
    ADDRESS = "address"
    ACCOUNT = "account"
    BIRTH = "birth"
    COMPANY = "company"
    OTHER = "other"


class State(StrEnum):
    """Where an entry stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


SHARING_LABELS = {SharingType.UNCONDITIONAL: "无条件共享", SharingType.CONDITIONAL: "有条件共享", SharingType.NOT_SHARED: "不予共享"}
CYCLE_LABELS = {
    UpdateCycle.REALTIME: "实时",
    UpdateCycle.DAILY: "每日",
    UpdateCycle.WEEKLY: "每周",
    UpdateCycle.MONTHLY: "每月",
    UpdateCycle.QUARTERLY: "每季度",
    UpdateCycle.HALF_YEARLY: "每半年",
    UpdateCycle.YEARLY: "每年",
    UpdateCycle.IRREGULAR: "不定期",
    UpdateCycle.CUSTOM: "自定义",
}
FORMAT_LABELS = {
    FormatClass.FILE: "电子文件",
    FormatClass.SPREADSHEET: "电子表格",
    FormatClass.DATABASE: "数据库",
    FormatClass.IMAGE: "图形图像",
    FormatClass.STREAM: "流媒体",
    FormatClass.SELF_DESCRIBING: "自描述格式",
    FormatClass.INTERFACE: "服务接口",
}
FORMAT_TYPES = {
    FormatClass.FILE: ("OFD", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt"),
    FormatClass.SPREADSHEET: ("et", "xls", "xlsx", "csv"),
    FormatClass.DATABASE: (
        *("Dm", "KingbaseES", "access", "dbf", "dbase", "sysbase", "oracle", "sql server", "db2"),
        *("mysql", "postgresql", "opengauss", "oceanbase"),
    ),
    FormatClass.IMAGE: ("jpg", "gif", "bmp", "png", "shp", "geojson"),
    FormatClass.STREAM: ("swf", "rm", "mpg", "mp4"),
    FormatClass.SELF_DESCRIBING: (),
    FormatClass.INTERFACE: ("json", "xml", "webservice"),
}
MODE_LABELS = {
    SharingMode.DATABASE: "数据库",
    SharingMode.FILE: "文件",
    SharingMode.INTERFACE: "接口服务",
    SharingMode.MAIL: "邮件",
    SharingMode.DISK: "拷盘",
    SharingMode.MEDIUM: "介质交换",
}
#: 共享平台方式 against 其他方式
PLATFORM_MODES = (SharingMode.DATABASE, SharingMode.FILE, SharingMode.INTERFACE)
DATA_TYPE_LABELS = {
    DataType.TEXT: "字符型",
    DataType.NUMBER: "数值型",
    DataType.MONEY: "货币型",
    DataType.DATE: "日期型",
    DataType.MOMENT: "日期时间型",
    DataType.LOGICAL: "逻辑型",
    DataType.MEMO: "备注型",
    DataType.GENERAL: "通用型",
    DataType.DOUBLE: "双精度型",
    DataType.INTEGER: "整型",
    DataType.FLOAT: "浮点型",
}
STATE_LABELS = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "待部门审核",
    State.APPROVED: "待主管部门审核",
    State.PUBLISHED: "已发布",
    State.WITHDRAWN: "已下线",
}
#: 类 → 项, in the official order; the first three digits of a classification code.
CLASSIFICATION_LABELS = {
    "1": ("基础", ("人口", "法人单位", "自然资源和空间地理", "社会信用", "电子证照")),
    "2": (
        "主题",
        (
            *("公共服务", "健康保障", "社会保障", "食品药品安全", "安全生产", "价格监管"),
            *("能源安全", "信用体系", "城乡建设", "社区治理", "生态环保", "应急维稳"),
        ),
    ),
    "3": (
        "部门",
        ("党中央", "全国人大常委会", "国务院", "全国政协", "最高人民法院", "最高人民检察院", "省(区、市)及以下", "计划单列市及以下"),
    ),
}


def classification_name(code: str) -> str:
    """The name of a 类 (one digit) or of 类 and 项 (three digits); empty when the code is not in the list."""
    group = CLASSIFICATION_LABELS.get(code[:1])
    if group is None:
        return ""
    name, branches = group
    if len(code) < 3:  # noqa: PLR2004 - 类 is one digit, 项 two more
        return name
    index = int(code[1:3]) if code[1:3].isdigit() else 0
    return say("{group} / {branch}", group=say(name), branch=say(branches[index - 1])) if 1 <= index <= len(branches) else name


DATA_LEVEL_LABELS = ("一般数据", "重要数据", "核心数据")
SENSITIVITY_LABELS = {
    Sensitivity.NONE: "无",
    Sensitivity.NAME: "姓名",
    Sensitivity.IDENTITY: "证件号码",
    Sensitivity.PHONE: "联系电话",
    Sensitivity.ADDRESS: "住址",
    Sensitivity.ACCOUNT: "账号",
    Sensitivity.BIRTH: "出生日期",
    Sensitivity.COMPANY: "企业秘密",
    Sensitivity.OTHER: "其他敏感信息",
}
#: Formats that hold rows, so that the entry must name its data items.
STRUCTURED = frozenset({FormatClass.SPREADSHEET, FormatClass.DATABASE, FormatClass.INTERFACE})
#: 项 → three digits, by its official name, so that a foreign theme of the same name can be placed.
BRANCH_CODES = {
    branch: f"{group}{number:02d}"
    for group, (_name, branches) in CLASSIFICATION_LABELS.items()
    for number, branch in enumerate(branches, start=1)
}


def label(labels: Mapping[Any, str], value: str) -> str:
    """The word for a code; the code itself when the list does not have it."""
    return labels.get(value, value)

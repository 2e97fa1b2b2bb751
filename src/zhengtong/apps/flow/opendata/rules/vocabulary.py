"""Code lists of opening: states of a dataset, themes, licences, forms of a file. Codes are stored; labels are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zhengtong.contracts.grants import Mask


class State(StrEnum):
    """Where the opening of a dataset stands."""

    MEASURING = "measuring"
    MEASURED = "measured"
    APPROVED = "approved"
    RELEASED = "released"
    OPEN = "open"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class BuildKind(StrEnum):
    """What the worker does with the rows: run the gates alone, or run them and make a version."""

    MEASURE = "measure"
    PUBLISH = "publish"


class BuildState(StrEnum):
    """How far it has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"
    FAILED = "failed"


class Form(StrEnum):
    """What a file of a version is."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    XML = "xml"
    TURTLE = "ttl"
    PARQUET = "parquet"
    GEOJSON = "geojson"
    DICTIONARY = "dictionary"
    DELTA = "delta"
    MANIFEST = "manifest"


STATE_LABELS = {
    State.MEASURING: "检测中",
    State.MEASURED: "待单位审核",
    State.APPROVED: "待主管部门审核",
    State.RELEASED: "正在生成文件",
    State.OPEN: "已开放",
    State.RETURNED: "已退回",
    State.WITHDRAWN: "已停止开放",
}
BUILD_LABELS = {
    BuildState.QUEUED: "排队中",
    BuildState.RUNNING: "运行中",
    BuildState.DONE: "已完成",
    BuildState.UNCHANGED: "数据未变",
    BuildState.BLOCKED: "检测未通过",
    BuildState.FAILED: "失败",
}
OPEN_BUILDS = (BuildState.QUEUED, BuildState.RUNNING)
#: the 20 themes of 北京市公共数据开放平台
THEME_LABELS = {
    "finance": "财税金融",
    "food": "餐饮美食",
    "housing": "房屋住宅",
    "environment": "环境与资源保护",
    "transport": "交通服务",
    "education": "教育科研",
    "economy": "经济建设",
    "employment": "劳动就业",
    "travel": "旅游住宿",
    "agriculture": "农业农村",
    "business": "企业服务",
    "social-security": "社会保障",
    "safety": "生活安全",
    "living": "生活服务",
    "culture": "文体娱乐",
    "shopping": "消费购物",
    "credit": "信用服务",
    "health": "医疗健康",
    "government": "政府机构与社会团体",
    "religion": "宗教信仰",
}


@dataclass(frozen=True)
class Licence:
    """A licence by its name and the address of its text."""

    name: str
    url: str


LICENCES = {
    "cc-by-4.0": Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "cc0-1.0": Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "odc-by-1.0": Licence("ODC-By 1.0", "https://opendatacommons.org/licenses/by/1-0/"),
}
FORM_LABELS = {
    Form.CSV: "CSV",
    Form.XLSX: "XLSX",
    Form.JSON: "JSON",
    Form.XML: "XML",
    Form.TURTLE: "RDF (Turtle)",
    Form.PARQUET: "Parquet",
    Form.GEOJSON: "GeoJSON",
    Form.DICTIONARY: "数据字典",
    Form.DELTA: "与上一版的差异",
    Form.MANIFEST: "文件清单",
}
#: the forms that hold the rows themselves; GeoJSON where the dataset has a place
ROW_FORMS = (Form.CSV, Form.XLSX, Form.JSON, Form.XML, Form.TURTLE, Form.PARQUET, Form.GEOJSON)
MEDIA_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSON: "application/json",
    Form.XML: "application/xml",
    Form.TURTLE: "text/turtle; charset=utf-8",
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.GEOJSON: "application/geo+json",
    Form.DICTIONARY: "text/csv; charset=utf-8",
    Form.DELTA: "text/csv; charset=utf-8",
    Form.MANIFEST: "application/json",
}
FILE_NAMES = {
    **{form: f"data.{form.value}" for form in ROW_FORMS},
    Form.DICTIONARY: "dictionary.csv",
    Form.DELTA: "delta.csv",
    Form.MANIFEST: "manifest.json",
}
MASK_LABELS = {
    Mask.NONE: "原样",
    Mask.NAME: "只留姓",
    Mask.IDENTITY: "号码中段隐去",
    Mask.PHONE: "电话中段隐去",
    Mask.ADDRESS: "地址只留前六字",
    Mask.ACCOUNT: "只留后四位",
    Mask.YEAR: "只留年份",
}
#: what an item of this sensitivity may not be opened as
PERSONAL = frozenset({"name", "identity", "phone", "address", "account", "birth", "other"})
EVENT_LABELS = {
    "proposed": "提议开放",
    "measured": "检测完成",
    "approved": "单位审核通过",
    "released": "主管部门同意发布",
    "published": "发布新版本",
    "reopened": "恢复开放",
    "blocked": "检测未通过,没有发布",
    "failed": "没有生成新版本",
    "overruled": "说明理由后放行",
    "returned": "退回",
    "withdrawn": "停止开放",
    "reworded": "修改说明",
}

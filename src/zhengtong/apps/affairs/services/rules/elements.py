"""
The elements of an item as forms, files and comparisons show them: national column name, label, what may be written.

Order and groups are those in which people fill them in. The columns are those of the national implementation list; the last group of the
item is our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zhengtong.apps.affairs.services.rules import vocabulary as words


class Kind(StrEnum):
    """What is written into an element."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    CHOICE = "choice"
    CHOICES = "choices"
    #: several words in one line
    WORDS = "words"
    #: a JSON document
    JSON = "json"


@dataclass(frozen=True)
class Element:
    """One element; ``most`` is the length it may have."""

    name: str
    label: str
    kind: Kind = Kind.LINE
    most: int = 200
    choices: Mapping[str, str] = field(default_factory=dict)


GROUP_LABELS: Mapping[str, str] = {
    "what": "办什么",
    "law": "依据和条件",
    "time": "时限",
    "where": "在哪里办、怎么办",
    "fee": "收费",
    "topics": "适用范围",
    "national": "其他国家要素",
    "cases": "表单和流程",
}
ELEMENT_LABELS: Mapping[str, str] = {
    "task_name": "事项名称",
    "summary": "一句话说明",
    "aliases": "群众常用叫法",
    "server_type": "服务对象",
    "project_type": "办件类型",
    "by_law": "设定依据",
    "power_source": "权力来源",
    "accept_condition": "受理条件",
    "limit_explain": "数量限制",
    "special_procedure": "特别程序",
    "anticipate_day": "法定办结时限",
    "anticipate_type": "法定时限单位",
    "anticipate_explain": "法定时限说明",
    "promise_day": "承诺办结时限",
    "promise_type": "承诺时限单位",
    "promise_explain": "承诺时限说明",
    "handle_type": "办理形式",
    "handle_flow": "办理流程说明",
    "limit_scene_num": "到办事现场次数",
    "limit_scene_explain": "必须到现场的原因",
    "transact_addr": "办理地点",
    "transact_time": "办理时间",
    "link_way": "咨询方式",
    "supervise_way": "监督投诉方式",
    "is_entry_center": "进驻政务大厅",
    "is_online": "可以网上办理",
    "online_handle_depth": "网上办理深度",
    "online_handle_url": "网上办理地址",
    "link_addr": "电脑端链接",
    "mobile_terminal_url": "移动端链接",
    "is_schedule": "可以预约",
    "is_express": "支持物流快递",
    "is_service_terminals": "支持自助终端",
    "handle_area": "通办范围",
    "other_dept": "联办机构",
    "is_fee": "收费",
    "fee_basis": "收费依据",
    "is_pay_online": "支持网上支付",
    "user_topic_type": "个人办事主题",
    "corp_topic_type": "法人办事主题",
    "life_events": "人生大事、企业一生",
    "audience": "专门面向的人群",
    "residence": "申请人住在哪里",
    "industries": "专门面向的行业",
    "dept_type": "实施主体性质",
    "entrust_name": "受委托部门",
    "local_catalog_code": "地方基本编码",
    "local_task_code": "地方实施编码",
    "is_single_login": "电脑端单点登录",
    "app_is_single_login": "移动端单点登录",
    "plan_effective_date": "计划生效日期",
    "plan_cancel_date": "计划取消日期",
    "service_type": "中介服务",
    "town_code": "乡镇街道名称和代码",
    "village_code": "村社区名称和代码",
    "process": "流程编码",
    "form": "表单(JSON Schema)",
    "material_name": "材料名称",
    "is_need": "材料必要性",
    "material_type": "材料类型",
    "material_format": "材料形式",
    "form_guid": "空白表格",
    "example_guid": "示例样表",
    "source_type": "来源渠道",
    "source_explain": "来源渠道说明",
    "page_num": "份数",
    "page_format": "纸张规格",
    "fill_explain": "填报须知",
    "accept_stand": "受理标准",
    "remark": "备注",
    "source": "平台从哪里得到",
    "resource": "信息资源代码",
    "resource_item": "信息项名称",
    "licence_type": "证照类型代码",
    "case_item": "以往办件的事项编码",
    "reason": "仍要提交的理由",
    "reason_by": "理由登记人",
    "reason_at": "理由登记时间",
    "fee_name": "收费项目名称",
    "fee_stand": "收费标准",
    "is_desc": "允许减免",
    "desc_explain": "减免说明",
    "question": "问题",
    "answer": "解答",
    "step_name": "环节名称",
    "step_office": "办理单位、岗位",
    "step_days": "环节时限",
    "step_explain": "环节说明",
    "result_name": "结果名称",
    "result_type": "结果类型",
    "result_guid": "结果样本",
    "punishment_method": "处罚方式",
}
TABLE_LABELS: Mapping[str, str] = {
    "materials": "申请材料",
    "fees": "收费项目",
    "questions": "常见问题",
    "steps": "办理环节",
    "results": "办理结果",
    "punishments": "处罚方式",
}


def _of(name: str, kind: Kind = Kind.LINE, choices: Mapping[str, str] | None = None, *, most: int = 200) -> Element:
    return Element(name, ELEMENT_LABELS[name], kind, most, choices or {})


GROUPS: Mapping[str, tuple[Element, ...]] = {
    "what": (
        _of("task_name"),
        _of("summary", Kind.TEXT, most=500),
        _of("aliases", Kind.WORDS),
        _of("server_type", Kind.CHOICES, words.SERVED_LABELS),
        _of("project_type", Kind.CHOICE, words.KIND_LABELS),
    ),
    "law": (
        _of("by_law", Kind.TEXT, most=1000),
        _of("power_source"),
        _of("accept_condition", Kind.TEXT, most=2000),
        _of("limit_explain", Kind.TEXT, most=500),
        _of("special_procedure", Kind.CHOICES, words.SPECIAL_LABELS),
    ),
    "time": (
        _of("anticipate_day", Kind.NUMBER),
        _of("anticipate_type", Kind.CHOICE, words.DAY_LABELS),
        _of("anticipate_explain", Kind.TEXT, most=500),
        _of("promise_day", Kind.NUMBER),
        _of("promise_type", Kind.CHOICE, words.DAY_LABELS),
        _of("promise_explain", Kind.TEXT, most=500),
    ),
    "where": (
        _of("handle_type", Kind.CHOICES, words.WAY_LABELS),
        _of("handle_flow", Kind.TEXT, most=2000),
        _of("limit_scene_num", Kind.NUMBER),
        _of("limit_scene_explain", Kind.TEXT, most=500),
        _of("transact_addr", Kind.TEXT, most=500),
        _of("transact_time", Kind.TEXT, most=500),
        _of("link_way"),
        _of("supervise_way"),
        _of("is_entry_center", Kind.FLAG),
        _of("is_online", Kind.FLAG),
        _of("online_handle_depth", Kind.CHOICE, words.DEPTH_LABELS),
        _of("online_handle_url", most=500),
        _of("link_addr", most=500),
        _of("mobile_terminal_url", most=500),
        _of("is_schedule", Kind.FLAG),
        _of("is_express", Kind.FLAG),
        _of("is_service_terminals", Kind.FLAG),
        _of("handle_area", Kind.CHOICE, words.AREA_LABELS),
        _of("other_dept"),
    ),
    "fee": (_of("is_fee", Kind.FLAG), _of("fee_basis", Kind.TEXT, most=1000), _of("is_pay_online", Kind.FLAG)),
    "topics": (
        _of("user_topic_type", Kind.CHOICES, words.PERSON_TOPIC_LABELS),
        _of("corp_topic_type", Kind.CHOICES, words.COMPANY_TOPIC_LABELS),
        _of("life_events", Kind.CHOICES, words.LIFE_LABELS),
        _of("audience", Kind.CHOICES, words.AUDIENCE_LABELS),
        _of("residence", Kind.CHOICES, words.RESIDENCE_LABELS),
        _of("industries", Kind.CHOICES, words.INDUSTRY_LABELS),
    ),
    "national": (
        _of("dept_type", Kind.CHOICE, words.BODY_LABELS),
        _of("entrust_name"),
        _of("local_catalog_code", most=60),
        _of("local_task_code", most=100),
        _of("is_single_login", Kind.FLAG),
        _of("app_is_single_login", Kind.FLAG),
        _of("plan_effective_date", Kind.DAY),
        _of("plan_cancel_date", Kind.DAY),
        _of("service_type", Kind.TEXT, most=500),
        _of("town_code", most=100),
        _of("village_code", most=100),
    ),
    "cases": (_of("process", most=60), _of("form", Kind.JSON, most=200_000)),
}
ELEMENTS: Mapping[str, Element] = {one.name: one for group in GROUPS.values() for one in group}
TABLES: Mapping[str, tuple[Element, ...]] = {
    "materials": (
        _of("material_name"),
        _of("is_need", Kind.CHOICE, words.NEED_LABELS),
        _of("source", Kind.CHOICE, words.SOURCE_LABELS),
        _of("resource", most=60),
        _of("resource_item", most=100),
        _of("licence_type", most=64),
        _of("case_item", most=33),
        _of("reason", Kind.TEXT, most=500),
        _of("material_type", Kind.CHOICE, words.COPY_LABELS),
        _of("material_format", Kind.CHOICE, words.FORM_LABELS),
        _of("source_type", Kind.CHOICE, words.CHANNEL_LABELS),
        _of("source_explain", most=500),
        _of("page_num", Kind.NUMBER),
        _of("page_format", most=60),
        _of("fill_explain", Kind.TEXT, most=1000),
        _of("accept_stand", Kind.TEXT, most=1000),
        _of("by_law", Kind.TEXT, most=1000),
        _of("form_guid"),
        _of("example_guid"),
        _of("remark", Kind.TEXT, most=500),
    ),
    "fees": (
        _of("fee_name"),
        _of("fee_stand", Kind.TEXT, most=500),
        _of("is_desc", Kind.FLAG),
        _of("desc_explain", Kind.TEXT, most=500),
        _of("by_law", Kind.TEXT, most=1000),
    ),
    "questions": (_of("question", most=500), _of("answer", Kind.TEXT, most=2000)),
    "steps": (_of("step_name", most=60), _of("step_office"), _of("step_days", Kind.NUMBER), _of("step_explain", Kind.TEXT, most=500)),
    "results": (_of("result_name", most=100), _of("result_type", Kind.CHOICE, words.RESULT_LABELS), _of("result_guid")),
    "punishments": (_of("punishment_method", Kind.TEXT, most=500),),
}
#: the platform writes these itself, so that forms do not ask for them
KEPT_BY_PLATFORM: Mapping[str, tuple[Element, ...]] = {"materials": (_of("reason_by", most=80), _of("reason_at", most=40))}

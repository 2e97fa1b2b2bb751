"""Code sets of service items: GB/T 39046-2020 Annex A, and what the field writes where the standard names no codes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class State(IntEnum):
    """事项状态: whether an item may be asked for."""

    IN_USE = 1
    SUSPENDED = 2
    CANCELLED = 3
    DRAFT = 4


class VersionState(StrEnum):
    """Where a version stands; an item has at most one that is published and at most one that is worked on."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    REPLACED = "replaced"


class RunState(StrEnum):
    """Where a simulation of a form stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


RUN_LABELS: Mapping[str, str] = {RunState.QUEUED: "排队中", RunState.RUNNING: "进行中", RunState.DONE: "已完成"}

#: versions that somebody still works on
OPEN_STATES = (VersionState.DRAFT, VersionState.SUBMITTED, VersionState.RETURNED)

STATE_LABELS: Mapping[int, str] = {
    State.IN_USE: "在用",
    State.SUSPENDED: "挂起",
    State.CANCELLED: "取消",
    State.DRAFT: "草稿",
}
VERSION_LABELS: Mapping[str, str] = {
    VersionState.DRAFT: "编辑中",
    VersionState.SUBMITTED: "等待审核",
    VersionState.RETURNED: "已退回",
    VersionState.PUBLISHED: "已发布",
    VersionState.REPLACED: "已被替换",
}
#: A.1 事项类型
TYPE_LABELS: Mapping[str, str] = {
    "00": "行政权力事项",
    "01": "行政许可",
    "02": "行政处罚",
    "03": "行政强制",
    "04": "行政征收",
    "05": "行政给付",
    "06": "行政检查",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "20": "公共服务事项",
}
LICENSING = "01"
#: A.2 行使层级
LEVEL_LABELS: Mapping[str, str] = {
    "1": "国家级",
    "2": "省级",
    "3": "市级",
    "4": "县级",
    "5": "镇(乡、街道)级",
    "6": "村(社区)级",
    "7": "分级管理",
}
#: A.3 实施主体性质
BODY_LABELS: Mapping[str, str] = {"1": "法定机关", "2": "授权组织", "3": "受委托组织", "9": "其他"}
#: A.4 服务对象
SERVED_LABELS: Mapping[str, str] = {
    "1": "自然人",
    "2": "企业法人",
    "3": "事业法人",
    "4": "社会组织法人",
    "5": "行政机关",
    "6": "其他组织",
}
PERSON = "1"
#: A.5 办理形式
WAY_LABELS: Mapping[str, str] = {"1": "窗口办理", "2": "电脑端网上办理", "3": "移动端网上办理", "4": "快递申请", "9": "其他形式"}
#: A.6 办件类型
KIND_LABELS: Mapping[str, str] = {"1": "即办件", "2": "承诺件", "9": "其他"}
AT_ONCE, PROMISED = "1", "2"
#: A.7 特别程序
SPECIAL_LABELS: Mapping[str, str] = {"1": "延长审批", "2": "其他特别程序"}
#: the unit of a period; the national table leaves the codes open
DAY_LABELS: Mapping[str, str] = {"1": "工作日", "2": "自然日"}
#: 网办深度
DEPTH_LABELS: Mapping[str, str] = {"1": "信息发布", "2": "网上预约、下载", "3": "网上预审", "4": "全程网办"}
WHOLLY_ONLINE = "4"
#: 通办范围
AREA_LABELS: Mapping[str, str] = {"1": "全国", "2": "跨省", "3": "跨市", "4": "跨县"}
#: 结果类型; which name asks for which type stands in ``checking``
RESULT_LABELS: Mapping[str, str] = {"10": "证照", "20": "批文", "30": "办理结果通知", "40": "其他结果"}
#: 材料必要性, 材料类型, 材料形式, 来源渠道
NEED_LABELS: Mapping[str, str] = {"1": "必要", "2": "非必要", "3": "容缺后补"}
COPY_LABELS: Mapping[str, str] = {"1": "原件", "2": "复印件", "3": "原件或复印件"}
FORM_LABELS: Mapping[str, str] = {"1": "纸质", "2": "电子", "3": "纸质或电子"}
CHANNEL_LABELS: Mapping[str, str] = {"10": "申请人自备", "20": "政府部门核发", "30": "中介机构出具", "99": "其他来源"}
#: the steps that a licence goes through, in their order
LICENSING_STEPS = ("受理", "审核", "审批", "办结", "送达")


class Source(StrEnum):
    """材料来源: where the platform gets what an item requires."""

    SHARED = "shared"
    LICENCE = "licence"
    CASE = "case"
    COMMITMENT = "commitment"
    UPLOAD = "upload"


SOURCE_LABELS: Mapping[str, str] = {
    Source.SHARED: "共享数据",
    Source.LICENCE: "电子证照",
    Source.CASE: "以往办件",
    Source.COMMITMENT: "告知承诺",
    Source.UPLOAD: "本人提交",
}
#: sources for which nobody has to hand anything in
AVOIDED = (Source.SHARED, Source.LICENCE, Source.CASE, Source.COMMITMENT)

#: 自然人办事主题
PERSON_TOPIC_LABELS: Mapping[str, str] = {
    "birth": "生育收养",
    "household": "户籍办理",
    "education": "教育科研",
    "work": "就业创业",
    "qualification": "职业资格",
    "marriage": "婚姻登记",
    "veterans": "优待抚恤",
    "housing": "住房保障",
    "social": "社会保障",
    "papers": "证件办理",
    "traffic": "交通出行",
    "health": "医疗卫生",
    "disabled": "残疾人服务",
    "tax": "纳税缴费",
    "justice": "司法公证",
    "culture": "文化体育",
    "utilities": "公用事业",
    "agriculture": "农业农村",
    "retirement": "离职退休",
    "funeral": "死亡殡葬",
    "others": "其他主题",
}
#: 法人办事主题
COMPANY_TOPIC_LABELS: Mapping[str, str] = {
    "register": "设立变更",
    "permit": "准营准办",
    "rating": "资质认证",
    "tax": "税收财务",
    "labour": "人力资源",
    "social": "社会保障",
    "invest": "投资审批",
    "finance": "融资信贷",
    "trade": "商务贸易",
    "customs": "海关口岸",
    "agriculture": "农林牧渔",
    "land": "国土和规划建设",
    "transport": "交通运输",
    "quality": "质量技术",
    "safety": "安全生产",
    "ecology": "环保绿化",
    "science": "科技创新",
    "health": "医疗卫生",
    "culture": "文体教育",
    "utilities": "公用事业",
    "close": "法人注销",
    "others": "其他主题",
}
#: 人生大事与企业的一生
PERSON_EVENT_LABELS: Mapping[str, str] = {
    "born": "孩子出生了",
    "school": "要上学了",
    "job": "找工作、创业",
    "marry": "结婚成家",
    "home": "买房租房",
    "ill": "看病就医",
    "hardship": "遇到困难",
    "move": "搬到这里",
    "drive": "开车出行",
    "retire": "退休养老",
    "farewell": "身后事",
}
COMPANY_EVENT_LABELS: Mapping[str, str] = {
    "found": "开办企业",
    "licence": "取得经营许可",
    "build": "投资建设",
    "hire": "招人用工",
    "grow": "经营发展",
    "change": "变更迁移",
    "end": "注销退出",
}
LIFE_LABELS: Mapping[str, str] = {**PERSON_EVENT_LABELS, **COMPANY_EVENT_LABELS}
#: for whom in particular; an item that names none is for everybody whom it serves
AUDIENCE_LABELS: Mapping[str, str] = {
    "elderly": "老年人(60 周岁以上)",
    "disabled": "残疾人",
    "veteran": "退役军人及其家属",
    "poor": "低收入家庭",
    "student": "学生和家长",
    "jobless": "正在找工作的人",
    "parent": "怀孕或有孩子的人",
    "farmer": "农民",
    "teacher": "教师",
    "medic": "医护人员",
    "driver": "驾驶员和车主",
}
#: where somebody lives
RESIDENCE_LABELS: Mapping[str, str] = {"local": "本市户籍", "settled": "在本市居住,户籍在外地", "away": "不住在本市"}
#: 国民经济行业门类 GB/T 4754-2017
INDUSTRY_LABELS: Mapping[str, str] = {
    "A": "农、林、牧、渔业",
    "B": "采矿业",
    "C": "制造业",
    "D": "电力、热力、燃气及水生产和供应业",
    "E": "建筑业",
    "F": "批发和零售业",
    "G": "交通运输、仓储和邮政业",
    "H": "住宿和餐饮业",
    "I": "信息传输、软件和信息技术服务业",
    "J": "金融业",
    "K": "房地产业",
    "L": "租赁和商务服务业",
    "M": "科学研究和技术服务业",
    "N": "水利、环境和公共设施管理业",
    "O": "居民服务、修理和其他服务业",
    "P": "教育",
    "Q": "卫生和社会工作",
    "R": "文化、体育和娱乐业",
    "S": "公共管理、社会保障和社会组织",
    "T": "国际组织",
}

"""Foreign field names: what each of ours is called elsewhere, and how a file's names are matched to ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from zhengtong.kernel.sentences import say

#: Our import fields → what people read in the mapping form.
TARGETS = {
    "title": "信息资源名称",
    "code": "信息资源代码",
    "source_id": "来源编号",
    "department": "提供单位",
    "section": "内设机构",
    "description": "摘要",
    "class_code": "分类码",
    "category": "主题(领域)",
    "industry": "行业",
    "format_class": "格式分类",
    "data_formats": "格式类型",
    "sharing_type": "共享类型",
    "sharing_condition": "共享条件",
    "sharing_scope": "共享范围",
    "sharing_purpose": "使用用途",
    "sharing_modes": "共享方式",
    "legal_basis": "依据",
    "is_open": "是否开放(开放类型)",
    "open_condition": "开放条件",
    "update_frequency": "更新周期",
    "update_frequency_text": "更新周期说明",
    "publish_time": "发布日期",
    "update_time": "数据更新日期",
    "tags": "标签",
    "related_codes": "关联资源代码",
    "data_level": "数据分级",
    "telephone": "联系电话",
    "email": "邮箱",
    "url": "网址",
    "items": "信息项(列表)",
}
_NAMES = {
    "title": (
        "title name 标题 名称 信息资源名称 资源名称 目录名称 "
        "数据目录名称 数据集名称 数据名称 资源标题 资源信息名称 dataset_name datasetname "
        "resourcename resname catalogname"
    ),
    "code": "code 信息资源代码 资源代码 目录代码 目录编码 资源编码 信息资源编码",
    "source_id": "id 编号 标识 唯一标识 资源标识 目录标识 identifier guid uuid cata_id resourceid datasetid",
    "department": (
        "department office_name publisher 提供单位 提供部门 提供方 提供机构 资源提供单位 "
        "信息资源提供方 信息资源提供方名称 资源提供方 来源部门 数据来源 数源单位 "
        "发布部门 发布机构 所属部门 所属单位 所属机构 机构分类 机构名称 部门名称 单位名称 责任部门 数据提供方 orgname deptname"
    ),
    "section": "section 内设机构 内设科室 科室 处室 业务处室",
    "description": (
        "description notes summary 摘要 信息资源摘要 资源摘要 摘要信息 数据摘要 "
        "描述 资源描述 数据描述 简介 数据简介 内容简介 内容描述 说明 目录摘要"
    ),
    "class_code": "class_code classcode 分类码 资源分类码 信息资源分类码 分类编码 目录分类代码",
    "category": (
        "category theme themes group 主题 主题分类 主题名称 所属主题 数据主题 "
        "领域 领域名称 所属领域 重点领域 数据领域 主题领域 信息资源主题 重点领域分类 服务领域"
    ),
    "industry": "industry 行业 所属行业 行业分类 行业名称 数据行业 国民经济行业",
    "format_class": "format_class 信息资源格式分类 格式分类 资源格式分类",
    "data_formats": (
        "data_formats format formats format_types 数据格式 资源格式 文件格式 文件类型 "
        "格式 格式类型 信息资源格式 信息资源格式类型 资源格式类型 数据下载 下载格式"
    ),
    "sharing_type": "sharing_type sharetype 共享类型 共享属性 共享属性类型 共享属性共享类型 资源共享类型",
    "sharing_condition": "sharing_condition 共享条件 共享属性共享条件 不予共享依据 共享条件说明",
    "sharing_scope": "sharing_scope 共享范围 可共享范围",
    "sharing_purpose": "sharing_purpose 使用用途 用途 共享用途 使用要求",
    "sharing_modes": "sharing_modes 共享方式 共享方式类型 共享属性共享方式",
    "legal_basis": "legal_basis 依据 法律依据 采集依据 政策依据 职责依据 设立依据 共享依据",
    "is_open": (
        "is_open isopen opentype 是否开放 是否向社会开放 开放属性 "
        "开放属性是否向社会开放 开放类型 开放方式 开放状态 开放等级 公开属性 opentypename"
    ),
    "open_condition": "open_condition 开放条件 开放属性开放条件",
    "update_frequency": (
        "update_frequency update_cycle frequency accrualperiodicity 更新频率 更新周期 "
        "更新频度 更新时限 数据更新频率 数据更新周期 信息资源更新周期 updatecycle"
    ),
    "update_frequency_text": "update_frequency_text update_cycle_text 更新周期说明 具体更新时间",
    "publish_time": (
        "publish_time published_on issued releasetime publishtime 发布日期 发布时间 首次发布时间 "
        "创建时间 创建日期 数据集创建时间 上线时间 上线日期 目录发布时间 "
        "资源发布日期 信息资源发布日期"
    ),
    "update_time": (
        "update_time data_updated_on modified updatetime 更新时间 更新日期 最后更新 "
        "最后更新时间 最近更新 最近更新时间 数据更新时间 数据集更新时间 数据更新日期"
    ),
    "tags": "tags keyword keywords 标签 关键字 关键词 数据标签",
    "related_codes": "related_codes 关联资源代码 关联及类目名称 关联资源",
    "data_level": "data_level 数据分级 数据分类分级 数据级别 最小分级单元 安全级别",
    "telephone": "telephone contact tel phone 联系电话 电话 部门电话 联系方式 提供方联系方式 共享咨询电话 联系人电话 orgphone",
    "email": "email 邮箱 电子邮箱 联系邮箱 部门邮箱 orgemail",
    "url": "url link landingpage 网址 链接 详情页网址 详情链接 访问地址 来源网址",
    "items": "items fields columns 信息项 信息项信息 数据项 字段列表",
}
#: Fields of an item → what its column is called.
ITEM_NAMES = {
    "name": "name 信息项名称 数据项名称 字段中文名 字段名称 中文名 信息项",
    "key": "key 英文名 字段名 字段英文名 信息项英文名 列名",
    "data_type": "data_type type 数据类型 字段类型 类型",
    "length": "length 数据长度 长度 字段长度 长度精度",
    "precision": "precision 小数位数 精度 小数位",
    "sharing_type": "sharing_type 共享类型 项共享类型",
    "sharing_condition": "sharing_condition 共享条件 项共享条件",
    "sharing_modes": "sharing_modes 共享方式 项共享方式",
    "is_open": "is_open 是否向社会开放 是否开放 项是否开放",
    "open_condition": "open_condition 开放条件 项开放条件",
    "is_key": "is_key 是否主键 主键",
    "nullable": "nullable 是否可空 是否为空 可空 可为空",
    "searchable": "searchable 可按值查询 是否可查询 查询条件",
    "dictionary": "dictionary 字典项 是否字典项 数据字典 数据标准/字典",
    "sensitivity": "sensitivity 敏感类别 敏感类型",
    "description": "description 描述 字段描述 释义 说明 备注 项说明",
}
_PLAIN = re.compile(r"[\s:*()()[\]【】_\-./]+")


def plain_name(name: str) -> str:
    """A field name without what people decorate it with: blanks, colons, asterisks, brackets, dots."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", name)).lower()


_KNOWN = {plain_name(name): target for target, names in _NAMES.items() for name in (target, *names.split())}
_KNOWN_ITEM = {plain_name(name): target for target, names in ITEM_NAMES.items() for name in names.split()}


def suggest(names: Iterable[str]) -> dict[str, str]:
    """
    Which of our fields each foreign name most likely is; names that say nothing to us are absent.

    ``开放条件`` alone is where portals say whether something is open; beside a field that says so it is the condition.
    """
    found = {name: target for name in names if (target := _KNOWN.get(plain_name(name)))}
    if "is_open" not in found.values():
        found = {name: "is_open" if target == "open_condition" else target for name, target in found.items()}
    return found


def item_field(name: str) -> str:
    """Which field of an item a column is; empty when it is none."""
    return _KNOWN_ITEM.get(plain_name(name), "")


def target_of(name: str) -> str:
    """Which of our fields a name is; empty when it is none."""
    return _KNOWN.get(plain_name(name), "")


def faulty(mapping: Mapping[str, str]) -> list[str]:
    """What is wrong with a mapping {foreign: ours}, in sentences."""
    problems: list[str] = [
        say("没有“{target}”这个目标字段", target=target) for target in mapping.values() if target not in TARGETS and target != "data_volume"
    ]
    if "title" not in mapping.values():
        problems.append(say("没有指明哪个字段是信息资源名称(title)"))
    return problems


def gathered(record: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """The record's values under our names; where two fields are mapped to one of ours, the first that says something counts."""
    values: dict[str, Any] = {}
    for name, target in mapping.items():
        value = record.get(name)
        if values.get(target) in (None, "", []):
            values[target] = value
    return values

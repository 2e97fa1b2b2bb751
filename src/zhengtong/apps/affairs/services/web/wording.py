"""Hints that the form of an item gives."""

from __future__ import annotations

from collections.abc import Mapping

HINT_LABELS: Mapping[str, str] = {
    "summary": "用群众听得懂的话,写明这是办什么、给谁办的。",
    "aliases": "群众怎么叫它,几个叫法用顿号分开;搜索时都找得到。",
    "promise_day": "当场办结的写 0。",
    "anticipate_day": "法律法规没有规定的写 0,并在说明里写明。",
    "limit_scene_num": "一次也不用去的写 0。",
    "source": "能从共享数据或电子证照取得的,不应要求申请人提交。",
    "resource": "来自共享数据时,写目录里的信息资源代码。",
    "resource_item": "用资源的哪个信息项代替这份材料。",
    "licence_type": "来自电子证照时填写。",
    "case_item": "来自以往办件时,写那个事项的实施编码。",
    "reason": "平台能取得却仍要提交的,写明理由;会向社会公开,并记下是谁、什么时候写的。",
    "audience": "面向所有人的不选。",
    "residence": "不限住地的不选。",
    "industries": "不限行业的不选。",
    "process": "办件按哪个流程模板走;没有的不填。",
    "result_guid": "样本的编号或地址。",
    "supervise_way": "不能与咨询电话相同。",
}

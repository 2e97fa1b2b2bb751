"""
The indicators by which open-data portals are judged here (中国开放数林指数, 复旦大学数字与移动治理实验室): four layers, seventeen of them.

Where the platform's own records tell, an indicator is computed from them, 0 to 100, and says from what; where only papers can tell (laws,
standards, contests), it counts what the bureau has put on record. The index's own weights are not public in full: every indicator counts
the same within its layer here, and every layer the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from zhengtong.kernel.sentences import say

LAYER_LABELS = {"readiness": "准备度", "platform": "平台层", "data": "数据层", "use": "利用层"}
INDICATOR_LABELS = {
    "policy": "法规政策效力与内容",
    "standards": "标准规范",
    "organisation": "组织与领导",
    "relations": "平台关系",
    "discovery": "发现预览",
    "access": "数据获取",
    "showcase": "成果提交展示",
    "feedback": "互动反馈",
    "experience": "用户体验",
    "quantity": "数据数量",
    "quality": "数据质量",
    "norms": "数据规范",
    "scope": "开放范围",
    "promotion": "利用促进",
    "diversity": "利用多样性",
    "results": "有效成果数量",
    "result_quality": "成果质量",
}
#: the indicators that papers tell of: the bureau keeps them on record
BY_EVIDENCE = ("policy", "standards", "relations", "promotion")
#: so many documents on record count in full
ENOUGH_EVIDENCE = 3
#: so many open datasets, and rows of one, an office is expected to have; the half of it is 50 points
_DATASETS_PER_OFFICE, _ROWS_PER_DATASET = 5, 1_000
_THEMES, _STARS, _REUSES = 20, 5, 20


@dataclass(frozen=True)
class Facts:
    """What the records tell of the whole portal, or of one office. Shares are 0 to 1; None where there is nothing to measure."""

    offices: int = 1
    offices_open: int = 0
    offices_staffed: int = 0
    datasets: int = 0
    themes: int = 0
    rows: int = 0
    #: mean share of filled cells
    filled: float | None = None
    on_time: float | None = None
    #: datasets without anything that was let pass by a reviewer
    clean: float | None = None
    #: mean share of MQA's points
    mqa: float | None = None
    described: float | None = None
    with_rows: float | None = None
    with_all_forms: float | None = None
    unconditional: float | None = None
    reuses: int = 0
    reuse_kinds: int = 0
    reuse_datasets: int = 0
    reuse_rating: float | None = None
    answered_in_time: float | None = None
    reuses_decided: float | None = None
    rating: float | None = None
    evidence: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """An indicator's value, 0 to 100, the sentence that says from what, and what to mend. None: nothing to measure yet."""

    key: str
    layer: str
    value: float | None
    told: str
    remedy: str


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * max(0.0, min(share, 1.0)), 1)


def _mean(*shares: float | None) -> float | None:
    known = [one for one in shares if one is not None]
    return sum(known) / len(known) if known else None


def _shown(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f}%"


_Measured = tuple[float | None, str, str]


def _by_evidence(key: str) -> Callable[[Facts], _Measured]:
    def measured(facts: Facts) -> _Measured:
        count = facts.evidence.get(key, 0)
        return (
            count / ENOUGH_EVIDENCE,
            say("登记了 {count} 份佐证材料,{enough} 份计满分", count=count, enough=ENOUGH_EVIDENCE),
            say("登记佐证材料"),
        )

    return measured


def _organisation(facts: Facts) -> _Measured:
    told = say("{staffed}/{offices} 个单位有数据专员和负责人", staffed=facts.offices_staffed, offices=facts.offices)
    return (facts.offices_staffed / facts.offices if facts.offices else None), told, say("为缺人的单位任命数据专员和负责人")


def _discovery(facts: Facts) -> _Measured:
    told = say("{described} 的数据集说明完整,{rows} 可在线预览", described=_shown(facts.described), rows=_shown(facts.with_rows))
    return _mean(facts.described, facts.with_rows), told, say("补全摘要和信息项说明")


def _access(facts: Facts) -> _Measured:
    told = say(
        "{open} 无条件开放且无需登录,{forms} 有全部格式,{rows} 有接口",
        open=_shown(facts.unconditional),
        forms=_shown(facts.with_all_forms),
        rows=_shown(facts.with_rows),
    )
    return _mean(facts.unconditional, facts.with_all_forms, facts.with_rows), told, say("能无条件开放的改为无条件开放")


def _showcase(facts: Facts) -> _Measured:
    return facts.reuses_decided, say("提交的应用 {share} 已审核", share=_shown(facts.reuses_decided)), say("及时审核提交的应用")


def _feedback(facts: Facts) -> _Measured:
    told = say("需求和纠错 {share} 按时答复", share=_shown(facts.answered_in_time))
    return facts.answered_in_time, told, say("先答复快到期和已逾期的")


def _experience(facts: Facts) -> _Measured:
    stars = "—" if facts.rating is None else f"{facts.rating:.1f}"
    share = None if facts.rating is None else (facts.rating - 1) / (_STARS - 1)
    return share, say("用户评分平均 {stars} 分(满分 5)", stars=stars), say("看评分低的数据集的留言")


def _quantity(facts: Facts) -> _Measured:
    told = say("{datasets} 个数据集,{rows} 行", datasets=facts.datasets, rows=facts.rows)
    many = min(facts.datasets / (_DATASETS_PER_OFFICE * facts.offices), 1.0) if facts.offices else 0.0
    deep = min(facts.rows / (_ROWS_PER_DATASET * facts.datasets), 1.0) if facts.datasets else 0.0
    return _mean(many, deep), told, say("开放更多数据,合并行数很少的数据集")


def _quality(facts: Facts) -> _Measured:
    told = say(
        "单元格填满 {filled},{on_time} 按周期更新,{clean} 没有放行的问题",
        filled=_shown(facts.filled),
        on_time=_shown(facts.on_time),
        clean=_shown(facts.clean),
    )
    return _mean(facts.filled, facts.on_time, facts.clean), told, say("先更新逾期的数据集")


def _norms(facts: Facts) -> _Measured:
    return facts.mqa, say("元数据质量(MQA)平均达到 {share}", share=_shown(facts.mqa)), say("按“先改什么”逐项改正")


def _scope(facts: Facts) -> _Measured:
    told = say(
        "{open}/{offices} 个单位有开放数据,覆盖 {themes}/{all} 个主题",
        open=facts.offices_open,
        offices=facts.offices,
        themes=facts.themes,
        all=_THEMES,
    )
    share = facts.offices_open / facts.offices if facts.offices else None
    return (_mean(share, facts.themes / _THEMES) if facts.offices > 1 else share), told, say("请没有开放数据的单位列入计划")


def _diversity(facts: Facts) -> _Measured:
    told = say("应用有 {kinds} 类,用到 {datasets} 个数据集", kinds=facts.reuse_kinds, datasets=facts.reuse_datasets)
    used = facts.reuse_datasets / facts.datasets if facts.datasets else None
    return _mean(min(facts.reuse_kinds / 4, 1.0), used), told, say("推广还没有人用的数据集")


def _results(facts: Facts) -> _Measured:
    return (
        min(facts.reuses / _REUSES, 1.0),
        say("已展示 {count} 个应用,{enough} 个计满分", count=facts.reuses, enough=_REUSES),
        say("征集应用"),
    )


def _result_quality(facts: Facts) -> _Measured:
    return facts.reuse_rating, say("已展示的应用 {share} 说明完整", share=_shown(facts.reuse_rating)), say("请作者补充说明和链接")


_MEASURES: dict[str, tuple[str, Callable[[Facts], _Measured]]] = {
    "policy": ("readiness", _by_evidence("policy")),
    "standards": ("readiness", _by_evidence("standards")),
    "organisation": ("readiness", _organisation),
    "relations": ("platform", _by_evidence("relations")),
    "discovery": ("platform", _discovery),
    "access": ("platform", _access),
    "showcase": ("platform", _showcase),
    "feedback": ("platform", _feedback),
    "experience": ("platform", _experience),
    "quantity": ("data", _quantity),
    "quality": ("data", _quality),
    "norms": ("data", _norms),
    "scope": ("data", _scope),
    "promotion": ("use", _by_evidence("promotion")),
    "diversity": ("use", _diversity),
    "results": ("use", _results),
    "result_quality": ("use", _result_quality),
}


def values(facts: Facts) -> list[Value]:
    """All seventeen indicators, in order."""
    found = []
    for key, (layer, measure) in _MEASURES.items():
        share, told, remedy = measure(facts)
        found.append(Value(key, layer, _percent(share), told, remedy))
    return found


def layers(found: list[Value]) -> dict[str, float | None]:
    """The mean of each layer's indicators that could be measured."""
    means = {}
    for layer in LAYER_LABELS:
        mean = _mean(*[one.value for one in found if one.layer == layer])
        means[layer] = None if mean is None else round(mean, 1)
    return means


def whole(found: list[Value]) -> float | None:
    """The mean of the layers."""
    mean = _mean(*layers(found).values())
    return None if mean is None else round(mean, 1)


def mend_first(found: list[Value], *, most: int = 5) -> list[tuple[Value, float]]:
    """Which indicators would bring most, with the points of the whole index that full marks would add."""
    counts = {layer: sum(1 for one in found if one.layer == layer and one.value is not None) for layer in LAYER_LABELS}
    measured = [layer for layer, count in counts.items() if count]
    gains = [
        (one, round((100 - one.value) / counts[one.layer] / len(measured), 1))
        for one in found
        if one.value is not None and one.value < 100  # noqa: PLR2004 - full marks
    ]
    return sorted(gains, key=lambda pair: -pair[1])[:most]

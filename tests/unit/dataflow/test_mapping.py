"""Suggestions for a mapping, and findings about it."""

from __future__ import annotations

import pytest

from zhengtong.engines.dataflow.connectors.base import SourceColumn
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.mapping import Severity, check_mapping, likeness, suggest


@pytest.mark.parametrize(
    ("item", "column", "reason"),
    [
        (Item(key="person_name", name="姓名"), SourceColumn("PERSON_NAME"), "列名相同"),
        (Item(key="a", name="姓名"), SourceColumn("c1", comment="姓名"), "列注释与信息项名称相同"),
        (Item(key="a", name="户籍地址"), SourceColumn("hujidizhi"), "列名是名称的全拼"),
        (Item(key="a", name="户籍地址"), SourceColumn("HJDZ"), "列名是名称的拼音首字母"),
        (Item(key="a", name="公民身份号码"), SourceColumn("id_card"), "常见的同义名称"),
        (Item(key="a", name="统一社会信用代码"), SourceColumn("uscc"), "常见的同义名称"),
        (Item(key="a", name="联系地址"), SourceColumn("c2", comment="企业联系地址信息"), "列注释包含信息项名称"),
        (Item(key="registered_capital_amount", name="出资"), SourceColumn("registred_capital_amount"), "名称相近"),
        (Item(key="a", name="性别(代码)".replace("(", "\uff08").replace(")", "\uff09")), SourceColumn("xb"), "列名是名称的拼音首字母"),
    ],
)
def test_why_a_column_looks_like_an_item(item: Item, column: SourceColumn, reason: str) -> None:
    assert likeness(item, column)[1] == reason


def test_what_has_nothing_in_common() -> None:
    assert likeness(Item(key="a", name="姓名"), SourceColumn("weight", comment="体重")) == (0.0, "")


def test_each_column_is_suggested_once_and_the_likeliest_wins() -> None:
    items = [
        Item(key="gmsfhm", name="公民身份号码"),
        Item(key="xm", name="姓名"),
        Item(key="lxdh", name="联系电话"),
        Item(key="zz", name="不存在的项"),
    ]
    columns = [SourceColumn("sfzh"), SourceColumn("xm"), SourceColumn("phone"), SourceColumn("id_no"), SourceColumn("other")]
    found = {suggestion.item: suggestion.column for suggestion in suggest(items, columns)}
    assert found == {"gmsfhm": "sfzh", "xm": "xm", "lxdh": "phone"}
    scores = [suggestion.score for suggestion in suggest(items, columns)]
    assert scores == sorted(scores, reverse=True)


def _findings(item: Item, column: SourceColumn) -> list[Severity]:
    return [finding.severity for finding in check_mapping([item], [column], {item.key: column.name})]


@pytest.mark.parametrize(
    ("item", "column", "severities"),
    [
        (Item(key="a", length=20), SourceColumn("c", "character varying(20)"), []),
        (Item(key="a", length=20), SourceColumn("c", "character varying(50)"), [Severity.WARNING]),
        (Item(key="a", length=20), SourceColumn("c", "text"), [Severity.WARNING]),
        (Item(key="a"), SourceColumn("c", "jsonb"), []),
        (Item(key="a", type=ItemType.INTEGER), SourceColumn("c", "bigint"), []),
        (Item(key="a", type=ItemType.INTEGER), SourceColumn("c", "text"), [Severity.WARNING]),
        (Item(key="a", type=ItemType.INTEGER), SourceColumn("c", "date"), [Severity.ERROR]),
        (Item(key="a", type=ItemType.INTEGER), SourceColumn("c", "jsonb"), [Severity.ERROR]),
        (Item(key="a", type=ItemType.DECIMAL, precision=10, scale=2), SourceColumn("c", "numeric(10,2)"), []),
        (Item(key="a", type=ItemType.DECIMAL, precision=10, scale=2), SourceColumn("c", "numeric(10,4)"), [Severity.WARNING]),
        (Item(key="a", type=ItemType.DECIMAL, precision=10, scale=2), SourceColumn("c", "numeric"), [Severity.WARNING]),
        (Item(key="a", type=ItemType.DATETIME), SourceColumn("c", "timestamp without time zone"), []),
        (Item(key="a", nullable=False), SourceColumn("c", "text"), [Severity.WARNING]),
        (Item(key="a", nullable=False), SourceColumn("c", "text", nullable=False), []),
        (Item(key="a", type=ItemType.DATE), SourceColumn("c"), []),
    ],
)
def test_types_and_lengths(item: Item, column: SourceColumn, severities: list[Severity]) -> None:
    assert _findings(item, column) == severities


def test_unmapped_items_and_another_key() -> None:
    columns = [SourceColumn("id", "bigint", nullable=False, key_place=1), SourceColumn("name", "text", nullable=False)]
    items = [Item(key="k", is_key=True), Item(key="free"), Item(key="must", nullable=False)]
    findings = check_mapping(items, columns, {"k": "name"})
    assert [(finding.item, finding.severity) for finding in findings] == [
        ("free", Severity.WARNING),
        ("must", Severity.ERROR),
        ("", Severity.WARNING),
    ]
    assert all(finding.sentence and finding.remedy for finding in findings)

"""
Seeded leaks: numbers, names and addresses of people planted in sheets that look like real ones, at places that a fixed seed chooses.

Every identity number must be found, however it is written. False alarms are counted over values that only look alike, and the count is held
exactly, so that a detector that becomes better or worse says so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from zhengtong.apps.flow.opendata.rules import numbers, personal
from zhengtong.apps.flow.opendata.rules.findings import NEVER_PASSED
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.kernel.codes import credit_code, identity_number

SEED, ROWS = 20_261_122, 4_000
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩芳娜敏静秀丽艳娟"
ROADS = ("人民路", "解放路", "文昌街", "柳荫巷", "崇文大道")


def day(chance: random.Random) -> date:
    return date(chance.randint(1932, 2015), chance.randint(1, 12), chance.randint(1, 28))


def identity(chance: random.Random) -> str:
    region = chance.choice(("370102", "370811", "110105", "320106", "510107", "652101"))
    body = f"{region}{day(chance):%Y%m%d}{chance.randint(1, 999):03}"
    return body + identity_number.check_character(body)


def old_identity(chance: random.Random) -> str:
    region = f"370{chance.choice(('102', '811', '902'))}"
    born = f"{chance.randint(32, 86)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    return f"{region}{born}{chance.randint(1, 998):03}"


def phone(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{chance.randint(0, 9)}{chance.randint(0, 99_999_999):08}"


def card(chance: random.Random) -> str:
    body = f"6222{chance.randint(0, 10**14 - 1):014}"
    return next(body + str(last) for last in range(10) if numbers.luhn(body + str(last)))


def name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(chance.randint(1, 2)))


def dwelling(chance: random.Random) -> str:
    house = f"{chance.choice(ROADS)}{chance.randint(1, 300)}号{chance.randint(1, 20)}号楼"
    return f"云城区{house}{chance.randint(1, 5)}单元{chance.randint(101, 1204)}室"


#: how an identity number is written
WRITTEN: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda text: text.translate(WIDE),
    lambda text: f"{text[:6]} {text[6:14]} {text[14:]}",
    lambda text: f"{text[:6]}-{text[6:14]}-{text[14:]}",
    lambda text: f"{text[:3]} {text[3:6]} {text[6:10]} {text[10:14]} {text[14:]}",
    lambda text: f"{text[:6]}－{text[6:14]}－{text[14:]}".translate(WIDE),
    lambda text: f"经核,身份证号{text}的居民已办理。",
    lambda text: f"(证件:{text.lower()})电话0537-2345678",
    lambda text: f"编号2026-0137,{text},已归档",
    lambda text: f"20260131 {text} 370102",
    lambda text: f"3701020013370102{text[:1]}x {text}",
)


def harmless(chance: random.Random) -> str:
    """What stands in columns and remarks of open data and only looks like something."""
    kind = chance.randint(0, 15)
    digits = f"{chance.randint(0, 10**18 - 1):018}"
    return (
        credit_code.compose(authority="9", category="1", region="370100", organisation=f"MA{chance.randint(0, 999_999):06}"),
        f"YZ{date(2026, 1, 1):%Y%m%d}{digits[:8]}",
        f"0537-{digits[:7]}",
        f"云城区{chance.choice(ROADS)}{chance.randint(1, 300)}号",
        f"云市监罚〔2026〕{chance.randint(1, 999)}号",
        f"{chance.randint(100_000, 10**9)}.{digits[:2]}",
        f"86{digits[:13]}",
        digits,
        f"{digits[:4]} {digits[4:8]} {digits[8:12]}",
        f"云州市{chance.choice('鸿泰恒瑞')}{chance.choice('达源盛通')}商贸有限公司",
        f"{chance.choice(('金庄镇', '马坡镇', '石桥镇', '高楼乡', '王因街道'))}中心小学",
        "申请人应当提交身份证明,负责人未到场,当事人已陈述",
        f"联系电话:0537-{digits[:7]},工作日{chance.randint(8, 9)}:30",
        f"采样{chance.randint(1, 9)}次,pH {chance.randint(6, 8)}.{digits[0]},COD {digits[:2]}",
        f"经度116.{digits[:6]},纬度35.{digits[6:12]}",
        f"2026-01-{chance.randint(10, 28)} {chance.randint(10, 23)}:{chance.randint(10, 59)} 至 2026-02-{chance.randint(10, 28)}",
    )[kind]


def found(values: pl.Series) -> dict[str, int]:
    findings = personal.personal_findings(Sheet.of(values.alias("备注").to_frame()))
    return {one.gate: one.count for one in findings}


def planted(chance: random.Random, leaks: list[str]) -> pl.Series:
    """The leaks at random places among harmless values."""
    values = [harmless(chance) for _ in range(ROWS)]
    for place, leak in zip(chance.sample(range(ROWS), len(leaks)), leaks, strict=True):
        values[place] = leak
    return pl.Series(values)


def alone(gate: str, leaks: list[str]) -> int:
    """How many of the leaks are found when each stands in a column of its own."""
    return sum(bool(found(pl.Series([leak])).get(gate)) for leak in leaks)


@pytest.mark.parametrize("writing", range(len(WRITTEN)))
def test_every_identity_number_is_found_however_it_is_written(writing: int) -> None:
    chance = random.Random(SEED + writing)
    leaks = [WRITTEN[writing](identity(chance)) for _ in range(120)]
    assert alone("identity-number", leaks) == len(leaks)
    assert found(planted(chance, leaks))["identity-number"] >= len(leaks)


def test_numbers_of_fifteen_digits_are_found_in_texts_and_in_columns_of_numbers() -> None:
    chance = random.Random(SEED)
    old = [old_identity(chance) for _ in range(200)]
    assert alone("identity-number", [*old, *(f"证号{one}。" for one in old), *(one.translate(WIDE) for one in old)]) == 600
    as_numbers = pl.Series([int(one) for one in old])
    assert found(as_numbers) == found(as_numbers.cast(pl.Float64)) == {"identity-number": 200}
    assert found(as_numbers.cast(pl.Decimal(20, 2))) == {"identity-number": 200}


def test_numbers_of_eighteen_digits_are_found_in_columns_of_numbers() -> None:
    chance = random.Random(SEED)
    leaks = [one for one in (identity(chance) for _ in range(300)) if one.isdigit()]
    assert found(pl.Series([int(one) for one in leaks])) == {"identity-number": len(leaks)}
    assert found(pl.Series([int(one) for one in leaks]).cast(pl.Decimal(38, 0))) == {"identity-number": len(leaks)}
    # one among thousands of amounts
    assert found(pl.Series([*range(5_000), int(leaks[0])])) == {"identity-number": 1}


def test_other_leaks_are_found() -> None:
    chance = random.Random(SEED)
    phones = [phone(chance) for _ in range(150)]
    phones += [f"{one[:3]}-{one[3:7]}-{one[7:]}" for one in phones] + [f"手机{one}(微信同号)" for one in phones]
    assert alone("mobile-phone", phones) == len(phones)
    cards = [card(chance) for _ in range(150)]
    cards += [" ".join(one[place : place + 4] for place in range(0, 19, 4)) for one in cards] + [f"账号{one}工行" for one in cards]
    assert alone("bank-card", cards) == len(cards)
    assert alone("detailed-address", [dwelling(chance) for _ in range(150)]) == 150
    sentences = ("经办人:{}", "当事人{}于5月1日到场", "联系人 {},电话保密", "{}先生来电反映", "申请人为{},材料齐全", "该村村民{}反映漏水")
    names = [chance.choice(sentences).format(name(chance)) for _ in range(300)]
    assert alone("personal-name", names) == 300


def test_false_alarms_are_counted() -> None:
    chance = random.Random(SEED)
    values = pl.Series([harmless(chance) for _ in range(50_000)])
    alarms = found(values)
    print("false alarms among 50,000 harmless values:", alarms)
    # eighteen digits drawn at random are a card by Luhn now and then; nothing else raises an alarm
    assert alarms == {"bank-card": 51}


def test_a_column_of_other_numbers_of_fifteen_digits_is_none_of_people() -> None:
    chance = random.Random(SEED)
    devices = pl.Series([f"{chance.choice(('35', '86'))}{chance.randint(0, 10**13 - 1):013}" for _ in range(5_000)])
    assert "identity-number" not in found(devices)


def test_nobody_lets_an_identity_number_pass() -> None:
    assert "identity-number" in NEVER_PASSED

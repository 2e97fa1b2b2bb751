"""What each department would have written down about the people and companies of the city: clean, in its own columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import polars as pl

from zhengtong.project.demo.companies import Companies
from zhengtong.project.demo.draw import Draw, choose, joined, padded, weighted
from zhengtong.project.demo.people import People
from zhengtong.project.demo.territory import Territory

_WORKING_AGES = (18, 60)
_MALE = 1
_OWNING_AGE = 22
_INSURED_FROM = 3_700_000_000
_SERIAL_DIGITS = 8
_CLINICS = pl.Series(["第一社区卫生服务中心", "第二社区卫生服务中心", "中心卫生院", "妇幼保健院"])
_SECONDS_OF_TWO_YEARS = 730 * 86_400


@dataclass(frozen=True)
class World:
    """All that the departments look at."""

    draw: Draw
    territory: Territory
    people: People
    companies: Companies
    as_of: date

    def updated(self, stream: str, number: pl.Series) -> pl.Series:
        """When a row last changed: within the two years before ``as_of``."""
        end = pl.lit(datetime.combine(self.as_of, time()))
        ago = self.draw.below(f"updated-{stream}", number, _SECONDS_OF_TWO_YEARS) + 1
        return pl.select((end - pl.duration(seconds=pl.lit(ago))).alias("updated")).to_series()

    def county_names(self, code: pl.Series) -> pl.Series:
        """The names of counties."""
        return code.replace_strict({county.code: county.name for county in self.territory.counties}, return_dtype=pl.String)


def divisions(world: World) -> pl.DataFrame:
    """The list of regions."""
    rows = pl.DataFrame(world.territory.rows(), schema=["division_code", "division_name", "division_level", "parent_code"], orient="row")
    return rows.with_columns(pl.lit(datetime.combine(world.as_of, time())).alias("updated_at"))


def persons(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """Public security: everybody."""
    return people.select(
        pl.col("identity").alias("GMSFHM"),
        pl.col("name").alias("XM"),
        pl.col("sex").cast(pl.String).alias("XB"),
        pl.col("ethnic").alias("MZ"),
        pl.col("birth_date").dt.strftime("%Y%m%d").alias("CSRQ"),
        (pl.col("county") + padded(people["household"], 9)).alias("HH"),
        pl.col("relation").alias("YHZGX"),
        pl.col("marital").alias("HYZK"),
        pl.col("county").alias("HKSZD_XZQH"),
        pl.col("address").alias("HKSZD_XZ"),
        pl.col("phone").alias("LXDH"),
        pl.col("died").cast(pl.Int8).cast(pl.String).alias("SWBZ"),
        world.updated("person", people["number"]).alias("GXSJ"),
    )


def marriages(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """Civil affairs: every couple once."""
    heads = people.filter((pl.col("role") == "H") & pl.col("spouse").is_not_null())
    spouses = world.people.at(heads["spouse"])
    male = heads["sex"] == _MALE
    number = heads["number"]
    younger = pl.select(pl.max_horizontal(heads["birth_date"], spouses["birth_date"])).to_series()
    years = (world.as_of.year - younger.dt.year() - 22).clip(0)  # 22: the age at which men may marry
    late = world.draw.raw("married", number) % (years.clip(1).cast(pl.UInt64) * 240)
    day = pl.select(pl.min_horizontal(younger + pl.duration(days=pl.lit(22 * 366 + late.cast(pl.Int64))), pl.lit(world.as_of))).to_series()
    return pl.DataFrame(
        {
            "cert_no": joined("J", heads["county"], "-", day.dt.strftime("%Y"), "-", padded(number, 7)),
            "groom_name": choose(male, heads["name"], spouses["name"]),
            "groom_id": choose(male, heads["identity"], spouses["identity"]),
            "bride_name": choose(male, spouses["name"], heads["name"]),
            "bride_id": choose(male, spouses["identity"], heads["identity"]),
            "register_date": day.dt.strftime("%Y-%m-%d"),
            "register_office": joined(world.county_names(heads["county"]), "民政局婚姻登记处"),
            "updated_at": world.updated("marriage", number),
        }
    )


def _employed(world: World, people: pl.DataFrame, per_10_000: int) -> pl.DataFrame:
    """Grown people of working age with a job; one draw for all departments, so that who pays the fund is also insured."""
    low, high = _WORKING_AGES
    ages = (people["age"] >= low) & (people["age"] < high) & ~people["died"]
    return people.filter(ages & world.draw.chance("employed", people["number"], per_10_000))


def insurance(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """Human resources: the employed, one row each."""
    insured = _employed(world, people, 7_500)
    number, draw = insured["number"], world.draw
    employers = world.companies.employers(number)
    since = insured["birth_date"].dt.year() + 18 + draw.below("insured-since", number, 10)
    year = pl.select(pl.min_horizontal(since, pl.lit(world.as_of.year - 1))).to_series()
    return insured.select(
        (pl.col("number") + _INSURED_FROM).alias("AAC001"),
        pl.col("identity").alias("AAC002"),
        pl.col("name").alias("AAC003"),
        pl.col("sex").cast(pl.String).alias("AAC004"),
        pl.col("birth_date").alias("AAC006"),
        pl.col("phone").alias("AAE005"),
        employers["code"].alias("AAB999"),
        employers["name"].alias("AAB004"),
        draw.pick("insurance", number, weighted([("110", 70), ("310", 20), ("210", 10)])).alias("AAE140"),
        joined(year.cast(pl.String), padded(draw.below("insured-month", number, 12) + 1, 2)).alias("AAC049"),
        draw.pick("insured-state", number, weighted([("1", 88), ("2", 10), ("4", 2)])).alias("AAC008"),
        ((draw.below("wage", number, 1_800) + 420) * 10.0).alias("AAE180"),
        world.updated("insurance", number).alias("AAE036"),
    )


def real_estate(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """Natural resources: homes that heads of households and people living alone own."""
    draw = world.draw
    grown = people.filter(pl.col("role").is_in(["H", "A"]) & (pl.col("age") >= _OWNING_AGE))
    owners = grown.filter(draw.chance("owner", grown["number"], 8_000))
    number = owners["number"]
    age = draw.below("owned-days", number, 7_000) + 1
    married = owners["spouse"].is_not_null()
    shared = choose(married, draw.pick("shared", number, weighted([("共同共有", 7), ("单独所有", 3)])), "单独所有")
    return owners.select(
        # 28 digits GB/T 37346: cadastral district (6 + 3 + 3), parcel (2 letters + 5), fixture (1 letter + 8)
        joined(owners["town"], "001", "GB", padded(number % 100_000, 5), "F", padded(number, _SERIAL_DIGITS)).alias("不动产单元号"),
        pl.col("name").alias("权利人"),
        pl.col("identity").alias("证件号码"),
        shared.alias("共有情况"),
        pl.col("address").alias("坐落"),
        ((draw.below("area", number, 14_000) + 4_200) / 100).alias("建筑面积"),
        draw.pick("use", number, weighted([("住宅", 95), ("商业服务", 3), ("车库", 2)])).alias("规划用途"),
        (pl.lit(world.as_of) - pl.duration(days=pl.lit(age))).alias("登记时间"),
        world.updated("real-estate", number).alias("更新时间"),
    )


def housing_fund(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """The housing fund: those of the employed whose employer pays into it."""
    payers = _employed(world, people, 4_500)
    number, draw = payers["number"], world.draw
    employers = world.companies.employers(number)
    month = draw.below("paid-to", number, 6) + 1
    return payers.select(
        joined(world.territory.city.code[:4], padded(number, _SERIAL_DIGITS)).alias("GRZH"),
        pl.col("name").alias("XINGMING"),
        pl.col("identity").alias("ZJHM"),
        pl.col("phone").alias("SJHM"),
        joined("D", padded(employers["number"], 8)).alias("DWZH"),
        employers["name"].alias("DWMC"),
        ((draw.below("wage", number, 1_800) + 420) * 10.0).alias("GRJCJS"),
        (draw.below("balance", number, 18_000_000) / 100).alias("GRZHYE"),
        draw.pick("fund-state", number, weighted([("01", 85), ("02", 12), ("03", 3)])).alias("GRZHZT"),
        joined(str(world.as_of.year), padded(month, 2)).alias("JZNY"),
        world.updated("fund", number).alias("GXSJ"),
    )


def health_records(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """Health: nine of ten living people have a record."""
    living = people.filter(~pl.col("died"))
    patients = living.filter(world.draw.chance("health-record", living["number"], 9_000))
    number, draw = patients["number"], world.draw
    ill = draw.pick(
        "illness", number, weighted([("高血压", 50), ("糖尿病", 20), ("高血压;糖尿病", 10), ("冠心病", 12), ("慢性阻塞性肺疾病", 8)])
    )
    often_ill = (patients["age"] >= 45) & draw.chance("ill", number, 3_500)  # noqa: PLR2004 - from middle age
    age = draw.below("record-days", number, 5_000) + 1
    return patients.select(
        joined(patients["town"], padded(number, _SERIAL_DIGITS)).alias("archive_no"),
        pl.col("name").alias("full_name"),
        pl.col("identity").alias("id_card"),
        choose(patients["sex"] == _MALE, "男", "女").alias("gender"),
        pl.col("birth_date").dt.strftime("%Y-%m-%d").alias("birthday"),
        pl.col("phone").alias("tel"),
        pl.col("address"),
        draw.pick("blood", number, weighted([("A", 28), ("B", 29), ("O", 32), ("AB", 9), ("不详", 2)])).alias("blood_type"),
        choose(often_ill, ill, "无").alias("chronic_disease"),
        joined(world.county_names(patients["county"]), draw.pick("clinic", number, _CLINICS)).alias("responsible_org"),
        (pl.lit(world.as_of) - pl.duration(days=pl.lit(age))).alias("created_on"),
        world.updated("health", number).alias("update_time"),
    )


def companies(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Market regulation: every company."""
    return rows.select(
        (pl.col("number") + 1).alias("reg_id"),
        pl.col("code").alias("uscc"),
        pl.col("name").alias("entity_name"),
        pl.col("form").alias("entity_type"),
        pl.col("chief").alias("legal_rep_name"),
        pl.col("chief_identity").alias("legal_rep_id"),
        pl.col("capital").alias("reg_capital"),
        pl.col("founded").dt.strftime("%Y-%m-%d").alias("established_on"),
        pl.col("industry").alias("industry_code"),
        pl.col("address").alias("dom_address"),
        pl.col("phone").alias("contact_phone"),
        pl.col("state").alias("status"),
        world.updated("company", rows["number"]).alias("updated_at"),
    )


def taxpayers(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Taxation: companies that registered for taxes; the office keeps no time of change."""
    payers = rows.filter(world.draw.chance("taxpayer", rows["number"], 9_500))
    number, draw = payers["number"], world.draw
    states = {"在业": "正常", "迁出": "非正常", "注销": "注销", "吊销": "非正常"}
    return payers.select(
        (pl.col("number") + 10_137_000_000).alias("DJXH"),
        pl.col("code").alias("NSRSBH"),
        pl.col("name").alias("NSRMC"),
        pl.col("chief").alias("FDDBRXM"),
        pl.col("chief_identity").alias("FDDBRSFZHM"),
        pl.col("industry").alias("HY_DM"),
        pl.col("address").alias("ZCDZ"),
        pl.col("state").replace_strict(states, return_dtype=pl.String).alias("NSRZT"),
        draw.pick("tax-credit", number, weighted([("A", 12), ("B", 50), ("M", 25), ("C", 9), ("D", 4)])).alias("NSXYDJ"),
        (pl.col("founded") + pl.duration(days=pl.lit(draw.below("tax-days", number, 30)))).dt.strftime("%Y%m%d").alias("DJRQ"),
        joined(world.county_names(payers["county"]), "税务局").alias("ZGSWJG"),
    )


#: the number of the person a row is about, from a serial that dirt never touches: the truth that matching is measured against
PERSON_NUMBER: Mapping[str, pl.Expr] = {
    "human_resources.ac01_cbxx": pl.col("AAC001") - _INSURED_FROM,
    "natural_resources.不动产登记簿": pl.col("不动产单元号").str.slice(-_SERIAL_DIGITS).cast(pl.Int64),
    "housing_fund.gjj_grzh": pl.col("GRZH").str.slice(-_SERIAL_DIGITS).cast(pl.Int64),
    "health.ehr_resident": pl.col("archive_no").str.slice(-_SERIAL_DIGITS).cast(pl.Int64),
}

Builder = Callable[[World, pl.DataFrame], pl.DataFrame]

#: what each department writes from a chunk of people
FROM_PEOPLE: Mapping[str, Builder] = {
    "public_security.czrk_jbxx": persons,
    "civil_affairs.marriage_registration": marriages,
    "human_resources.ac01_cbxx": insurance,
    "natural_resources.不动产登记簿": real_estate,
    "housing_fund.gjj_grzh": housing_fund,
    "health.ehr_resident": health_records,
}
#: and from a chunk of companies
FROM_COMPANIES: Mapping[str, Builder] = {"market_regulation.company": companies, "taxation.dj_nsrxx": taxpayers}

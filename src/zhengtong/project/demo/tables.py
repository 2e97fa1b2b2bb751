"""
The departments' own tables: every department names its columns its own way, as real ones do.

``item`` is the name that the catalog gives a column; it is how departments that call one thing ``GMSFHM``, ``cert_no`` and ``证件号码`` are
understood as saying the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a source table."""

    name: str
    #: a PostgreSQL type
    type: str
    #: the data item it holds, which is also its comment
    item: str
    #: what kind of personal data it is: ``name``, ``identity``, ``phone``, ``address``, ``birth``, ``account``, ``health``; empty: none
    personal: str = ""
    key: bool = False


@dataclass(frozen=True)
class TableSpec:
    """
    A source table. ``department`` is the key of its office, and the name of its schema.

    A table whose ``key`` columns are given has them as its primary key. Tables that hold duplicate rows on purpose have none.
    """

    department: str
    name: str
    title: str
    columns: tuple[Column, ...]
    #: the column that says when a row last changed; empty where the department keeps none
    updated: str = ""
    unique: bool = True

    @property
    def qualified(self) -> str:
        """``schema.table``"""
        return f"{self.department}.{self.name}"

    @property
    def key(self) -> tuple[str, ...]:
        """The key columns."""
        return tuple(column.name for column in self.columns if column.key)


def _table(department: str, name: str, title: str, updated: str, columns: str, *, unique: bool = True) -> TableSpec:
    """One column a line: name, type, item, and then ``*`` for a key or the kind of personal data."""
    read = []
    for line in columns.strip().splitlines():
        column, kind, item, *marks = line.split()
        personal = next((mark for mark in marks if mark != "*"), "")
        read.append(Column(column, kind, item, personal, "*" in marks))
    return TableSpec(department, name, title, tuple(read), updated, unique)


DIVISIONS = _table(
    "civil_affairs",
    "admin_division",
    "行政区划代码",
    "updated_at",
    """
    division_code text 行政区划代码 *
    division_name text 行政区划名称
    division_level text 行政区划级别
    parent_code text 上级行政区划代码
    updated_at timestamp 更新时间
    """,
)
PERSONS = _table(
    "public_security",
    "czrk_jbxx",
    "常住人口基本信息",
    "GXSJ",
    """
    GMSFHM text 公民身份号码 * identity
    XM text 姓名 name
    XB text 性别
    MZ text 民族
    CSRQ text 出生日期 birth
    HH text 户号
    YHZGX text 与户主关系
    HYZK text 婚姻状况
    HKSZD_XZQH text 户口所在地行政区划
    HKSZD_XZ text 户口所在地详址 address
    LXDH text 联系电话 phone
    SWBZ text 死亡标识
    GXSJ timestamp 更新时间
    """,
)
MARRIAGES = _table(
    "civil_affairs",
    "marriage_registration",
    "婚姻登记信息",
    "updated_at",
    """
    cert_no text 结婚证字号 *
    groom_name text 男方姓名 name
    groom_id text 男方公民身份号码 identity
    bride_name text 女方姓名 name
    bride_id text 女方公民身份号码 identity
    register_date text 登记日期
    register_office text 登记机关
    updated_at timestamp 更新时间
    """,
)
INSURANCE = _table(
    "human_resources",
    "ac01_cbxx",
    "社会保险参保信息",
    "AAE036",
    """
    AAC001 bigint 个人编号
    AAC002 text 公民身份号码 identity
    AAC003 text 姓名 name
    AAC004 text 性别
    AAC006 date 出生日期 birth
    AAE005 text 联系电话 phone
    AAB999 text 单位统一社会信用代码
    AAB004 text 参保单位名称
    AAE140 text 险种类型
    AAC049 text 首次参保年月
    AAC008 text 人员参保状态
    AAE180 numeric(12,2) 月缴费基数 account
    AAE036 timestamp 经办时间
    """,
    unique=False,
)
COMPANIES = _table(
    "market_regulation",
    "company",
    "企业登记基本信息",
    "updated_at",
    """
    reg_id bigint 登记序号 *
    uscc text 统一社会信用代码
    entity_name text 市场主体名称
    entity_type text 市场主体类型
    legal_rep_name text 法定代表人姓名 name
    legal_rep_id text 法定代表人证件号码 identity
    reg_capital numeric(16,2) 注册资本万元
    established_on text 成立日期
    industry_code text 行业代码
    dom_address text 住所
    contact_phone text 联系电话 phone
    status text 登记状态
    updated_at timestamp 更新时间
    """,
)
REAL_ESTATE = _table(
    "natural_resources",
    "不动产登记簿",
    "不动产登记信息",
    "更新时间",
    """
    不动产单元号 text 不动产单元号 *
    权利人 text 权利人名称 name
    证件号码 text 权利人证件号码 identity
    共有情况 text 共有情况
    坐落 text 坐落 address
    建筑面积 numeric(10,2) 建筑面积
    规划用途 text 规划用途
    登记时间 date 登记时间
    更新时间 timestamp 更新时间
    """,
)
HOUSING_FUND = _table(
    "housing_fund",
    "gjj_grzh",
    "住房公积金个人账户信息",
    "GXSJ",
    """
    GRZH text 个人账号 account
    XINGMING text 姓名 name
    ZJHM text 证件号码 identity
    SJHM text 手机号码 phone
    DWZH text 单位账号
    DWMC text 单位名称
    GRJCJS numeric(12,2) 个人缴存基数 account
    GRZHYE numeric(14,2) 个人账户余额 account
    GRZHZT text 个人账户状态
    JZNY text 缴至年月
    GXSJ timestamp 更新时间
    """,
    unique=False,
)
HEALTH = _table(
    "health",
    "ehr_resident",
    "居民电子健康档案",
    "update_time",
    """
    archive_no text 健康档案编号
    full_name text 姓名 name
    id_card text 公民身份号码 identity
    gender text 性别
    birthday text 出生日期 birth
    tel text 联系电话 phone
    address text 现住址 address
    blood_type text 血型 health
    chronic_disease text 慢性病 health
    responsible_org text 建档机构
    created_on date 建档日期
    update_time timestamp 更新时间
    """,
    unique=False,
)
TAXPAYERS = _table(
    "taxation",
    "dj_nsrxx",
    "纳税人登记信息",
    "",
    """
    DJXH bigint 登记序号 *
    NSRSBH text 纳税人识别号
    NSRMC text 纳税人名称
    FDDBRXM text 法定代表人姓名 name
    FDDBRSFZHM text 法定代表人证件号码 identity
    HY_DM text 行业代码
    ZCDZ text 注册地址
    NSRZT text 纳税人状态
    NSXYDJ text 纳税信用等级
    DJRQ text 登记日期
    ZGSWJG text 主管税务机关
    """,
)

TABLES: tuple[TableSpec, ...] = (DIVISIONS, PERSONS, MARRIAGES, INSURANCE, REAL_ESTATE, HOUSING_FUND, HEALTH, COMPANIES, TAXPAYERS)
BY_NAME: Mapping[str, TableSpec] = {table.qualified: table for table in TABLES}

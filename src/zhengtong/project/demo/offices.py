"""The offices of the city, with credit codes of their own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from zhengtong.kernel.codes import credit_code
from zhengtong.project.demo.territory import YUNZHOU, Territory


@dataclass(frozen=True)
class Office:
    """An office 单位."""

    #: a stable name in code; for offices with a source table, its schema
    key: str
    name: str
    short: str
    credit_code: str
    #: ``市级``
    level: str
    #: the region it serves, six digits
    region: str
    #: 项 of the 主题 class in 《政务信息资源目录编制指南》, two digits
    theme: str


#: key, name after the city's, short name, category of the credit code (11 机关, 12 事业单位, 13 群众团体, 91 企业), theme
_OFFICES = """
general_office 人民政府办公室 市政府办 11 01
data_bureau 数据局 市数据局 11 01
approval_service 行政审批服务局 市审批局 11 01
development_reform 发展和改革委员会 市发改委 11 06
education 教育局 市教育局 11 01
science 科学技术局 市科技局 11 01
industry_information 工业和信息化局 市工信局 11 07
ethnic_religious 民族宗教事务局 市民宗局 11 10
public_security 公安局 市公安局 11 10
civil_affairs 民政局 市民政局 11 03
justice 司法局 市司法局 11 01
finance 财政局 市财政局 11 01
human_resources 人力资源和社会保障局 市人社局 11 03
natural_resources 自然资源和规划局 市资规局 11 09
ecology 生态环境局 市生态环境局 11 11
housing_construction 住房和城乡建设局 市住建局 11 09
urban_management 城市管理局 市城管局 11 09
transport 交通运输局 市交通局 11 01
water 城乡水务局 市水务局 11 11
agriculture 农业农村局 市农业农村局 11 04
commerce 商务局 市商务局 11 06
culture_tourism 文化和旅游局 市文旅局 11 01
health 卫生健康委员会 市卫健委 11 02
medical_insurance 医疗保障局 市医保局 11 02
emergency 应急管理局 市应急局 11 05
audit 审计局 市审计局 11 01
market_regulation 市场监督管理局 市市场监管局 11 04
medical_products 药品检验检测中心 市药检中心 12 04
statistics 统计局 市统计局 11 01
sports 体育局 市体育局 11 01
veterans 退役军人事务局 市退役军人局 11 03
taxation 税务局 市税务局 11 08
housing_fund 住房公积金管理中心 市公积金中心 12 03
foreign_affairs 外事办公室 市外办 11 01
state_assets 国有资产监督管理委员会 市国资委 11 01
financial_affairs 地方金融管理局 市金融局 11 08
petition 信访局 市信访局 11 12
forestry 林业保护发展服务中心 市林业中心 12 11
meteorology 气象局 市气象局 12 12
earthquake 地震监测中心 市地震中心 12 12
postal 邮政管理局 市邮政管理局 11 01
tobacco 烟草专卖局 市烟草局 11 06
power_supply 供电公司 市供电公司 91 07
water_supply 供水集团有限公司 市供水集团 91 09
gas_supply 燃气集团有限公司 市燃气集团 91 07
heating 热力集团有限公司 市热力集团 91 07
disabled 残疾人联合会 市残联 13 03
trade_union 总工会 市总工会 13 03
youth_league 共青团委员会 团市委 13 10
women 妇女联合会 市妇联 13 10
archives 档案馆 市档案馆 12 01
civil_defence 人民防空办公室 市人防办 11 12
rural_revitalisation 乡村振兴服务中心 市乡村振兴中心 12 03
hotline 政务服务便民热线受理中心 市热线中心 12 01
procuratorate 人民检察院 市检察院 11 10
court 中级人民法院 市中院 11 08
customs 海关 云州海关 11 06
development_zone 高新技术产业开发区管理委员会 高新区管委会 11 09
reservoir_resettlement 水利移民事务服务中心 市移民中心 12 03
local_chronicles 地方史志研究院 市史志院 12 01
government_affairs 机关事务服务中心 市机关事务中心 12 01
"""


def offices(territory: Territory = YUNZHOU) -> tuple[Office, ...]:
    """The offices of a city in the order of the list, under credit codes that the city's region and each office's key determine."""
    city, found = territory.city, []
    for line in _OFFICES.strip().splitlines():
        key, name, short, category, theme = line.split()
        short = short.replace("云州", city.name.removesuffix("市"))
        body = int.from_bytes(hashlib.sha256(f"{city.code}:{key}".encode()).digest()[:4], "big") % 10**6
        code = credit_code.compose(authority=category[0], category=category[1], region=city.code, organisation=f"MB{body:06}")
        found.append(Office(key, city.name + name, short, code, "市级", city.code, theme))
    return tuple(found)

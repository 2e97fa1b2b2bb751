"""Words that names and addresses are put together from: common ones, in no particular order of any register."""

from __future__ import annotations

import polars as pl

from zhengtong.project.demo.draw import weighted


def _letters(text: str) -> pl.Series:
    return pl.Series(list(text), dtype=pl.String)


def _words(text: str) -> pl.Series:
    return pl.Series(text.split(), dtype=pl.String)


#: the commonest surnames, weighed roughly by how many people bear them, and some of two characters
SURNAMES = weighted(
    [
        *((name, 70) for name in "王李张"),
        *((name, 50) for name in "刘陈"),
        *((name, 24) for name in "杨赵黄周吴"),
        *((name, 14) for name in "徐孙胡朱高林何郭马罗"),
        *((name, 8) for name in "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"),
        *((name, 5) for name in "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"),
        *((name, 2) for name in "雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢骆岳齐梅莫"),
        *((name, 1) for name in ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒")),
    ]
)
MALE_LETTERS = _letters(
    "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建国志文海东峰成荣生德福山根宝昌盛义仁信礼泽晨轩昊博睿子涵梓豪毅恒远航"
)
FEMALE_LETTERS = _letters(
    "芳娜敏静秀丽艳娟英华玲慧丹萍红燕霞梅莉桂兰雪琳倩颖洁婷玉珍凤琴云莲真环香月莺媛瑞凡佳嘉琼勤贞莎锦黛青婉娴瑾怡欣雨梓萱子涵诗语晴瑶可心"
)
#: for peoples whose names join a given name and a father's name with a dot
GIVEN_NAMES = _words(
    "阿迪力 买买提 艾力 吐尔逊 库尔班 热合曼 阿不都 玉素甫 伊力亚 卡德尔 阿依古丽 古丽娜尔 热依汗 帕提古丽 阿曼古丽 米热古丽"
)

#: 民族 GB/T 3304 of the city, by ten thousand
ETHNIC_GROUPS = weighted(
    [("01", 9300), ("03", 240), ("11", 150), ("02", 70), ("08", 60), ("06", 50), ("15", 60), ("10", 30), ("05", 30), ("17", 10)]
)

#: counties elsewhere in which some of the people were first registered
BIRTHPLACES_ELSEWHERE: tuple[str, ...] = (
    *("110105", "310115", "320106", "330106", "340104", "350203", "360103", "410105"),
    *("420106", "430104", "440304", "450103", "500112", "510107", "520103", "530103"),
    *("610113", "620102", "130102", "140105", "210102", "220102", "230103", "150102"),
)

ROADS = _words(
    "人民路 解放路 建设路 中山路 和平路 新华路 文化路 光明路 胜利路 青年路 友谊路 迎宾路 工业路 学院路 滨河路 凤凰路 太白路 洸河路 "
    "任城路 琵琶山路 古槐路 火炬路 科苑路 崇文大道 济安街 红星街 健康街 东风街 朝阳街 育才街 团结街 振兴街 幸福里 杏花里 柳荫巷 状元巷"
)
PHONE_PREFIXES = _words(
    "130 131 132 133 135 136 137 138 139 150 151 152 155 156 157 158 159 166 173 175 177 178 180 182 183 185 186 187 188 189 198 199"
)

COMPANY_FIRST = _letters(
    "鸿泰恒瑞安华盛嘉永中金宏宇天海东新富康利达顺昌隆兴旺德信诚和万亿百千博远大通正同联创科智云星汇丰润源众益民惠福吉祥腾飞龙凤鼎鑫晟"
)
COMPANY_SECOND = _letters(
    "达泰源盛通和兴隆安康瑞丰宁昌顺利华宇茂辉祥远诚信业发林峰海川江洋航驰腾翔悦佳美优尚品博雅智慧联合创展拓新成立正元亨益润泽恒久永固"
)
#: how many of the industries below, from the first, are farmers'
FARMING = 3
#: (GB/T 4754 class, what stands in the name)
INDUSTRIES: tuple[tuple[str, str], ...] = (
    ("A0111", "农业发展"), ("A0313", "畜牧养殖"), ("C1371", "食品"), ("C1713", "纺织"), ("C1819", "服饰"), ("C2110", "家具"),
    ("C2231", "纸制品"), ("C2319", "印务"), ("C2614", "化工"), ("C2720", "制药"), ("C2927", "塑料制品"), ("C3021", "建材"),
    ("C3311", "钢结构"), ("C3484", "机械制造"), ("C3515", "工程机械"), ("C3670", "汽车配件"), ("C3831", "电缆"), ("C3982", "电子科技"),
    ("D4420", "供热"), ("E4710", "建筑工程"), ("E4813", "市政工程"), ("E5011", "装饰工程"), ("F5122", "粮油贸易"), ("F5137", "家居商贸"),
    ("F5165", "建材贸易"), ("F5191", "商贸"), ("F5211", "百货"), ("F5251", "医药"), ("G5432", "运输"), ("G5810", "货运代理"),
    ("G5990", "仓储物流"), ("H6110", "酒店管理"), ("H6210", "餐饮管理"), ("I6510", "软件"), ("I6531", "信息技术"), ("K7010", "房地产开发"),
    ("K7020", "物业服务"), ("L7211", "企业管理"), ("L7264", "人力资源"), ("M7482", "工程设计"), ("N7820", "环境工程"),
    ("O8111", "车辆维修"), ("P8391", "教育培训"), ("Q8421", "健康管理"), ("R8890", "文化传媒"),
)  # fmt: skip

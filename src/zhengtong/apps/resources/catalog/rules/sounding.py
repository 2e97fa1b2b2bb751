"""
How Chinese sounds: what somebody types who writes pinyin, or who chose a wrong sign of the same sound.

A text is found by the pairs of its neighbouring syllables, as it is by the pairs of its signs: ``不动产等级`` has those of ``不动产登记``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from zhengtong.apps.resources.catalog.rules import segmenting
from zhengtong.apps.resources.catalog.rules.naming import reading

#: every syllable that a sign may have, without tones
_SYLLABLES = frozenset(
    re.findall(
        r"[a-z]+",
        """
        a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng cha chai
        chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo
        da dai dan dang dao de den deng di dian diao die ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang fei fen
        feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei
        hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai
        kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia lian liang
        liao lie lin ling liu lo long lou lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu
        mo mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa
        pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan
        que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang
        shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan
        tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang
        xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao
        ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong
        zou zu zuan zui zun zuo
        """,
    )
)
_LONGEST = 6
#: ways to read one run of letters that are tried
_MOST_WAYS = 4
_FEWEST_LETTERS = 4


def sounds(run: str) -> list[str]:
    """The pairs of neighbouring syllables of a run of signs."""
    return _pairs([reading(sign) for sign in run])


def sounds_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring syllables of a text, within its runs of signs."""
    return frozenset(pair for run in segmenting.chinese_runs(text) for pair in sounds(run))


def _pairs(syllables: list[str]) -> list[str]:
    return [f"{first}_{second}" for first, second in pairwise(syllables)]


@lru_cache(maxsize=4096)
def spelled(letters: str) -> tuple[tuple[str, ...], ...]:
    """Pairs of syllables for each way in which letters are pinyin of two signs or more; empty where they are none."""
    if len(letters) < _FEWEST_LETTERS or not (letters.isascii() and letters.isalpha()):
        return ()
    ways: list[list[list[str]]] = [[[]]]
    for end in range(1, len(letters) + 1):
        found = [
            [*before, letters[begin:end]]
            for begin in range(max(0, end - _LONGEST), end)
            if letters[begin:end] in _SYLLABLES
            for before in ways[begin]
        ]
        # the fewest syllables are what people mean: xian is 先 rather than 西安
        ways.append(sorted(found, key=len)[:_MOST_WAYS])
    return tuple(tuple(_pairs(way)) for way in ways[-1] if len(way) > 1)

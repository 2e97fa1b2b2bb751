"""Questions as people ask them: 怎么查我的社保缴费 asks for 社保缴费."""

from __future__ import annotations

import re

import rjieba


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: words that tell a question from a name; without one of these nothing is taken away
_ASKING = _listed(
    """
    怎么 怎么样 怎么办 怎样 如何 在哪 哪 哪里 哪儿 在哪里 哪个 哪些 哪家 什么 什么样 什么时候 何时 多少 几个 有没有 是不是 能不能 可不可以
    请问 想 想要 知道 帮 我 我的 我家 我们 谁 吗 呢 一下
    """
)
#: words that say nothing of what is asked for, once it is a question
_AROUND = _ASKING | _listed(
    """
    的 了 过 着 在 到 是 有 没有 要 能 会 可 可以 需要 查 查到 查询 查找 查看 找 看 问 办 办理 提供 得到 拿到 去 来 给 把 被 和 跟 与 对
    从 里 里面 上 下 现在 今天 目前 最近 附近 还 还有 都 就 也 又 这 这个 那 那个 部门 单位 数据 信息 资料 名单 时候
    """
)
_SIGNS = re.compile(r"[\s??。,,!!、]+")


def asked_for(text: str) -> str:
    """
    What a question is about, its parts apart by blanks; a text that is no question as it is.

    A question that would leave nothing is left as it is, too.
    """
    parts, run, asks = list[str](), "", False
    for part in _SIGNS.split(text):
        for word in rjieba.cut(part):
            asks = asks or word in _ASKING
            if word in _AROUND:
                parts, run = [*parts, run], ""
            else:
                run += word
        parts, run = [*parts, run], ""
    left = " ".join(filter(None, parts))
    return left if asks and left else text

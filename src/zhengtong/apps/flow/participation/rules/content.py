"""What somebody hands in, and what it must be; the errors name the field, so that a page can show them there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from zhengtong.apps.flow.participation.rules.vocabulary import REUSE_LABELS, WAY_LABELS, Asker, Way
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

LONGEST_TITLE, LONGEST_NAME, LONGEST_CONTACT, LONGEST_LINK, LONGEST_TEXT = 120, 100, 120, 300, 2000
#: the most datasets that one reuse may name
MOST_DATASETS = 20
MOST_STARS = 5
_SHORTEST_TITLE = 4
#: what a wrong encoding leaves, control characters, and marks that turn the direction of what follows
_UNREADABLE = re.compile("[\ufffd\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]")
_HOST = re.compile(r"[a-z0-9\u4e00-\u9fff]([a-z0-9\u4e00-\u9fff.-]*[a-z0-9\u4e00-\u9fff])?", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """A demand as it is handed in."""

    title: str
    purpose: str
    items: str
    frequency: str
    way: str
    asker: str
    name: str
    contact: str = ""
    #: credit code of the office that is believed to hold it, if known
    provider: str = ""


@dataclass(frozen=True)
class Mistake:
    """A correction as it is handed in: where, what is wrong, what is right, how one knows."""

    row: str
    column: str
    wrong: str
    right: str
    evidence: str
    name: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Work:
    """A reuse as it is handed in."""

    title: str
    kind: str
    maker: str
    link: str
    summary: str
    datasets: tuple[int, ...]
    contact: str = ""
    #: an uploaded file that shows it, and what there is to see; both or none
    picture: bytes = b""
    caption: str = ""


def need(text: str, field: str, *, most: int = LONGEST_TEXT, least: int = 1) -> None:
    """
    See that a field is filled and not too long.

    :raises Invalid: naming the field.
    """
    if _UNREADABLE.search(text):
        raise Invalid("有读不出的字符", field=field, remedy="请用 UTF-8 编码,去掉控制字符")
    if len(text.strip()) < least:
        raise Invalid(say("至少写 {count} 个字", count=least) if least > 1 else "这一栏必须填写", field=field)
    if len(text) > most:
        raise Invalid(say("最多 {count} 个字", count=most), field=field)


def check_wish(wish: Wish) -> None:
    """
    See that a demand says enough to be answered.

    :raises Invalid: naming the field.
    """
    need(wish.title, "title", most=LONGEST_TITLE, least=_SHORTEST_TITLE)
    need(wish.purpose, "purpose")
    need(wish.items, "items")
    need(wish.name, "name", most=LONGEST_NAME)
    need(wish.contact, "contact", most=LONGEST_CONTACT, least=0)
    if wish.way not in WAY_LABELS:
        raise Invalid("请选择开放或共享", field="way")
    if wish.asker not in set(Asker):
        raise Invalid("请选择您的身份", field="asker")
    if wish.way == Way.SHARING and wish.asker != Asker.OFFICE:
        raise Invalid("政务共享只面向政务部门", field="way", remedy="请选择“向社会开放”,政务部门请先登录")


def check_mistake(mistake: Mistake) -> None:
    """
    See that a correction says where, what and how one knows.

    :raises Invalid: naming the field.
    """
    for name in ("wrong", "right", "evidence"):
        need(getattr(mistake, name), name)
    need(mistake.row, "row", most=LONGEST_LINK)
    need(mistake.name, "name", most=LONGEST_NAME, least=0)
    need(mistake.contact, "contact", most=LONGEST_CONTACT, least=0)


def check_work(work: Work) -> None:
    """
    See that a reuse can be shown: named, linked over HTTPS to a host, made with at least one dataset.

    :raises Invalid: naming the field.
    """
    need(work.title, "title", most=LONGEST_TITLE, least=2)
    need(work.maker, "maker", most=LONGEST_NAME)
    need(work.summary, "summary")
    need(work.contact, "contact", most=LONGEST_CONTACT, least=0)
    if work.kind not in REUSE_LABELS:
        raise Invalid("请选择一种类型", field="kind")
    check_link(work.link)
    if work.picture or work.caption.strip():
        if not work.picture:
            raise Invalid("写了图片说明,但没有图片", field="picture", remedy="选择图片,或删去说明")
        need(work.caption, "caption", most=LONGEST_TITLE, least=2)
    if not 1 <= len(work.datasets) <= MOST_DATASETS:
        raise Invalid(say("请选择 1 至 {most} 个数据集", most=MOST_DATASETS), field="datasets")


def check_link(link: str) -> None:
    """
    See that a link is a plain HTTPS address: a host with a dot, no account, no spaces.

    :raises Invalid: naming the field.
    """
    need(link, "link", most=LONGEST_LINK)
    sentence = "请填写以 https:// 开头的网址"
    if not link.startswith("https://") or not link.isprintable() or " " in link or "\\" in link:
        raise Invalid(sentence, field="link")
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname or "", parts.port
    except ValueError as exc:
        raise Invalid(sentence, field="link") from exc
    if "@" in parts.netloc or "." not in host or not _HOST.fullmatch(host):
        raise Invalid(sentence, field="link")


def masked(contact: str) -> str:
    """A contact as desks show it until somebody has a reason to see it: of every run of signs the first and the last two stay."""
    return re.sub(r"[^\s@.,、()::-]{2,}", lambda run: _covered(run[0]), contact)


def _covered(run: str) -> str:
    return f"{run[0]}{'*' * (len(run) - 3)}{run[-2:]}" if len(run) > 5 else run[0] + "*" * (len(run) - 1)  # noqa: PLR2004 - short ones give away too much

"""What spares a material, and what is left to do for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a required document gets into the file."""

    SHARED = "shared"
    LICENCE = "licence"
    EARLIER = "earlier"
    PROMISE = "promise"
    UPLOAD = "upload"


WAY_LABELS: Mapping[str, str] = {
    Way.SHARED: "政府部门共享数据,免提交",
    Way.LICENCE: "您的电子证照,免提交",
    Way.EARLIER: "您以前办件里的材料,免提交",
    Way.PROMISE: "书面承诺代替证明",
    Way.UPLOAD: "上传",
}
#: a way as the file of a case names it (the codes of cases' materials)
CODE_OF: Mapping[Way, str] = {
    Way.SHARED: "shared",
    Way.LICENCE: "licence",
    Way.EARLIER: "earlier",
    Way.PROMISE: "promise",
    Way.UPLOAD: "10",
}
#: the ways for which nobody hands anything in
SPARED = frozenset({Way.SHARED, Way.LICENCE, Way.EARLIER, Way.PROMISE})
#: a source of the item's materials ledger → the way it opens
WAY_OF_SOURCE: Mapping[str, Way] = {
    "shared": Way.SHARED,
    "licence": Way.LICENCE,
    "case": Way.EARLIER,
    "commitment": Way.PROMISE,
    "upload": Way.UPLOAD,
}


@dataclass(frozen=True)
class Choice:
    """A way that is open for a material; ``reference`` says what of (a licence's identifier, a case's number), ``shown`` in words."""

    way: Way
    reference: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Needed:
    """A material with the ways that are open, and the one that was taken; ``required`` is false where it may be left out or follow."""

    name: str
    required: bool
    choices: tuple[Choice, ...]
    taken: Choice | None = None
    explain: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.taken is not None or not self.required


def ways(*, source: str, licences: Iterable[Choice], cases: Iterable[Choice], shared_silent: bool) -> tuple[Choice, ...]:
    """
    The ways that are open for a material whose ledger names ``source``; the one that spares most comes first.

    :param shared_silent: whether the shared source has nothing of the applicant: then a document is asked for after all.
    """
    named = WAY_OF_SOURCE.get(source, Way.UPLOAD)
    if named is Way.SHARED:
        return (Choice(Way.UPLOAD),) if shared_silent else (Choice(Way.SHARED),)
    if named is Way.LICENCE:
        return (*licences, Choice(Way.UPLOAD))
    if named is Way.EARLIER:
        return (*cases, Choice(Way.UPLOAD))
    if named is Way.PROMISE:
        return (Choice(Way.PROMISE), Choice(Way.UPLOAD))
    return (Choice(Way.UPLOAD),)


def spared_share(materials: Iterable[Needed]) -> tuple[int, int]:
    """Of the materials in the file, how many nobody had to hand in, and how many there are."""
    taken = [one.taken.way for one in materials if one.taken is not None]
    return sum(way in SPARED for way in taken), len(taken)

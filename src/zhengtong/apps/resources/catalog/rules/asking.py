"""A question to the catalog as an index query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tantivy import Occur, Query

from zhengtong.apps.resources.catalog.rules import segmenting, sounding
from zhengtong.apps.resources.catalog.rules.indexed import BOOSTS, FACETS, schema
from zhengtong.apps.resources.catalog.rules.questions import asked_for
from zhengtong.apps.resources.catalog.rules.synonyms import NONE, Synonyms

#: whether a word is too frequent in a field to rank by
Common = Callable[[str, str], bool]
_MOST_WORDS = 24
_TITLE_BONUS = 2.0
#: what holding a synonym counts, beside holding the asked word
_SYNONYM_WORTH = 0.8
#: what sounding alike counts, beside being written alike
_SOUND_WORTH = 1.0


@dataclass(frozen=True)
class SearchQuestion:
    """
    What somebody looks for. ``chosen`` has the value of each facet that narrows the search; a region or class stands for all below it.

    ``order`` is ``relevance``, ``newest`` or ``name``.
    """

    text: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    order: str = "relevance"

    def without(self, facet: str) -> dict[str, str]:
        """The other facets' values."""
        return {name: value for name, value in self.chosen.items() if name != facet and name in FACETS and value}


def _has(name: str, token: str) -> Query:
    return Query.term_query(schema(), name, token, "basic")


def _must(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, one) for one in queries])


def _held(asked: list[str]) -> Query:
    """The entries that hold a word; whether its title does counts beside the words' own rank."""
    held = Query.const_score_query(_must([_has("marks", mark) for mark in asked]), 0.1)
    in_title = Query.const_score_query(_must([_has("title_marks", mark) for mark in asked]), _TITLE_BONUS)
    return Query.boolean_query([(Occur.Must, held), (Occur.Should, in_title)])


def _worth(words: list[list[str]], asked: list[list[str]]) -> Query:
    """The entries that hold all of a synonym's words, worth less than the asked word however many words the synonym has."""
    held = _must([_held(word) for word in words])
    return held if words is asked else Query.boost_query(held, _SYNONYM_WORTH * len(asked) / len(words))


def _never(_place: str, _word: str) -> bool:
    return False


def _rank(text: str, common: Common) -> list[Query]:
    ranked = []
    for word in dict.fromkeys(segmenting.words(text)):
        # what nearly every entry holds tells none from another, and to weigh it is most of the cost of a broad word
        places = [
            Query.boost_query(Query.term_query(schema(), name, word, "freq"), boost)
            for name, boost in BOOSTS.items()
            if name == "title" or not common(name, word)
        ]
        ranked.append(Query.disjunction_max_query(places, 0.1))
    return ranked[:_MOST_WORDS]


def narrowing(chosen: Mapping[str, str]) -> list[Query]:
    """The chosen facets as conditions that do not touch the rank."""
    return [Query.const_score_query(_has(name, value), 0.0) for name, value in chosen.items() if name in FACETS and value]


def _spelled(asked: list[str]) -> list[Query]:
    """What holds letters as pinyin, for each way of reading them; titles and names of offices are found by it."""
    if len(asked) != 1:
        return []
    return [Query.const_score_query(_must([_has("sounds", pair) for pair in pairs]), 0.5) for pairs in sounding.spelled(asked[0])]


def _found_by(asked: list[str]) -> Query:
    ways = [_held(asked), *_spelled(asked)]
    return Query.disjunction_max_query(ways) if len(ways) > 1 else ways[0]


def text_query(text: str, known: Synonyms = NONE, common: Common = _never) -> Query | None:
    """
    Entries that hold every word of the text, or for a word with synonyms one of these, best first; None for a text without words.

    ``common`` says whether a word stands in so many entries' field that it tells none from another. What holds the asked word itself comes
    before what holds a synonym: only asked words count towards the rank.
    """
    must, rank, left = list[Query](), list[Query](), _MOST_WORDS
    for alternatives in known.split(asked_for(text)):
        asked = [words for words in (segmenting.question(one)[:left] for one in alternatives) if words]
        if not asked or left <= 0:
            continue
        left -= len(asked[0])
        if len(asked) == 1:
            must += [_found_by(word) for word in asked[0]]
        else:
            must.append(Query.disjunction_max_query([_worth(words, asked[0]) for words in asked]))
        rank += _rank(alternatives[0], common)
    if not must:
        return None
    return Query.boolean_query([*((Occur.Must, one) for one in must), *((Occur.Should, one) for one in rank)])


def near_query(text: str, known: Synonyms = NONE, *, fewest: int = 1) -> Query | None:
    """
    Entries that share about half of the text's pairs of signs, or of its syllables where a sign of the same sound was typed.

    They are what is shown where nothing, or little, holds every word: a text with a wrong, a missing or an extra sign, or a question with
    words that no entry has. None for a text of fewer pairs than ``fewest``.
    """
    signs, heard, same = list[str](), list[str](), list[Query]()
    for alternatives in known.split(asked_for(text)):
        for run in segmenting.chinese_runs("".join(alternatives[0].split())):
            signs += segmenting.pairs(run)
            heard += sounding.sounds(run)
        signs += segmenting.latin_runs(alternatives[0])
        same += [_must([_has("title_marks", mark) for word in segmenting.question(one) for mark in word]) for one in alternatives[1:]]
    signs, heard = (list(dict.fromkeys(found))[:_MOST_WORDS] for found in (signs, heard))
    if len(signs) < fewest:
        return None
    ways = [_half("marks", signs), _half("sounds", heard), *same]
    near = Query.boolean_query([(Occur.Should, way) for way in ways if way is not None])
    rank = [Query.boost_query(_has("title_marks", mark), _TITLE_BONUS) for mark in signs]
    rank += [Query.boost_query(_has("sounds", sound), _SOUND_WORTH) for sound in heard]
    return Query.boolean_query([(Occur.Must, near), *((Occur.Should, one) for one in [*rank, *_rank(asked_for(text), _never)])])


def _half(name: str, found: list[str]) -> Query | None:
    if not found:
        return None
    asked = [(Occur.Should, _has(name, mark)) for mark in found]
    return Query.boolean_query(asked, minimum_number_should_match=(len(found) + 1) // 2)


def any_query(text: str) -> Query | None:
    """Entries that hold any word of the text of two signs or more; None where there is none."""
    words = [word for word in dict.fromkeys(segmenting.words(asked_for(text))) if len(word) > 1][:_MOST_WORDS]
    found = [Query.boost_query(Query.term_query(schema(), name, word, "freq"), boost) for word in words for name, boost in BOOSTS.items()]
    return Query.boolean_query([(Occur.Should, one) for one in found]) if found else None


def combined(base: Query | None, chosen: Mapping[str, str]) -> Query:
    """The text's query narrowed by facets."""
    parts = [*([base] if base is not None else []), *narrowing(chosen)]
    return _must(parts) if parts else Query.all_query()

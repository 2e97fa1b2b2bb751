"""A question to the catalog as an index query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tantivy import Occur, Query

from zhengtong.apps.resources.catalog.rules import segmenting
from zhengtong.apps.resources.catalog.rules.indexed import BOOSTS, FACETS, schema
from zhengtong.apps.resources.catalog.rules.synonyms import NONE, Synonyms

_MOST_WORDS = 24
_TITLE_BONUS = 2.0
#: what holding a synonym counts, beside holding the asked word
_SYNONYM_WORTH = 0.8


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


def _rank(text: str) -> list[Query]:
    ranked = []
    for word in dict.fromkeys(segmenting.words(text)):
        places = [Query.boost_query(Query.term_query(schema(), name, word, "freq"), boost) for name, boost in BOOSTS.items()]
        ranked.append(Query.disjunction_max_query(places, 0.1))
    return ranked[:_MOST_WORDS]


def narrowing(chosen: Mapping[str, str]) -> list[Query]:
    """The chosen facets as conditions that do not touch the rank."""
    return [Query.const_score_query(_has(name, value), 0.0) for name, value in chosen.items() if name in FACETS and value]


def text_query(text: str, known: Synonyms = NONE) -> Query | None:
    """
    Entries that hold every word of the text, or for a word with synonyms one of these, best first; None for a text without words.

    What holds the asked word itself comes before what holds a synonym: only asked words count towards the rank.
    """
    must, rank, left = list[Query](), list[Query](), _MOST_WORDS
    for alternatives in known.split(text):
        asked = [words for words in (segmenting.question(one)[:left] for one in alternatives) if words]
        if not asked or left <= 0:
            continue
        left -= len(asked[0])
        if len(asked) == 1:
            must += [_held(word) for word in asked[0]]
        else:
            must.append(Query.disjunction_max_query([_worth(words, asked[0]) for words in asked]))
        rank += _rank(alternatives[0])
    if not must:
        return None
    return Query.boolean_query([*((Occur.Must, one) for one in must), *((Occur.Should, one) for one in rank)])


def near_query(text: str) -> Query | None:
    """Entries that share about half of the text's pairs, for a text with a wrong or an extra sign."""
    found = list(dict.fromkeys(mark for word in segmenting.question("".join(text.split())) for mark in word))[:_MOST_WORDS]
    if len(found) < 2:  # noqa: PLR2004 - one pair has no half
        return None
    near = Query.boolean_query([(Occur.Should, _has("marks", mark)) for mark in found], minimum_number_should_match=(len(found) + 1) // 2)
    return Query.boolean_query([(Occur.Must, near), *((Occur.Should, word) for word in _rank(text))])


def combined(base: Query | None, chosen: Mapping[str, str]) -> Query:
    """The text's query narrowed by facets."""
    parts = [*([base] if base is not None else []), *narrowing(chosen)]
    return _must(parts) if parts else Query.all_query()

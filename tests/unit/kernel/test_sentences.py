"""Sentences that keep what they were made of."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.kernel.sentences import Sentence, from_text, in_turn, kept, listed, say, to_text, told

ENGLISH = {
    "没有申请 {number},或您无权查看": "There is no application {number}, or you may not see it",
    "{before};{one}": "{before}; {one}",
    "{before}、{one}": "{before}, {one}",
    "缺依据": "No legal basis",
    "缺少{label}": "Missing: {label}",
    "使用依据": "legal basis for use",
}


def english(template: str, count: int | None) -> str:
    if template == "还有 {count} 处":
        return "{count} place" if count == 1 else "{count} places"
    return ENGLISH.get(template, template)


def test_a_sentence_is_its_chinese() -> None:
    sentence = say("没有申请 {number},或您无权查看", number="SQ1")
    assert sentence == "没有申请 SQ1,或您无权查看"
    assert f"{sentence}!" == "没有申请 SQ1,或您无权查看!"
    assert json.dumps(sentence, ensure_ascii=False) == '"没有申请 SQ1,或您无权查看"'


def test_it_is_said_in_another_language_with_the_sentences_in_it() -> None:
    sentence = say("缺少{label}", label=say("使用依据"))
    assert sentence == "缺少使用依据"
    assert sentence.rendered(english) == "Missing: legal basis for use"


def test_what_somebody_wrote_stays_as_written() -> None:
    assert say("缺少{label}", label="使用依据").rendered(english) == "Missing: 使用依据"


@pytest.mark.parametrize(("count", "words"), [(1, "1 place"), (3, "3 places")])
def test_count_decides_the_plural(count: int, words: str) -> None:
    assert say("还有 {count} 处", count=count).rendered(english) == words


def test_several_stand_in_turn() -> None:
    assert in_turn(["缺依据", say("缺少{label}", label="x")]) == "缺依据;缺少x"
    both = in_turn(["缺依据", say("缺少{label}", label="x")])
    assert isinstance(both, Sentence)
    assert both.rendered(english) == "No legal basis; Missing: x"
    assert listed(["甲", "乙", "丙"]) == "甲、乙、丙"
    assert listed([]) == in_turn([]) == ""
    assert listed(["甲"]) == "甲"


def test_braces_in_values_and_in_plain_text_are_only_text() -> None:
    assert say("缺少{label}", label="{0} {label}") == "缺少{0} {label}"
    assert say("{not a template") == "{not a template"
    assert say("{not a template").rendered(english) == "{not a template"


@given(
    st.dictionaries(
        st.sampled_from(["a", "b"]), st.integers() | st.text() | st.builds(lambda text: say("缺少{label}", label=text), st.text())
    )
)
def test_what_is_kept_is_told_again(values: dict[str, object]) -> None:
    sentence = say("甲" + "".join(f"{{{name}}}" for name in values), **values)
    document = json.loads(json.dumps(kept(sentence)))
    assert told(document) == sentence
    assert from_text(to_text(sentence)) == sentence


def test_what_somebody_wrote_is_kept_as_it_is() -> None:
    assert kept("同意") == "同意"
    assert not isinstance(told("同意"), Sentence)
    assert from_text("同意") == "同意"
    assert kept(say("同意")) == {"say": "同意"}


def test_copies_keep_the_template() -> None:
    sentence = say("缺少{label}", label=say("使用依据"))
    for same in (copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):  # noqa: S301 - our own bytes
        assert same == sentence
        assert same.rendered(english) == "Missing: legal basis for use"


def test_an_error_keeps_its_sentence_and_prints_its_chinese() -> None:
    error = Invalid(say("缺少{label}", label=say("使用依据")), field="basis", remedy="缺依据")
    assert str(error) == error.as_dict()["message"] == "缺少使用依据"
    assert type(error.as_dict()["message"]) is str
    assert told(error.as_kept()["message"]) == error.sentence
    assert error.remedy.rendered(english) == "No legal basis"
    assert NotFound().sentence == "没有找到,或您无权查看。"

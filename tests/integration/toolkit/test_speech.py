"""Sentences of the system in the reader's language, as pages say them."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from zhengtong.apps.resources.catalog.rules.completeness import gaps
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.findings import Incomplete
from zhengtong.engines.dataflow import rules
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import kept, say
from zhengtong.toolkit.ui.errors import error_response
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import advice, as_told, listed, refusal, said

_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff]")


def test_a_kept_sentence_is_said_in_the_language_of_whoever_reads_it() -> None:
    document = kept(say("答复已超期 {count} 个工作日", count=1))
    assert said(document) == "答复已超期 1 个工作日"
    with translation.override("en"):
        assert said(document) == "The answer is 1 working day overdue"
        assert said(kept(say("答复已超期 {count} 个工作日", count=4))) == "The answer is 4 working days overdue"


def test_what_somebody_wrote_is_quoted_even_where_the_interface_has_the_word() -> None:
    with translation.override("en"):
        assert as_told("同意") == "同意"
        assert as_told(kept(say("同意"))) == "Agree"
        assert as_told(None) == said("") == said(None) == ""


def test_templates_say_and_escape() -> None:
    page = Template("{{ sentence|said }}|{{ typed|told }}|{{ names|listed }}|{{ count|number }}")
    shown = {"sentence": say("没有账户 {username}", username="<b>"), "typed": "<i>", "names": ["a", "b"], "count": 1_000_000}
    with translation.override("en"):
        assert page.render(Context(shown)) == "There is no account &lt;b&gt;|&lt;i&gt;|a, b|1,000,000"
    assert page.render(Context(shown)) == "没有账户 &lt;b&gt;|&lt;i&gt;|a、b|1000000"


def test_a_refusal_is_two_sentences() -> None:
    error = Conflict(say("用户名 {username} 已被使用", username="li"), remedy="填写名称")
    assert refusal(error) == "用户名 li 已被使用。填写名称。"
    with translation.override("en"):
        assert refusal(error) == "The user name li is already in use. Enter a name."
        assert advice("缺依据") == "No legal basis"
        assert listed([]) == ""


def test_a_form_shows_why_an_operation_refused() -> None:
    class Named(forms.Form):
        name = forms.CharField()

    form = Named({"name": "x"})
    with translation.override("en"):
        add_refusal(form, Invalid(say("最多 {most} 个字符", most=5), field="name"))
        assert form.errors["name"] == ["At most 5 characters"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_error_page_and_its_json_speak_english(accept: str) -> None:
    request = RequestFactory().get("/", headers={"accept": accept})
    request.user = None
    with translation.override("en"):
        answer = error_response(request, Conflict(say("没有申请 {number},或您无权查看", number="SQ1"), remedy="刷新页面查看最新状态"))
    text = answer.content.decode()
    assert "There is no application SQ1, or you may not see it" in text
    assert "Reload the page to see the latest state" in text


def test_every_gap_of_an_entry_has_english() -> None:
    found = gaps(Content.of({"name": "", "items": [{"key": "A", "name": "", "data_type": "", "sharing_type": "2"}]}), pattern=r"\d{6}/\d+")
    with translation.override("en"):
        words = [refusal(Incomplete(found)), *(said(one.rule) for one in found), *(said(one.remedy) for one in found)]
    assert [one for one in words if _CHINESE.search(one.replace("无条件开放", ""))] == []


@pytest.mark.parametrize(
    "rule",
    [
        rules.NotNull(item="x"),
        rules.CodeList(item="x", codes=("1", "2"), source="GB"),
        rules.CodeList(item="x", codes=tuple(map(str, range(12)))),
        rules.Range(item="x", low="1"),
        rules.Range(item="x", high="1"),
        rules.Range(item="x", low="1", high="2"),
        rules.Length(item="x", least=1, most=2),
        rules.Length(item="x", most=2),
        rules.Length(item="x", least=1),
        rules.Pattern(item="x", pattern="a"),
        rules.IdentityNumber(item="x"),
        rules.CreditCode(item="x"),
        rules.Unique(item="x"),
        rules.Unique(item="x", also=("y", "z")),
        rules.Convertible(item="x"),
    ],
)
def test_every_rule_of_an_exchange_has_english(rule: rules.Rule) -> None:
    with translation.override("en"):
        words = said(rule.sentence("Name")), said(rule.remedy)
    assert [one for one in words if not one or _CHINESE.search(one)] == []

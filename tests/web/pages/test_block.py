"""The page with which an API ends a journey."""

from __future__ import annotations

import pytest

from journeyman.web.pages.block import render_block
from journeyman.web.pages.template import TemplateError


def render(message, *, language="en", texts=None, template=None, url=""):
    return render_block(
        message,
        language=language,
        texts=texts or {},
        correlation_id="c-1",
        template_url=url,
        nonce="n",
        brand="Contoso",
        template=template,
    )


def test_it_says_what_the_api_says_and_that_there_is_no_more_to_do():
    html = render("Your account needs an invitation.\nAsk your team.")

    assert "<h1>You cannot continue</h1>" in html
    assert '<p class="block-message" dir="auto">Your account needs an invitation.\nAsk your team.</p>' in html
    assert "You can close this page." in html
    assert "<form" not in html
    assert "<script" not in html


@pytest.mark.parametrize("message", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
@pytest.mark.parametrize("template", [None, '<html><body><div id="api"></div></body></html>'])
def test_nothing_in_the_message_is_markup(message, template):
    html = render(message, template=template)

    assert "<script" not in html
    assert "<img" not in html
    assert "49" not in html


def test_the_policy_may_say_the_texts_around_it_in_another_language():
    texts = {"blockpage_title": "كلا", "blockpage_close": "أغلق هذه الصفحة"}

    html = render("لا", language="ar", texts=texts)

    assert '<html lang="ar" dir="rtl">' in html
    assert "<h1>كلا</h1>" in html
    assert "أغلق هذه الصفحة" in html


def test_a_custom_template_holds_it():
    html = render("No.", template='<html><body class="mine"><div id="api">old</div></body></html>')

    assert 'class="mine"' in html
    assert "No." in html
    assert "old" not in html
    assert 'data-name="GlobalException"' in html


def test_a_template_without_a_place_for_it_is_an_error():
    with pytest.raises(TemplateError):
        render("No.", template="<html><body></body></html>")


def test_the_design_is_that_of_the_policy():
    html = render("No.", url="~/tenant/templates/MSA/exception.cshtml")

    assert '<body class="MSA">' in html

from datetime import datetime, timedelta, timezone

import pytest

from journeyman.web.pages.errors import (
    render_error,
    render_form_post,
    render_not_found,
    render_notice,
    render_signed_out,
)

AT = datetime(2026, 3, 1, 13, 5, 9, tzinfo=timezone(timedelta(hours=1)))
HOSTILE = "<script>alert(1)</script>\"'--><img src=x onerror=alert(1)>"


def error(code: str = "AADB2C90046", message: str = "Gone.", correlation_id: str = "c-1", **more) -> str:
    return render_error(code, message, correlation_id, AT, **{"detail": None, "nonce": "n", **more})


def test_the_error_page_has_code_correlation_id_and_time():
    html = error()

    assert '<div id="api" class="error-page-content" role="main" data-name="GlobalException">' in html
    assert '<div class="error-page-correlationid">Correlation ID: c-1</div>' in html
    assert "<div>Timestamp: 2026-03-01 12:05:09Z</div>" in html
    assert '<div class="error-page-detail">AADB2C90046: Gone.</div>' in html
    assert "Sorry, but we&#39;re having trouble signing you in." in html
    assert "<!-- CorrelationId: c-1 -->" in html


def test_only_with_a_detail_does_the_page_show_what_is_for_developers():
    assert "error-page-development" not in error(trace_url="/portal/journeys/j-1")
    shown = error(detail="JM4001 closed", trace_url="/portal/journeys/j-1")

    assert "JM4001 closed" in shown
    assert 'href="/portal/journeys/j-1"' in shown


@pytest.mark.parametrize(
    "html",
    [
        error(code=HOSTILE, message=HOSTILE, correlation_id=HOSTILE, detail=HOSTILE, brand=HOSTILE),
        render_notice(HOSTILE, [HOSTILE], nonce="n", links=[(HOSTILE, "/x")], brand=HOSTILE),
    ],
    ids=["error", "notice"],
)
def test_hostile_texts_are_escaped(html):
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_a_form_post_submits_itself_and_has_a_button_without_scripts():
    html = render_form_post("https://app.example/cb?a=1&b=2", {"code": 'x"><script>', "state": "s"}, nonce="abc")

    assert '<form id="auto" method="POST" action="https://app.example/cb?a=1&amp;b=2">' in html
    assert '<input type="hidden" name="code" value="x&#34;&gt;&lt;script&gt;">' in html
    assert '<input type="hidden" name="state" value="s">' in html
    assert '<script nonce="abc">document.getElementById("auto").submit();</script>' in html
    assert "<noscript>" in html


def test_the_other_pages_say_what_they_are():
    assert "You are signed out" in render_signed_out(nonce="n")
    assert "There is nothing at this address" in render_not_found(nonce="n")

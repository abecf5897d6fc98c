from __future__ import annotations

import pytest

from journeyman.management.errors import InvalidError
from journeyman.management.texts import https_url, one_line


@pytest.mark.parametrize("text", ["Loyalty <b>", "R&D 'x' \"y\"", "Ünïcode 日本語 👩‍💻", "a" * 256])
def test_a_line_of_text_stays_as_it_was_written(text):
    assert one_line(text, "displayName") == text


def test_an_empty_text_is_taken_where_it_may_be_empty():
    assert one_line("", "description", empty=True) == ""


@pytest.mark.parametrize("text", ["", "  ", "a\tb", "a\x7f", "\ud83d", "\ufffe", "\u2029", "\u2066x"])
def test_what_is_no_line_of_text_is_refused(text):
    with pytest.raises(InvalidError, match="name"):
        one_line(text, "name")


@pytest.mark.parametrize(
    "text", ["https://api.example", "https://api.example:3000/a%20b?code=x%7By%7D", "https://[2001:db8::1]/"]
)
def test_an_https_url_stays_as_it_was_written(text):
    assert https_url(text, "targetUrl") == text


@pytest.mark.parametrize("text", ["http://api.example/", "HTTP://api.example/"])
def test_plain_http_needs_a_permission(text):
    with pytest.raises(InvalidError, match="must begin with https://"):
        https_url(text, "targetUrl")
    assert https_url(text, "targetUrl", plain_http=lambda origin: origin == "http://api.example") == text

"""Answers of the authorization endpoint: where the parameters go and how they are written."""

from datetime import UTC, datetime

import pytest

from journeyman.web.oidc.responses import authorization_response, error_description, with_query


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=x+y"),
        ("https://a.example/cb?", "https://a.example/cb?code=x+y"),
        ("https://a.example/cb?p=1", "https://a.example/cb?p=1&code=x+y"),
        ("https://a.example/cb?p=1&", "https://a.example/cb?p=1&code=x+y"),
        ("com.contoso.app://auth", "com.contoso.app://auth?code=x+y"),
        ("urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob?code=x+y"),
    ],
)
def test_parameters_join_the_query_of_an_address(uri, expected):
    assert with_query(uri, {"code": "x y"}) == expected
    assert with_query(uri, {}) == uri


def test_a_fragment_goes_behind_the_query():
    response = authorization_response("https://a.example/cb?p=1", "fragment", {"id_token": "x", "state": "a&b"})

    assert response.headers["Location"] == "https://a.example/cb?p=1#id_token=x&state=a%26b"
    assert response.status_code == 302


def test_a_description_keeps_its_three_lines_whatever_the_text_is():
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    text = "first\r\nCorrelation ID: forged\t" + "x" * 2000
    description = error_description("AADB2C90075", text, correlation_id="c", now=now)

    assert description.startswith("AADB2C90075: first Correlation ID: forged xxx")
    assert description.endswith("x\r\nCorrelation ID: c\r\nTimestamp: 2026-01-02 03:04:05Z\r\n")
    assert len(description) < 1100

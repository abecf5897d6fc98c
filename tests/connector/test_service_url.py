from __future__ import annotations

import pytest

from journeyman.connector.errors import EgressRefusedError, RequestRefusedError
from journeyman.connector.service_url import compile_service_url, placeholders_in_origin, unmatched_placeholders


@pytest.fixture
def fill(claim, resolution):
    def make(url, inputs, *, resolvers=False, **values):
        compiled = compile_service_url(url, inputs, placeholders=True, resolvers=resolvers)
        return str(compiled.fill(values, resolution))

    return make


def test_a_placeholder_is_found_by_partner_name_then_by_id_then_by_position(fill, claim):
    inputs = [claim("objectId", "id"), claim("email")]
    url = "https://api.example.com/{id}/{objectId}/{email}/{claim2}"

    assert fill(url, inputs, id="7", email="e") == "https://api.example.com/7/7/e/e"


def test_a_placeholder_works_in_query_names_and_values(fill, claim):
    assert fill("https://api.example.com/?{a}={b}", [claim("a"), claim("b")], a="x&y", b="1=2") == (
        "https://api.example.com/?x%26y=1%3D2"
    )


def test_a_missing_value_is_empty(fill, claim):
    assert fill("https://api.example.com/u/{a}/x", [claim("a")]) == "https://api.example.com/u//x"


def test_a_placeholder_that_no_claim_fills_is_sent_percent_encoded(fill, claim):
    assert fill("https://api.example.com/{b}?x={claim9}", [claim("a")]) == (
        "https://api.example.com/%7Bb%7D?x=%7Bclaim9%7D"
    )
    assert unmatched_placeholders("https://api.example.com/{b}?x={a}", [claim("a")]) == ("{b}",)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_that_is_a_dot_segment_is_refused(fill, claim, value):
    with pytest.raises(RequestRefusedError, match="path"):
        fill("https://api.example.com/users/{a}/x", [claim("a")], a=value)


def test_a_value_with_slashes_and_dots_stays_one_segment(fill, claim):
    assert fill("https://api.example.com/u/{a}", [claim("a")], a="../../admin") == (
        "https://api.example.com/u/..%2F..%2Fadmin"
    )


def test_resolvers_are_filled_and_encoded_when_asked_for(fill):
    url = "https://api.example.com/{Context:CorrelationId}?c={OAUTH-KV:campaignId}"

    assert fill(url, [], resolvers=True) == ("https://api.example.com/99999999-2222-3333-4444-555555555555?c=a%2Fb%20c")
    assert fill(url, []) == "https://api.example.com/%7BContext:CorrelationId%7D?c=%7BOAUTH-KV:campaignId%7D"


def test_what_stands_in_the_url_is_sent_as_it_stands(fill):
    url = "https://api.example.com/v2/me?q=members&projection=(elements*(handle~))&$select=a,b&code=x%2Fy=="

    assert fill(url, []) == url


def test_blanks_and_letters_of_other_scripts_are_encoded_and_the_fragment_dropped(fill):
    assert fill("  https://api.example.com/é/a b#frag ", []) == "https://api.example.com/%C3%A9/a%20b"


@pytest.mark.parametrize(
    ("url", "dynamic"),
    [
        ("https://{tenant}.example.com/a", True),
        ("https://api.example.com:{port}/a", True),
        ("{scheme}://api.example.com/a", True),
        ("https://{Claim:host}", True),
        ("https://api.example.com/{a}", False),
        ("https://api.example.com?x={a}", False),
        ("not a url {a}", False),
    ],
)
def test_a_host_that_depends_on_a_claim_is_found(url, dynamic):
    assert placeholders_in_origin(url) is dynamic


@pytest.mark.parametrize("url", ["", "api/a", "https://{a}.example.com/", "ftp://a.example/", "https://u:p@a.example/"])
def test_a_service_url_that_may_not_be_called_is_refused(url, claim):
    with pytest.raises(EgressRefusedError):
        compile_service_url(url, [claim("a")], placeholders=True, resolvers=False)


def test_the_template_shows_no_values(claim):
    compiled = compile_service_url(
        "https://api.example.com/{claim1}/{Context:CorrelationId}", [claim("email")], placeholders=True, resolvers=True
    )

    assert compiled.template == "https://api.example.com/{email}/{Context:CorrelationId}"


def test_a_url_too_long_for_servers_is_refused(fill, claim):
    with pytest.raises(RequestRefusedError, match="16384"):
        fill("https://api.example.com/{a}", [claim("a")], a="x" * 17_000)

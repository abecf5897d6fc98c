from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from journeyman.claims.values import DataType, UserIdentity
from journeyman.connector.errors import RequestRefusedError, RequiredClaimMissingError
from journeyman.connector.request import RequestPlan, SendClaimsIn, build_request, forbidden_header
from journeyman.connector.service_url import compile_service_url

URL = "https://api.example.com/users?code=1%2F2&q=(a)"


@pytest.fixture
def build(resolution):
    def make(mode, *inputs, url=URL, **plan):
        compiled = compile_service_url(
            url, [one for one, _ in inputs], placeholders=mode is SendClaimsIn.URL, resolvers=False
        )
        return build_request(RequestPlan(mode, compiled, **plan), inputs, resolution)

    return make


def test_body_is_one_compact_json_object_in_the_order_of_the_claims(build, claim):
    request = build(
        SendClaimsIn.BODY,
        (claim("email"), "jo@example.com"),
        (claim("givenName", "first name"), 'Zoë "Z" <b>'),
        (claim("empty"), ""),
    )

    assert request.method == "POST"
    assert str(request.url) == URL
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.body == '{"email":"jo@example.com","first name":"Zoë \\"Z\\" <b>","empty":""}'.encode()


def test_body_keeps_the_types_of_json(build, claim):
    request = build(
        SendClaimsIn.BODY,
        (claim("new", data_type=DataType.BOOLEAN), True),
        (claim("age", data_type=DataType.INT), 42),
        (claim("big", data_type=DataType.LONG), 9007199254740993),
        (claim("born", data_type=DataType.DATE), date(1990, 4, 2)),
        (claim("at", data_type=DataType.DATE_TIME), datetime(2024, 1, 31, 10, tzinfo=UTC)),
        (claim("mails", data_type=DataType.STRING_COLLECTION), ("a@x", "b@x")),
        (claim("none", data_type=DataType.STRING_COLLECTION), ()),
        (claim("who", data_type=DataType.USER_IDENTITY), UserIdentity("facebook.com", "MTIz")),
    )

    assert request.body == (
        b'{"new":true,"age":42,"big":9007199254740993,"born":"1990-04-02","at":"2024-01-31T10:00:00.0000000Z",'
        b'"mails":["a@x","b@x"],"who":{"issuer":"facebook.com","issuerUserId":"MTIz"}}'
    )


def test_body_without_claims_is_an_empty_object(build):
    assert build(SendClaimsIn.BODY).body == b"{}"


def test_of_two_claims_with_one_name_the_last_wins(build, claim):
    request = build(SendClaimsIn.BODY, (claim("a", "x"), "1"), (claim("b", "y"), "2"), (claim("c", "x"), "3"))

    assert request.body == b'{"x":"3","y":"2"}'


def test_the_payload_claim_is_the_whole_body_verbatim(build, claim):
    request = build(
        SendClaimsIn.BODY,
        (claim("payload"), '{ "personalizations": [1] }'),
        (claim("other"), "not sent"),
        payload_claim="payload",
    )

    assert request.body == b'{ "personalizations": [1] }'
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_payload_claim_without_value_fails_before_the_call(build, claim):
    with pytest.raises(RequiredClaimMissingError, match="'payload'"):
        build(SendClaimsIn.BODY, (claim("other"), "x"), payload_claim="payload")


def test_form_is_url_encoded_with_plus_for_space(build, claim):
    request = build(
        SendClaimsIn.FORM,
        (claim("grant_type"), "client_credentials"),
        (claim("scope"), "https://graph.microsoft.com/.default"),
        (claim("name"), "Zoë & Co"),
        (claim("new", data_type=DataType.BOOLEAN), False),
    )

    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.body == (
        b"grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&name=Zo%C3%AB+%26+Co&new=false"
    )


def test_header_is_a_get_with_one_header_per_claim(build, claim):
    request = build(SendClaimsIn.HEADER, (claim("email", "X-Email"), "jo@example.com"), (claim("objectId"), "7"))

    assert (request.method, request.body) == ("GET", None)
    assert (request.headers["X-Email"], request.headers["objectId"]) == ("jo@example.com", "7")
    assert "Content-Type" not in request.headers


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\rb", "a\0b", "\x7f", "tab\tis a control"])
def test_a_control_character_in_a_header_claim_is_refused_without_its_value(build, claim, value):
    with pytest.raises(RequestRefusedError, match="claim 'email' may not be sent in the header 'X-Email'") as refused:
        build(SendClaimsIn.HEADER, (claim("email", "X-Email"), value))

    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "Connection", "a b", "x:y", "é", "", "a\r\nb"]
)
def test_a_header_that_controls_the_connection_is_refused(build, claim, name):
    with pytest.raises(RequestRefusedError):
        build(SendClaimsIn.HEADER, (claim("email", name or " "), "x"))

    assert forbidden_header(name, own_authorization=False)


def test_authorization_is_refused_only_where_the_authentication_sets_it(build, claim):
    pair = (claim("token", "Authorization"), "Custom abc")

    assert build(SendClaimsIn.HEADER, pair).headers["Authorization"] == "Custom abc"
    with pytest.raises(RequestRefusedError, match="AuthenticationType sets it"):
        build(SendClaimsIn.HEADER, pair, own_authorization=True)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com/a", "https://api.example.com/a?e=a%26b%20c&n=%C3%AB"),
        ("https://api.example.com/a?code=1", "https://api.example.com/a?code=1&e=a%26b%20c&n=%C3%AB"),
        ("https://api.example.com/a?", "https://api.example.com/a?e=a%26b%20c&n=%C3%AB"),
        ("https://api.example.com/a?x&", "https://api.example.com/a?x&e=a%26b%20c&n=%C3%AB"),
    ],
)
def test_query_string_is_appended_to_the_url(build, claim, url, expected):
    request = build(SendClaimsIn.QUERY_STRING, (claim("email", "e"), "a&b c"), (claim("n"), "ë"), url=url)

    assert (request.method, request.body) == ("GET", None)
    assert str(request.url) == expected


def test_query_string_without_claims_is_a_plain_get(build):
    assert str(build(SendClaimsIn.QUERY_STRING).url) == URL


def test_url_fills_placeholders_and_sends_nothing_else(build, claim):
    request = build(
        SendClaimsIn.URL,
        (claim("objectId", "id"), "a/b?c#d%e"),
        (claim("bearerToken"), "secret"),
        url="https://api.example.com/users/{id}/groups?$select=x",
    )

    assert str(request.url) == "https://api.example.com/users/a%2Fb%3Fc%23d%25e/groups?$select=x"
    assert list(request.sent) == ["id"]


@pytest.mark.parametrize("mode", [SendClaimsIn.BODY, SendClaimsIn.FORM, SendClaimsIn.HEADER, SendClaimsIn.QUERY_STRING])
def test_the_bearer_claim_is_not_sent_as_a_value(build, claim, mode):
    request = build(mode, (claim("bearerToken"), "canary"), (claim("a"), "1"), unsent_claim="bearerToken")

    assert "canary" not in f"{request.url}{request.headers}{request.body!r}"
    assert list(request.sent) == ["a"]


@pytest.mark.parametrize("mode", list(SendClaimsIn))
def test_a_request_larger_than_its_limit_is_refused(build, claim, mode):
    with pytest.raises(RequestRefusedError, match="longer than"):
        build(mode, (claim("big"), "x" * 1_100_000), url="https://api.example.com/{big}")


@pytest.mark.parametrize("mode", [SendClaimsIn.BODY, SendClaimsIn.FORM, SendClaimsIn.QUERY_STRING])
def test_text_that_is_not_unicode_is_refused(build, claim, mode):
    with pytest.raises(RequestRefusedError, match="not Unicode"):
        build(mode, (claim("broken"), "\ud800"))

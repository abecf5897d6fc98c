"""The five SendClaimsIn modes and what the record shows of them, byte for byte as an API receives them."""

from __future__ import annotations

import pytest

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import DataType
from journeyman.technical_profile import Continue, Refuse
from journeyman.trace.records import Verdict


@pytest.fixture
def inputs(claim):
    return (
        (claim("email", "mail", sensitivity=Sensitivity.PERSONAL), "zoë+x@example.com"),
        (claim("new", "isNew", DataType.BOOLEAN), True),
        (claim("roles", data_type=DataType.STRING_COLLECTION), ("a", "b c")),
    )


@pytest.fixture
def run(serve, profile_for):
    """Call an API in one mode and return what it received and the record."""

    async def call(mode, inputs, path="/p?code=x%2Fy==", **metadata):
        api = await serve(context=False)
        profile = profile_for(
            f"{api.url}{path}",
            AuthenticationType="None",
            SendClaimsIn=mode,
            inputs=tuple(one for one, _ in inputs),
            **metadata,
        )
        await profile.run(*inputs)
        head = api.received[0].head.replace(str(api.port).encode(), b"PORT")
        return head, api.received[0].body, profile.records[0]

    return call


async def test_body_on_the_wire(run, inputs):
    head, body, record = await run("body", inputs)

    assert head == (
        b"POST /p?code=x%2Fy== HTTP/1.1\r\n"
        b"Host: 127.0.0.1:PORT\r\n"
        b"Accept: application/json\r\n"
        b"Accept-Encoding: gzip, deflate\r\n"
        b"User-Agent: journeyman\r\n"
        b"Content-Type: application/json; charset=utf-8\r\n"
        b"Content-Length: 62"
    )
    assert body == '{"mail":"zoë+x@example.com","isNew":true,"roles":["a","b c"]}'.encode()
    assert (record.exchange.method, record.claims_out["new"]) == ("POST", "true")
    assert "zoë+x" not in repr(record)


async def test_form_on_the_wire(run, inputs):
    head, body, _ = await run("Form", inputs)

    assert head.split(b"\r\n")[5:] == [
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: " + str(len(body)).encode(),
    ]
    assert body == b"mail=zo%C3%AB%2Bx%40example.com&isNew=true&roles=a%2Cb+c"


async def test_header_on_the_wire(run, inputs):
    head, body, record = await run("Header", inputs)

    assert (
        head
        == (
            "GET /p?code=x%2Fy== HTTP/1.1\r\n"
            "Host: 127.0.0.1:PORT\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: gzip, deflate\r\n"
            "User-Agent: journeyman\r\n"
            "mail: zoë+x@example.com\r\n"
            "isNew: true\r\n"
            "roles: a,b c"
        ).encode()
    )
    assert body == b""
    assert ("mail", "(hidden, 17 characters)") in record.exchange.request_headers


async def test_query_string_on_the_wire(run, inputs):
    head, body, record = await run("QueryString", inputs)

    assert head.split(b"\r\n")[0] == (
        b"GET /p?code=x%2Fy==&mail=zo%C3%AB%2Bx%40example.com&isNew=true&roles=a%2Cb%20c HTTP/1.1"
    )
    assert body == b""
    assert "example.com" not in record.exchange.url


async def test_url_on_the_wire(run, inputs):
    head, body, record = await run("Url", inputs, path="/u/{mail}/{claim2}?r={roles}&q=(x)")

    assert head.split(b"\r\n")[0] == b"GET /u/zo%C3%AB%2Bx%40example.com/true?r=a%2Cb%20c&q=(x) HTTP/1.1"
    assert body == b""
    assert "/u/{mail}/{isNew}?r=" in record.exchange.url


async def test_a_payload_claim_on_the_wire(run, claim):
    payload = (claim("payload"), '{"from":{"email":"a@x"},\n "n": 1}')
    _, body, _ = await run("Body", (payload, (claim("b"), "2")), ClaimUsedForRequestPayload="PAYLOAD")

    assert body == b'{"from":{"email":"a@x"},\n "n": 1}'


async def test_the_token_request_of_the_documentation_on_the_wire(serve, profile_for, ring, claim, answer):
    ring.put("B2C_1A_ClientId", "22222222-2222-3333-4444-555555555555")
    ring.put("B2C_1A_ClientSecret", "s3cret~x")
    api = await serve(answer("200 OK", '{"token_type":"Bearer","access_token":"ey.J","expires_in":3599}'))
    token = claim("bearerToken", "access_token", sensitivity=Sensitivity.SECRET)
    profile = profile_for(
        f"{api.url}/t/oauth2/v2.0/token",
        AuthenticationType="Basic",
        SendClaimsIn="Form",
        keys={"BasicAuthenticationUsername": "B2C_1A_ClientId", "BasicAuthenticationPassword": "B2C_1A_ClientSecret"},
        outputs=(token,),
    )
    outcome = await profile.run(
        (claim("grant_type"), "client_credentials"), (claim("scope"), "https://graph.microsoft.com/.default")
    )

    assert outcome == Continue({"access_token": "ey.J"})
    assert api.received[0].body == b"grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
    assert api.received[0].header("Authorization") == (
        b"Basic MjIyMjIyMjItMjIyMi0zMzMzLTQ0NDQtNTU1NTU1NTU1NTU1OnMzY3JldH54"
    )
    assert "ey.J" not in repr(profile.records)


async def test_a_refusal_reaches_the_journey_with_its_message_and_the_record_shows_it(serve, profile_for, answer):
    body = '{"version":"1.0.0","status":409,"userMessage":"That number is unknown.","code":"API1"}'
    api = await serve(answer("409 Conflict", body))
    profile = profile_for(f"{api.url}/a", AuthenticationType="None")

    assert await profile.run() == Refuse("That number is unknown.", "AADB2C", "That number is unknown.")
    record = profile.records[0]
    assert record.verdict is Verdict.REFUSED_BY_API
    assert "That number is unknown." in record.exchange.response_body


async def test_debug_mode_shows_its_members_in_development_only(serve, profile_for, answer):
    api = await serve(answer("409 Conflict", '{"userMessage":"No.","code":"API1"}'))
    url = f"{api.url}/a"

    developer = await profile_for(url, AuthenticationType="None", DebugMode="true").run()
    person = await profile_for(url, AuthenticationType="None", DebugMode="true", development=False).run()
    assert (developer.user_message, person.user_message) == ("No.\ncode: API1", "No.")

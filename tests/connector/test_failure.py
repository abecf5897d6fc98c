"""What the application and the person learn of a call that failed, driven through real failures."""

from __future__ import annotations

import asyncio

import pytest

from journeyman.connector.errors import ConnectorError
from journeyman.settings import ProfileSettings
from journeyman.trace.records import Verdict

QUICK = ProfileSettings(timeout_s=0.3, retries=1)
SORRY = {"DefaultUserMessageIfRequestFailed": "Please try again later."}


@pytest.fixture
def fail(profile_for):
    async def run(url, texts=None, **options):
        profile = profile_for(url, AuthenticationType="None", settings=QUICK, **options)
        with pytest.raises(ConnectorError) as caught:
            await profile.run(texts=texts)
        return caught.value, profile.records[0]

    return run


async def test_a_timeout_prints_the_limit_really_in_force_and_hides_the_url_in_production(serve, fail):
    async def slow(request, writer):
        await asyncio.sleep(3)

    api = await serve(slow)
    error, record = await fail(f"{api.url}/a?code=1", development=False)

    assert error.service_code == "AADB2C90162"
    assert error.user_message == (
        "Failed to establish connection to restful service end point within timeout limit 0.3 seconds. "
        "Restful service URL: ******"
    )
    assert (record.verdict, record.tries) == (Verdict.TIMEOUT, 2)
    assert record.next.startswith("See in the phases")


async def test_a_closed_port_is_told_with_the_url_in_development(fail):
    error, record = await fail("https://127.0.0.1:1/a?code=canary")

    assert error.user_message == (
        "Failed to establish connection to restful service end point. Restful service URL: https://127.0.0.1:1/a"
    )
    assert str(error) == (
        "The call to 'REST-Loyalty' did not succeed within the allowed number of tries (2). " + error.user_message
    )
    assert record.detail == "127.0.0.1: Connection refused (connecting)"


async def test_a_refused_address_tells_the_operator_the_line_to_add_and_nobody_else(fail, client_for):
    error, record = await fail("https://127.0.0.1:7071/a", client=client_for(loopback=False), development=False)

    assert 'allow = ["127.0.0.1/32:7071"]' in record.detail
    assert record.phase == "connect"
    assert "allow" not in str(error) + error.user_message
    assert error.service_code == "AADB2C90075"
    assert str(error) == (
        "The claims exchange 'LoyaltyExchange' specified in step 'Order=2, Type=ClaimsExchange' returned HTTP error "
        "response with Code 'Conflict' and Reason 'Failed to establish connection to restful service end point. "
        "Restful service URL: ******'."
    )


async def test_an_untrusted_server_is_filed_as_such(serve, fail, foreign_authority):
    api = await serve(context=foreign_authority.server_context())
    error, record = await fail(f"{api.url}/a")

    assert (error.service_code, record.verdict) == ("AADB2C90075", Verdict.TLS_SERVER_CERTIFICATE)
    assert record.tries == 1


async def test_an_http_error_keeps_its_code_and_takes_the_text_of_the_policy(serve, fail, answer):
    api = await serve(answer("404 Not Found"))
    plain, _ = await fail(f"{api.url}/a")
    friendly, record = await fail(f"{api.url}/a", SORRY)

    assert plain.user_message == str(plain)
    assert "Code 'NotFound' and Reason 'Not Found'" in str(plain)
    assert (friendly.service_code, friendly.user_message) == ("AADB2C90075", "Please try again later.")
    assert (record.verdict, record.exchange.status) == (Verdict.HTTP_ERROR, 404)


async def test_a_credential_that_was_refused_takes_the_text_of_the_policy_too(serve, fail, answer):
    api = await serve(answer("401 Unauthorized"))
    error, _ = await fail(f"{api.url}/a", SORRY)

    assert (error.service_code, error.user_message) == ("AADB2C90027", "Please try again later.")


async def test_an_answer_that_cannot_be_read_is_aadb2c90261(serve, fail, answer):
    api = await serve(answer("500 Oops", "{"))
    error, record = await fail(f"{api.url}/a")

    assert (error.service_code, record.verdict) == ("AADB2C90261", Verdict.UNPARSABLE)


async def test_an_answer_that_is_too_large_is_filed_as_such(serve, fail, answer):
    api = await serve(answer("200 OK", "x" * 1_048_577))
    error, record = await fail(f"{api.url}/a")

    assert (error.service_code, record.verdict) == ("AADB2C90075", Verdict.TOO_LARGE)


async def test_a_claim_that_makes_no_header_fails_before_any_connection(serve, profile_for, claim):
    api = await serve()
    profile = profile_for(f"{api.url}/a", AuthenticationType="None", SendClaimsIn="Header")
    with pytest.raises(ConnectorError) as caught:
        await profile.run((claim("name", "X-Name"), "a\r\nX-Admin: 1"))

    assert (caught.value.service_code, api.connections) == ("AADB2C90278", 0)
    assert profile.records[0].verdict is Verdict.MAPPING

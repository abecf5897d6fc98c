from __future__ import annotations

import asyncio
import json

import pytest

from journeyman.claims.claim_type import Sensitivity
from journeyman.compiler.compiled import Metadata
from journeyman.connector.errors import ApiTimeoutError, ApiUnreachableError, RequestRefusedError
from journeyman.connector.extensions import header_claims, http_method, timeout_s
from journeyman.connector.request import SendClaimsIn
from journeyman.settings import ProfileSettings

QUICK = ProfileSettings(timeout_s=5, retries=0)


@pytest.mark.parametrize("method", ["POST", "put", " PATCH ", "Delete"])
def test_a_method_is_read_without_regard_to_case(method):
    found = http_method(Metadata({"JourneymanHttpMethod": method}), SendClaimsIn.BODY)

    assert found == method.strip().upper()


@pytest.mark.parametrize(
    ("method", "mode", "reason"),
    [
        ("CONNECT", SendClaimsIn.URL, "it is not known"),
        ("", SendClaimsIn.BODY, "it is not known"),
        ("GET", SendClaimsIn.BODY, "a GET has no body"),
        ("GET", SendClaimsIn.FORM, "a GET has no body"),
    ],
)
def test_a_method_that_makes_no_request_is_refused(method, mode, reason):
    with pytest.raises(ValueError, match=reason):
        http_method(Metadata({"JourneymanHttpMethod": method}), mode)


@pytest.mark.parametrize(
    ("text", "ids"), [("a", ("a",)), ("a b", ("a", "b")), (" a,\n b , c ", ("a", "b", "c")), (" , ", ()), ("", ())]
)
def test_header_claims_are_listed_with_blanks_or_commas(text, ids):
    assert header_claims(Metadata({"JourneymanHeaderClaims": text})) == ids


@pytest.mark.parametrize("text", ["0", "601", "-1", "1e2", "ten", ""])
def test_a_time_limit_is_seconds_from_a_thousandth_to_600(text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        timeout_s(Metadata({"JourneymanTimeoutSeconds": text}))


# --- on the wire ---------------------------------------------------------------------------------


async def test_some_claims_go_into_headers_and_the_others_into_the_body(serve, profile_for, claim):
    api = await serve()
    trace, email, secret = (
        claim("trace", "X-Trace"),
        claim("email"),
        claim("code", "X-Code", sensitivity=Sensitivity.SECRET),
    )
    profile = profile_for(
        f"{api.url}/a",
        inputs=(trace, email, secret),
        AuthenticationType="None",
        JourneymanHeaderClaims="TRACE code",
        JourneymanHttpMethod="PUT",
    )
    await profile.run((trace, "t1"), (email, "a@example.com"), (secret, "s3cret-code"))
    (request,) = api.received
    (record,) = profile.records

    assert request.request_line == "PUT /a HTTP/1.1"
    assert (request.header("X-Trace"), request.header("X-Code")) == (b"t1", b"s3cret-code")
    assert json.loads(request.body) == {"email": "a@example.com"}
    assert json.loads(record.exchange.request_body).keys() == {"email"}
    assert set(record.claims_out) == {"trace", "code", "email"}
    assert "s3cret" not in repr(record)


async def test_a_line_break_in_a_header_claim_is_refused_before_the_call(serve, profile_for, claim):
    api, trace = await serve(), claim("trace", "X-Trace")
    profile = profile_for(f"{api.url}/a", inputs=(trace,), AuthenticationType="None", JourneymanHeaderClaims="trace")
    with pytest.raises(RequestRefusedError):
        await profile.run((trace, "a\r\nX-Admin: 1"))

    assert api.received == []


async def test_the_time_limit_of_the_policy_holds_unless_the_settings_name_one(serve, profile_for):
    async def slow(request, writer):
        await asyncio.sleep(0.5)

    api = await serve(slow)
    mine = ProfileSettings(retries=0)
    metadata = {"AuthenticationType": "None", "JourneymanTimeoutSeconds": "0.2"}
    with pytest.raises(ApiTimeoutError) as reached:
        await profile_for(f"{api.url}/a", settings=mine, **metadata).run()
    with pytest.raises(ApiUnreachableError):
        await profile_for(f"{api.url}/a", settings=QUICK, **metadata).run()

    assert "within timeout limit 0.2 seconds" in reached.value.user_message


async def test_an_idempotency_key_stays_the_same_over_the_tries_of_a_call_and_no_longer(serve, profile_for, answer):
    async def first_is_busy(request, writer):
        return answer("503 Service Unavailable") if len(api.received) == 1 else answer("200 OK", "{}")

    api = await serve(first_is_busy)
    settings = ProfileSettings(timeout_s=5, retries=1, idempotency_key=True, traceparent=True)
    profile = profile_for(f"{api.url}/a", settings=settings, AuthenticationType="None")
    await profile.run()
    await profile.run()
    first, again, other = (one.header("Idempotency-Key") for one in api.received)

    assert first == again != other
    assert api.received[0].header("traceparent").startswith(b"00-99999999222233334444555555555555-")
    assert dict(profile.records[0].exchange.request_headers)["Idempotency-Key"] == first.decode()


async def test_without_the_settings_neither_header_is_sent(serve, profile_for):
    api = await serve()
    await profile_for(f"{api.url}/a", settings=QUICK, AuthenticationType="None").run()

    assert (api.received[0].header("Idempotency-Key"), api.received[0].header("traceparent")) == (None, None)


async def test_the_bearer_claim_is_sent_as_a_value_only_where_the_settings_say_so(serve, profile_for, claim):
    api, token = await serve(), claim("bearerToken", sensitivity=Sensitivity.SECRET)
    metadata = {"AuthenticationType": "Bearer", "UseClaimAsBearerToken": "bearerToken"}
    for settings in (QUICK, ProfileSettings(timeout_s=5, retries=0, send_bearer_claim=True)):
        await profile_for(f"{api.url}/a", inputs=(token,), settings=settings, **metadata).run((token, "t"))

    assert [json.loads(one.body) for one in api.received] == [{}, {"bearerToken": "t"}]
    assert [one.header("Authorization") for one in api.received] == [b"Bearer t"] * 2


async def test_metadata_of_ours_that_the_compiler_has_reported_changes_nothing(serve, profile_for):
    api = await serve()
    wrong = {"JourneymanHttpMethod": "TRACE", "JourneymanTimeoutSeconds": "soon"}
    await profile_for(f"{api.url}/a", settings=QUICK, AuthenticationType="None", **wrong).run()

    assert api.received[0].request_line == "POST /a HTTP/1.1"

"""The hand-wired form: a profile that acquires a token, and what is kept of its answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from journeyman.claims.resolvers import compile_template
from journeyman.connector.errors import ApiTimeoutError, ConnectorError, HttpStatusError
from journeyman.connector.kept_token import KeptTokens
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Continue
from journeyman.trace.records import Verdict

KEEP = ProfileSettings(timeout_s=2, retries=0, cache_token=True)


@pytest.fixture
def acquiring(serve, profile_for, claim, ring, answer):
    """Return a token endpoint and a function that makes the profile REST-Loyalty acquire its tokens."""
    ring.put("B2C_1A_Id", "engine")
    ring.put("B2C_1A_Secret", "secret")
    keys = {"BasicAuthenticationUsername": "B2C_1A_Id", "BasicAuthenticationPassword": "B2C_1A_Secret"}
    grant = claim("grant_type", default=compile_template("client_credentials", resolve=False), always_use_default=True)

    async def start(settings=KEEP, inputs=(grant,), delay_s=0.0, status="200 OK", life_s=3600, **metadata):
        async def give(request, writer):
            await asyncio.sleep(delay_s)
            token = {"access_token": f"token-{len(api.received)}", "expires_in": life_s}
            return answer(status, json.dumps(token))

        api = await serve(give)
        items = {"AuthenticationType": "Basic", "SendClaimsIn": "Form"} | metadata
        profile = profile_for(
            f"{api.url}/token",
            keys=keys,
            inputs=inputs,
            outputs=(claim("bearerToken", "access_token"),),
            settings=settings,
            **items,
        )
        return api, profile, [(one, "client_credentials") for one in inputs]

    return start


async def test_without_the_setting_every_journey_acquires_a_token(acquiring):
    _, profile, inputs = await acquiring(settings=ProfileSettings(timeout_s=2, retries=0))
    found = [await profile.run(*inputs) for _ in range(2)]

    assert found == [Continue({"access_token": "token-1"}), Continue({"access_token": "token-2"})]


async def test_with_the_setting_the_token_is_kept_and_the_record_says_so(acquiring):
    api, profile, inputs = await acquiring()
    found = [await profile.run(*inputs) for _ in range(3)]
    kept = profile.records[2]

    assert found == [Continue({"access_token": "token-1"})] * 3
    assert len(api.received) == 1
    assert (kept.verdict, kept.tries) == (Verdict.OK, 0)
    assert kept.detail == "the token of an earlier call was kept; no request was made"


async def test_one_request_runs_for_all_journeys_that_wait(acquiring):
    api, profile, inputs = await acquiring(delay_s=0.1)
    found = await asyncio.gather(*(profile.run(*inputs) for _ in range(20)))

    assert found == [Continue({"access_token": "token-1"})] * 20
    assert len(api.received) == 1


async def test_a_token_that_does_not_live_is_not_kept(acquiring):
    api, profile, inputs = await acquiring(life_s=0)
    for _ in range(2):
        await profile.run(*inputs)

    assert len(api.received) == 2


async def test_a_rotated_key_acquires_a_new_token(acquiring, ring):
    _, profile, inputs = await acquiring()
    await profile.run(*inputs)
    ring.put("B2C_1A_Secret", "new", kid="kid-2")

    assert await profile.run(*inputs) == Continue({"access_token": "token-2"})


@pytest.mark.parametrize("resolve", [None, "{Context:CorrelationId}"])
async def test_a_profile_that_sends_something_of_a_person_keeps_nothing(acquiring, claim, resolve):
    default = compile_template(resolve, resolve=True) if resolve else compile_template("x", resolve=False)
    personal = claim("email", default=default, always_use_default=resolve is not None)
    api, profile, inputs = await acquiring(inputs=(personal,))
    for _ in range(2):
        await profile.run(*inputs)

    assert len(api.received) == 2


async def test_a_failure_is_told_to_all_that_wait_and_is_not_kept(acquiring):
    api, profile, inputs = await acquiring(delay_s=0.1, status="500 Internal Server Error")
    found = await asyncio.gather(*(profile.run(*inputs) for _ in range(3)), return_exceptions=True)

    assert [type(one) for one in found] == [HttpStatusError] * 3
    assert len(api.received) == 1
    with pytest.raises(HttpStatusError):
        await profile.run(*inputs)
    assert len(api.received) == 2


async def test_when_the_journey_that_acquires_goes_away_one_of_the_others_takes_over(acquiring):
    api, profile, inputs = await acquiring(delay_s=0.1)
    first = asyncio.create_task(profile.run(*inputs))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(profile.run(*inputs)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()

    assert await asyncio.gather(*others) == [Continue({"access_token": "token-2"})] * 3
    assert len(api.received) == 2


async def test_a_journey_that_waits_can_be_ended(acquiring):
    _, profile, inputs = await acquiring(delay_s=0.1)
    first = asyncio.create_task(profile.run(*inputs))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(profile.run(*inputs))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second

    assert await first == Continue({"access_token": "token-1"})


async def test_a_journey_waits_no_longer_than_its_own_time(acquiring):
    _, profile, _ = await acquiring()
    kept = KeptTokens().new(profile.provider.client.clock)
    running = asyncio.create_task(kept.acquired((), lambda: asyncio.sleep(5), 5))
    await asyncio.sleep(0)
    with pytest.raises(ApiTimeoutError, match="another journey acquires the token"):
        await kept.acquired((), lambda: asyncio.sleep(5), 0.05)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_error_that_nobody_else_waits_for_is_raised_once(acquiring):
    _, profile, inputs = await acquiring(status="400 Bad Request")
    with pytest.raises(ConnectorError):
        await profile.run(*inputs)


# --- a token that an API refuses -----------------------------------------------------------------


async def test_a_401_of_the_api_that_got_the_token_forgets_it(acquiring, serve, profile_for, claim, answer):
    _, profile, inputs = await acquiring()
    await profile.run(*inputs)
    token = claim("bearerToken")
    refusing = await serve(answer("401 Unauthorized", "{}"))
    consumer = profile_for(
        f"{refusing.url}/a", inputs=(token,), AuthenticationType="Bearer", UseClaimAsBearerToken="bearerToken"
    )
    consumer.provider = replace(consumer.provider, kept_tokens=profile.provider.kept_tokens)
    with pytest.raises(ConnectorError):
        await consumer.run((token, "token-1"))

    assert await profile.run(*inputs) == Continue({"access_token": "token-2"})


async def test_another_token_and_another_scheme_forget_nothing(acquiring):
    api, profile, inputs = await acquiring()
    await profile.run(*inputs)
    for authorization in ("Basic token-1", "Bearer token-9", "Bearer", ""):
        profile.provider.kept_tokens.refused(authorization)
    await profile.run(*inputs)

    assert len(api.received) == 1


async def test_a_refusal_of_the_token_endpoint_is_not_kept(acquiring, serve, profile_for, claim, answer):
    refusing = await serve(answer("400 Bad Request", '{"version":"1","status":409,"userMessage":"no"}'))
    profile = profile_for(f"{refusing.url}/token", settings=KEEP, AuthenticationType="None")
    found = [await profile.run() for _ in range(2)]

    assert [one.user_message for one in found] == ["no", "no"]
    assert len(refusing.received) == 2

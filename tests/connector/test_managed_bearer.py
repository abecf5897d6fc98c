"""A real token endpoint and a real API: how a token is acquired, shared, renewed and dropped."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from journeyman.connector.errors import (
    ApiTimeoutError,
    ApiUnreachableError,
    CredentialMissingError,
    CredentialRefusedError,
    TokenNotAcquiredError,
)
from journeyman.connector.limits import CallRules, Limits
from journeyman.connector.managed_bearer import TokenHolders, TokenSources
from journeyman.keys.keyset import Previous
from journeyman.settings import BearerSettings, ProfileSettings
from journeyman.technical_profile import Continue
from journeyman.trace.records import Verdict

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


@dataclass
class TokenEndpoint:
    """Give a new token at every request; what it says can be changed while it runs."""

    answer: object
    given: int = 0
    life_s: object = 3600
    status: str = "200 OK"
    body: str | None = None
    delay_s: float = 0.0
    reply_with: object = None
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    async def reply(self, request, writer):
        if self.reply_with is not None:
            return await self.reply_with(request, writer)
        self.forms.append(parse_qs(request.body.decode()))
        await asyncio.sleep(self.delay_s)
        self.given += 1
        token = {"access_token": f"token-{self.given}", "token_type": "Bearer", "expires_in": self.life_s}
        return self.answer(self.status, self.body or json.dumps(token))


@pytest.fixture
async def tokens(serve, answer):
    endpoint = TokenEndpoint(answer)
    server = await serve(endpoint.reply)
    endpoint.url, endpoint.received = f"{server.url}/token", server.received
    return endpoint


@dataclass
class Api:
    """Accept the tokens that are good."""

    answer: object
    refused: set[bytes] = field(default_factory=set)
    seen: list[bytes] = field(default_factory=list)

    async def reply(self, request, writer):
        token = request.header("Authorization")
        self.seen.append(token)
        return self.answer("401 Unauthorized" if token in self.refused else "200 OK", "{}")


@pytest.fixture
async def api(serve, answer):
    api = Api(answer)
    api.url = (await serve(api.reply)).url
    return api


@pytest.fixture
def managed(profile_for, ring, tokens, api):
    """A profile with a managed bearer; the secret is in B2C_1A_Secret."""
    ring.put("B2C_1A_Secret", "s3cret value")

    def make(client=None, **settings):
        bearer = BearerSettings(tokens.url, "engine", "B2C_1A_Secret", scope="api/.default")
        chosen = {"timeout_s": 2, "retries": 0, "bearer": bearer} | settings
        return profile_for(f"{api.url}/a", client=client, settings=ProfileSettings(**chosen), AuthenticationType="None")

    return make


async def test_a_token_is_acquired_by_client_credentials_and_sent(managed, tokens, api):
    profile = managed()

    assert await profile.run() == Continue({})
    assert api.seen == [b"Bearer token-1"]
    assert tokens.forms == [{"grant_type": ["client_credentials"], "scope": ["api/.default"]}]
    assert tokens.received[0].request_line == "POST /token HTTP/1.1"
    assert tokens.received[0].header("Authorization") == b"Basic ZW5naW5lOnMzY3JldCt2YWx1ZQ=="


async def test_the_record_names_the_key_and_shows_neither_secret_nor_token(managed):
    profile = managed()
    await profile.run()
    (record,) = profile.records

    assert record.authentication == "Bearer (managed)"
    assert record.credential == ("B2C_1A_Secret (kid kid-1)",)
    assert record.detail.startswith("waited ")
    assert "token-1" not in repr(record)
    assert "s3cret" not in repr(record)


async def test_one_request_runs_for_any_number_of_waiting_journeys(managed, tokens, api):
    tokens.delay_s = 0.1
    profile = managed()
    await asyncio.gather(*(profile.run() for _ in range(50)))

    assert (tokens.given, api.seen) == (1, [b"Bearer token-1"] * 50)


async def test_a_journey_that_gives_up_does_not_take_the_token_from_the_others(managed, tokens, api):
    tokens.delay_s = 0.2
    profile = managed()
    first = asyncio.create_task(profile.run())
    await asyncio.sleep(0.05)
    second = asyncio.create_task(profile.run())
    await asyncio.sleep(0.05)
    first.cancel()
    await second

    assert (tokens.given, api.seen) == (1, [b"Bearer token-1"])


async def test_profiles_with_the_same_settings_share_a_token(client_for, ring, tokens):
    ring.put("B2C_1A_Secret", "s")
    sources, client = TokenSources(), client_for()
    holders = TokenHolders(client, ring, "contoso.onmicrosoft.com", CallRules(Limits(2, 0)))
    bearer = BearerSettings(tokens.url, "engine", "B2C_1A_Secret")
    other = BearerSettings(tokens.url, "engine", "B2C_1A_Secret", scope="other")
    one, same, apart = (
        sources.of(name, settings, holders) for name, settings in [("A", bearer), ("B", bearer), ("C", other)]
    )

    assert one is same
    assert await one.current(5) is await same.current(5)
    assert await apart.current(5) is not await one.current(5)
    assert tokens.given == 2
    await sources.close()


# --- renewal -------------------------------------------------------------------------------------


@dataclass
class HandClock:
    clock: object
    ahead_s: float = 0.0

    def now(self):
        return self.clock.now()

    def monotonic_s(self):
        return self.clock.monotonic_s() + self.ahead_s


@pytest.fixture
def clock(client_for):
    client = client_for()
    client.clock = HandClock(client.clock)
    return client


async def test_at_four_fifths_of_its_life_a_token_is_renewed_beside_the_calls(managed, tokens, api, clock):
    profile = managed(client=clock)
    await profile.run()
    clock.clock.ahead_s = 0.79 * 3600
    await profile.run()
    before = tokens.given
    clock.clock.ahead_s = 0.81 * 3600
    tokens.delay_s = 0.1
    await asyncio.gather(*(profile.run() for _ in range(5)))
    await asyncio.sleep(0.15)
    await profile.run()

    assert (before, tokens.given) == (1, 2)
    assert api.seen == [b"Bearer token-1"] * 7 + [b"Bearer token-2"]


async def test_a_renewal_that_fails_leaves_the_old_token_until_it_ends(managed, tokens, api, clock, caplog):
    profile = managed(client=clock)
    await profile.run()
    clock.clock.ahead_s = 0.9 * 3600
    tokens.status, tokens.body = "500 Internal Server Error", "{}"
    for _ in range(3):
        await profile.run()
        await asyncio.sleep(0.02)

    assert (tokens.given, api.seen) == (2, [b"Bearer token-1"] * 4)
    assert "no token from 127.0.0.1: the token endpoint answered 500" in caplog.text
    clock.clock.ahead_s = 3601
    with pytest.raises(TokenNotAcquiredError):
        await profile.run()


async def test_a_rotated_key_acquires_a_new_token(managed, tokens, api, ring):
    profile = managed()
    await profile.run()
    ring.put("B2C_1A_Secret", "new", kid="kid-2")
    await profile.run()

    assert api.seen == [b"Bearer token-1", b"Bearer token-2"]
    assert tokens.received[1].header("Authorization") == b"Basic ZW5naW5lOm5ldw=="


# --- refusals ------------------------------------------------------------------------------------


async def test_a_401_drops_the_token_and_another_one_is_tried_once(managed, tokens, api):
    profile = managed()
    await profile.run()
    api.refused = {b"Bearer token-1"}

    assert await profile.run() == Continue({})
    assert api.seen == [b"Bearer token-1", b"Bearer token-1", b"Bearer token-2"]
    assert "(401); a new one was acquired" in profile.records[1].detail


async def test_an_api_that_refuses_every_token_is_asked_twice_and_does_not_wear_out_the_token_endpoint(
    managed, tokens, api
):
    profile = managed()
    api.refused = {f"Bearer token-{number}".encode() for number in range(1, 20)}
    for _ in range(4):
        with pytest.raises(CredentialRefusedError) as refused:
            await profile.run()

    assert refused.value.service_code == "AADB2C90027"
    assert (tokens.given, len(api.seen)) == (2, 5)


async def test_many_calls_that_are_refused_at_once_acquire_one_token(managed, tokens, api):
    profile = managed()
    await profile.run()
    api.refused, tokens.delay_s = {b"Bearer token-1"}, 0.05
    await asyncio.gather(*(profile.run() for _ in range(20)))

    assert tokens.given == 2
    assert api.seen.count(b"Bearer token-2") == 20


async def test_a_call_that_was_refused_with_an_older_token_takes_the_newer_one(client_for, ring, tokens):
    ring.put("B2C_1A_Secret", "s")
    holders = TokenHolders(client_for(), ring, "contoso.onmicrosoft.com", CallRules(Limits(2, 0)))
    source = holders.source("A", BearerSettings(tokens.url, "engine", "B2C_1A_Secret"))
    old = await source.current(5)
    new = await source.after_refusal(old, 401, 5)
    other = await source.after_refusal(old, 401, 5)

    assert new is other is await source.current(5)
    assert tokens.given == 2


async def test_a_token_that_was_asked_for_before_the_key_was_rotated_does_not_replace_the_newer_one(
    client_for, ring, tokens
):
    ring.put("B2C_1A_Secret", "s")
    holders = TokenHolders(client_for(), ring, "contoso.onmicrosoft.com", CallRules(Limits(2, 0)))
    source = holders.source("A", BearerSettings(tokens.url, "engine", "B2C_1A_Secret"))
    tokens.delay_s = 0.2
    slow = asyncio.create_task(source.current(5))
    await asyncio.sleep(0.1)
    tokens.delay_s = 0.0
    ring.put("B2C_1A_Secret", "new", kid="kid-2")
    new = await source.current(5)
    await slow

    assert await source.current(5) is new
    assert tokens.given == 2


async def test_a_403_is_about_permission_and_acquires_nothing(managed, tokens, serve, profile_for, answer, ring):
    forbidding = await serve(answer("403 Forbidden", "{}"))
    bearer = BearerSettings(tokens.url, "engine", "B2C_1A_Secret")
    ring.put("B2C_1A_Secret", "s")
    settings = ProfileSettings(timeout_s=2, retries=0, bearer=bearer)
    with pytest.raises(CredentialRefusedError):
        await profile_for(f"{forbidding.url}/a", settings=settings, AuthenticationType="None").run()

    assert (tokens.given, len(forbidding.received)) == (1, 1)


# --- failures ------------------------------------------------------------------------------------


async def test_a_refusal_of_the_token_endpoint_names_its_code_and_nothing_that_was_sent(managed, tokens, api):
    tokens.status = "401 Unauthorized"
    tokens.body = '{"error":"invalid_client","error_description":"the secret s3cret value is wrong"}'
    profile = managed()
    with pytest.raises(TokenNotAcquiredError) as refused:
        await profile.run()

    assert refused.value.service_code == "AADB2C90027"
    assert refused.value.operator == "managed bearer: the token endpoint answered 401 invalid_client"
    assert profile.records[0].verdict is Verdict.CREDENTIAL_MISSING
    assert "s3cret" not in f"{refused.value}{refused.value.user_message}{profile.records}"
    assert api.seen == []


async def test_a_token_that_does_not_come_in_time_is_a_timeout_of_the_call(managed, tokens, api):
    tokens.delay_s = 3
    profile = managed(timeout_s=0.2)
    with pytest.raises(ApiTimeoutError) as slow:
        await profile.run()

    assert slow.value.operator == "127.0.0.1: no token within the time of the call"
    assert profile.records[0].total_ms < 300
    assert api.seen == []


async def test_time_that_was_spent_on_the_token_is_part_of_the_budget(managed, tokens, api, serve, profile_for, ring):
    async def slow(request, writer):
        await asyncio.sleep(5)

    ring.put("B2C_1A_Secret", "s")
    silent, tokens.delay_s = await serve(slow), 0.3
    bearer = BearerSettings(tokens.url, "engine", "B2C_1A_Secret")
    settings = ProfileSettings(timeout_s=0.5, retries=0, bearer=bearer)
    profile = profile_for(f"{silent.url}/a", settings=settings, AuthenticationType="None")
    with pytest.raises(ApiTimeoutError):
        await profile.run()

    assert 490 <= profile.records[0].total_ms < 650


async def test_a_token_endpoint_that_is_not_there_is_unreachable(managed, tokens, api):
    tokens.url = "https://127.0.0.1:1/token"
    profile = managed()
    with pytest.raises(ApiUnreachableError):
        await profile.run()

    assert profile.records[0].verdict is Verdict.CONNECT
    assert profile.records[0].detail.startswith("managed bearer: 127.0.0.1: Connection refused")


async def test_a_missing_key_fails_before_any_connection(managed, tokens, ring, api):
    profile = managed()
    ring.sets.clear()
    with pytest.raises(CredentialMissingError) as missing:
        await profile.run()

    assert missing.value.service_code == "AADB2C90130"
    assert (tokens.given, api.seen) == (0, [])


async def test_a_close_ends_a_request_that_runs(client_for, ring, tokens):
    ring.put("B2C_1A_Secret", "s")
    tokens.delay_s = 5
    sources = TokenSources()
    holders = TokenHolders(client_for(), ring, "contoso.onmicrosoft.com", CallRules(Limits(10, 0)))
    source = sources.of("A", BearerSettings(tokens.url, "engine", "B2C_1A_Secret"), holders)
    waiting = asyncio.create_task(source.current(10))
    await asyncio.sleep(0.05)
    await sources.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


# --- rotation ------------------------------------------------------------------------------------


async def test_while_a_rotation_lasts_the_version_before_is_tried_at_the_token_endpoint(
    managed, tokens, api, ring, answer, caplog
):
    async def knows_the_old_one(request, writer):
        tokens.given += 1
        if request.header("Authorization") == b"Basic ZW5naW5lOm5ldw==":
            return answer("401 Unauthorized", '{"error":"invalid_client"}')
        return answer("200 OK", '{"access_token":"of-the-old-version","expires_in":60}')

    tokens.reply_with = knows_the_old_one
    ring.put("B2C_1A_Secret", "new", kid="kid-2", previous=Previous("kid-1", NOW + timedelta(hours=1)))
    profile = managed()
    for _ in range(2):
        await profile.run()

    assert api.seen == [b"Bearer of-the-old-version"] * 2
    assert tokens.given == 2
    assert profile.records[0].credential == ("B2C_1A_Secret (kid kid-1)",)
    assert "rotation: 127.0.0.1 refused B2C_1A_Secret (kid kid-2)" in caplog.text


async def test_tokens_that_have_ended_are_not_concealed_for_ever(managed, tokens, redactor):
    tokens.life_s = 0
    profile = managed()
    for _ in range(5):
        await profile.run()

    shown = [redactor.conceal(f"x token-{number} y") for number in range(1, 6)]
    assert shown[:3] == ["x token-1 y", "x token-2 y", "x token-3 y"]
    assert all("token-" not in text for text in shown[3:])

"""What a sign-in at an identity provider leaves behind: call records, audit rows, metrics; never a code, token or secret."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from tests.federation.conftest import SECRET, Person, authorize_url
from tests.federation.test_sign_in import SECRET_KEY, SETTINGS, callback_at, free_port, openid, policy, public_jwk
from tests.federation.test_sign_in import signing_key as signing_key  # noqa: PLC0414  # a fixture
from yarl import URL

from journeyman.clock import SystemClock
from journeyman.connector.limits import CallRules
from journeyman.engine.assembly import provider_client, rest_client
from journeyman.engine.call_audit import CALLED
from journeyman.settings import load_settings
from journeyman.trace.records import CallRecord, Verdict

METRICS = '[telemetry]\nmetrics_from = ["127.0.0.1/32"]\n'


async def calls_of(engine):
    """Return the records of the calls of the newest journey."""
    await engine.trace_writer.flush()
    newest = (await engine.traces.journeys(1))[0]
    entries = await engine.traces.journey(newest.journey_id)
    return [entry.record for entry in entries if isinstance(entry.record, CallRecord)]


@pytest.fixture
async def signed_in(xml, serve_tenant, start_provider, signing_key):
    """Sign in with a secret that is right or wrong; return who served it and the codes that the browser carried."""

    async def run(secret):
        port = free_port()
        provider = start_provider([callback_at(port)], public_jwk(signing_key))
        files = {
            "policy.xml": policy(xml, "OpenIdConnect", openid(provider, "web-post", response_mode="query"), SECRET_KEY),
            "keys/B2C_1A_ProviderSecret.txt": secret,
        }
        served = await serve_tenant(files, settings=f"{SETTINGS}{METRICS}", port=port)
        async with Person() as person:
            start = authorize_url(served, response_type="id_token", nonce="n")
            url, page = await person.open(start, until=served.redirect_uri)
            await person.sign_in(url, page, "ada", until=served.redirect_uri)
        back = next(URL(url) for url in person.visited if url.startswith(callback_at(port)))
        return served, back.query["code"]

    return run


async def test_each_request_to_a_provider_leaves_a_record_without_codes_tokens_and_secrets(signed_in):
    served, code = await signed_in(SECRET)

    calls = await calls_of(served.engine)
    shown = repr(calls)
    assert [call.detail for call in calls] == ["discovery document", "key set", "token endpoint", "claims endpoint"]
    assert {call.verdict for call in calls} == {Verdict.OK}
    assert [call.authentication for call in calls] == ["None", "None", "client_secret_post", "Bearer"]
    assert calls[2].credential[0].startswith("B2C_1A_ProviderSecret (kid ")
    assert "grant_type=authorization_code" in calls[2].exchange.request_body
    assert '"token_type": "Bearer"' in calls[2].exchange.response_body
    assert "ada@idp.example" not in shown
    assert SECRET not in shown
    assert code not in shown
    assert "eyJ" not in shown


async def test_a_refused_client_secret_is_recorded_with_what_to_look_at_next(signed_in):
    served, _ = await signed_in("Canary-wrong-secret")

    *_, token = await calls_of(served.engine)
    assert (token.verdict, token.exchange.status) == (Verdict.CREDENTIAL_REFUSED, 401)
    assert token.detail == "token endpoint: invalid_client"
    assert "client secret" in token.next
    assert "Canary-wrong-secret" not in repr(token)


async def test_requests_to_a_provider_are_audited_and_counted_as_rest_calls_are(signed_in):
    served, _ = await signed_in(SECRET)
    async with aiohttp.ClientSession(trust_env=False) as client, client.get(f"{served.origin}/metrics") as answer:
        metrics = await answer.text()

    for _ in range(100):  # rows that need not be there before the call are written soon after
        rows = [row for row in await served.engine.audit.list() if row.activity == CALLED]
        if len(rows) >= 4:
            break
        await asyncio.sleep(0.02)
    counted = [line for line in metrics.splitlines() if line.startswith("journeyman_rest_calls_total")]
    assert [row.target for row in rows] == ["Provider"] * 4
    assert sum(float(line.rsplit(" ", 1)[1]) for line in counted if 'profile="Provider"' in line) == 4


def test_in_development_token_requests_of_rest_profiles_stay_here_and_those_of_sign_in_go_to_microsoft(tmp_path):
    (tmp_path / "journeyman.toml").write_text('[tenant]\nname = "contoso.onmicrosoft.com"\n', encoding="utf-8")
    settings = load_settings(tmp_path, environment={})
    url, rules = URL("https://login.microsoftonline.com/common/oauth2/v2.0/token"), CallRules()

    rest, federated = rest_client(settings, SystemClock()), provider_client(settings, SystemClock())

    assert rest.route(url, rules).origin == "http://127.0.0.1:8080"
    assert federated.route(url, rules).origin == "https://login.microsoftonline.com"

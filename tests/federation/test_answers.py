"""What the browser may bring back: refusals of the provider, answers nobody asked for, answers of other browsers."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from tests.federation.conftest import SECRET, Person, authorize_url, parameters_of
from tests.federation.test_sign_in import SECRET_KEY, SETTINGS, callback_at, free_port, openid, policy, public_jwk
from tests.federation.test_sign_in import signing_key as signing_key  # noqa: PLC0414  # a fixture

from journeyman.providers.claims_transformation import ClaimsTransformationProvider


@pytest.fixture
async def sent_away(xml, serve_tenant, start_provider, signing_key):
    """Begin a journey: ``person, callback, state = await sent_away()``."""
    port = free_port()
    provider = start_provider([callback_at(port)], public_jwk(signing_key))
    metadata = openid(provider, "web-post", response_mode="query")
    files = {
        "policy.xml": policy(xml, "OpenIdConnect", metadata, SECRET_KEY),
        "keys/B2C_1A_ProviderSecret.txt": SECRET,
    }
    served = await serve_tenant(files, settings=SETTINGS, port=port)

    async def begin(person):
        url, _ = await person.open(authorize_url(served, response_type="id_token", nonce="n"), until=provider.origin)
        state = parameters_of(url)["state"]
        return f"{callback_at(port)}?state={state}&iss={quote(provider.origin, safe='')}", served

    return begin


@pytest.mark.parametrize(
    ("word", "error"), [("access_denied", "access_denied"), ("temporarily_unavailable", "server_error")]
)
async def test_a_refusal_of_the_provider_reaches_the_application_with_its_word(sent_away, word, error):
    async with Person() as person:
        callback, served = await sent_away(person)
        url, _ = await person.open(f"{callback}&error={word}&error_description=%3Cscript%3E", until=served.redirect_uri)

    told = parameters_of(url)
    assert (told["error"], told["error_description"].split(":")[0]) == (error, "AADB2C90273")
    assert word in told["error_description"]
    assert "script" not in told["error_description"]


@pytest.mark.parametrize("sender", ["", "&iss=https%3A%2F%2Fevil.example"])
async def test_an_answer_of_another_provider_than_the_one_that_was_asked_is_refused(sent_away, sender):
    async with Person() as person:
        callback, served = await sent_away(person)
        url, _ = await person.open(f"{callback.split('&iss=')[0]}&code=c{sender}", until=served.redirect_uri)

    assert parameters_of(url)["error"] == "server_error"
    assert "the issuer is wrong" in parameters_of(url)["error_description"]


async def test_a_code_that_the_provider_does_not_know_ends_the_journey(sent_away):
    async with Person() as person:
        callback, served = await sent_away(person)
        url, _ = await person.open(f"{callback}&code=made-up", until=served.redirect_uri)

    assert parameters_of(url)["error"] == "server_error"
    assert "invalid_grant" in parameters_of(url)["error_description"]


async def test_an_answer_counts_once(sent_away):
    async with Person() as person:
        callback, served = await sent_away(person)
        await person.open(f"{callback}&error=access_denied", until=served.redirect_uri)
        _, page = await person.open(f"{callback}&error=access_denied", until=served.redirect_uri)

    assert "AADB2C90046" in page


async def test_an_answer_in_another_browser_is_refused_and_the_journey_goes_on_in_its_own(sent_away):
    async with Person() as person, Person() as other:
        callback, served = await sent_away(person)
        _, page = await other.open(f"{callback}&code=stolen", until=served.redirect_uri)
        form = {"state": parameters_of(callback)["state"], "code": "stolen"}
        _, posted = await other.open(callback.split("?")[0], until=served.redirect_uri, form=form)
        url, _ = await person.open(f"{callback}&error=access_denied", until=served.redirect_uri)

    assert "AADB2C90046" in page
    assert "AADB2C90046" in posted
    assert parameters_of(url)["error"] == "access_denied"


@pytest.mark.parametrize("change", ["secret", "journey", "nothing", "empty"])
async def test_a_state_that_was_never_sent_is_refused(sent_away, change):
    async with Person() as person:
        callback, served = await sent_away(person)
        address, state = callback.split("?")[0], parameters_of(callback)["state"]
        changed = {
            "secret": state[:-1] + ("A" if state[-1] != "A" else "B"),
            "journey": "00000000-0000-0000-0000-000000000000." + state.split(".")[1],
            "nothing": "x",
            "empty": "",
        }[change]
        _, page = await person.open(f"{address}?state={changed}&code=c", until=served.redirect_uri)

    assert "AADB2C90046" in page


async def test_a_parameter_that_stands_twice_is_refused(sent_away):
    async with Person() as person:
        callback, served = await sent_away(person)
        _, page = await person.open(f"{callback}&code=a&code=b", until=served.redirect_uri)

    assert "AADB2C90122" in page


async def test_prompt_none_does_not_leave_for_the_provider(sent_away):
    async with Person() as person:
        _, served = await sent_away(person)
        start = authorize_url(served, response_type="id_token", nonce="n", prompt="none")
        url, _ = await person.open(start, until=served.redirect_uri)

    assert parameters_of(url)["error"] == "interaction_required"


@pytest.mark.parametrize("change", ["steps", "provider"])
async def test_an_answer_to_a_policy_that_has_changed_meanwhile_is_refused(sent_away, change):
    async with Person() as person:
        callback, served = await sent_away(person)
        policies = served.engine.policies
        ((name, one),) = policies.served.items()
        pipeline = replace(one.runner.pipeline, providers={"Provider": ClaimsTransformationProvider()})
        runner = replace(one.runner, plan="another") if change == "steps" else replace(one.runner, pipeline=pipeline)
        served.engine.policies = replace(policies, served={name: replace(one, runner=runner)})
        url, page = await person.open(f"{callback}&code=c", until=served.redirect_uri)

    assert "AADB2C90046" in page + url

"""What profiles of identity providers may say beside the usual: implicit tokens, many issuers, keys that are rotated."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from aiohttp import web
from tests.federation.conftest import SECRET, Person, authorize_url, parameters_of
from tests.federation.hostile import CLIENT, hostile_provider
from tests.federation.test_sign_in import SECRET_KEY, SETTINGS, callback_at, free_port, id_token_of, policy

from journeyman.engine.rotation import Rotations
from journeyman.keys.creation import secret_key


@pytest.fixture
async def sign_in(xml, serve_tenant):
    """``await sign_in(metadata, answer)`` signs in; ``answer(sent)`` is what the browser brings back."""
    async with hostile_provider() as provider:

        async def run(metadata, answer=None, *, protocol="OpenIdConnect", keys=SECRET_KEY, prepare=None):
            port = free_port()
            known = {"METADATA": f"{provider.origin}/document"} if protocol == "OpenIdConnect" else {}
            text = policy(xml, protocol, {"client_id": CLIENT, **known, **metadata(provider)}, keys)
            files = {"policy.xml": text, "keys/B2C_1A_ProviderSecret.txt": SECRET}
            served = await serve_tenant(files, settings=SETTINGS, port=port)
            if prepare is not None:
                await prepare(served)
            until = (f"{provider.origin}/auth", served.redirect_uri)
            async with Person() as person:
                away, _ = await person.open(authorize_url(served, response_type="id_token", nonce="n"), until=until)
                sent = parameters_of(away)
                if "error" in sent:
                    return away
                provider.nonce = sent.get("nonce", "")
                form = {"state": sent["state"], **(answer(sent) if answer else {"code": "c"})}
                url, _ = await person.open(callback_at(port), until=served.redirect_uri, form=form)
                return url

        run.provider = provider
        yield run


def refusal(url):
    told = parameters_of(url)
    return told.get("error"), told.get("error_description", "").partition("\r")[0]


async def test_an_id_token_in_the_form_signs_in_without_a_code(sign_in):
    url = await sign_in(
        lambda _: {"response_types": "id_token"}, lambda _: {"id_token": sign_in.provider.tokens()["id_token"]}, keys=""
    )

    assert id_token_of(url)["sub"] == "ada"
    assert not [path for path, _ in sign_in.provider.asked if path == "/token"]


@pytest.mark.parametrize(("protocol", "answer"), [("OpenIdConnect", {}), ("OAuth2", {"code": ""})])
async def test_an_answer_without_a_code_signs_nobody_in(sign_in, protocol, answer):
    url = await sign_in(oauth2, lambda _: answer, protocol=protocol)

    assert refusal(url)[0] == "server_error"
    assert "it sent no code" in refusal(url)[1]


def oauth2(provider, **extra):
    endpoints = {"authorization_endpoint": f"{provider.origin}/auth", "AccessTokenEndpoint": f"{provider.origin}/token"}
    return {**endpoints, "response_mode": "form_post", **extra}


async def test_an_access_token_in_the_form_reads_the_claims_endpoint(sign_in):
    sign_in.provider.answers["/me"] = lambda request: web.json_response({"sub": request.query["token"]})
    extra = {"response_types": "token", "ClaimsEndpointAccessTokenName": "token", "ClaimsEndpointFormatName": "format"}

    url = await sign_in(
        lambda provider: oauth2(provider, ClaimsEndpoint=f"{provider.origin}/me", **extra),
        lambda _: {"access_token": "at-1"},
        protocol="OAuth2",
    )

    assert id_token_of(url)["sub"] == "at-1"
    assert sign_in.provider.asked[-1][1]["format"] == "json"


async def test_a_form_from_the_token_endpoint_is_read_whatever_it_calls_itself(sign_in):
    body = "access_token=at&expires_in=3600"
    sign_in.provider.answers |= {
        "/token": lambda _: web.Response(text=body, content_type="text/html"),
        "/me": lambda _: web.json_response({"sub": "ada", "displayName": "x", "issuerUserId": "y"}),
    }
    url = await sign_in(lambda provider: oauth2(provider, ClaimsEndpoint=f"{provider.origin}/me"), protocol="OAuth2")

    assert id_token_of(url)["sub"] == "ada"


async def test_claims_of_somebody_else_are_refused(sign_in):
    sign_in.provider.answers["/me"] = lambda _: web.json_response({"sub": "eve"})

    url = await sign_in(lambda provider: {"ClaimsEndpoint": f"{provider.origin}/me"})

    assert "the subject is another one" in refusal(url)[1]


@pytest.mark.parametrize("missing", ["jwks_uri", "token_endpoint"])
async def test_a_discovery_document_that_lacks_an_endpoint_is_refused_with_its_name(sign_in, missing):
    provider = sign_in.provider
    document = {name: value for name, value in provider.document().items() if name != missing}
    provider.answers["/document"] = lambda _: web.json_response(document)

    assert missing in refusal(await sign_in(lambda _: {}))[1]


def many_issuers(provider):
    return {"DiscoverMetadataByTokenIssuer": "true", "ValidTokenIssuerPrefixes": f"{provider.origin}/tenants/"}


async def test_with_many_issuers_the_keys_come_from_the_issuer_of_the_token(sign_in):
    provider = sign_in.provider
    provider.claims = {"iss": f"{provider.origin}/tenants/one"}
    there = {**provider.document(), "issuer": f"{provider.origin}/tenants/one"}
    provider.answers["/tenants/one/.well-known/openid-configuration"] = lambda _: web.json_response(there)

    assert id_token_of(await sign_in(many_issuers))["sub"] == "ada"


async def test_an_issuer_that_no_prefix_allows_is_not_even_asked(sign_in):
    provider = sign_in.provider
    provider.claims = {"iss": f"{provider.origin}/others/one"}

    assert "the issuer is wrong" in refusal(await sign_in(many_issuers))[1]
    assert not [path for path, _ in provider.asked if path.startswith("/others")]


@pytest.mark.parametrize("user", ["[" * 5000, json.dumps({"name": {"firstName": None}})])
async def test_what_the_browser_adds_is_left_out_when_it_cannot_be_read(sign_in, user):
    url = await sign_in(
        lambda _: {"ReadBodyClaimsOnIdpRedirect": "user.name.firstName"}, lambda _: {"code": "c", "user": user}
    )

    assert id_token_of(url)["sub"] == "ada"


@pytest.mark.parametrize(("known", "signed_in"), [("the-old-secret", True), ("another", False)])
async def test_while_a_client_secret_is_rotated_the_one_before_is_tried_too(sign_in, known, signed_in):
    provider = sign_in.provider

    async def rotate(served):
        engine = served.engine
        rotations = Rotations(engine.key_store, engine.clock, (), development=True)
        await rotations.stage("B2C_1A_ProviderSecret", secret_key("the-new-secret", use="sig", now=engine.clock.now()))
        await rotations.promote("B2C_1A_ProviderSecret", timedelta(hours=1))
        await engine.keys.refresh()

    def token(_):
        sent = provider.asked[-1][1]["client_secret"]
        refused = web.json_response({"error": "invalid_client"}, status=401)
        wanted = SECRET if known == "the-old-secret" else known
        return web.json_response(provider.tokens()) if sent == wanted else refused

    provider.answers["/token"] = token
    url = await sign_in(lambda _: {}, prepare=rotate)

    assert ("id_token" in parameters_of(url)) is signed_in
    assert [form["client_secret"] for path, form in provider.asked if path == "/token"] == ["the-new-secret", SECRET]


async def test_a_profile_without_the_key_that_it_needs_ends_with_the_code_of_the_service(sign_in):
    url = await sign_in(
        lambda _: {"token_endpoint_auth_method": "client_secret_basic", "response_types": "code"}, keys=""
    )

    assert refusal(url)[1].startswith("AADB2C90025")


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"ValidTokenIssuerPrefixes": "https://login.microsoftonline.com/"}, "the issuer is wrong"),
        ({"IdTokenAudience": "another"}, "the audience is wrong"),
        ({"ValidTokenIssuerPrefixes": "http://127.0.0.1", "response_types": "token"}, "cannot be checked"),
        ({"IdTokenAudience": CLIENT}, ""),
    ],
)
async def test_an_oauth2_profile_that_names_issuers_or_an_audience_lets_nobody_else_in(sign_in, extra, said):
    sign_in.provider.answers["/me"] = lambda _: web.json_response({"sub": "ada"})

    url = await sign_in(
        lambda provider: oauth2(provider, ClaimsEndpoint=f"{provider.origin}/me", **extra),
        lambda _: {"code": "c", "access_token": "at"},
        protocol="OAuth2",
    )

    if said:
        assert said in refusal(url)[1]
    else:
        assert id_token_of(url)["sub"] == "ada"

"""Identity providers that lie, and others that speak in their name: nothing of what they say signs anybody in."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.federation.conftest import SECRET, Person, authorize_url, parameters_of
from tests.federation.hostile import CLIENT, OTHER, hostile_provider, signed, signed_with_the_public_key, unsigned
from tests.federation.test_sign_in import SECRET_KEY, SETTINGS, callback_at, free_port, id_token_of, policy

from journeyman.clock import SystemClock

MIB = 1024 * 1024
BOMB = gzip.compress(b" " * (4 * MIB))
NOW = int(SystemClock().now().timestamp())
WRONG_CLAIMS = {
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "audience": {"aud": "another-client"},
    "one audience of several, given to another client": {"aud": [CLIENT, "another"], "azp": "another"},
    "party": {"azp": "another-client"},
    "nonce of an earlier sign-in": {"nonce": "replayed"},
    "no nonce": {"nonce": None},
    "ended": {"exp": NOW - 3600},
    "no end": {"exp": None},
    "not begun": {"nbf": NOW + 3600},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
}
WRONG_SIGNATURES = {
    "alg none": unsigned,
    "HMAC with the public key": signed_with_the_public_key,
    "key of somebody else": lambda claims: signed(claims, OTHER),
    "not a token": lambda claims: "a.b.c",
    "longer than 64 KiB": lambda claims: signed({**claims, "padding": "x" * 70_000}),
}
WRONG_ANSWERS = {
    "redirect": lambda _: web.HTTPTemporaryRedirect("/honest"),
    "larger than 1 MiB": lambda _: web.Response(body=b" " * (MIB + 1)),
    "packed bomb": lambda _: web.Response(body=BOMB, headers={"Content-Encoding": "gzip"}),
    "HTML": lambda _: web.Response(text="<p>Please sign in</p>", content_type="text/html"),
    "a list": lambda _: web.json_response([]),
    "no id_token": lambda _: web.json_response({"access_token": "at", "token_type": "Bearer"}),
    "an error with 200": lambda _: web.json_response({"error": "invalid_grant"}),
    "500": lambda _: web.Response(status=500),
}


@pytest.fixture
async def attempt(xml, serve_tenant):
    """``await attempt()`` signs in at the hostile provider and returns where the application ends up."""
    async with hostile_provider() as provider:
        port = free_port()
        metadata = {
            "METADATA": f"{provider.origin}/document",
            "client_id": CLIENT,
            "response_types": "code",
            "response_mode": "query",
        }
        files = {
            "policy.xml": policy(xml, "OpenIdConnect", metadata, SECRET_KEY),
            "keys/B2C_1A_ProviderSecret.txt": SECRET,
        }
        served = await serve_tenant(files, settings=SETTINGS, port=port)

        async def run():
            async with Person() as person:
                start = authorize_url(served, response_type="id_token", nonce="n")
                away, _ = await person.open(start, until=(f"{provider.origin}/auth", served.redirect_uri))
                sent = parameters_of(away)
                if "nonce" not in sent:
                    return away
                provider.nonce = sent["nonce"]
                back = f"{callback_at(port)}?state={sent['state']}&code=c"
                url, _ = await person.open(back, until=served.redirect_uri)
                return url

        run.provider, run.served = provider, served
        yield run


async def traces_of(engine):
    await engine.trace_writer.flush()
    return [await engine.traces.journey(one.journey_id) for one in await engine.traces.journeys()]


async def errors_of(attempt, cases, apply):
    """Return the error that each case ends in, and what it says."""
    found = {}
    for name, case in cases.items():
        attempt.provider.reset()
        apply(case)
        told = parameters_of(await attempt())
        found[name] = (told.get("error"), told.get("error_description", "").split(":")[0])
    return found


async def test_an_honest_answer_signs_in(attempt):
    assert id_token_of(await attempt())["sub"] == "ada"


async def test_a_token_with_a_wrong_claim_signs_nobody_in(attempt):
    def apply(claims):
        attempt.provider.claims = claims

    found = await errors_of(attempt, WRONG_CLAIMS, apply)

    assert found == dict.fromkeys(WRONG_CLAIMS, ("server_error", "AADB2C90273"))


async def test_a_token_with_a_wrong_signature_signs_nobody_in(attempt):
    def apply(sign):
        attempt.provider.sign = sign

    found = await errors_of(attempt, WRONG_SIGNATURES, apply)

    assert found == dict.fromkeys(WRONG_SIGNATURES, ("server_error", "AADB2C90273"))


async def test_a_token_endpoint_that_answers_anything_else_signs_nobody_in(attempt):
    def apply(answer):
        attempt.provider.answers["/token"] = answer

    found = await errors_of(attempt, WRONG_ANSWERS, apply)

    assert {error for error, _ in found.values()} == {"server_error"}
    assert found["larger than 1 MiB"][1] == found["packed bomb"][1] == "AADB2C90289"
    assert "/honest" not in [path for path, _ in attempt.provider.asked]


async def test_a_symmetric_key_in_a_public_key_set_verifies_nothing(attempt):
    keys = {"keys": [{"kty": "oct", "k": "c2VjcmV0LXRoYXQtZXZlcnlib2R5LWtub3dz", "kid": "one"}]}
    attempt.provider.answers["/keys"] = lambda _: web.json_response(keys)

    told = parameters_of(await attempt())

    assert (told["error"], told["error_description"].split(":")[0]) == ("server_error", "AADB2C90273")


async def test_what_a_provider_says_of_its_error_is_not_repeated(attempt):
    attempt.provider.answers["/token"] = lambda request: web.json_response(
        {"error": "<script>alert(1)</script>", "error_description": SECRET}, status=400
    )

    url = await attempt()

    assert parameters_of(url)["error"] == "server_error"
    assert "alert" not in url
    assert SECRET not in url
    assert SECRET not in repr(
        [
            await attempt.served.engine.traces.journey(one.journey_id)
            for one in await attempt.served.engine.traces.journeys()
        ]
    )


async def test_a_provider_that_uses_its_own_names_for_parameters_gets_them(xml, serve_tenant):
    async with hostile_provider() as provider:
        port = free_port()
        metadata = {
            "authorization_endpoint": f"{provider.origin}/auth",
            "AccessTokenEndpoint": f"{provider.origin}/token",
            "ClaimsEndpoint": f"{provider.origin}/me",
            "client_id": "wx1",
            "ClientIdParamName": "appid",
            "ClientSecretParamName": "secret",
            "HttpBinding": "GET",
            "ResponseErrorCodeParamName": "errcode",
            "ExtraParamsInAccessTokenEndpointResponse": "openid",
            "external_user_identity_claim_id": "sub",
        }
        tokens = {"access_token": "at", "openid": "o-1", "errcode": 0}
        provider.answers |= {
            "/token": lambda _: web.json_response(tokens, content_type="text/plain"),
            "/me": lambda _: web.json_response({"sub": "union-1"}),
        }
        files = {"policy.xml": policy(xml, "OAuth2", metadata, SECRET_KEY), "keys/B2C_1A_ProviderSecret.txt": SECRET}
        served = await serve_tenant(files, settings=SETTINGS, port=port)
        async with Person() as person:
            start = authorize_url(served, response_type="id_token", nonce="n")
            away, _ = await person.open(start, until=f"{provider.origin}/auth")
            back = f"{callback_at(port)}?state={parameters_of(away)['state']}&code=c"
            url, _ = await person.open(back, until=served.redirect_uri)

    assert parameters_of(away)["appid"] == "wx1"
    assert provider.asked[0][1] | {"appid": "wx1", "secret": SECRET} == provider.asked[0][1]
    assert provider.asked[1][1]["openid"] == "o-1"
    assert id_token_of(url)["sub"] == "union-1"


APPLE_KEY = ec.generate_private_key(ec.SECP256R1())
APPLE_PEM = APPLE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def apple(xml, serve_tenant, provider, secret, port):
    """Sign in as Apple has it: no discovery document, a client secret that we sign, the name in the form."""
    metadata = {
        "authorization_endpoint": f"{provider.origin}/auth",
        "AccessTokenEndpoint": f"{provider.origin}/token",
        "JWKS": f"{provider.origin}/keys",
        "issuer": provider.origin,
        "client_id": CLIENT,
        "token_endpoint_auth_method": "signed_client_secret",
        "ClientSecretIssuer": "TEAM123456",
        "ClientSecretKeyId": "KEY1234567",
        "ReadBodyClaimsOnIdpRedirect": "user.name.firstName",
    }
    text = policy(xml, "OpenIdConnect", metadata, SECRET_KEY)
    text = text.replace('"displayName" PartnerClaimType="name"', '"displayName" PartnerClaimType="user.name.firstName"')
    served = await serve_tenant(
        {"policy.xml": text, "keys/B2C_1A_ProviderSecret.txt": secret}, settings=SETTINGS, port=port
    )
    async with Person() as person:
        start = authorize_url(served, response_type="id_token", nonce="n")
        away, _ = await person.open(start, until=f"{provider.origin}/auth")
        provider.nonce = parameters_of(away)["nonce"]
        user = '{"name": {"firstName": "Ada"}, "email": "ada@apple.example"}'
        form = {"state": parameters_of(away)["state"], "code": "c", "user": user}
        url, _ = await person.open(callback_at(port), until=served.redirect_uri, form=form)
    return url


async def test_a_client_secret_is_signed_for_the_one_request(xml, serve_tenant):
    async with hostile_provider() as provider:
        url = await apple(xml, serve_tenant, provider, APPLE_PEM, free_port())
        (sent,) = (form["client_secret"] for path, form in provider.asked if path == "/token")
        found = jwt.decode(sent, ECKey.import_key(APPLE_KEY.public_key()), algorithms=["ES256"])

    assert id_token_of(url)["displayName"] == "Ada"
    assert (found.header["kid"], found.claims["iss"], found.claims["sub"]) == ("KEY1234567", "TEAM123456", CLIENT)
    assert found.claims["aud"] == provider.origin
    assert 0 < found.claims["exp"] - found.claims["iat"] <= 300


async def test_a_key_that_cannot_sign_a_client_secret_is_not_shown(xml, serve_tenant):
    async with hostile_provider() as provider:
        url = await apple(xml, serve_tenant, provider, "Canary-no-key", free_port())

    assert parameters_of(url)["error"] == "server_error"
    assert parameters_of(url)["error_description"].startswith("AADB2C90178")
    assert "Canary" not in url


HANDLERS = (
    "<ErrorHandlers><ErrorHandler><ErrorResponseFormat>json</ErrorResponseFormat>"
    "<ResponseMatch>$[?(@@.error == 'invalid_grant')]</ResponseMatch><Action>Reauthenticate</Action>"
    '<AdditionalRequestParameters Key="prompt">login</AdditionalRequestParameters>'
    '<AdditionalRequestParameters Key="state">chosen</AdditionalRequestParameters>'
    "</ErrorHandler></ErrorHandlers></TechnicalProfile>"
)


@pytest.mark.parametrize("protocol", ["OAuth2", "OpenIdConnect"])
async def test_an_error_that_the_policy_knows_sends_the_person_back_once(xml, serve_tenant, protocol):
    async with hostile_provider() as provider:
        port = free_port()
        endpoints = {
            "authorization_endpoint": f"{provider.origin}/auth",
            "AccessTokenEndpoint": f"{provider.origin}/token",
        }
        metadata = {
            "client_id": CLIENT,
            "METADATA": f"{provider.origin}/document",
            "response_mode": "query",
            **endpoints,
        }
        text = policy(xml, protocol, metadata, SECRET_KEY)
        before, mark, after = text.partition('<UseTechnicalProfileForSessionManagement ReferenceId="SM-External" />')
        files = {"policy.xml": before + mark + after.replace("</TechnicalProfile>", HANDLERS, 1)}
        served = await serve_tenant({**files, "keys/B2C_1A_ProviderSecret.txt": SECRET}, settings=SETTINGS, port=port)
        provider.answers["/token"] = lambda _: web.json_response({"error": "invalid_grant"}, status=400)
        until = (f"{provider.origin}/auth", served.redirect_uri)
        async with Person() as person:
            first, _ = await person.open(authorize_url(served, response_type="id_token", nonce="n"), until=until)
            back = f"{callback_at(port)}?code=c&state="
            second, _ = await person.open(back + parameters_of(first)["state"], until=until)
            last, _ = await person.open(back + parameters_of(second)["state"], until=until)

    assert "prompt" not in parameters_of(first)
    assert parameters_of(second)["prompt"] == "login"
    assert parameters_of(second)["state"] not in {"chosen", parameters_of(first)["state"]}
    assert parameters_of(last)["error"] == "server_error"

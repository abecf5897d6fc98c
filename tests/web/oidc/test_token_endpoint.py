"""The token endpoint: codes and refresh tokens, what they give and what they refuse."""

import asyncio
import re

import pytest

WEB = "11111111-0000-4000-8000-000000000001"
SPA = "11111111-0000-4000-8000-000000000002"
NATIVE = "11111111-0000-4000-8000-000000000003"
TYPELESS = "11111111-0000-4000-8000-000000000004"
API = "11111111-0000-4000-8000-000000000005"
TENANT_ID = "11111111-2222-4333-8444-555555555555"
READ = "https://contoso.onmicrosoft.com/api/read"
# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def refused(reply):
    """Return error and code of a refusal, which always has this form."""
    assert reply.status == 400
    assert set(reply.json) == {"error", "error_description"}
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Pragma"] == "no-cache"
    assert re.search(
        r"\r\nCorrelation ID: [0-9a-f-]{36}\r\nTimestamp: [0-9 :-]{19}Z\r\n$", reply.json["error_description"]
    )
    return reply.json["error"], reply.json["error_description"].partition(":")[0]


async def spa_tokens(site, http, scope="openid offline_access"):
    redirect = {"client_id": SPA, "redirect_uri": "https://spa.contoso.com/"}
    code = (await site.authorize(http, scope=scope, **redirect, **PKCE)).parameters["code"]
    return await site.token(
        http, grant_type="authorization_code", client_id=SPA, code=code, code_verifier=VERIFIER,
        headers={"Origin": "https://spa.contoso.com"},
    )  # fmt: skip


async def test_a_code_gives_the_members_that_clients_know(site, http, claims_of, header_of):
    reply = await site.redeem(http)
    body = reply.json

    assert reply.status == 200
    assert reply.headers["Cache-Control"] == "no-store"
    assert set(body) == {
        "token_type", "not_before", "access_token", "expires_in", "expires_on", "resource", "id_token",
        "id_token_expires_in", "profile_info", "scope", "refresh_token", "refresh_token_expires_in",
    }  # fmt: skip
    assert (body["token_type"], body["expires_in"], body["refresh_token_expires_in"]) == ("Bearer", 3600, 1209600)
    assert body["expires_on"] == body["not_before"] + 3600
    assert body["resource"] == WEB
    claims = claims_of(body["id_token"])
    assert set(claims) == {"sub", "name", "tid", "acr", "ver", "iss", "aud", "iat", "nbf", "exp", "auth_time"}
    assert claims["sub"] == "11111111-aaaa-4bbb-8ccc-222222222222"
    assert (claims["aud"], claims["acr"], claims["ver"], claims["tid"]) == (WEB, "b2c_1a_silent", "1.0", TENANT_ID)
    assert claims["iss"] == f"{site.origin}/{TENANT_ID}/v2.0/"
    assert claims["exp"] == claims["iat"] + 3600
    assert set(header_of(body["id_token"])) == {"alg", "kid", "typ"}


async def test_the_nonce_is_in_the_id_token_and_an_empty_one_never(site, http, claims_of):
    with_nonce = await site.authorize(http, nonce="n-1")
    empty = await site.authorize(http, nonce="")

    for reply, expected in ((with_nonce, "n-1"), (empty, None)):
        form = {"client_id": WEB, "client_secret": site.secret, "code": reply.parameters["code"]}
        body = (await site.token(http, grant_type="authorization_code", **form)).json
        assert claims_of(body["id_token"]).get("nonce") == expected
        assert "nonce" not in claims_of(body["access_token"])


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("openid", {"openid"}),
        ("openid offline_access profile email", {"openid", "offline_access", "profile", "email"}),
        (f"openid {WEB}", {"openid", WEB}),
        (f"openid {READ}", {"openid", READ}),
        (f"openid {READ} https://contoso.onmicrosoft.com/api/write", {"openid", READ}),
    ],
)
async def test_the_scope_of_the_answer_is_what_was_asked_for_and_granted(site, http, asked, answered):
    code = (await site.authorize(http, scope=asked)).parameters["code"]
    form = {"grant_type": "authorization_code", "client_id": WEB, "client_secret": site.secret, "code": code}
    body = (await site.token(http, **form)).json

    assert set(body["scope"].split()) == answered
    assert ("refresh_token" in body) == ("offline_access" in answered)


async def test_an_access_token_for_an_api_names_it_and_the_granted_scope(site, http, claims_of):
    code = (await site.authorize(http, scope=f"openid {READ}")).parameters["code"]
    form = {"grant_type": "authorization_code", "client_id": WEB, "client_secret": site.secret, "code": code}
    body = (await site.token(http, **form)).json
    claims = claims_of(body["access_token"])

    assert (claims["aud"], claims["azp"], claims["scp"]) == (API, WEB, "read")
    assert body["resource"] == API


async def test_client_info_names_account_policy_and_tenant(site, http, claims_of):
    info = (await site.redeem(http, client_info="1")).json["client_info"]

    assert claims_of(f".{info}") == {
        "uid": "11111111-aaaa-4bbb-8ccc-222222222222-b2c_1a_silent",
        "utid": TENANT_ID,
    }


async def test_an_issuer_may_ask_for_numbers_as_text_and_shorter_lives(site, http, claims_of):
    body = (await site.redeem(http, "B2C_1A_Tfp")).json

    assert (body["expires_in"], body["refresh_token_expires_in"]) == ("600", "86400")
    claims = claims_of(body["id_token"])
    assert claims["iss"] == f"{site.origin}/tfp/{TENANT_ID}/b2c_1a_tfp/v2.0/"
    assert "acr" not in claims


@pytest.mark.parametrize(
    ("form", "error", "code"),
    [
        ({}, "invalid_request", "AADB2C90083"),
        ({"grant_type": "banana"}, "unsupported_grant_type", "AADB2C90086"),
        ({"grant_type": "authorization_code"}, "invalid_request", "AADB2C90083"),
        ({"grant_type": "authorization_code", "client_id": WEB}, "invalid_client", "AADB2C90079"),
        ({"grant_type": "authorization_code", "client_id": WEB, "client_secret": "x"}, "invalid_client", "AADB2C90081"),
        ({"grant_type": "authorization_code", "client_id": "a\0b"}, "invalid_client", "AADB2C90081"),
        (
            {"grant_type": "authorization_code", "client_id": SPA, "client_secret": "x"},
            "invalid_request",
            "AADB2C90084",
        ),
        ({"grant_type": "authorization_code", "client_id": SPA}, "invalid_request", "AADB2C90083"),
        ({"grant_type": "authorization_code", "client_id": SPA, "code": "\0<script>"}, "invalid_grant", "AADB2C90090"),
        ({"grant_type": "refresh_token", "client_id": SPA}, "invalid_request", "AADB2C90083"),
        ({"grant_type": "refresh_token", "client_id": SPA, "refresh_token": "é"}, "invalid_grant", "AADB2C90090"),
        (
            {"grant_type": "authorization_code", "client_id": WEB, "client_assertion": "x"},
            "invalid_request",
            "AADB2C99027",
        ),
    ],
)
async def test_a_refusal_is_http_400_with_error_and_description_only(site, http, form, error, code):
    assert refused(await site.token(http, **form)) == (error, code)


async def test_a_token_request_is_a_post(site, http):
    for method in ("GET", "HEAD"):
        reply = await site.ask(http, method, site.url("/oauth2/v2.0/token"))
        assert reply.status == 400
    assert refused(await site.ask(http, "GET", site.url("/oauth2/v2.0/token"))) == ("invalid_request", "AADB2C90226")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"grant_type=authorization_code", "text/plain"),
        (b'{"grant_type":"authorization_code"}', "application/json"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=" % i for i in range(600)), "application/x-www-form-urlencoded"),
        (b"a=1&a=2", "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n\xff\r\n--x--", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"--b\r\n\r\n\r\n" * 600 + b"--b--", "multipart/form-data; boundary=b"),
    ],
)
async def test_a_body_that_is_no_good_form_is_refused(site, http, body, content_type):
    reply = await site.ask(
        http, "POST", site.url("/oauth2/v2.0/token"), data=body, headers={"Content-Type": content_type}
    )

    assert refused(reply)[0] == "invalid_request"


async def test_a_multipart_form_is_read_too(site, http):
    code = (await site.authorize(http)).parameters["code"]
    form = {"grant_type": "authorization_code", "client_id": WEB, "client_secret": site.secret, "code": code}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form.items())
    reply = await site.ask(
        http, "POST", site.url("/oauth2/v2.0/token", "B2C_1A_Silent"), data=f"{parts}--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )  # fmt: skip

    assert reply.status == 200


# --- codes -----------------------------------------------------------------------------------------


async def test_a_code_that_is_shown_twice_revokes_what_it_gave(site, http):
    code = (await site.authorize(http)).parameters["code"]
    client = {"client_id": WEB, "client_secret": site.secret}
    first = await site.token(http, grant_type="authorization_code", code=code, **client)
    second = await site.token(http, grant_type="authorization_code", code=code, **client)
    refresh = await site.token(http, grant_type="refresh_token", refresh_token=first.json["refresh_token"], **client)

    assert first.status == 200
    assert refused(second) == ("invalid_grant", "AADB2C90090")
    assert refused(refresh) == ("invalid_grant", "AADB2C90129")


async def test_of_many_redemptions_at_once_one_succeeds(site, http):
    code = (await site.authorize(http)).parameters["code"]
    form = {"grant_type": "authorization_code", "client_id": WEB, "client_secret": site.secret, "code": code}
    replies = await asyncio.gather(*(site.token(http, **form) for _ in range(8)))

    assert sorted(reply.status for reply in replies) == [200] + [400] * 7


@pytest.mark.parametrize("prefix", ["used/", "code/", "revoked/", "token/"])
async def test_internal_records_are_no_codes_or_tokens(site, http, prefix):
    code = (await site.authorize(http)).parameters["code"]
    client = {"client_id": WEB, "client_secret": site.secret}
    await site.token(http, grant_type="authorization_code", code=code, **client)
    as_code = await site.token(http, grant_type="authorization_code", code=prefix + code, **client)
    as_token = await site.token(http, grant_type="refresh_token", refresh_token=prefix + code, **client)

    assert refused(as_code) == refused(as_token) == ("invalid_grant", "AADB2C90090")


async def test_a_code_lives_ten_minutes(site, http):
    client = {"client_id": WEB, "client_secret": site.secret}
    young = (await site.authorize(http)).parameters["code"]
    old = (await site.authorize(http)).parameters["code"]
    site.clock.advance(seconds=590)
    accepted = await site.token(http, grant_type="authorization_code", code=young, **client)
    site.clock.advance(seconds=15)
    late = await site.token(http, grant_type="authorization_code", code=old, **client)

    assert accepted.status == 200
    assert refused(late) == ("invalid_grant", "AADB2C90080")


async def test_a_code_belongs_to_its_client_policy_and_address(site, http):
    other_client = {"client_id": TYPELESS, "client_secret": ""}
    codes = [(await site.authorize(http)).parameters["code"] for _ in range(3)]
    own = {"client_id": WEB, "client_secret": site.secret, "grant_type": "authorization_code"}
    by_other = await site.token(http, grant_type="authorization_code", code=codes[0], **other_client)
    elsewhere = await site.token(http, "B2C_1A_Tfp", code=codes[1], **own)
    to_other = await site.token(http, code=codes[2], redirect_uri="https://app.contoso.com/other", **own)

    assert refused(by_other) == ("invalid_grant", "AADB2C90279")
    assert refused(elsewhere) == ("invalid_grant", "AADB2C90088")
    assert refused(to_other) == ("invalid_grant", "AADB2C90090")


@pytest.mark.parametrize(
    ("verifier", "code"),
    [
        ({}, "AADB2C90183"),
        ({"code_verifier": ""}, "AADB2C90183"),
        ({"code_verifier": "short"}, "AADB2C90183"),
        ({"code_verifier": "ü" * 43}, "AADB2C90183"),
        ({"code_verifier": "x" * 43}, "AADB2C90182"),
        ({"code_verifier": CHALLENGE}, "AADB2C90182"),
    ],
)
async def test_a_wrong_verifier_gets_nothing(site, http, verifier, code):
    asked = {"client_id": NATIVE, "redirect_uri": "http://localhost/callback"}
    granted = (await site.authorize(http, **asked, **PKCE)).parameters["code"]
    reply = await site.token(http, grant_type="authorization_code", client_id=NATIVE, code=granted, **verifier)

    assert refused(reply) == ("invalid_grant", code)


async def test_a_plain_challenge_is_compared_as_it_stands(site, http):
    code = (await site.authorize(http, code_challenge=VERIFIER)).parameters["code"]
    form = {"grant_type": "authorization_code", "client_id": WEB, "client_secret": site.secret, "code": code}

    assert (await site.token(http, code_verifier=VERIFIER, **form)).status == 200


async def test_a_verifier_without_a_challenge_is_refused(site, http):
    reply = await site.redeem(http, code_verifier=VERIFIER)

    assert refused(reply) == ("invalid_grant", "AADB2C90183")


# --- refresh tokens --------------------------------------------------------------------------------


async def test_a_refresh_token_is_exchanged_and_the_old_one_works_for_a_minute(site, http, claims_of):
    first = (await site.redeem(http, client_info="1")).json
    form = {"grant_type": "refresh_token", "client_id": WEB, "client_secret": site.secret}
    site.clock.advance(seconds=100)
    second = await site.token(http, refresh_token=first["refresh_token"], client_info="1", **form)
    site.clock.advance(seconds=50)
    again = await site.token(http, refresh_token=first["refresh_token"], **form)

    assert second.json["refresh_token"] not in {first["refresh_token"], again.json["refresh_token"]}
    assert (second.json["scope"], second.json["client_info"]) == ("openid offline_access", first["client_info"])
    old, new = claims_of(first["id_token"]), claims_of(second.json["id_token"])
    assert (new["sub"], new["auth_time"], "nonce" in new) == (old["sub"], old["auth_time"], False)
    assert new["iat"] >= old["iat"] + 100
    assert again.status == 200


async def test_a_refresh_token_that_comes_back_later_revokes_its_family(site, http):
    first = (await site.redeem(http)).json["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": WEB, "client_secret": site.secret}
    second = (await site.token(http, refresh_token=first, **form)).json["refresh_token"]
    site.clock.advance(seconds=62)
    reused = await site.token(http, refresh_token=first, **form)
    honest = await site.token(http, refresh_token=second, **form)

    assert refused(reused) == refused(honest) == ("invalid_grant", "AADB2C90129")


async def test_a_narrower_refresh_keeps_the_whole_grant(site, http):
    code = (await site.authorize(http, scope=f"openid offline_access {READ}")).parameters["code"]
    form = {"client_id": WEB, "client_secret": site.secret}
    first = (await site.token(http, grant_type="authorization_code", code=code, **form)).json
    narrow = (
        await site.token(http, grant_type="refresh_token", refresh_token=first["refresh_token"], scope="openid", **form)
    ).json
    whole = (await site.token(http, grant_type="refresh_token", refresh_token=narrow["refresh_token"], **form)).json

    assert narrow["scope"] == "openid"
    assert set(whole["scope"].split()) == {"openid", "offline_access", READ}


async def test_a_refresh_never_grants_more(site, http):
    token = (await site.redeem(http)).json["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": WEB, "client_secret": site.secret, "refresh_token": token}
    more = await site.token(http, scope=READ, **form)

    assert refused(more) == ("unauthorized_client", "AADB2C90205")


async def test_a_refresh_token_belongs_to_its_client_and_policy(site, http):
    token = (await site.redeem(http)).json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    by_other = await site.token(http, client_id=TYPELESS, **form)
    elsewhere = await site.token(http, "B2C_1A_Tfp", client_id=WEB, client_secret=site.secret, **form)

    assert refused(by_other) == ("invalid_grant", "AADB2C90279")
    assert refused(elsewhere) == ("invalid_grant", "AADB2C90088")


async def test_the_sliding_window_ends_with_the_first_sign_in(site, http):
    # B2C_1A_Tfp: a token lives a day, the window is two days.
    first = (await site.redeem(http, "B2C_1A_Tfp")).json["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": WEB, "client_secret": site.secret}
    site.clock.advance(hours=23)
    second = (await site.token(http, "B2C_1A_Tfp", refresh_token=first, **form)).json["refresh_token"]
    site.clock.advance(hours=23)
    third = (await site.token(http, "B2C_1A_Tfp", refresh_token=second, **form)).json
    site.clock.advance(hours=3)
    late = await site.token(http, "B2C_1A_Tfp", refresh_token=third["refresh_token"], **form)

    assert 7100 <= int(third["refresh_token_expires_in"]) <= 7200
    assert refused(late) == ("invalid_grant", "AADB2C90080")


async def test_the_tokens_of_a_single_page_application_end_after_a_day(site, http):
    first = (await spa_tokens(site, http)).json
    site.clock.advance(hours=20)
    second = await site.token(http, grant_type="refresh_token", client_id=SPA, refresh_token=first["refresh_token"])
    site.clock.advance(hours=5)
    late = await site.token(http, grant_type="refresh_token", client_id=SPA, refresh_token=second.json["refresh_token"])

    assert first["refresh_token_expires_in"] == 86_400
    assert 14_300 <= second.json["refresh_token_expires_in"] <= 14_400
    assert refused(late) == ("invalid_grant", "AADB2C90080")


async def test_a_lost_permission_is_lost_at_the_next_refresh(deploy, http):
    site = await deploy()
    code = (await site.authorize(http, scope=f"offline_access {READ}")).parameters["code"]
    form = {"client_id": WEB, "client_secret": site.secret}
    token = (await site.token(http, grant_type="authorization_code", code=code, **form)).json["refresh_token"]
    await site.stop()
    later = await deploy(
        folder=site.engine.settings.folder, change=lambda text: text.replace(f'permissions = ["{READ}"]', "")
    )
    reply = await later.token(http, grant_type="refresh_token", refresh_token=token, **form)

    assert refused(reply) == ("unauthorized_client", "AADB2C90205")


async def test_codes_and_refresh_tokens_survive_a_restart(deploy, http):
    site = await deploy()
    token = (await site.redeem(http)).json["refresh_token"]
    code = (await site.authorize(http)).parameters["code"]
    await site.stop()
    later = await deploy(folder=site.engine.settings.folder)
    form = {"client_id": WEB, "client_secret": site.secret}

    assert (await later.token(http, grant_type="authorization_code", code=code, **form)).status == 200
    assert (await later.token(http, grant_type="refresh_token", refresh_token=token, **form)).status == 200


# --- origins ---------------------------------------------------------------------------------------


async def test_only_the_origin_of_a_single_page_application_may_read_the_answer(site, http):
    own = await spa_tokens(site, http)
    code = {"grant_type": "authorization_code", "code": "x"}
    of_others = [
        await site.token(http, client_id=client_id, headers={"Origin": origin}, **code)
        for client_id, origin in (
            (SPA, "https://evil.example"),
            (SPA, "null"),
            (SPA, "http://spa.contoso.com"),
            (WEB, "https://app.contoso.com"),
            ("nobody", "https://spa.contoso.com"),
        )
    ]
    refusal = await site.token(http, client_id=SPA, headers={"Origin": "https://spa.contoso.com"}, **code)

    assert own.status == 200
    assert own.headers["Access-Control-Allow-Origin"] == "https://spa.contoso.com"
    assert own.headers["Vary"] == "Origin"
    assert [reply.headers.get("Access-Control-Allow-Origin") for reply in of_others] == [None] * 5
    assert refusal.headers["Access-Control-Allow-Origin"] == "https://spa.contoso.com"


@pytest.mark.parametrize(
    ("origin", "asked", "answered"),
    [
        (
            "https://spa.contoso.com",
            "content-type, x-client-sku",
            ("https://spa.contoso.com", "content-type, x-client-sku"),
        ),
        ("https://spa.contoso.com", "bad;header", ("https://spa.contoso.com", "content-type")),
        ("https://evil.example", "content-type", (None, None)),
    ],
)
async def test_a_preflight_is_answered_for_registered_origins(site, http, origin, asked, answered):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asked}
    reply = await site.ask(http, "OPTIONS", site.url("/oauth2/v2.0/token"), headers=headers)

    assert reply.status == 204
    names = ("Access-Control-Allow-Origin", "Access-Control-Allow-Headers")
    assert tuple(reply.headers.get(name) for name in names) == answered
    assert "Access-Control-Allow-Credentials" not in reply.headers

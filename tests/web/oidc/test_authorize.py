"""The authorization endpoint: which requests are refused, where the refusal goes, what it says."""

import re

import pytest

SPA = "11111111-0000-4000-8000-000000000002"
NATIVE = "11111111-0000-4000-8000-000000000003"
TYPELESS = "11111111-0000-4000-8000-000000000004"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_journey_without_a_page_answers_at_once(site, http):
    reply = await site.authorize(http)

    assert reply.status == 302
    assert reply.location.startswith("https://app.contoso.com/callback?state=the+state&code=")
    assert len(reply.parameters["code"]) >= 43
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"client_id": None}, "AADB2C90008"),
        ({"client_id": "99999999-0000-4000-8000-000000000009"}, "AADB2C90018"),
        ({"client_id": "<script>alert(1)</script>\0"}, "AADB2C90018"),
        ({"client_id": "11111111-0000-4000-8000-000000000005"}, "AADB2C90007"),
        ({"redirect_uri": "https://app.contoso.com/callback/"}, "AADB2C90006"),
        ({"redirect_uri": "https://app.contoso.com/Callback"}, "AADB2C90006"),
        ({"redirect_uri": "https://app.contoso.com.evil.example/callback"}, "AADB2C90006"),
        ({"redirect_uri": "https://app.contoso.com/callback\r\nX: y"}, "AADB2C90006"),
        ({"redirect_uri": "http://[" + "x" * 5000}, "AADB2C90006"),
        ({"client_id": SPA, "redirect_uri": None}, "AADB2C90083"),
        ({"state": "x" * 8193}, "AADB2C90122"),
    ],
)
async def test_nothing_is_sent_to_an_address_that_is_not_trusted(site, http, changed, code):
    reply = await site.authorize(http, **changed)

    assert reply.status == 400
    assert "Location" not in reply.headers
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert code in reply.text
    assert "<script>alert" not in reply.text


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"response_type": None}, "invalid_request", "AADB2C90083"),
        ({"response_type": " "}, "unsupported_response_type", "AADB2C90013"),
        ({"response_type": "code banana"}, "unsupported_response_type", "AADB2C90013"),
        ({"response_mode": "web_message"}, "invalid_request", "AADB2C90014"),
        ({"scope": None}, "invalid_request", "AADB2C90010"),
        ({"scope": "openid banana"}, "invalid_scope", "AADB2C90117"),
        ({"scope": 'openid "x'}, "invalid_scope", "AADB2C99005"),
        ({"scope": "offline_access"}, "invalid_scope", "AADB2C90115"),
        ({"scope": "https://contoso.onmicrosoft.com/other/read"}, "unauthorized_client", "AADB2C90205"),
        ({"prompt": "now"}, "invalid_request", "AADB2C90043"),
        ({"prompt": "none login"}, "invalid_request", "AADB2C90043"),
        ({"max_age": "-1"}, "invalid_request", "AADB2C90120"),
        ({"max_age": "²"}, "invalid_request", "AADB2C90120"),
        ({"max_age": "9" * 400}, "invalid_request", "AADB2C90120"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, "invalid_request", "AADB2C90184"),
        ({"code_challenge": "short"}, "invalid_request", "AADB2C90184"),
        ({"code_challenge": "ü" * 43}, "invalid_request", "AADB2C90184"),
        ({"request": "e30.e30."}, "request_not_supported", "AADB2C"),
        ({"request_uri": "https://app.contoso.com/r"}, "request_uri_not_supported", "AADB2C"),
        ({"campaign": "<script>"}, "invalid_request", "AADB2C90122"),
        ({"<b>": "x"}, "invalid_request", "AADB2C90122"),
    ],
)
async def test_other_errors_are_told_to_the_application(site, http, changed, error, code):
    reply = await site.authorize(http, **changed)

    assert reply.status == 302
    assert reply.location.startswith("https://app.contoso.com/callback?error=")
    assert set(reply.parameters) == {"error", "error_description", "state"}
    assert (reply.parameters["error"], reply.parameters["state"]) == (error, "the state")
    assert reply.parameters["error_description"].startswith(f"{code}: ")


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"response_type": "id_token"}, "invalid_request", "AADB2C90083"),
        ({"response_type": "id_token", "nonce": ""}, "invalid_request", "AADB2C90083"),
        ({"response_type": "id_token", "nonce": "n", "scope": "offline_access"}, "invalid_scope", "AADB2C90110"),
        ({"response_type": "token", "scope": "openid"}, "invalid_scope", "AADB2C90055"),
        ({"response_type": "code id_token", "nonce": "n", "response_mode": "query"}, "invalid_request", "AADB2C90014"),
    ],
)
async def test_errors_of_token_responses_travel_in_the_fragment(site, http, changed, error, code):
    reply = await site.authorize(http, **changed)

    assert reply.location.startswith("https://app.contoso.com/callback#error=")
    assert (reply.parameters["error"], reply.parameters["error_description"][:11]) == (error, code)


async def test_implicit_answers_need_the_switch_of_the_application(site, http):
    reply = await site.authorize(
        http, client_id=NATIVE, redirect_uri="com.contoso.app://auth", response_type="id_token", nonce="n"
    )

    assert reply.location.startswith("com.contoso.app://auth#error=unauthorized_client&")
    assert "AADB2C90057" in reply.location


async def test_an_error_description_has_three_lines_that_end_in_crlf(site, http):
    asked = "0a1b2c3d-1111-4222-8333-444455556666"
    reply = await site.authorize(http, "B2C_1A_SignUpOrSignIn", prompt="none", **{"client-request-id": asked})

    description = reply.parameters["error_description"]
    assert reply.parameters["error"] == "interaction_required"
    assert re.fullmatch(
        r"AADB2C90077: The user does not have an existing session and the request prompt parameter has a value of "
        r"'None'\.\r\nCorrelation ID: 0a1b2c3d-1111-4222-8333-444455556666\r\n"
        r"Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\r\n",
        description,
    )


async def test_without_a_state_none_is_sent_back(site, http):
    reply = await site.authorize(http, state=None, prompt="banana")

    assert set(reply.parameters) == {"error", "error_description"}


async def test_the_state_comes_back_character_by_character(site, http):
    state = "a=b&c <>\"'\r\nSet-Cookie: x=y\r\n\r\n é %41 + #"
    reply = await site.authorize(http, state=state)

    assert reply.parameters["state"] == state
    assert "Set-Cookie" not in {name for name in reply.headers if "x=y" in reply.headers[name]}


async def test_an_error_goes_out_by_form_post_with_everything_escaped(site, http):
    reply = await site.authorize(
        http, response_mode="form_post", scope="openid x/y", state='"><script>alert(1)</script>'
    )

    assert reply.status == 200
    assert '<form id="auto" method="POST" action="https://app.contoso.com/callback">' in reply.text
    assert 'name="error" value="invalid_scope"' in reply.text
    assert "<script>alert(1)" not in reply.text
    assert "form-action 'self' https://app.contoso.com" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"


async def test_a_parameter_that_stands_twice_is_refused(site, http):
    url = site.url("/oauth2/v2.0/authorize", "B2C_1A_Silent") + "?client_id=a&client_id=b"
    reply = await site.ask(http, "GET", url)

    assert (reply.status, "AADB2C90122" in reply.text) == (400, True)


async def test_the_request_may_be_posted(site, http):
    reply = await site.authorize(http, method="POST")

    assert reply.status == 302
    assert "code" in reply.parameters


async def test_a_posted_request_keeps_its_parameters_out_of_the_query(site, http):
    url = site.url("/oauth2/v2.0/authorize", "B2C_1A_Silent") + "?state=x"
    reply = await site.ask(http, "POST", url, data="client_id=x", headers=FORM)

    assert (reply.status, "AADB2C90122" in reply.text) == (400, True)


@pytest.mark.parametrize("response_type", ["code token", "token code", "id_token code", "token id_token code"])
async def test_response_types_have_no_order(site, http, response_type):
    scope = "openid https://contoso.onmicrosoft.com/api/read"
    reply = await site.authorize(http, response_type=response_type, nonce="n", scope=scope)

    expected = {"code", "access_token"} if "id_token" not in response_type else {"code", "id_token"}
    assert expected <= set(reply.parameters)


async def test_what_clients_of_the_service_send_beside_is_ignored(site, http):
    reply = await site.authorize(
        http,
        claims='{"access_token":{"xms_cc":{"values":["CP1"]}}}',
        clidata="1",
        display="popup",
        haschrome="1",
        acr_values="x",
        **{"x-client-SKU": "msal.js.browser", "X-AnchorMailbox": "Oid:1@2", "instance_aware": "true"},
    )

    assert "code" in reply.parameters


async def test_a_missing_redirect_uri_is_the_only_registered_one(site, http):
    reply = await site.authorize(http, redirect_uri=None)

    assert reply.location.startswith("https://app.contoso.com/callback?")


@pytest.mark.parametrize(
    ("client_id", "redirect_uri"),
    [
        (SPA, "https://spa.contoso.com/"),
        (NATIVE, "http://localhost:49152/callback"),
        (TYPELESS, "http://127.0.0.1:5000/callback"),
    ],
)
async def test_a_public_client_gets_no_code_without_a_challenge(site, http, client_id, redirect_uri):
    refused = await site.authorize(http, client_id=client_id, redirect_uri=redirect_uri)
    accepted = await site.authorize(
        http, client_id=client_id, redirect_uri=redirect_uri, code_challenge=CHALLENGE, code_challenge_method="S256"
    )

    assert refused.parameters["error"] == "invalid_request"
    assert refused.parameters["error_description"].startswith("AADB2C99059: ")
    assert "code" in accepted.parameters


async def test_a_client_id_is_matched_in_any_case_and_named_as_registered(deploy, http):
    lower = "abcdef11-0000-4000-8000-000000000001"
    site = await deploy(change=lambda text: text.replace("11111111-0000-4000-8000-000000000001", lower))
    reply = await site.authorize(http, client_id=lower.upper(), response_type="id_token", nonce="n")

    assert audience(reply.parameters["id_token"]) == lower


async def test_who_asks_to_choose_an_account_sees_the_page_in_spite_of_a_session(site, open_person):
    person = await open_person(site)
    asked = {"client_id": TYPELESS, "redirect_uri": "http://127.0.0.1:5000/callback"}
    page = await person.authorize(site.tenant, site.policy, asked)
    page = await person.navigate(page, "unified", local="signup")
    await person.submit(
        page,
        {"email": "ada@contoso.com", "newPassword": "Passw0rd!", "reenterPassword": "Passw0rd!", "displayName": "A"},
    )
    await person.go_on(page)
    silent = await person.authorize(site.tenant, site.policy, asked)
    again = await person.authorize(site.tenant, site.policy, {**asked, "prompt": "select_account"})

    assert "code" in silent.parameters
    assert again.api == "CombinedSigninAndSignup"


def audience(token):
    import base64
    import json

    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=="))["aud"]

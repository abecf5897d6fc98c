"""Issue 2 §4: every AuthenticationType and SendClaimsIn on the wire, and what the API's answers lead to."""

from __future__ import annotations

import base64
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from acceptance_policy import call

URL = "https://api.contoso.example"
BASIC = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}
INPUTS = ('note PartnerClaimType="the-note" DefaultValue="a b&amp;c/ü"', 'scope DefaultValue="second"')
TYPES = {
    "None": ("None", None),
    "Basic": ("Basic", BASIC),
    "Bearer": ("Bearer", {"BearerAuthenticationToken": "B2C_1A_Token"}),
    "Key": ("ApiKeyHeader", {"x-functions-key": "B2C_1A_Token"}),
}
ANSWERS = {
    "/a/missing": (404, {}),
    "/a/broken": (500, b"{not json"),
    "/a/denied": (401, {}),
    "/a/message": (409, {"status": 409, "userMessage": "Sorry &lt;b&gt;", "developerMessage": "only for developers"}),
    "/a/list": (200, {"a": [{"tier": "deep"}]}),
    "/a/empty": (200, b""),
}
MODES = ("Body", "Form", "Header", "QueryString")


@pytest.fixture(scope="module")
def up(home, api):
    api.answers.update(ANSWERS)
    policies = {name: call(name, f"{URL}/ok/{name}", kind, keys=keys) for name, (kind, keys) in TYPES.items()}
    for mode in MODES:
        policies[mode] = call(mode, f"{URL}/ok/{mode}?code=1", "Basic", keys=BASIC, inputs=INPUTS, SendClaimsIn=mode)
    policies["Url"] = call(
        "Url", f"{URL}/ok/Url/{{the-note}}?s={{scope}}", "Basic", keys=BASIC, inputs=INPUTS, SendClaimsIn="Url"
    )
    for path in ANSWERS:
        name = path.rpartition("/")[2]
        policies[name] = call(name, f"{URL}{path}", "Basic", keys=BASIC)
    policies["list"] = call(
        "list", f"{URL}/a/list", "Basic", keys=BASIC, outputs=('tier PartnerClaimType="a[0].tier"',),
        ResolveJsonPathsInJsonTokens="true",
    )  # fmt: skip
    policies["resolver"] = call(
        "resolver", f"{URL}/ok/resolver", "Basic", keys=BASIC, IncludeClaimResolvingInClaimsHandling="true",
        inputs=('note DefaultValue="{OAUTH-KV:campaign}" AlwaysUseDefaultValue="true"', 'scope DefaultValue="{Policy:PolicyId}"'),
    )  # fmt: skip
    policies["default"] = call(
        "default", f"{URL}/a/empty", "Basic", keys=BASIC, outputs=('tier DefaultValue="bronze"',)
    )
    home.write(f'[egress.map]\n"{URL}" = "{api.origin}"\n', **policies)
    home.key("B2C_1A_User.txt", "user")
    home.key("B2C_1A_Password.txt", "pass:word")
    home.key("B2C_1A_Token.txt", "s3cret-token")
    return home.token_keys().up()


def failure(up, name):
    answer = up.browser().authorize(f"B2C_1A_{name}", response_type="id_token").answer
    assert answer["error"] == "server_error"
    return answer["error_description"]


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("None", "authorization", None),
        ("Basic", "authorization", "Basic " + base64.b64encode(b"user:pass:word").decode()),
        ("Bearer", "authorization", "Bearer s3cret-token"),
        ("Key", "x-functions-key", "s3cret-token"),
    ],
)
def test_an_authentication_type_sends_its_credential(up, api, name, header, value):
    assert up.browser().id_token(f"B2C_1A_{name}")["tier"] == "gold"
    assert api.last(f"/ok/{name}").headers.get(header) == value


def sent(up, api, mode, path=None):
    assert up.browser().id_token(f"B2C_1A_{mode}")["tier"] == "gold"
    return api.last(path or f"/ok/{mode}")


CLAIMS = {"the-note": "a b&c/ü", "scope": "second"}


def test_body_posts_a_json_object(up, api):
    asked = sent(up, api, "Body")

    assert (asked.method, asked.path) == ("POST", "/ok/Body?code=1")
    assert asked.headers["content-type"].startswith("application/json")
    assert asked.json == CLAIMS


def test_form_posts_a_form(up, api):
    asked = sent(up, api, "Form")

    assert asked.method == "POST"
    assert asked.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert dict(parse_qsl(asked.body)) == CLAIMS


def test_header_gets_with_one_header_per_claim(up, api):
    asked = sent(up, api, "Header")

    assert asked.method == "GET"
    assert asked.headers["the-note"].encode("latin-1").decode() == "a b&c/ü"
    assert asked.headers["scope"] == "second"


def test_query_string_appends_to_the_query(up, api):
    asked = sent(up, api, "QueryString")

    assert asked.method == "GET"
    assert parse_qsl(urlsplit(asked.path).query) == [("code", "1"), *CLAIMS.items()]


def test_url_replaces_the_placeholders_percent_encoded(up, api):
    asked = sent(up, api, "Url", "/ok/Url/a%20b%26c%2F%C3%BC")

    assert asked.method == "GET"
    assert urlsplit(asked.path).query == "s=second"


def test_claim_resolvers_are_evaluated_with_the_flag(up, api):
    up.browser().id_token("B2C_1A_resolver", campaign="spring")

    assert api.last("/ok/resolver").json == {"note": "spring", "scope": "B2C_1A_resolver"}


def test_a_json_path_takes_a_claim_out_of_the_answer(up):
    assert up.browser().id_token("B2C_1A_list")["tier"] == "deep"


def test_an_empty_answer_is_a_success_and_the_default_applies(up):
    assert up.browser().id_token("B2C_1A_default")["tier"] == "bronze"
    assert "tier" not in up.browser().id_token("B2C_1A_empty")


@pytest.mark.parametrize(
    ("name", "code"), [("missing", "AADB2C90075"), ("broken", "AADB2C90261"), ("denied", "AADB2C90027")]
)
def test_an_error_of_the_api_has_the_services_code(up, name, code):
    assert failure(up, name).startswith(code)


def test_a_user_message_is_told_and_the_developer_message_is_not_without_debug_mode(up):
    description = failure(up, "message")

    assert "Sorry" in description
    assert "developers" not in description


def test_no_secret_stands_in_log_or_trace(up, home):
    for name in ("Basic", "Bearer", "Key"):
        up.browser().id_token(f"B2C_1A_{name}")
    secrets = ("pass:word", "s3cret-token", base64.b64encode(b"user:pass:word").decode())

    printed = up.log + home.run("trace", "--json").out + home.run("trace").out

    assert "REST-Bearer" in printed
    assert not [secret for secret in secrets if secret in printed]


def test_trace_prints_a_journey_step_by_step(up, home):
    up.browser().id_token("B2C_1A_Bearer")

    out = home.run("trace").out

    assert "REST-Bearer" in out
    assert "200" in out


def test_the_journeys_page_shows_the_calls(up):
    up.browser().id_token("B2C_1A_Bearer")

    end = time.monotonic() + 2
    while "B2C_1A_Bearer" not in (reply := up.browser().send("GET", "/portal/journeys")).text:
        assert reply.status == 200
        assert time.monotonic() < end, reply.text
        time.sleep(0.05)

    assert reply.status == 200


def test_a_key_of_keys_generate_is_listed_and_sent(folder, api):
    folder.write(
        f'[egress.map]\n"{URL}" = "{api.origin}"\n',
        key=call("Key", f"{URL}/ok/rotated", "ApiKeyHeader", keys={"x-api-key": "B2C_1A_Rotated"}),
    )
    made = folder.token_keys().run("keys", "generate", "Rotated", "--type", "secret", "--json")
    up = folder.up()

    up.browser().id_token("B2C_1A_Key")

    assert made.code == 0
    assert "B2C_1A_Rotated" in [key["id"] for key in folder.run("keys", "list", "--json").json]
    assert len(api.last("/ok/rotated").headers["x-api-key"]) >= 32

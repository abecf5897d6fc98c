"""``journeyman call --connector`` calls an API connector of a user flow."""

from __future__ import annotations

import base64
import json

import pytest

SECRET = "canary-of-the-connector"
NAME = "Check the invitation"
TOML = """
[egress.map]
"https://api.contoso.example" = "{origin}"

[[api_connectors]]
name = "Check the invitation"
url = "https://api.contoso.example/signup?code=canary-of-the-url"
authentication = {{ type = "basic", username = "journeyman", password_key = "B2C_1A_Word" }}

[[user_flows]]
id = "B2C_1_signup"
type = "signUp"
claims = ["city"]
attributes = [{{ id = "city" }}, {{ id = "displayName" }}]

[user_flows.connectors]
postAttributeCollection = "Check the invitation"
{more}
"""
TOKEN = 'preTokenIssuance = "Check the invitation"'


@pytest.fixture
def folder(tenant, api):
    def write(more=""):
        with (tenant / "journeyman.toml").open("a", encoding="utf-8") as toml:
            toml.write(TOML.format(origin=api.origin, more=more))
        (tenant / "keys").mkdir(exist_ok=True)
        (tenant / "keys" / "B2C_1A_Word.txt").write_text(SECRET, encoding="utf-8")
        return tenant

    return write


def test_a_connector_is_called_by_its_name_as_a_user_flow_calls_it(journeyman, folder, api):
    api.answer = {"version": "1.0.0", "action": "Continue", "city": "Ulm", "displayName": "Ada"}

    ended = journeyman(
        "call", "--connector", NAME.upper(), "--dir", folder(), "--claim", "city=Bonn", "--claim", "email=a@b.example",
        "--parameter", "client_id=app-1", "--show-headers",
    )  # fmt: skip

    ((path, headers, body),) = api.asked
    assert (ended.code, path) == (0, "/signup?code=canary-of-the-url")
    assert headers["Authorization"] == "Basic " + base64.b64encode(f"journeyman:{SECRET}".encode()).decode()
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "email": "a@b.example",
        "city": "Bonn",
        "identities": [
            {"signInType": "emailAddress", "issuer": "contoso.onmicrosoft.com", "issuerAssignedId": "a@b.example"}
        ],
        "step": "PostAttributeCollection",
        "client_id": "app-1",
        "ui_locales": "en",
    }
    assert "PreUserWriteRestful of B2C_1_signup: validation technical profile" in ended.out
    assert not any(secret in ended.out + ended.err for secret in (SECRET, "canary-of-the-url", "a@b.example", "Bonn"))


def test_a_block_page_is_shown_as_one(journeyman, folder, api):
    api.answer = {"version": "1.0.0", "action": "ShowBlockPage", "userMessage": "Not you."}
    arguments = ("call", "--connector", NAME, "--dir", folder())

    lines, shown = journeyman(*arguments), json.loads(journeyman(*arguments, "--json").out)

    assert (lines.code, shown["outcome"]) == (1, "blocked")
    assert "the block page shows  Not you." in lines.out
    assert shown["user_sees"] == {"block_page": {"text": "Not you."}}
    assert '"userMessage": "Not you."' in shown["call"]["exchange"]["response_body"]


def test_a_connector_that_is_called_at_several_steps_needs_one(journeyman, folder, api):
    place = folder(TOKEN)
    unclear = journeyman("call", "--connector", NAME, "--dir", place)
    chosen = journeyman("call", NAME, "--step", "pretokenissuance", "--dir", place, "--dry-run")

    assert unclear.code == 2
    assert "is called by B2C_1_signup at PostAttributeCollection and B2C_1_signup at PreTokenIssuance" in unclear.err
    assert '"step": "PreTokenIssuance"' in chosen.out
    assert api.asked == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--connector", "Nothing"), "no policy calls an API connector 'Nothing'; there is check the invitation"),
        (("--connector", NAME, "--step", "later"), "--step 'later' is none; write one of postFederationSignup"),
        (("--connector", NAME, "--step", "preTokenIssuance"), "is not called there; it is called by B2C_1_signup at"),
        (("--connector", NAME, "--policy", "B2C_1_x"), "is not called there; it is called by B2C_1_signup at"),
        (("REST-Get", "--connector", NAME), "name a technical profile or, with --connector, an API connector"),
        ((), "name a technical profile or, with --connector, an API connector"),
        (("PreUserWriteRestful", "--step", "preTokenIssuance"), "--step is for an API connector"),
    ],
)
def test_a_wrong_call_says_what_there_is(journeyman, folder, arguments, error):
    ended = journeyman("call", *arguments, "--dir", folder())

    assert ended.code == 2
    assert error in ended.err


def test_without_user_flows_there_is_nothing_to_name(journeyman, tenant, xml):
    (tenant / "policies" / "a.xml").write_text(xml.policy(xml.step("Noop"), outputs=(), subject=""), encoding="utf-8")

    assert "no user flow calls any" in journeyman("call", "--connector", NAME, "--dir", tenant).err


def test_a_profile_of_a_connector_may_be_named_itself_and_meets_faults(journeyman, folder, api):
    ended = journeyman("call", "PreUserWriteRestful", "--dir", folder(), "--fault", "500", "--json")

    shown = json.loads(ended.out)
    assert shown["user_sees"]["page"]["code"] == "AADB2C90075"
    assert "PreUserWriteRestful" in shown["user_sees"]["application"]["text"]
    assert api.asked == []

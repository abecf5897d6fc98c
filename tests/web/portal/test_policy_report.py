from __future__ import annotations

import pytest

from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Location, Rule, Severity
from journeyman.settings import BearerSettings, ProfileSettings
from journeyman.web.portal.policy_report import UsedKey, secured_calls

ODD = Rule("JM1460", Severity.WARNING, "it is odd", "", "")
GOOD = {"kty": "oct", "has_private_key": False, "has_certificate": False, "has_active_key": True}


@pytest.fixture
def policy(xml, compile_policy_text):
    def make(metadata, keys=()):
        written = "".join(f'<Key Id="{name}" StorageReferenceId="{set_id}" />' for name, set_id in keys)
        rest = xml.profile("Check", "rest", metadata, outputs=("objectId",))
        rest = rest.replace("</Metadata>", f"</Metadata><CryptographicKeys>{written}</CryptographicKeys>")
        return compile_policy_text(xml.policy(xml.step(One="Check"), profiles=(rest,)))

    return make


BASIC = {"ServiceUrl": "https://api.example/check?code=s3cret", "AuthenticationType": "Basic"}
KEYS = (("BasicAuthenticationUsername", "B2C_1A_User"), ("BasicAuthenticationPassword", "B2C_1A_Pass"))


def test_a_call_shows_how_it_proves_itself_and_whether_its_keys_can_be_used(policy):
    known = {"b2c_1a_user": KeyInfo(id="B2C_1A_User", **GOOD)}

    (call,) = secured_calls(policy(BASIC, KEYS), known, {}, ())

    assert (call.profile_id, call.kind, call.proof, call.open) == ("Check", "REST call", "Basic", False)
    assert call.keys == (
        UsedKey("BasicAuthenticationUsername", "B2C_1A_User", "active", "good"),
        UsedKey("BasicAuthenticationPassword", "B2C_1A_Pass", "missing", "bad"),
    )


def test_what_may_hold_a_function_key_is_not_shown(policy):
    (call,) = secured_calls(policy(BASIC, KEYS), {}, {}, ())

    assert call.url == "https://api.example/check?…"


def test_a_call_that_proves_nothing_is_open(policy):
    (call,) = secured_calls(policy({"AuthenticationType": "None"}), {}, {}, ())

    assert (call.proof, call.open) == ("None", True)


def test_a_managed_bearer_replaces_what_the_policy_says(policy):
    own = {"check": ProfileSettings(bearer=BearerSettings("https://login.example/token", "app", "B2C_1A_App"))}

    (call,) = secured_calls(policy({"AuthenticationType": "None"}), {}, own, ())

    assert (call.proof, call.open) == ("managed bearer token", False)
    assert call.keys == (UsedKey("bearer.key", "B2C_1A_App", "missing", "bad"),)


@pytest.mark.parametrize(
    ("changed", "state", "tone"),
    [
        ({"has_active_key": False}, "no active version", "bad"),
        ({"placeholder": True}, "a placeholder", "warn"),
    ],
)
def test_a_key_that_cannot_be_used_or_should_not_is_said_to_be_so(policy, changed, state, tone):
    known = {"b2c_1a_user": KeyInfo(id="B2C_1A_User", **{**GOOD, **changed})}

    (call,) = secured_calls(policy(BASIC, KEYS), known, {}, ())

    assert (call.keys[0].state, call.keys[0].tone) == (state, tone)


def test_what_was_found_about_the_profile_stands_with_it(policy):
    mine, other = ODD.at(Location("a", 1), element="check"), ODD.at(Location("a", 1), element="Other")

    (call,) = secured_calls(policy(BASIC, KEYS), {}, {}, (mine, other))

    assert call.findings == (mine,)

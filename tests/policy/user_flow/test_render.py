"""What the XML of a user flow says of settings that no page shows."""

from __future__ import annotations

import pytest
from tests.policy.user_flow.conftest import CONNECTOR, PROVIDER, texts_of

from journeyman.settings.identity import (
    AttributeAssignment,
    ConnectorStep,
    FlowPage,
    FlowSession,
    PasswordComplexity,
    TokenLifetimes,
    UserFlow,
    UserFlowType,
)


@pytest.fixture
def compiled(compile_flow):
    def run(**settings):
        flow = UserFlow("B2C_1_x", UserFlowType.SIGN_UP_OR_SIGN_IN, **settings)
        return compile_flow(flow).policies["b2c_1_x"]

    return run


def item(policy, profile, name):
    return policy.technical_profiles[profile].metadata.get(name)


def test_lifetimes_are_those_of_the_issuer(compiled):
    policy = compiled(tokens=TokenLifetimes(5, 10, 1, 30))

    names = ("token_lifetime_secs", "id_token_lifetime_secs", "refresh_token_lifetime_secs")
    assert [item(policy, "JwtIssuer", name) for name in names] == ["300", "600", "86400"]
    assert item(policy, "JwtIssuer", "rolling_refresh_token_lifetime_secs") == "2592000"
    assert item(policy, "JwtIssuer", "allow_infinite_rolling_refresh_token") is None


def test_a_window_may_never_end(compiled):
    policy = compiled(tokens=TokenLifetimes(sliding_window_days=None))

    assert item(policy, "JwtIssuer", "allow_infinite_rolling_refresh_token") == "true"
    assert item(policy, "JwtIssuer", "rolling_refresh_token_lifetime_secs") is None


def test_the_session_is_that_of_the_relying_party(compiled):
    session = compiled(
        session=FlowSession(15, absolute=True, scope="Policy", keep_signed_in_days=7)
    ).relying_party.session

    assert (session.scope.value, session.lifetime_s, session.rolling) == ("Policy", 900, False)
    assert session.keep_alive_days == 7


@pytest.mark.parametrize("allowed", [True, False])
def test_scripts_run_only_where_they_are_allowed(compiled, allowed):
    assert compiled(javascript=allowed).relying_party.script_allowed is allowed


def test_templates_are_told_the_language_where_there_are_several(compiled):
    pages = {"signuporsignin": FlowPage("https://cdn.contoso.example/in.html")}

    several = compiled(language_customization=True, languages=("en", "de"), pages=pages).relying_party
    one = compiled(pages=pages).relying_party

    assert [name for name, _ in several.content_parameters] == ["ui_locales"]
    assert one.content_parameters == ()


@pytest.mark.parametrize(
    ("complexity", "policies"),
    [
        (PasswordComplexity.STRONG, "DisablePasswordExpiration"),
        (PasswordComplexity.SIMPLE, "DisablePasswordExpiration, DisableStrongPassword"),
        (PasswordComplexity.CUSTOM, "DisablePasswordExpiration, DisableStrongPassword"),
    ],
)
def test_the_directory_is_told_not_to_ask_for_more(compiled, complexity, policies):
    profile = compiled(password_complexity=complexity).technical_profiles["AAD-UserWriteUsingSignInName"]

    defaults = {mapping.claim.id: mapping.default.text for mapping in profile.persisted_claims if mapping.default}
    assert defaults["passwordPolicies"] == policies


@pytest.mark.parametrize(
    ("complexity", "help_text"),
    [
        (PasswordComplexity.SIMPLE, "8 to 64 characters."),
        (
            PasswordComplexity.STRONG,
            "8 to 64 characters, with at least 3 of: a lowercase letter, an uppercase letter, a digit, a symbol.",
        ),
    ],
)
def test_the_page_says_what_a_password_must_be(compiled, complexity, help_text):
    assert compiled(password_complexity=complexity).claim_types["newPassword"].user_help_text == help_text


def test_the_access_token_of_a_provider_is_passed_on_where_it_is_a_claim(compiled):
    policy = compiled(identity_providers=(PROVIDER.id,), claims=("identityProviderAccessToken",))

    outputs = {mapping.claim.id: mapping for mapping in policy.technical_profiles["OIDC-V1-Fabrikam"].output_claims}
    assert outputs["identityProviderAccessToken"].default.text == "{oauth2:access_token}"
    assert [mapping.name for mapping in policy.relying_party.output_claims] == ["sub", "idp_access_token", "tfp"]


def test_the_xml_is_indented_as_people_write_it():
    everything = {
        "identity_providers": (PROVIDER.id,),
        "connectors": dict.fromkeys(ConnectorStep, CONNECTOR.id),
        "attributes": (AttributeAssignment("city"), AttributeAssignment("extension_Vip")),
        "claims": ("city", "emails"),
        "language_customization": True,
        "languages": ("de",),
        "texts": {"de": {"heading": "Hallo\nWelt"}},
    }
    (text,) = texts_of(UserFlow("B2C_1_x", UserFlowType.SIGN_UP_OR_SIGN_IN, **everything))

    lines = text.data.decode().splitlines()[5:]
    depths: list[int] = [0]
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        closing = line.lstrip().startswith("</")
        assert indent == (depths.pop() if closing else depths[-1] + 2), line
        if not closing and not line.endswith("/>") and "</" not in line and not line.lstrip().startswith("<!--"):
            depths.append(indent)
    assert depths == []

from __future__ import annotations

import pytest

from journeyman.settings.identity import IdentityProvider
from journeyman.settings.provider_types import PROVIDER_TYPES, provider_type

GOOGLE = """
[[identity_providers]]
type = "google"
client_id = "1234.apps.googleusercontent.com"
secret_key = "B2C_1A_GoogleSecret"
"""
CONTOSO = """
[[identity_providers]]
id = "OIDC-V1-Contoso"
type = "OpenIDConnect"
name = "Contoso employees"
client_id = "c1"
secret_key = "B2C_1A_ContosoSecret"
metadata_url = "https://login.contoso.example/.well-known/openid-configuration"
scope = "openid profile"
response_mode = "query"
domain_hint = "contoso.com"
claims = { userId = "oid", displayName = "name" }
"""


def test_a_provider_of_a_known_type_needs_a_client_id_and_a_secret_only(load):
    (provider,) = load(GOOGLE).identity.identity_providers

    assert provider == IdentityProvider(
        id="Google-OAUTH",
        type="Google",
        display_name="Google",
        client_id="1234.apps.googleusercontent.com",
        secret_key="B2C_1A_GoogleSecret",
    )


def test_any_openid_provider_says_where_its_document_is(load):
    (provider,) = load(CONTOSO).identity.identity_providers

    assert (provider.id, provider.display_name, provider.scope) == (
        "OIDC-V1-Contoso", "Contoso employees", "openid profile",
    )  # fmt: skip
    assert (provider.metadata_url, provider.response_mode) == (
        "https://login.contoso.example/.well-known/openid-configuration", "query",
    )  # fmt: skip
    assert provider.claims_mapping == {"userId": "oid", "displayName": "name"}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ('type = "Gogle"', "'Gogle' is no type of identity provider; did you mean 'Google'?"),
        ('type = "Twitter"', "'Twitter' cannot be used: the provider speaks OAuth 1.0a, which is not built yet"),
        ('type = "MySpace"', "known are Amazon, Apple, Facebook"),
    ],
)
def test_a_type_that_cannot_be_used_is_refused_by_name(problems, change, line):
    (problem,) = problems(GOOGLE.replace('type = "google"', change))

    assert problem.startswith("journeyman.toml:5:")
    assert line in problem


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOGLE.replace("client_id", "#"), "has no client_id"),
        (GOOGLE.replace("secret_key", "#"), "add secret_key"),
        (GOOGLE.replace("B2C_1A_GoogleSecret", "GOCSPX-1"), "never the secret itself"),
        (GOOGLE + 'metadata_url = "https://idp.example/d"\n', 'is settled for type = "Google"'),
        (GOOGLE + 'id = "Mine"\n', "the provider of type Google is Google-OAUTH; leave id out"),
        (GOOGLE + 'key_id = "ABCDE12345"\n', 'belong to type = "Apple"'),
        (GOOGLE + GOOGLE, "is declared twice"),
        (GOOGLE + 'client_secret = "s"\n', "secrets do not stand in this file"),
        (CONTOSO.replace("https://login", "http://login"), "so use https"),
        (CONTOSO.replace("metadata_url", "#"), "add metadata_url"),
        (CONTOSO.replace('"openid profile"', '"profile"'), "without the scope openid"),
        (CONTOSO.replace('mode = "query"', 'mode = "query"\nresponse_type = "id_token"'), "never travels in a query"),
        (CONTOSO.replace("userId =", "userID ="), "did you mean 'userId'?"),
        (CONTOSO.replace('id = "OIDC-V1-Contoso"', ""), "has no id"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_refused_with_a_remedy(problems, text, line):
    assert any(line in problem for problem in problems(text))


@pytest.mark.parametrize("name", ["google", "GOOGLE", " Google "])
def test_a_type_is_found_in_any_letter_case(name):
    assert provider_type(name).id == "Google-OAUTH"


def test_the_ids_are_those_of_graph():
    ids = {each.name: each.id for each in PROVIDER_TYPES}

    assert (ids["Facebook"], ids["Amazon"], ids["Microsoft"]) == ("Facebook-OAUTH", "Amazon-OAUTH", "MSA-OIDC")
    assert ids["Apple"] == "Apple-Managed-OIDC"

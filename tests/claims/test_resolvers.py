from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.claims.resolvers import Resolution, Resolver, Template, compile_template, unknown_resolvers
from journeyman.secret import Secret

RESOLUTION = Resolution(
    policy_id="B2C_1A_signin",
    relying_party_tenant_id="fabrikam.onmicrosoft.com",
    trust_framework_tenant_id="base.onmicrosoft.com",
    tenant_object_id="00000000-0000-0000-0000-000000000001",
    correlation_id="00000000-0000-0000-0000-000000000002",
    deployment_mode="Production",
    culture="fr-CA",
    host_name="login.example.org",
    ip_address="203.0.113.9",
    kmsi=True,
    now=datetime(2021, 10, 10, 12, 0, 0, tzinfo=UTC),
    build_number="1.0.507.0",
    parameters={
        "client_id": "app",
        "scope": "openid",
        "Campaign": "Spring Sale",
        "empty": "",
        "acr_values": "loa2",
        "domain_hint": "facebook.com",
        "login_hint": "ann@contoso.example",
        "max_age": "60",
        "nonce": "n-0",
        "prompt": "login",
        "redirect_uri": "https://app.example/",
        "resource": "res",
    },
    claims={"loyaltyId": "A-17", "isVip": True, "tags": ("a", "b")},
    username="ann",
    password=Secret("pw"),
    oauth2={"access_token": "upstream", "token_type": "Bearer", "expires_in": "3600", "refresh_token": "again"},
)


def resolved(text: str, resolution: Resolution = RESOLUTION) -> str | None:
    return compile_template(text, resolve=True).resolve(resolution)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{Culture:LanguageName}", "fr"),
        ("{Culture:LCID}", "3084"),
        ("{Culture:RegionName}", "CA"),
        ("{Culture:RFC5646}", "fr-CA"),
        ("{Policy:PolicyId}", "B2C_1A_signin"),
        ("{Policy:RelyingPartyTenantId}", "fabrikam.onmicrosoft.com"),
        ("{Policy:TenantObjectId}", "00000000-0000-0000-0000-000000000001"),
        ("{Policy:TrustFrameworkTenantId}", "base.onmicrosoft.com"),
        ("{Context:BuildNumber}", "1.0.507.0"),
        ("{Context:CorrelationId}", "00000000-0000-0000-0000-000000000002"),
        ("{Context:DateTimeInUtc}", "10/10/2021 12:00:00 PM"),
        ("{Context:DeploymentMode}", "Production"),
        ("{Context:HostName}", "login.example.org"),
        ("{Context:IPAddress}", "203.0.113.9"),
        ("{CONTEXT:KMSI}", "true"),
        ("{Claim:loyaltyId}", "A-17"),
        ("{claim:LOYALTYID}", "A-17"),
        ("{Claim:isVip}", "True"),
        ("{Claim:tags}", '["a","b"]'),
        ("{OIDC:AuthenticationContextReferences}", "loa2"),
        ("{OIDC:ClientId}", "app"),
        ("{OIDC:DomainHint}", "facebook.com"),
        ("{OIDC:LoginHint}", "ann@contoso.example"),
        ("{OIDC:MaxAge}", "60"),
        ("{OIDC:Nonce}", "n-0"),
        ("{OIDC:Password}", "pw"),
        ("{OIDC:Prompt}", "login"),
        ("{OIDC:RedirectUri}", "https://app.example/"),
        ("{OIDC:Resource}", "res"),
        ("{OIDC:scope}", "openid"),
        ("{OIDC:Username}", "ann"),
        ("{OAUTH-KV:campaign}", "Spring Sale"),
        ("{OAUTH-KV:empty}", ""),
        ("{oauth2:access_token}", "upstream"),
        ("{oauth2:token_type}", "Bearer"),
        ("{oauth2:expires_in}", "3600"),
        ("{oauth2:refresh_token}", "again"),
        ("https://x/{Culture:LanguageName}/p.html", "https://x/fr/p.html"),
        ("{OIDC:ClientId}-{OIDC:Prompt}", "app-login"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_resolver_of_the_catalogue_is_expanded(text, expected):
    assert resolved(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        "AuthnContextClassReferences",
        "NameIdPolicyFormat",
        "Issuer",
        "AllowCreate",
        "ForceAuthn",
        "ProviderName",
        "RelayState",
        "Subject",
        "Binding",
    ],
)
def test_saml_resolvers_are_known_and_have_no_value(name):
    template = compile_template(f"{{SAML:{name}}}", resolve=True)

    assert unknown_resolvers(template) == ()
    assert template.resolve(RESOLUTION) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{OAUTH-KV:absent}", None),
        ("{Claim:absent}", None),
        ("{oauth2:absent}", "{oauth2:absent}"),
        ("[{OAUTH-KV:absent}]", "[]"),
        ("{OAUTH-KV:absent}{OAUTH-KV:absent}", ""),
    ],
)
def test_a_resolver_without_a_value_is_absent_alone_and_empty_beside_text(text, expected):
    assert resolved(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"key":"tier","value":1}',
        '{"Claim":"{0}"}',
        "{tenant}",
        "{0}",
        "{service:te}",
        "{property:Event}",
        "{Settings:Name}",
        "{Context:Unknown}",
        "{Unknown:Name}",
        "{Claim:with space}",
        '{Claim:"quoted"}',
        "{Claim:}",
    ],
)
def test_text_that_is_no_known_resolver_stays_as_written(text):
    assert resolved(text) == text
    assert resolved(f"a{text}b") == f"a{text}b"


def test_without_resolving_the_text_is_one_literal():
    template = compile_template("{OIDC:ClientId}", resolve=False)

    assert template == Template(("{OIDC:ClientId}",))
    assert template.resolve(RESOLUTION) == "{OIDC:ClientId}"
    assert template.resolve_url(RESOLUTION) == "{OIDC:ClientId}"


def test_the_compiled_parts_keep_the_spelling():
    template = compile_template("a{claim:Str1}b", resolve=True)

    assert template.parts == ("a", Resolver("claim", "Str1", "{claim:Str1}"), "b")
    assert template.text == "a{claim:Str1}b"


def test_in_a_url_only_what_was_expanded_is_percent_encoded():
    template = compile_template("https://x/{OAUTH-KV:campaign}?q={OIDC:RedirectUri}", resolve=True)

    assert template.resolve_url(RESOLUTION) == "https://x/Spring%20Sale?q=https%3A%2F%2Fapp.example%2F"


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{Context:KMSI} {Context:Unknown}", ("{Context:Unknown}",)),
        ("{Cultur:LCID}", ("{Cultur:LCID}",)),
        ("{service:te} {property:A} {metric:B} {Settings:C} {tenant} {0}", ()),
        ('{"key":1}', ()),
    ],
)
def test_what_looks_like_a_resolver_and_is_none_is_reported(text, unknown):
    assert unknown_resolvers(compile_template(text, resolve=True)) == unknown


def test_a_known_resolver_in_a_literal_text_is_no_mistake():
    assert unknown_resolvers(compile_template("{OIDC:ClientId} {Oops:X}", resolve=False)) == ("{Oops:X}",)


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, "1/2/2031 12:05:09 AM"), (11, "1/2/2031 11:05:09 AM"), (23, "1/2/2031 11:05:09 PM")]
)
def test_the_time_has_twelve_hours(hour, expected):
    now = datetime(2031, 1, 2, hour, 5, 9, tzinfo=UTC)

    assert resolved("{Context:DateTimeInUtc}", replace(RESOLUTION, now=now)) == expected


def test_a_person_who_did_not_stay_signed_in_is_false():
    assert resolved("{Context:KMSI}", replace(RESOLUTION, kmsi=False)) == "false"


def test_a_culture_without_a_region_has_no_value_for_it():
    assert resolved("{Culture:RegionName}", replace(RESOLUTION, culture="x")) is None


def test_claims_and_parameters_stay_out_of_the_repr():
    assert "A-17" not in repr(RESOLUTION)
    assert "pw" not in repr(RESOLUTION)
    assert "upstream" not in repr(RESOLUTION)


RESOLVER_TEXTS = st.sampled_from(
    ["{OAUTH-KV:other}", "{Claim:secret}", "{OIDC:Password}", "{Context:CorrelationId}", "{{Claim:secret}}", "{0}"]
)


@pytest.mark.parametrize("text", ["{OIDC:Username}", "{OIDC:Password}"])
def test_an_authorization_request_cannot_bring_the_credentials_of_a_password_grant(text):
    request = replace(RESOLUTION, username=None, password=None, parameters={"username": "eve", "password": "x"})

    assert resolved(text, request) is None


def test_the_credentials_of_a_password_grant_are_not_printed():
    assert "ann" not in repr(replace(RESOLUTION, claims={}, parameters={}))
    assert "pw" not in repr(RESOLUTION)


@given(RESOLVER_TEXTS, st.text(max_size=10), st.text(max_size=10))
def test_what_a_request_brings_is_never_expanded_again(hostile, before, after):
    resolution = replace(
        RESOLUTION,
        parameters={"q": hostile, "other": "INNER"},
        password=Secret("INNER"),
        claims={"c": hostile, "secret": "INNER"},
    )

    assert resolved("{OAUTH-KV:q}", resolution) == hostile
    assert resolved("{Claim:c}", resolution) == hostile
    assert resolved("<{OAUTH-KV:q}{Claim:c}>", resolution) == f"<{hostile}{hostile}>"


@given(st.text(max_size=40))
def test_any_text_compiles_and_keeps_its_spelling(text):
    assert compile_template(text, resolve=True).text == text


@given(st.text(st.characters(exclude_characters="{}"), max_size=40))
def test_text_without_braces_resolves_to_itself(text):
    assert resolved(text) == text

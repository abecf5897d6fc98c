from __future__ import annotations

from pathlib import Path

import pytest

from journeyman.claims.claim_type import ClaimType, Sensitivity, UserInputType
from journeyman.claims.resolvers import compile_template
from journeyman.claims.values import DataType
from journeyman.compiler.compiled import ClaimMapping, DeploymentMode, Metadata, TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.compiler.spec import ProfileCheck
from journeyman.connector import advice_rules
from journeyman.connector.advice import advise
from journeyman.diagnostics import Location, Rule, Severity

TOKEN = "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"


def claim(claim_id, default=None, *, name=None, forced=False, resolve=False, **more):
    template = None if default is None else compile_template(default, resolve=resolve)
    return ClaimMapping(
        ClaimType(claim_id, DataType.STRING, **more), name or claim_id, default=template, always_use_default=forced
    )


def advice(*inputs, production=False, mapped=(), **metadata):
    """Return code -> message of what is said about a profile."""
    items = {"ServiceUrl": "https://api.contoso.com/a", "AuthenticationType": "Basic"} | metadata
    profile = TechnicalProfile(
        "REST-A", Location("policy.xml", 7, 3), RESTFUL, metadata=Metadata(items), input_claims=inputs
    )
    check = ProfileCheck(
        policy_id="B2C_1A_SignUp",
        tenant_id="contoso.onmicrosoft.com",
        profile=profile,
        deployment_mode=DeploymentMode.PRODUCTION,
        production=production,
        keys=None,
        place=lambda name: Location("policy.xml", 9, len(name)),
        engine_production=production,
    )
    found = list(advise(check, mapped))
    assert {one.severity for one in found} <= {Severity.WARNING}
    return {one.code: one.message for one in found}


def test_an_ordinary_profile_gets_no_advice():
    assert advice(claim("email", sensitivity=Sensitivity.PERSONAL), claim("lang", "{Culture:LCID}")) == {}


@pytest.mark.parametrize(
    ("query", "names"), [("code=abc", "'code'"), ("a=1&sig=x&api-key=y", "'sig', 'api-key'"), ("%24select=id", None)]
)
def test_a_secret_in_the_query_is_told_and_not_repeated(query, names):
    found = advice(ServiceUrl=f"https://api.contoso.com/a?{query}")

    assert found == (
        {} if names is None else {"JM1560": f"ServiceUrl of profile 'REST-A' holds a secret in its query: {names}."}
    )


def test_a_placeholder_in_the_query_is_no_secret():
    assert advice(ServiceUrl="https://api.contoso.com/a?code={claim1}&token=", SendClaimsIn="Url") == {}


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (claim("x", "s3cret", name="api_key"), True),
        (claim("client_secret", "s3cret"), True),
        (claim("client_secret", "{Claim:x}", resolve=True), False),
        (claim("client_secret", ""), False),
        (claim("client_secret"), False),
        (claim("email", "a@contoso.com"), False),
    ],
)
def test_a_secret_that_stands_in_the_policy_is_told_and_not_repeated(mapping, told):
    found = advice(mapping)

    assert set(found) == ({"JM1561"} if told else set())
    assert "s3cret" not in repr(found)


# --- token endpoints -----------------------------------------------------------------------------

GRANT = claim("grant_type", "client_credentials", forced=True)
SCOPE = claim("scope", "https://graph.microsoft.com/.default", forced=True)


def test_the_documented_way_to_acquire_a_token_gets_no_advice():
    assert advice(GRANT, SCOPE, ServiceUrl=TOKEN, SendClaimsIn="Form") == {}


@pytest.mark.parametrize(
    ("code", "words", "inputs", "metadata"),
    [
        ("JM1562", "with SendClaimsIn Body", (GRANT, SCOPE), {"SendClaimsIn": "Body"}),
        ("JM1563", "does not end with /.default", (GRANT, claim("scope", "User.Read", forced=True)), {}),
        ("JM1563", "is percent-encoded", (GRANT, claim("scope", "https%3A%2F%2Fx%2F.default", forced=True)), {}),
        ("JM1564", "at 'common'", (GRANT, SCOPE), {"ServiceUrl": TOKEN.replace("contoso.onmicrosoft.com", "common")}),
        ("JM1565", "'grant_type'", (claim("grant_type", "client_credentials"), SCOPE), {}),
    ],
)
def test_what_a_token_endpoint_would_refuse_is_told(code, words, inputs, metadata):
    found = advice(*inputs, **{"ServiceUrl": TOKEN, "SendClaimsIn": "Form"} | metadata)

    assert set(found) == {code}
    assert words in found[code]


def test_a_token_endpoint_of_version_1_asks_for_a_resource_and_no_scope():
    url = TOKEN.replace("/v2.0", "")

    assert advice(GRANT, ServiceUrl=url, SendClaimsIn="Form") == {}


def test_another_token_endpoint_has_its_own_scopes_and_tenants():
    scope = claim("scope", "read", forced=True)

    assert advice(GRANT, scope, ServiceUrl="https://login.contoso.com/common/v2.0/token", SendClaimsIn="Form") == {}


# --- claims --------------------------------------------------------------------------------------

PASSWORD = claim("password", user_input_type=UserInputType.PASSWORD, sensitivity=Sensitivity.SECRET)


@pytest.mark.parametrize(
    ("metadata", "how"),
    [
        ({"AuthenticationType": "None"}, "to an API that is called without any credential"),
        ({"ServiceUrl": "http://api.contoso.com/a"}, "over plain http"),
        ({"SendClaimsIn": "QueryString"}, "in the URL"),
        ({}, None),
        ({"AuthenticationType": "None", "ServiceUrl": "https://login.contoso.com/token", "SendClaimsIn": "Form"}, None),
    ],
)
def test_a_password_that_is_sent_openly_is_told(metadata, how):
    message = advice(PASSWORD, **metadata).get("JM1566")

    assert message == (None if how is None else f"Profile 'REST-A' sends the password in 'password' {how}.")


@pytest.mark.parametrize("mode", ["Url", "QueryString"])
def test_claims_about_a_person_in_the_url_are_named(mode):
    email, plan = claim("email", sensitivity=Sensitivity.PERSONAL), claim("plan")
    token = claim("token", sensitivity=Sensitivity.SECRET)
    found = advice(email, plan, token, SendClaimsIn=mode, AuthenticationType="Bearer", UseClaimAsBearerToken="token")

    assert found == {"JM1567": "Profile 'REST-A' sends 'email' in the URL, and URLs are logged on the way."}


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("your-api.azurewebsites.net", True),
        ("yourtenant.b2clogin.com", True),
        ("a1b2.ngrok-free.app", True),
        ("webhook.site", True),
        ("contoso.azurewebsites.net", False),
        ("yours.contoso.com", False),
    ],
)
def test_a_host_that_is_none_of_production_is_told_there(host, told):
    url = f"https://{host}/a"

    assert set(advice(ServiceUrl=url, production=True)) == ({"JM1568"} if told else set())
    assert advice(ServiceUrl=url) == {}
    assert advice(ServiceUrl=url, production=True, mapped={f"https://{host}"}) == {}


def test_a_url_that_cannot_be_read_is_left_to_the_check_of_its_form():
    assert advice(ServiceUrl="https://api.contoso.com:port/a") == {}


def test_codes_are_unique_in_the_whole_source():
    numbers = [rule.code for rule in vars(advice_rules).values() if isinstance(rule, Rule)]
    source = "".join(path.read_text() for path in Path(advice_rules.__file__).parent.parent.rglob("*.py"))

    assert {code: source.count(f'code="{code}"') for code in numbers} == dict.fromkeys(numbers, 1)

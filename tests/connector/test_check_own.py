from __future__ import annotations

from pathlib import Path

import pytest

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.resolvers import compile_template
from journeyman.claims.values import DataType
from journeyman.compiler.compiled import ClaimMapping, DeploymentMode, Metadata, TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.compiler.spec import KeyInfo, ProfileCheck
from journeyman.connector import own_rules
from journeyman.connector.check import RestChecks
from journeyman.diagnostics import Location, Rule
from journeyman.settings import BearerSettings, ClientAuthentication, OpenApis, ProfileSettings

SECRET = KeyInfo("B2C_1A_Secret", "oct", has_private_key=False, has_certificate=False, has_active_key=True)
PFX = KeyInfo("B2C_1A_Pfx", "RSA", has_private_key=True, has_certificate=True, has_active_key=True)
PAIR = KeyInfo("B2C_1A_Pair", "RSA", has_private_key=True, has_certificate=False, has_active_key=True)
STORED = {info.id.lower(): info for info in (SECRET, PFX, PAIR)}
URL = "https://login.example/token"


def mapping(claim_id, name=None, **more):
    return ClaimMapping(ClaimType(claim_id, DataType.STRING), name or claim_id, **more)


def constant(text, *, resolve=False):
    return {"default": compile_template(text, resolve=resolve), "always_use_default": True}


def found(
    settings=None, *, open_apis=OpenApis.DECLARED, production=True, inputs=(), stored=STORED, keys=None, **metadata
):
    """Check a profile whose settings, metadata and input claims are given; return code, severity and message."""
    items = {"ServiceUrl": "https://api.example/a", "AuthenticationType": "Bearer"} | metadata
    profile = TechnicalProfile(
        id="REST-Loyalty",
        location=Location("policy.xml", 7, 3),
        handler=RESTFUL,
        metadata=Metadata(items),
        keys={"BearerAuthenticationToken": "B2C_1A_Secret"} if keys is None else keys,
        input_claims=tuple(inputs),
    )
    check = ProfileCheck(
        policy_id="B2C_1A_SignUp",
        tenant_id="contoso.onmicrosoft.com",
        profile=profile,
        deployment_mode=DeploymentMode.PRODUCTION,
        production=production,
        keys=stored,
        place=lambda name: Location("policy.xml", 9, len(name)),
        engine_production=production,
    )
    checks = RestChecks({"rest-loyalty": settings} if settings else {}, open_apis)
    return [(one.code, one.severity.value, one.message) for one in checks(check)]


def codes(*arguments, **more):
    return [(code, severity) for code, severity, _ in found(*arguments, **more)]


def bearer(key="B2C_1A_Secret", method=ClientAuthentication.CLIENT_SECRET_BASIC, url=URL):
    return ProfileSettings(bearer=BearerSettings(url, "engine", key, method))


# --- managed bearer ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Bearer", "None"])
def test_a_managed_bearer_needs_no_key_no_claim_and_no_permission_in_the_policy(kind):
    assert found(bearer(), keys={}, AuthenticationType=kind) == []
    assert found(keys={}, AuthenticationType=kind) != []


def test_a_credential_that_a_managed_bearer_replaces_is_told():
    assert codes(bearer(), AuthenticationType="ClientCertificate", keys={}) == [("JM1164", "warning")]


@pytest.mark.parametrize(("production", "severity"), [(True, "error"), (False, "warning")])
def test_a_key_that_does_not_exist_is_named(production, severity):
    ((code, how, message),) = found(bearer("B2C_1A_Nowhere"), production=production)

    assert (code, how) == ("JM1460", severity)
    assert "'B2C_1A_Nowhere', which does not exist" in message
    assert found(bearer("B2C_1A_Nowhere"), stored=None) == []


@pytest.mark.parametrize(
    ("key", "method", "fits"),
    [
        ("b2c_1a_secret", ClientAuthentication.CLIENT_SECRET_POST, True),
        ("B2C_1A_Pfx", ClientAuthentication.CLIENT_SECRET_BASIC, False),
        ("B2C_1A_Pair", ClientAuthentication.PRIVATE_KEY_JWT, True),
        ("B2C_1A_Secret", ClientAuthentication.PRIVATE_KEY_JWT, False),
        ("B2C_1A_Pfx", ClientAuthentication.TLS_CLIENT_AUTH, True),
        ("B2C_1A_Pair", ClientAuthentication.TLS_CLIENT_AUTH, False),
    ],
)
def test_a_key_of_the_wrong_kind_is_an_error(key, method, fits):
    assert codes(bearer(key, method)) == ([] if fits else [("JM1162", "error")])


def test_a_secret_does_not_travel_over_plain_http_in_production():
    assert codes(bearer(url="http://login.example/token")) == [("JM1163", "error")]
    assert codes(bearer(url="http://login.example/token"), production=False) == []


# --- cache_token ---------------------------------------------------------------------------------


def test_a_token_is_kept_only_when_every_input_is_the_same_for_everybody():
    keep = ProfileSettings(cache_token=True)
    inputs = (mapping("grant_type", **constant("client_credentials")), mapping("scope", **constant("{x}")))

    assert found(keep, inputs=inputs) == []


@pytest.mark.parametrize(
    "more", [{}, {"default": compile_template("x", resolve=False)}, constant("{Context:CorrelationId}", resolve=True)]
)
def test_an_input_that_may_hold_something_of_a_person_is_an_error(more):
    ((code, severity, message),) = found(ProfileSettings(cache_token=True), inputs=(mapping("email", **more),))

    assert (code, severity) == ("JM1165", "error")
    assert "its input claim 'email' may hold something of a person" in message


# --- open APIs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_apis", "allowed", "expected"),
    [
        (OpenApis.DECLARED, "false", [("JM1409", "error")]),
        (OpenApis.DECLARED, "true", [("JM1425", "warning")]),
        (OpenApis.WARN, "false", [("JM1409", "warning")]),
        (OpenApis.WARN, "true", [("JM1425", "warning")]),
        (OpenApis.REFUSE, "true", [("JM1465", "error")]),
        (OpenApis.REFUSE, "false", [("JM1465", "error")]),
    ],
)
def test_open_apis_decides_what_becomes_of_a_profile_without_credential(open_apis, allowed, expected):
    more = {"AuthenticationType": "None", "AllowInsecureAuthInProduction": allowed}

    assert codes(open_apis=open_apis, keys={}, **more) == expected


# --- metadata of ours ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "code", "words"),
    [
        ({"JourneymanHttpMethod": "TRACE"}, "JM1466", "cannot be 'TRACE': it is not known"),
        ({"JourneymanHttpMethod": "GET"}, "JM1466", "a GET has no body, and SendClaimsIn is Body"),
        ({"JourneymanHeaderClaims": "nowhere"}, "JM1467", "names 'nowhere', which is not an input claim"),
        (
            {"JourneymanHeaderClaims": "email", "ClaimUsedForRequestPayload": "email"},
            "JM1467",
            "is the whole body by ClaimUsedForRequestPayload",
        ),
        ({"JourneymanHeaderClaims": "bad"}, "JM1417", "cannot be sent in the header 'Host'"),
        ({"JourneymanTimeoutSeconds": "soon"}, "JM1468", "is not a number from 0.001 to 600"),
        ({"HttpMethod": "PUT"}, "JM1469", "'HttpMethod' has no effect"),
        ({"Content-Type": "text/plain"}, "JM1469", "'Content-Type' has no effect"),
    ],
)
def test_wrong_metadata_of_ours_is_told(metadata, code, words):
    ((found_code, _, message),) = found(inputs=(mapping("email"), mapping("bad", "Host")), **metadata)

    assert found_code == code
    assert words in message


def test_good_metadata_of_ours_is_fine():
    more = {"JourneymanHttpMethod": "put", "JourneymanHeaderClaims": "EMAIL", "JourneymanTimeoutSeconds": "2.5"}

    assert found(inputs=(mapping("email", "X-Email"),), **more) == []


def test_codes_are_unique_in_the_whole_source():
    numbers = [rule.code for rule in vars(own_rules).values() if isinstance(rule, Rule)]
    source = "".join(path.read_text() for path in Path(own_rules.__file__).parent.parent.rglob("*.py"))

    assert {code: source.count(f'code="{code}"') for code in numbers} == dict.fromkeys(numbers, 1)

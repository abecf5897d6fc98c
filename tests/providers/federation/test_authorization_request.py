from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import DataType
from journeyman.compiler.compiled import ClaimMapping
from journeyman.errors import ServiceError
from journeyman.providers.federation.authorization_request import authorization_url, code_challenge
from journeyman.providers.federation.configuration import pairs

CONFIGURATION = SimpleNamespace(
    client_id="client",
    client_id_name="client_id",
    client_secret_name="client_secret",
    redirect_uri="https://us.example/t/oauth2/authresp",
    response_types=("code",),
    response_mode="form_post",
    scope="openid email",
    extra={"prompt": "login", "state": "chosen", "redirect_uri": "https://evil.example"},
)


def mapping(name):
    return ClaimMapping(ClaimType(id=name, data_type=DataType.STRING), name)


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_request_has_what_the_policy_says_and_what_this_request_has():
    url = authorization_url(CONFIGURATION, "https://idp.example/auth?tenant=1", [], {"nonce": "n"})

    assert url.startswith("https://idp.example/auth?tenant=1&")
    assert query_of(url) == {
        "tenant": "1",
        "prompt": "login",
        "client_id": "client",
        "redirect_uri": "https://us.example/t/oauth2/authresp",
        "response_type": "code",
        "scope": "openid email",
        "response_mode": "form_post",
        "nonce": "n",
    }


@pytest.mark.parametrize("name", ["redirect_uri", "STATE", "client_id", "nonce", "response_type", "request_uri"])
def test_a_claim_cannot_replace_what_keeps_the_exchange_safe(name):
    url = authorization_url(CONFIGURATION, "https://idp.example/auth", [(mapping(name), "evil")], {"nonce": "n"})

    assert "evil" not in url


def test_a_claim_is_a_parameter_and_cannot_break_out_of_its_place():
    url = authorization_url(CONFIGURATION, "https://idp.example/auth", [(mapping("login_hint"), "a&state=b#c d")], {})

    assert query_of(url)["login_hint"] == "a&state=b#c d"


@pytest.mark.parametrize("endpoint", ["", "javascript:alert(1)", "ftp://idp.example/", "/auth", "https:///x"])
def test_an_endpoint_that_is_no_web_address_is_refused(endpoint):
    with pytest.raises(ServiceError, match="not a web address"):
        authorization_url(CONFIGURATION, endpoint, [], {})


def test_the_challenge_is_that_of_the_standard():
    """RFC 7636, appendix B."""
    assert (
        code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_additional_parameters_are_a_list_with_commas():
    assert pairs("a=1, b = x=y ,") == {"a": "1", "b": "x=y"}

"""Tokens: what binds them together, and keys that cannot sign."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.errors import ServiceError
from journeyman.keys.creation import generate_rsa
from journeyman.web.oidc.grants import Grant, load_grant
from journeyman.web.oidc.tokens import client_info, half_hash, sign

WEB = "11111111-0000-4000-8000-000000000001"


def grant(**changed):
    return Grant(
        **{
            "client_id": WEB, "policy_id": "B2C_1A_Silent", "redirect_uri": "https://a", "scopes": ("openid",),
            "claims": {}, "subject": None, "user_id": None, "auth_time": 1, "issued_at": 1, "family": "f",
            "issuer_profile": "JwtIssuer", **changed,
        }
    )  # fmt: skip


def test_the_half_hash_is_that_of_the_specification():
    # OpenID Connect Core 1.0, appendix A.3 and A.4.
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert half_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk") == "LDktKdoQak3Pk0cnXxCltA"


async def test_hashes_bind_what_is_sent_beside_the_id_token(site, http, claims_of):
    scope = "openid https://contoso.onmicrosoft.com/api/read"
    sent = (
        await site.authorize(http, response_type="code id_token token", scope=scope, nonce="n", client_info="1")
    ).parameters
    claims = claims_of(sent["id_token"])

    assert (claims["c_hash"], claims["at_hash"]) == (half_hash(sent["code"]), half_hash(sent["access_token"]))
    assert (sent["token_type"], sent["expires_in"], set(sent["scope"].split())) == (
        "Bearer",
        "3600",
        set(scope.split()),
    )
    assert claims_of(f".{sent['client_info']}")["uid"].endswith("-b2c_1a_silent")


@pytest.mark.parametrize(
    ("changed", "user"),
    [
        ({"claims": {"oid": "o"}, "user_id": "u", "subject": "s"}, "o"),
        ({"user_id": "u", "subject": "s"}, "u"),
        ({"subject": "s"}, "s"),
        ({}, ""),
    ],
)
def test_an_account_is_named_by_the_best_that_is_known(claims_of, changed, user):
    assert claims_of("." + client_info(grant(**changed), tenant_id="t")) == {
        "uid": f"{user}-b2c_1a_silent",
        "utid": "t",
    }


def test_a_grant_is_read_as_it_was_written():
    written = grant(scopes=("openid", "x"), claims={"a": [1, "ü"]}, nonce="n", public=True)

    assert load_grant(written.to_bytes()) == written


async def test_a_key_without_its_private_part_is_an_error_of_the_service():
    key = await asyncio.to_thread(generate_rsa, use="sig", now=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ServiceError, match="has no private key") as caught:
        sign(replace(key, private_key=None), {})

    assert caught.value.service_code == "AADB2C90178"

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.claims.values import UserIdentity
from journeyman.directory.read import read
from journeyman.directory.user import EMAIL_ADDRESS, FEDERATED, Identity, User, local_identity

MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ADA = User(
    "11111111-0000-0000-0000-000000000001",
    MADE,
    attributes={
        "city": "Bern",
        "othermails": ("a@b",),
        "agegroup": "Minor",
        "consentprovidedforminor": "Granted",
        "extension_22222222222233334444555555555555_loyalty": 7,
    },
    identities=(local_identity(EMAIL_ADDRESS, "Ada@example.org"), Identity(FEDERATED, "idp.example", "dS03Nw==")),
    principal_name="ada@contoso.onmicrosoft.com",
    password_hash="$argon2id$canary",
    password_policies=("DisablePasswordExpiration", "DisableStrongPassword"),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("objectId", "11111111-0000-0000-0000-000000000001"),
        ("userPrincipalName", "ada@contoso.onmicrosoft.com"),
        ("signInNames.emailAddress", "Ada@example.org"),
        ("signInNames.userName", None),
        ("signInNames.federated", None),
        ("alternativeSecurityId", '{"issuer":"idp.example","issuerUserId":"dS03Nw=="}'),
        ("userIdentities", (UserIdentity("idp.example", "dS03Nw=="),)),
        ("CITY", "Bern"),
        ("otherMails", ("a@b",)),
        ("extension_Loyalty", 7),
        ("passwordPolicies", "DisablePasswordExpiration, DisableStrongPassword"),
        ("accountEnabled", True),
        ("passwordProfile.forceChangePasswordNextLogin", False),
        ("createdDateTime", MADE),
        ("refreshTokensValidFromDateTime", MADE),
        ("creationType", "LocalAccount"),
        ("userType", "Member"),
        ("legalAgeGroupClassification", "minorWithParentalConsent"),
        ("state", None),
        ("nope", None),
        ("password", None),
        ("signInNames", None),
    ],
)
def test_an_attribute_is_read_as_documented(name, value):
    assert read(ADA, name, extensions_app="22222222-2222-3333-4444-555555555555") == value


def test_an_account_without_federated_identities_gives_none():
    plain = User("id", MADE)

    for name in (
        "alternativeSecurityId",
        "alternativeSecurityIds",
        "userIdentities",
        "userPrincipalName",
        "creationType",
    ):
        assert read(plain, name) is None

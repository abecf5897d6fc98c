from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.claims.values import UserIdentity
from journeyman.directory.errors import AttributeValueError
from journeyman.directory.persist import check_new, forget, persist
from journeyman.directory.user import EMAIL_ADDRESS, FEDERATED, USER_NAME, Identity, User, local_identity

EMPTY = User("", datetime(1970, 1, 1, tzinfo=UTC))
EMAIL = local_identity(EMAIL_ADDRESS, "ada@example.org")
FACEBOOK = Identity(FEDERATED, "facebook.com", "dS03Nw==")


def test_claims_of_a_local_sign_up_become_an_account():
    user = persist(
        EMPTY,
        {
            "signInNames.emailAddress": "ada@example.org",
            "password": "Canary-Passw0rd",
            "displayName": "unknown",
            "passwordPolicies": "DisablePasswordExpiration, DisableStrongPassword",
            "surName": "Lovelace",
            "extension_Loyalty": 7,
            "passwordProfile.forceChangePasswordNextLogin": True,
        },
        extensions_app="22222222-2222-3333-4444-555555555555",
    )

    assert user.identities == (EMAIL,)
    assert user.password_policies == ("DisablePasswordExpiration", "DisableStrongPassword")
    assert user.must_change_password is True
    assert user.password_hash is None
    assert user.attributes == {
        "displayname": "unknown",
        "surname": "Lovelace",
        "extension_22222222222233334444555555555555_loyalty": 7,
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"issuer":"facebook.com","issuerUserId":"dS03Nw=="}',
        '{"type":6,"identityProvider":"facebook.com","key":"dS03Nw=="}',
        UserIdentity("facebook.com", "dS03Nw=="),
    ],
)
def test_an_alternative_security_id_becomes_a_federated_identity(text):
    assert persist(EMPTY, {"alternativeSecurityId": text}).identities == (FACEBOOK,)


@pytest.mark.parametrize("text", ["x", "{}", '{"issuer":"","issuerUserId":"x"}', "[1]", '{"issuer":"x"}'])
def test_what_is_no_federated_identity_is_refused(text):
    with pytest.raises(AttributeValueError):
        persist(EMPTY, {"alternativeSecurityId": text})


def test_one_kind_of_sign_in_name_removes_the_others_and_keeps_federated_ones():
    user = replace(EMPTY, identities=(EMAIL, FACEBOOK))
    changed = persist(user, {"signInNames.userName": "ada"})

    assert changed.identities == (local_identity(USER_NAME, "ada"), FACEBOOK)


def test_a_federated_identity_replaces_only_the_one_of_its_issuer():
    google = UserIdentity("google.com", "MQ==")
    user = replace(EMPTY, identities=(EMAIL, FACEBOOK))
    linked = persist(user, {"alternativeSecurityId": google})
    moved = persist(linked, {"alternativeSecurityId": UserIdentity("Facebook.com", "Mg==")})

    assert linked.identities == (EMAIL, FACEBOOK, Identity(FEDERATED, "google.com", "MQ=="))
    assert [identity.value for identity in moved.identities] == ["ada@example.org", "MQ==", "Mg=="]


@pytest.mark.parametrize("name", ["userIdentities", "alternativeSecurityIds"])
def test_a_collection_replaces_all_federated_identities(name):
    user = replace(EMPTY, identities=(EMAIL, FACEBOOK))

    assert persist(user, {name: (UserIdentity("google.com", "MQ=="),)}).identities[1].issuer == "google.com"
    assert persist(user, {name: ()}).identities == (EMAIL,)


def test_an_absent_claim_leaves_and_an_empty_text_clears():
    user = persist(EMPTY, {"city": "Bern", "state": "BE"})

    assert persist(user, {"city": ""}).attributes == {"state": "BE"}


def test_the_principal_name_is_set_once():
    user = persist(EMPTY, {"userPrincipalName": "cpim_1@contoso.onmicrosoft.com"})

    assert persist(user, {"userPrincipalName": "other@x"}).principal_name == "cpim_1@contoso.onmicrosoft.com"


@pytest.mark.parametrize("name", ["createdDateTime", "signInNames", "newClaimsPrincipalCreated", "nope"])
def test_what_cannot_be_written_is_an_error_that_names_it(name):
    with pytest.raises(AttributeValueError, match=name):
        persist(EMPTY, {name: "x"})


def test_a_user_has_at_most_ten_identities_and_a_hundred_extensions():
    identities = tuple(UserIdentity(f"idp{number}", "MQ==") for number in range(11))
    with pytest.raises(AttributeValueError, match="10 identities"):
        persist(EMPTY, {"userIdentities": identities})
    with pytest.raises(AttributeValueError, match="100 extension"):
        persist(EMPTY, {f"extension_x{number}": 1 for number in range(101)})


def test_a_blank_sign_in_name_is_refused():
    with pytest.raises(AttributeValueError, match="blank"):
        persist(EMPTY, {"signInNames.userName": "  "})


def test_forgotten_claims_are_gone_but_the_keys_stay():
    user = persist(EMPTY, {"city": "Bern", "signInNames.userName": "ada", "userPrincipalName": "a@b", "mobile": "1"})
    user = replace(user, object_id="id", password_hash="h", identities=(*user.identities, EMAIL, FACEBOOK))
    left = forget(user, ["city", "signInNames.userName", "userPrincipalName", "objectId", "password"])

    assert left.attributes == {"mobile": "1"}
    assert left.identities == (EMAIL, FACEBOOK)
    assert (left.object_id, left.principal_name, left.password_hash) == ("id", "a@b", None)
    assert forget(user, ["alternativeSecurityIds"]).identities == user.identities[:2]
    assert forget(replace(user, password_policies=("x",)), ["passwordPolicies"]).password_policies == ()


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"attributes": {}}, "displayName"),
        ({"identities": ()}, "sign-in name"),
        ({"password_hash": None}, "password"),
    ],
)
def test_a_new_account_needs_a_name_an_identity_and_when_local_a_password(change, missing):
    good = replace(EMPTY, attributes={"displayname": "Ada"}, identities=(EMAIL,), password_hash="h")
    check_new(good)
    check_new(replace(good, identities=(FACEBOOK,), password_hash=None))

    with pytest.raises(AttributeValueError, match=missing):
        check_new(replace(good, **change))

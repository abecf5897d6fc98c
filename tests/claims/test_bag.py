from datetime import date

import pytest

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import ConversionError, DataType

TYPES = {
    "email": ClaimType("email"),
    "birthday": ClaimType("birthday", DataType.DATE),
    "roles": ClaimType("roles", DataType.STRING_COLLECTION),
}


def bag() -> ClaimsBag:
    return ClaimsBag({"email": "ann@contoso.example", "birthday": date(2001, 2, 3), "roles": ("reader",)})


def test_a_bag_is_a_mapping_of_its_claims():
    claims = bag()
    claims["email"] = "bo@contoso.example"
    del claims["roles"]

    assert dict(claims) == {"email": "bo@contoso.example", "birthday": date(2001, 2, 3)}
    assert len(claims) == 2
    assert "email" in claims
    assert "roles" not in claims
    assert claims.get("roles") is None
    assert claims.get("roles", ()) == ()


def test_null_and_absent_are_the_same():
    claims = bag()
    claims.set("email", None)
    claims.set("birthday", date(2002, 2, 3))
    claims.remove("roles")
    claims.remove("roles")

    assert dict(claims) == {"birthday": date(2002, 2, 3)}


def test_a_copy_does_not_share_its_claims():
    claims = bag()
    claims.copy().set("email", "other@contoso.example")

    assert claims["email"] == "ann@contoso.example"


def test_an_overlay_writes_and_removes_in_a_copy():
    claims = bag()
    scope = claims.overlay({"email": None, "roles": ("writer",)})

    assert dict(scope) == {"birthday": date(2001, 2, 3), "roles": ("writer",)}
    assert claims == bag()


def test_json_gives_back_the_same_claims():
    stored = bag().to_json()

    assert stored == {"email": "ann@contoso.example", "birthday": "2001-02-03", "roles": ["reader"]}
    assert ClaimsBag.from_json(stored, TYPES) == bag()


def test_a_claim_that_is_no_longer_declared_is_left_out():
    assert dict(ClaimsBag.from_json({"email": "a", "gone": "b"}, TYPES)) == {"email": "a"}


def test_a_claim_that_has_another_type_by_now_is_an_error():
    with pytest.raises(ConversionError):
        ClaimsBag.from_json({"birthday": "tomorrow"}, TYPES)


def test_the_repr_shows_names_and_no_values():
    assert repr(bag()) == "ClaimsBag(email, birthday, roles)"

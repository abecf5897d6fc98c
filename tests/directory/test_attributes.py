from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from journeyman.claims.values import UserIdentity
from journeyman.directory.attributes import find_attribute, own_name, stored_name, stored_value
from journeyman.directory.errors import AttributeValueError


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("surName", "surname"), ("SURNAME", "surname"), ("objectid", "objectId"), (" otherMails ", "otherMails")],
)
def test_names_are_matched_without_regard_to_case(spelling, name):
    assert find_attribute(spelling).name == name


@pytest.mark.parametrize("name", ["", "nope", "signInNames.", "extension_", "extension_a b", "strongAuthentication"])
def test_an_unknown_name_is_none(name):
    assert find_attribute(name) is None


@pytest.mark.parametrize(
    ("name", "key", "persisted", "output"),
    [
        ("objectId", True, True, True),
        ("signInNames", True, False, False),
        ("signInNames.oidToLink", True, True, True),
        ("alternativeSecurityId", True, True, True),
        ("alternativeSecurityIds", False, True, True),
        ("password", False, True, False),
        ("createdDateTime", False, False, True),
        ("newClaimsPrincipalCreated", False, False, True),
        ("extension_LoyaltyNumber", False, True, True),
    ],
)
def test_the_table_says_who_may_read_write_and_search(name, key, persisted, output):
    attribute = find_attribute(name)

    assert (attribute.key, attribute.persisted, attribute.output) == (key, persisted, output)


@pytest.mark.parametrize(
    ("name", "length"),
    [("city", 128), ("displayName", 256), ("givenName", 64), ("postalCode", 40), ("streetAddress", 1024),
     ("mobile", 64), ("extension_x", 256)],
)  # fmt: skip
def test_a_text_may_be_as_long_as_documented_and_no_longer(name, length):
    attribute = find_attribute(name)

    assert stored_value(attribute, "x" * length) == "x" * length
    with pytest.raises(AttributeValueError) as caught:
        stored_value(attribute, "y" * (length + 1))
    assert "yy" not in str(caught.value)


def test_a_display_name_holds_no_angle_brackets():
    with pytest.raises(AttributeValueError, match="displayName"):
        stored_value(find_attribute("displayName"), "<b>Ada</b>")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, True),
        (7, 7),
        ("gold", "gold"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.0000000Z"),
    ],
)
def test_an_extension_keeps_text_number_boolean_and_date(value, kept):
    assert stored_value(find_attribute("extension_x"), value) == kept


def test_an_extension_keeps_no_identity():
    with pytest.raises(AttributeValueError, match="extension_x"):
        stored_value(find_attribute("extension_x"), UserIdentity("idp.example", "dS03Nw=="))


def test_a_value_of_another_type_is_refused_without_being_quoted():
    with pytest.raises(AttributeValueError) as caught:
        stored_value(find_attribute("accountEnabled"), "canary")

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("City", "city"),
        ("extension_LoyaltyNumber", "extension_22222222222233334444555555555555_loyaltynumber"),
        ("extension_abcdefabcdefabcdefabcdefabcdefab_X", "extension_abcdefabcdefabcdefabcdefabcdefab_x"),
    ],
)
def test_an_extension_is_stored_under_the_client_id_without_dashes(name, stored):
    assert stored_name(name, extensions_app="22222222-2222-3333-4444-555555555555") == stored


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("extension_11112222333344445555666677778888_Loyalty", "extension_00000000000000000000000000000000_Loyalty"),
        ("EXTENSION_11112222333344445555666677778888_x", "extension_00000000000000000000000000000000_x"),
        ("extension_99992222333344445555666677778888_x", "extension_99992222333344445555666677778888_x"),
        ("extension_Loyalty", "extension_Loyalty"),
        ("city", "city"),
    ],
)
def test_the_tenants_own_application_has_one_spelling_in_the_store(name, own):
    assert own_name(name, "11112222-3333-4444-5555-666677778888") == own

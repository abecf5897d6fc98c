from __future__ import annotations

import pytest
from tests.policy.user_flow.conftest import TENANT

from journeyman.policy.user_flow.attributes import attribute_table, claim_of, find
from journeyman.settings.identity import UserAttribute


@pytest.mark.parametrize(
    ("attribute", "token"),
    [
        # pages.md §13.3
        ("city", "city"), ("Country", "country"), ("displayName", "name"), ("GivenName", "given_name"),
        ("surname", "family_name"), ("jobTitle", "jobTitle"), ("State", "state"), ("streetAddress", "streetAddress"),
        ("PostalCode", "postalCode"), ("email", "emails"), ("emails", "emails"), ("objectId", "oid"),
        ("newUser", "newUser"), ("identityProvider", "idp"), ("identityProviderAccessToken", "idp_access_token"),
        ("extension_Tier", "extension_Tier"),
    ],
)  # fmt: skip
def test_the_names_of_attributes_in_tokens(attribute, token):
    found = find(attribute_table(TENANT.user_attributes), attribute)

    assert found is not None
    assert found.token == token


@pytest.mark.parametrize("id", ["extension_tier", f"extension_{'a' * 32}_Tier", f"Extension_{'b' * 32}_TIER"])
def test_a_custom_attribute_is_found_with_and_without_the_client_id(id):
    found = find(attribute_table(TENANT.user_attributes), id)

    assert found is not None
    assert (found.claim, found.custom) == ("extension_Tier", True)


def test_a_built_in_attribute_of_the_management_api_changes_nothing():
    table = attribute_table([UserAttribute("city", "Mine", custom=False), UserAttribute("extension_city", "Town")])

    assert (table["city"].label, table["extension_city"].label) == ("City", "Town")


@pytest.mark.parametrize(("id", "claim"), [(" city ", "city"), ("extension_", "extension_"), ("x_Tier", "x_Tier")])
def test_any_other_id_is_its_claim(id, claim):
    assert claim_of(id) == claim

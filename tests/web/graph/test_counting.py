"""``$count`` beside every collection."""

import pytest

from journeyman.web.graph.areas import all_routes

pytestmark = pytest.mark.asyncio(loop_scope="session")
PLACES = (
    "domains",
    "organization",
    "users",
    "applications",
    "servicePrincipals",
    "oauth2PermissionGrants",
    "identity/apiConnectors",
    "identity/b2cUserFlows",
    "identity/userFlowAttributes",
    "identity/identityProviders",
    "trustFramework/keySets",
    "trustFramework/policies",
)


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_the_number_of_what_the_collection_lists(shared_api, place):
    listed = (await shared_api("GET", f"{place}?$top=999")).json["value"]
    reply = await shared_api("GET", f"{place}/$count")

    assert (reply.status, reply.text) == (200, str(len(listed)))
    assert reply.headers["Content-Type"].startswith("text/plain")


async def test_a_filter_counts(shared_api):
    everything = await shared_api("GET", "identity/userFlowAttributes/$count")
    one = await shared_api("GET", "identity/userFlowAttributes/$count?$filter=displayName%20eq%20'City'")

    assert int(everything.text) > 5
    assert one.text == "1"


async def test_options_of_pages_change_nothing(shared_api):
    plain = await shared_api("GET", "identity/userFlowAttributes/$count")
    paged = await shared_api("GET", "identity/userFlowAttributes/$count?$top=1&$skip=3")

    assert paged.text == plain.text


async def test_the_object_of_a_collection_must_exist(shared_api):
    reply = await shared_api("GET", "identity/b2cUserFlows/B2C_1_Nowhere/userAttributeAssignments/$count")

    assert reply.status == 404


async def test_every_collection_has_one_and_functions_have_none(shared_site):
    patterns = {route.pattern for route in all_routes(shared_site.engine) if route.pattern.endswith("/$count")}

    assert "identity/b2cUserFlows/{id}/userAttributeAssignments/$count" in patterns
    assert "trustFramework/keySets/{id}/keys_v2/$count" in patterns
    assert not [pattern for pattern in patterns if "()" in pattern or "$ref" in pattern]

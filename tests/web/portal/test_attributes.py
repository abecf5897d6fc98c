"""The pages of user attributes over HTTP."""

from __future__ import annotations

import pytest

from journeyman.management.caller import Right
from journeyman.web.portal.attributes import attributes_area

BASE = "/portal/attributes"


async def create(portal, **fields):
    await portal.get(f"{BASE}/new")
    return await portal.post(f"{BASE}/new", {"displayName": "Loyalty Number", "dataType": "int64", **fields})


@pytest.fixture
async def address(portal, site):
    """The page of a custom attribute."""
    await create(portal)
    (made,) = site.engine.identity.user_attributes
    return f"{BASE}/{made.id}"


async def test_the_built_in_attributes_are_listed_and_say_so(portal):
    page = await portal.get(BASE)

    assert "no attribute of your own yet" in page.text
    assert "postalCode" in page.text
    assert "built in" in page.text


async def test_an_attribute_is_made_and_its_id_is_made_of_its_name(portal, site):
    reply = await create(portal)
    page = await portal.follow(reply)

    (made,) = site.engine.identity.user_attributes
    assert reply.status == 303
    assert made.id.endswith("_LoyaltyNumber")
    assert made.id in page.text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"displayName": "1st"}, 400, "must begin with a letter"),
        ({"displayName": ""}, 400, "displayName"),
        ({"dataType": "blob"}, 400, "choose one of those on the form"),
    ],
)
async def test_a_wrong_field_is_refused_in_words(portal, site, fields, status, said):
    reply = await create(portal, **fields)

    assert (reply.status, said in reply.text) == (status, True)
    assert site.engine.identity.user_attributes == ()


async def test_a_script_in_a_name_is_text_on_every_page(portal, site):
    await create(portal, displayName="<script>x</script>")
    (made,) = site.engine.identity.user_attributes

    paths = (BASE, f"{BASE}/{made.id}", f"{BASE}/{made.id}/delete", "/portal/flows/new")
    pages = [await portal.get(path) for path in paths]

    assert all("&lt;script&gt;x" in page.text for page in pages)
    assert not any("<script>x" in page.text for page in pages)


async def test_a_second_attribute_of_one_name_is_refused(portal, address):
    assert (await create(portal, displayName="loyalty number")).status == 409


async def test_a_description_is_changed(portal, address, site):
    await portal.get(address)
    reply = await portal.post(address, {"description": "On the <b>card</b>"})
    page = await portal.get(BASE)

    assert reply.status == 303
    assert site.engine.identity.user_attributes[0].description == "On the <b>card</b>"
    assert "<b>card</b>" not in page.text


async def test_a_built_in_attribute_does_not_change(portal):
    page = await portal.get(f"{BASE}/city")
    await portal.get(f"{BASE}/new")

    assert "built in and does not change" in page.text
    assert (await portal.post(f"{BASE}/city", {"description": "x"})).status in {400, 409}
    assert (await portal.post(f"{BASE}/city/delete", {"confirm": "City"})).status in {400, 409}


async def test_an_attribute_is_deleted_by_its_name_only_and_not_while_a_flow_uses_it(portal, address, site):
    name = site.engine.identity.user_attributes[0].id
    await portal.get("/portal/flows/new")
    await portal.post("/portal/flows/new", {"type": "signUp", "id": "a", "localAccounts": "email", "collect": [name]})
    await portal.get(f"{address}/delete")

    used = await portal.post(f"{address}/delete", {"confirm": "Loyalty Number"})
    await portal.post("/portal/flows/B2C_1_a/delete", {"confirm": "B2C_1_a"})
    wrong = await portal.post(f"{address}/delete", {"confirm": "Loyalty"})
    right = await portal.post(f"{address}/delete", {"confirm": "Loyalty Number"})

    assert (used.status, wrong.status, right.status) == (409, 400, 303)
    assert "B2C_1_a" in used.text
    assert site.engine.identity.user_attributes == ()


def test_only_who_may_change_flows_can_send_forms(site):
    assert {page.right for page in attributes_area(site.engine).pages if page.method == "POST"} == {
        Right.WRITE_USER_FLOWS
    }

"""The pages of applications, at a real engine."""

from __future__ import annotations

import re

import pytest

from journeyman.secret import Secret


async def register(portal, name="Shop", uris="https://shop.contoso.com/callback", **more):
    await portal.get("/portal/applications/new")
    return await portal.post("/portal/applications/new", {"name": name, "type": "web", "uris": uris, **more})


async def test_an_application_is_registered_with_its_redirect_uris(portal, site):
    made = await register(portal, uris="https://shop.contoso.com/callback\r\nhttp://localhost:3000/cb\r\n")
    page = await portal.follow(made)
    application = await site.engine.applications.get(made.location.rpartition("/")[2])

    assert (made.status, "Shop is registered." in page.text) == (303, True)
    assert application.redirect_uris == ("https://shop.contoso.com/callback", "http://localhost:3000/cb")


async def test_a_secret_is_shown_once_and_is_accepted(portal, site):
    path = (await register(portal)).location
    await portal.get(path)
    shown = await portal.post(f"{path}/secrets", {"secret_name": "first", "days": "90"})
    secret = re.search(r'id="once" readonly value="([^"]+)"', shown.text)[1]
    again = await portal.get(path)

    assert await site.engine.applications.check_secret(path.rpartition("/")[2], Secret(secret))
    assert secret not in again.text
    assert f"{secret[:3]}…" in again.text
    assert shown.headers["Cache-Control"] == "no-store"


async def test_a_secret_is_removed_by_its_first_characters(portal, site):
    path = (await register(portal)).location
    await portal.get(path)
    shown = await portal.post(f"{path}/secrets", {"secret_name": "first", "days": "90"})
    secret = re.search(r'id="once" readonly value="([^"]+)"', shown.text)[1]
    remove = re.search(rf'href="({path}/secrets/[^"]+/remove)"', shown.text)[1]
    await portal.get(remove)
    refused = await portal.post(remove, {"confirm": "no"})
    removed = await portal.post(remove, {"confirm": secret[:3]})

    assert (refused.status, removed.status) == (400, 303)
    assert not await site.engine.applications.check_secret(path.rpartition("/")[2], Secret(secret))
    assert (await portal.get(remove)).status == 404


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": ""}, "the name is missing"),
        ({"uris": ""}, "a redirect URI is missing"),
        ({"uris": "http://shop.contoso.com/cb"}, "is http on another host; use https"),
        ({"uris": "https://*.contoso.com/cb"}, "has a wildcard"),
        ({"uris": "javascript:alert(1)"}, "is not https"),
        ({"type": "server"}, "choose what kind of application"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(portal, fields, text):
    page = await register(portal, **fields)

    assert (page.status, text in page.text) == (400, True)


async def test_redirect_uris_are_changed(portal, site):
    path = (await register(portal)).location
    await portal.get(f"{path}/change")
    refused = await portal.post(f"{path}/change", {"name": "Shop", "web": "http://x.example/"})
    await portal.post(f"{path}/change", {"name": "Shop 2", "web": "https://shop.contoso.com/new", "spa": ""})
    application = await site.engine.applications.get(path.rpartition("/")[2])

    assert refused.status == 400
    assert (application.name, application.redirect_uris) == ("Shop 2", ("https://shop.contoso.com/new",))


async def test_an_application_is_deleted_by_name_only(portal, site):
    path = (await register(portal)).location
    await portal.get(f"{path}/delete")
    refused = await portal.post(f"{path}/delete", {"confirm": "shop"})
    deleted = await portal.post(f"{path}/delete", {"confirm": "Shop"})

    assert (refused.status, deleted.status) == (400, 303)
    assert await site.engine.applications.get(path.rpartition("/")[2]) is None


async def test_an_application_of_the_file_is_changed_there(portal):
    path = "/portal/applications/11111111-0000-4000-8000-000000000001"
    page = await portal.get(path)
    refused = await portal.post(f"{path}/delete", {"confirm": "Web app"})

    assert "It stands in <code>journeyman.toml</code>" in page.text
    assert f"{path}/delete" not in page.text
    assert (refused.status, "journeyman.toml" in refused.text) == (409, True)


async def test_an_application_that_is_not_there_is_not_found(portal):
    assert (await portal.get("/portal/applications/11111111-1111-4111-8111-111111111111")).status == 404

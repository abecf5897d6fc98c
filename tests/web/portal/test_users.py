"""The pages of users, at a real engine."""

from __future__ import annotations

import re

import pytest

HOSTILE = "</td><script>hacked()</script>"


async def add(portal, name="Ada Lovelace", email="ada@contoso.com", **more):
    await portal.get("/portal/users/new")
    return await portal.post("/portal/users/new", {"name": name, "email": email, **more})


async def path_of(portal, text="ada@contoso.com"):
    listed = await portal.get(f"/portal/users?q={text}")
    return re.search(r'href="(/portal/users/[0-9a-f-]{36})"', listed.text)[1]


async def test_without_users_the_page_says_where_they_come_from(portal):
    assert "No user yet" in (await portal.get("/portal/users")).text


async def test_a_user_is_added_and_a_made_password_is_shown_once_and_works(portal, site):
    made = await add(portal)
    password = re.search(r'id="once" readonly value="([^"]+)"', made.text)[1]
    user = await site.engine.users.find_by_sign_in_name("ada@contoso.com")
    again = await portal.get(await path_of(portal))

    assert made.status == 200
    assert password not in again.text
    assert user.password_hash is not None
    assert user.password_hash not in again.text


async def test_a_typed_password_is_never_drawn(portal):
    made = await add(portal, password="Analytical-1843")
    page = await portal.follow(made)

    assert (made.status, "Ada Lovelace is added." in page.text) == (303, True)
    assert "Analytical-1843" not in page.text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": ""}, "displayName is missing"),
        ({"email": ""}, "the sign-in name is missing"),
        ({"email": "a b@c.d"}, "has spaces"),
        ({"name": "A" * 257}, "write at most 256 letters"),
        ({"password": "short"}, "8 to 256 characters"),
    ],
)
async def test_what_is_wrong_is_told_and_what_was_typed_in_stays(portal, fields, text):
    page = await add(portal, **{"name": "Ada", "email": "ada@contoso.com", **fields})

    assert (page.status, text in page.text) == (400, True)
    assert 'name="name" type="text" value="' in page.text


async def test_two_users_cannot_have_one_name(portal):
    await add(portal, password="Analytical-1843")

    assert (await add(portal, password="Analytical-1843")).status == 409


async def test_users_are_found_by_name_and_sign_in_name(portal):
    await add(portal, password="Analytical-1843")
    found = [(await portal.get(f"/portal/users?q={text}")).text for text in ("LOVE", "ada@con", "nobody")]

    assert ["Ada Lovelace" in text for text in found] == [True, True, False]
    assert "Nobody is found" in found[2]


async def test_a_long_list_has_pages(portal, site):
    for number in range(27):
        await add(portal, f"User {number:02}", f"u{number}@contoso.com", password="Analytical-1843")
    first = await portal.get("/portal/users")
    onward = re.search(r'rel="next" href="([^"]+)"', first.text)[1]
    second = await portal.get(onward)

    assert (first.text.count('class="row"'), second.text.count('class="row"')) == (25, 2)
    assert 'rel="first"' in second.text


async def test_a_user_is_disabled_and_enabled(portal, site):
    await add(portal, password="Analytical-1843")
    path = await path_of(portal)
    await portal.get(path)
    await portal.post(f"{path}/enabled", {"enabled": "no"})
    disabled = await site.engine.users.find_by_sign_in_name("ada@contoso.com")
    await portal.post(f"{path}/enabled", {"enabled": "yes"})
    enabled = await site.engine.users.find_by_sign_in_name("ada@contoso.com")

    assert (disabled.account_enabled, enabled.account_enabled) == (False, True)


async def test_another_password_ends_earlier_sign_ins(portal, site):
    await add(portal, password="Analytical-1843")
    path = await path_of(portal)
    await portal.get(f"{path}/password")
    weak = await portal.post(f"{path}/password", {"password": "weak"})
    made = await portal.post(f"{path}/password", {"password": "", "change": "yes"})
    user = await site.engine.users.find_by_sign_in_name("ada@contoso.com")

    assert (weak.status, made.status, "shown now and never again" in made.text) == (400, 200, True)
    assert user.must_change_password
    assert user.refresh_tokens_valid_from is not None


async def test_a_user_is_deleted_by_name_only(portal, site):
    await add(portal, password="Analytical-1843")
    path = await path_of(portal)
    await portal.get(f"{path}/delete")
    refused = await portal.post(f"{path}/delete", {"confirm": "ada lovelace"})
    kept = await site.engine.users.find_by_sign_in_name("ada@contoso.com")
    deleted = await portal.post(f"{path}/delete", {"confirm": "Ada Lovelace"})

    assert (refused.status, kept is not None) == (400, True)
    assert "Ada Lovelace is deleted." in (await portal.follow(deleted)).text
    assert await site.engine.users.find_by_sign_in_name("ada@contoso.com") is None


async def test_a_user_who_is_not_there_is_not_found(portal):
    assert (await portal.get("/portal/users/11111111-1111-4111-8111-111111111111")).status == 404
    assert (await portal.get("/portal/users/nobody")).status == 404


async def test_a_hostile_name_runs_nothing_on_any_page(portal, site):
    await add(portal, HOSTILE, password="Analytical-1843")
    path = await path_of(portal)

    for page in (
        "/portal/users",
        path,
        f"{path}/password",
        f"{path}/delete",
        "/portal/audit",
        f"/portal/users?q={HOSTILE}",
    ):
        text = (await portal.get(page.replace("<", "%3C"))).text
        assert "<script>hacked" not in text


async def test_changes_are_in_the_audit_trail_under_the_name_of_who_did_them(portal, site):
    await add(portal, password="Analytical-1843")
    entries = await site.engine.audit.list(5)

    assert ("Add user", "portal, development") in [(entry.activity, entry.actor) for entry in entries]

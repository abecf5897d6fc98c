"""Policy keys are rotated, deleted and brought back in the portal."""

from __future__ import annotations

import pytest

from journeyman.errors import KeySetNotFoundError
from journeyman.keys.creation import secret_key
from journeyman.secret import Secret

BASE = "/portal/keys/B2C_1A_Rest"
OLD, NEW = "canary of the old one", "canary of the new one"


@pytest.fixture
async def key(site):
    """A policy key with one secret."""
    await site.engine.key_store.create("B2C_1A_Rest", [secret_key(OLD, use="sig", now=site.engine.clock.now())])
    await site.engine.keys.refresh()
    return site.engine.keys


async def do(portal, step, **fields):
    await portal.get(f"{BASE}/rotate")
    return await portal.post(f"{BASE}/rotate", {"step": step, **fields}, multipart=True)


async def test_a_key_is_rotated_step_by_step_and_no_page_shows_a_secret(portal, key):
    pages = [await do(portal, "stage", way="manual", secret=NEW)]
    assert key.active("B2C_1A_Rest").secret == Secret(OLD)
    pages.append(await do(portal, "promote"))
    assert key.active("B2C_1A_Rest").secret == Secret(NEW)
    assert key.fallback("B2C_1A_Rest").secret == Secret(OLD)
    pages.append(await do(portal, "retire"))
    assert key.fallback("B2C_1A_Rest") is None

    pages += [await portal.get(f"{BASE}/rotate"), await portal.get(BASE)]
    assert [page.status for page in pages] == [303, 303, 303, 200, 200]
    assert not any(secret in page.text for page in pages for secret in (OLD, NEW))


async def test_every_step_can_be_taken_back(portal, key):
    await do(portal, "stage", way="manual", secret=NEW)
    await do(portal, "promote")
    await do(portal, "undo")

    assert key.active("B2C_1A_Rest").secret == Secret(OLD)
    await do(portal, "undo")
    assert len(key.get("B2C_1A_Rest").keys) == 1


async def test_a_secret_that_is_made_here_is_shown_once(portal, key):
    made = await do(portal, "stage", way="generate", type="secret")
    again = await portal.get(f"{BASE}/rotate")

    secret = made.text.partition('id="once" readonly value="')[2].partition('"')[0]
    assert made.status == 200
    assert len(secret) >= 43
    assert secret not in again.text
    assert key.get("B2C_1A_Rest").keys[1].secret == Secret(secret)


async def test_a_step_that_is_not_possible_is_refused_in_words(portal, key):
    reply = await do(portal, "promote")

    assert reply.status == 400
    assert "there is nothing to promote" in reply.text


async def test_a_rehearsal_without_a_staged_version_is_refused(portal, key):
    assert (await do(portal, "rehearse")).status == 409


async def test_a_missing_secret_is_marked(portal, key):
    reply = await do(portal, "stage", way="manual", secret="")

    assert reply.status == 400
    assert "the secret is missing" in reply.text


async def test_a_key_is_deleted_by_its_name_only_and_can_be_brought_back(portal, key):
    await portal.get(f"{BASE}/delete")
    wrong = await portal.post(f"{BASE}/delete", {"confirm": "Rest"})
    right = await portal.post(f"{BASE}/delete", {"confirm": "B2C_1A_Rest"})
    with pytest.raises(KeySetNotFoundError):
        key.get("B2C_1A_Rest")
    listed = await portal.follow(right)
    back = await portal.post(f"{BASE}.bak/restore")

    assert (wrong.status, right.status, back.status) == (400, 303, 303)
    assert "B2C_1A_Rest.bak" in listed.text
    assert key.active("B2C_1A_Rest").secret == Secret(OLD)


async def test_keys_of_journeyman_itself_are_not_changed_here(portal, site):
    address = "/portal/keys/B2C_1A_JourneymanPlatformSigning"
    page = await portal.get(address)
    await portal.get("/portal/keys/new")
    rotated = await portal.post(f"{address}/rotate", {"step": "stage", "way": "generate", "type": "rsa"})
    deleted = await portal.post(f"{address}/delete", {"confirm": "B2C_1A_JourneymanPlatformSigning"})

    assert "/rotate" not in page.text
    assert (rotated.status, deleted.status) == (400, 400)
    assert len(site.engine.keys.get("B2C_1A_JourneymanPlatformSigning").keys) == 1

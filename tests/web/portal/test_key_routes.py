"""The pages of policy keys over HTTP: only this machine, only our own forms, never a secret."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from journeyman.keys.certificate import self_signed
from journeyman.keys.creation import secret_key
from journeyman.keys.names import policy_key_id
from journeyman.keys.rotation import promote, retire, stage
from journeyman.secret import Secret

CANARY = "canary-5ecret with spaces  "


@pytest.fixture
def visitor(portal):
    return Visitor(portal)


class Visitor:
    """Who adds policy keys in a signed-in browser."""

    def __init__(self, portal):
        self.portal = portal

    async def get(self, path):
        return await self.portal.get(path)

    async def post(self, fields, **how):
        return await self.portal.post("/portal/keys/new", fields, multipart=True, **how)


def manual(name, secret=CANARY, **more):
    return {"way": "manual", "name": name, "secret": secret, **more}


async def test_a_secret_is_stored_byte_for_byte_and_used_at_once(visitor, site):
    reply = await visitor.post(manual("RestPassword"))
    listed = await visitor.get(reply.headers["Location"])

    assert (reply.status, reply.headers["Location"]) == (303, "/portal/keys")
    assert site.engine.keys.active("B2C_1A_RestPassword").secret == Secret(CANARY)
    assert "B2C_1A_RestPassword is stored." in listed.text


async def test_no_page_ever_holds_a_secret(visitor):
    await visitor.post(manual("RestPassword"))
    pages = [
        await visitor.get("/portal/keys"),
        await visitor.get("/portal/keys/B2C_1A_RestPassword"),
        await visitor.post(manual("RestPassword")),
        await visitor.post(manual("two words")),
        await visitor.post(manual("Rest2"), token="stolen"),
    ]

    assert [page.status for page in pages] == [200, 200, 400, 400, 403]
    assert not any("canary" in page.text for page in pages)
    assert "27 bytes, never shown" in pages[1].text


async def test_the_audit_trail_names_who_did_it(visitor, site):
    await visitor.post(manual("RestPassword"))
    entries = await site.engine.audit.list(5)

    assert ("Create policy key", "portal, development", "B2C_1A_RestPassword") in [
        (entry.activity, entry.actor, entry.target) for entry in entries
    ]
    assert await site.engine.audit.verify() > 0


async def test_a_certificate_is_uploaded_with_its_password(visitor, site):
    made = self_signed("CN=api", now=site.engine.clock.now(), days=5)
    fields = {"way": "upload", "name": "Client", "password": "pw"}
    reply = await visitor.post(fields, files=[("file", "client.pfx", made.pfx(Secret("pw")))])
    shown = await visitor.get("/portal/keys/B2C_1A_Client")

    assert reply.status == 303
    assert "CN=api expires in" in shown.text
    assert "PRIVATE KEY" not in shown.text


async def test_a_random_key_is_generated(visitor, site):
    assert (await visitor.post({"way": "generate", "name": "Random", "type": "secret"})).status == 303
    assert len(site.engine.keys.active("B2C_1A_Random").secret) == 43


async def test_a_key_that_exists_gets_another_version_only_when_asked(visitor, site):
    await visitor.post(manual("Rest", "one"))
    refused = await visitor.post(manual("rest", "two"))

    assert refused.status == 400
    assert "AADB2C95028: the policy key B2C_1A_Rest exists already; tick the box to add a version" in refused.text
    assert (await visitor.post(manual("rest", "two", add="yes"))).status == 303
    assert site.engine.keys.active("B2C_1A_Rest").secret == Secret("two")


async def test_a_version_of_another_type_is_refused_in_words(visitor):
    await visitor.post(manual("Rest", "one"))
    refused = await visitor.post({"way": "generate", "name": "Rest", "type": "rsa", "add": "yes"})

    assert (refused.status, "AADB2C95032" in refused.text) == (400, True)


async def test_what_was_typed_in_is_kept_but_for_secrets(visitor):
    page = await visitor.post(manual("two words", use="enc", expire="2099-01-01T00:00"))

    assert 'value="two words" aria-invalid="true"' in page.text
    assert '<option value="enc" selected>' in page.text
    assert 'value="2099-01-01T00:00"' in page.text


@pytest.mark.parametrize("origin", ["http://127.0.0.1:1", "https://evil.example", "null"])
async def test_a_form_of_another_origin_stores_nothing(visitor, site, origin):
    reply = await visitor.post(manual("Rest"), origin=origin)

    assert reply.status == 403
    assert policy_key_id("Rest") not in {key_set.id for key_set in site.engine.keys.key_sets()}


@pytest.mark.parametrize("path", ["/portal/keys/B2C_1A_Nobody", "/portal/keys/a%20b", "/portal/keys/B2C_1A_A.bak"])
async def test_a_key_that_is_not_there_is_not_found(visitor, path):
    assert (await visitor.get(path)).status == 404


async def test_the_list_says_when_it_has_changed(visitor):
    before = (await visitor.get("/portal/api/keys")).json["version"]
    await visitor.post(manual("Rest"))

    assert (await visitor.get("/portal/api/keys")).json["version"] != before


@pytest.mark.parametrize("path", ["/portal/keys", "/portal/keys/new", "/portal/keys/B2C_1A_A", "/portal/api/keys"])
async def test_in_production_nobody_sees_keys_without_signing_in(deploy, http, path):
    site = await deploy(server='mode = "production"')
    reply = await site.ask(http, "GET", f"{site.origin}{path}")
    sent = await site.ask(http, "POST", f"{site.origin}/portal/keys/new", data=b"x")

    assert (reply.status, sent.status) == (401 if "/api/" in path else 303, 303)


async def test_a_foreign_host_gets_nothing(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/portal/keys", headers={"Host": "evil.example"})

    assert reply.status == 400


async def test_a_version_by_hand_is_not_offered_for_a_key_that_signs_tokens(visitor):
    await visitor.post(manual("Rest"))
    signing = await visitor.get("/portal/keys/B2C_1A_TokenSigningKeyContainer")
    other = await visitor.get("/portal/keys/B2C_1A_Rest")

    assert ("Add a version by hand" in signing.text, "Add a version by hand" in other.text) == (False, True)
    assert 'href="/portal/keys/B2C_1A_TokenSigningKeyContainer/rotate"' in signing.text


async def test_the_stages_of_a_rotation_are_shown(visitor, site):
    clock, store = site.engine.clock, site.engine.key_store
    await visitor.post(manual("Rest"))
    seen = []
    for change in (
        stage(secret_key("next", use="sig", now=clock.now())),
        promote(clock.now(), timedelta(hours=1)),
        retire,
    ):
        await store.rewrite("Rest", change, activity="rotate")
        await visitor.get("/portal/keys")
        page = (await visitor.get("/portal/keys/B2C_1A_Rest")).text
        seen.append(re.findall(r'class="badge (?:good|warn|bad|neutral)">([^<]+)<', page))

    assert seen == [
        ["Next version staged", "Staged", "Active"],
        ["Rotated, previous version kept", "Active", "Superseded"],
        ["Active", "Active", "Retired"],
    ]


@pytest.mark.parametrize(
    "name",
    [
        "JourneymanPlatformSigning",
        "b2c_1a_journeymanplatformsigning",
        "ApiConnector-0-password",
        "IdentityProvider-Google-secret",
    ],
)
@pytest.mark.parametrize("add", ["", "yes"])
async def test_a_key_of_journeyman_itself_is_not_made_or_added_to(visitor, site, name, add):
    before = {one.id: len(one.keys) for one in await site.engine.key_store.stored()}

    reply = await visitor.post({"way": "generate", "name": name, "type": "rsa", "use": "sig", "add": add})

    assert reply.status == 400
    assert {one.id: len(one.keys) for one in await site.engine.key_store.stored()} == before

"""The pages of API connectors over HTTP, and the Test button at a real API."""

from __future__ import annotations

import base64
import json

import pytest
from aiohttp import web

from journeyman.keys.certificate import self_signed
from journeyman.management.caller import Right
from journeyman.secret import Secret
from journeyman.web.portal.connectors import connectors_area

BASE = "/portal/connectors"
HOST = "https://api.contoso.example"
SECRET = "canary of the password "


class Api:
    """Wants Basic credentials and answers as it is told."""

    def __init__(self):
        self.answer, self.received = {"version": "1.0.0", "action": "Continue", "city": "Ulm"}, []

    async def reply(self, request):
        wanted = base64.b64encode(f"ada:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return web.Response(status=401)
        self.received.append(await request.json())
        return web.json_response(self.answer)


@pytest.fixture
async def api():
    said = Api()
    app = web.Application()
    app.router.add_post("/check", said.reply)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    said.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield said
    await runner.cleanup()


@pytest.fixture
async def site(deploy, api):
    return await deploy(change=lambda text: f'{text}\n[egress.map]\n"{HOST}" = "{api.origin}"\n')


def basic(**more):
    return {
        "proof": "basic",
        "displayName": "Loyalty API",
        "targetUrl": f"{HOST}/check",
        "username": "ada",
        "password": SECRET,
        **more,
    }


async def create(portal, **fields):
    await portal.get(f"{BASE}/new")
    return await portal.post(f"{BASE}/new", basic(**fields), multipart=True)


@pytest.fixture
async def address(portal):
    """The page of a connector that proves itself by Basic."""
    return (await create(portal)).location


async def try_it(portal, address, **fields):
    await portal.get(address)
    return await portal.post(f"{address}/test", {"step": "postAttributeCollection", **fields})


async def test_without_a_connector_the_page_says_what_one_is(portal):
    assert "No API connector yet" in (await portal.get(BASE)).text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"proof": "basic"}, "Basic"),
        ({"proof": "bearer", "token": SECRET}, "OAuth 2.0, static"),
        ({"proof": "api-key", "header": "x-functions-key", "key": SECRET}, "API key"),
        (
            {
                "proof": "managed-bearer",
                "tokenUrl": f"{HOST}/token",
                "clientId": "c",
                "clientAuthentication": "client_secret_post",
                "clientSecret": SECRET,
            },
            "OAuth 2.0, acquired",
        ),
    ],
)
async def test_a_connector_is_made_with_each_way_to_prove_itself_and_its_secret_is_never_drawn(portal, fields, shown):
    reply = await create(portal, **fields)
    page = await portal.follow(reply)
    edit = await portal.get(f"{reply.location}/edit")

    assert reply.status == 303
    assert shown in page.text
    assert SECRET.strip() not in page.text + edit.text + (await portal.get(BASE)).text


async def test_a_refused_field_is_marked_and_what_was_typed_stays_but_the_secret(portal):
    reply = await create(portal, targetUrl="http://api.contoso.example/check")

    assert reply.status == 400
    assert 'value="http://api.contoso.example/check"' in reply.text
    assert "targetUrl must begin with https://" in reply.text
    assert 'aria-invalid="true" aria-describedby="problem' in reply.text
    assert SECRET.strip() not in reply.text


async def test_a_test_shows_what_was_sent_and_what_came_back(portal, address, api):
    reply = await try_it(portal, address, sample=json.dumps({"email": "grace@contoso.example", "city": "Bonn"}))

    assert reply.status == 200
    assert "The journey would go on" in reply.text
    assert "grace@contoso.example" in reply.text
    assert api.received[0]["email"] == "grace@contoso.example"
    assert api.received[0]["step"] == "PostAttributeCollection"
    assert SECRET.strip() not in reply.text


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"version": "1.0.0", "action": "ShowBlockPage", "userMessage": "Not <b>you</b>"}, "see a block page"),
        ({"version": "1.0.0", "action": "Nonsense"}, "end with an error"),
    ],
)
async def test_a_test_says_what_the_answer_would_do(portal, address, api, answer, shown):
    api.answer = answer

    reply = await try_it(portal, address)

    assert shown in reply.text
    assert "<b>you</b>" not in reply.text


async def test_a_test_with_a_wrong_credential_says_what_to_check_next(portal, address):
    edit = await portal.get(f"{address}/edit")
    etag = edit.text.partition('name="etag" value="')[2].partition('"')[0].replace("&#34;", '"')
    await portal.post(f"{address}/edit", basic(password="wrong", etag=etag), multipart=True)

    reply = await try_it(portal, address)

    assert "Check next" in reply.text
    assert "Compare the credential" in reply.text


@pytest.mark.parametrize("sample", ["{", "[]", '{"email": null}', '{"email": {}}', '{"password": "x"}', "x" * 20_001])
async def test_a_sample_that_cannot_be_sent_is_refused_in_words_and_nothing_is_called(portal, address, api, sample):
    reply = await try_it(portal, address, sample=sample)

    assert reply.status == 400
    assert 'role="alert"' in reply.text
    assert api.received == []


async def test_an_empty_secret_keeps_the_stored_one(portal, address, api):
    await portal.get(f"{address}/edit")
    await portal.post(f"{address}/edit", basic(displayName="Renamed", password=""), multipart=True)

    reply = await try_it(portal, address)

    assert "Renamed" in reply.text
    assert len(api.received) == 1


async def test_a_change_of_what_somebody_else_has_changed_is_refused(portal, address):
    edit = await portal.get(f"{address}/edit")
    etag = edit.text.partition('name="etag" value="')[2].partition('"')[0].replace("&#34;", '"')
    await portal.post(f"{address}/edit", basic(displayName="First", etag=etag), multipart=True)

    reply = await portal.post(f"{address}/edit", basic(displayName="Second", etag=etag), multipart=True)

    assert reply.status == 412
    assert "First" in (await portal.get(address)).text


async def test_certificates_are_rolled_by_uploading_the_next(portal, site):
    now = site.engine.clock.now()
    files = [pfx(now, name, days) for name, days in (("first", 20), ("second", 400))]
    fields = {**basic(proof="certificate"), "password": "pw"}
    await portal.get(f"{BASE}/new")
    made = await portal.post(f"{BASE}/new", fields, files=[("pkcs12Value", "a.pfx", files[0])])
    await portal.get(f"{made.location}/certificate")
    reply = await portal.post(
        f"{made.location}/certificate", {"password": "pw"}, files=[("pkcs12Value", "b.pfx", files[1])]
    )
    page = await portal.follow(reply)

    assert (made.status, reply.status) == (303, 303)
    assert [page.text.count(f">{label}</span>") for label in ("in use", "waits")] == [1, 1]
    assert "19 days left" in page.text


async def test_a_connector_is_deleted_by_its_name_only_and_its_secret_goes_with_it(portal, address, site):
    await portal.get(f"{address}/delete")
    wrong = await portal.post(f"{address}/delete", {"confirm": "Loyalty"})
    right = await portal.post(f"{address}/delete", {"confirm": "Loyalty API"})

    assert (wrong.status, right.status) == (400, 303)
    assert (await portal.get(address)).status == 404
    assert not [one for one in await site.engine.key_store.stored() if "ApiConnector" in one.id]


def test_only_who_may_change_connectors_reaches_forms_and_the_test(site):
    rights = {(page.path.removeprefix(BASE), page.method): page.right for page in connectors_area(site.engine).pages}

    assert {place for place, right in rights.items() if right is Right.READ_CONNECTORS} == {
        ("", "GET"),
        ("/{id}", "GET"),
        ("/{id}/test", "GET"),
    }


def pfx(now, name, days):
    """Return a PFX that is good for so many days."""
    return self_signed(name, now=now, days=days).pfx(Secret("pw"))

"""The pages of identity providers over HTTP."""

from __future__ import annotations

import pytest

from journeyman.management.caller import Right
from journeyman.web.portal.providers import providers_area

BASE = "/portal/providers"
SECRET = "canary of the client secret"


def google(**more):
    return {"type": "Google", "displayName": "Google", "clientId": "abc.apps", "clientSecret": SECRET, **more}


async def create(portal, **fields):
    await portal.get(f"{BASE}/new")
    return await portal.post(f"{BASE}/new", google(**fields), multipart=True)


OPEN = {
    "type": "OpenIDConnect",
    "displayName": "Fabrikam",
    "metadataUrl": "https://login.fabrikam.example/.well-known/openid-configuration",
    "responseType": "code",
    "responseMode": "form_post",
    "claim-userId": "oid",
}


async def test_without_a_provider_the_page_says_what_one_is(portal):
    assert "No identity provider yet" in (await portal.get(BASE)).text


async def test_a_ready_provider_needs_what_its_registration_gave_and_its_secret_is_never_drawn(portal, site):
    reply = await create(portal)
    pages = [await portal.follow(reply), await portal.get(BASE), await portal.get(f"{reply.location}/edit")]

    (made,) = site.engine.identity.identity_providers
    assert (reply.status, made.id, made.client_id) == (303, "Google-OAUTH", "abc.apps")
    assert f"{site.origin}/contoso.onmicrosoft.com/oauth2/authresp" in pages[0].text
    assert not any(SECRET in page.text for page in pages)
    assert site.engine.keys.active(made.secret_key).secret.reveal() == SECRET


async def test_any_openid_provider_can_be_added_with_its_claims(portal, site):
    reply = await create(portal, **OPEN)

    (made,) = site.engine.identity.identity_providers
    assert reply.status == 303
    assert (made.type, made.claims_mapping) == ("OpenIDConnect", {"userId": "oid"})


@pytest.mark.parametrize("kind", ["Amazon", "Apple", "Facebook", "GitHub", "LinkedIn", "Microsoft", "QQ", "WeChat"])
async def test_every_type_has_a_form_with_its_name(portal, kind):
    page = await portal.get(f"{BASE}/new?type={kind}")

    assert page.status == 200
    assert f'name="type" value="{kind}"' in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"clientId": "two words"}, "clientId"),
        ({"clientSecret": ""}, "clientSecret"),
        ({**OPEN, "metadataUrl": "http://fabrikam.example/"}, "metadataUrl"),
        ({**OPEN, "claim-userId": "<script>x</script> y"}, "claimsMapping/userId"),
    ],
)
async def test_a_wrong_field_is_marked_and_nothing_is_stored(portal, site, fields, said):
    reply = await create(portal, **fields)

    assert reply.status == 400
    assert said in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert "<script>x" not in reply.text
    assert site.engine.identity.identity_providers == ()


async def test_a_second_provider_of_a_type_that_a_tenant_has_once_is_refused(portal):
    await create(portal)

    assert (await create(portal)).status == 409


async def test_an_empty_secret_keeps_the_stored_one(portal, site):
    address = (await create(portal)).location
    await portal.get(f"{address}/edit")
    reply = await portal.post(f"{address}/edit", google(displayName="Go <b>ogle", clientSecret=""), multipart=True)

    (made,) = site.engine.identity.identity_providers
    assert reply.status == 303
    assert made.display_name == "Go <b>ogle"
    assert site.engine.keys.active(made.secret_key).secret.reveal() == SECRET
    assert "Go <b>ogle" not in (await portal.get(BASE)).text


async def test_a_provider_is_deleted_by_its_name_only_and_not_while_a_flow_offers_it(portal, site):
    address = (await create(portal)).location
    flow = {"type": "signIn", "id": "a", "localAccounts": "email", "provider": ["Google-OAUTH"]}
    await portal.post("/portal/flows/new", flow)

    used = await portal.post(f"{address}/delete", {"confirm": "Google"})
    await portal.post("/portal/flows/B2C_1_a/delete", {"confirm": "B2C_1_a"})
    wrong = await portal.post(f"{address}/delete", {"confirm": "Goog"})
    right = await portal.post(f"{address}/delete", {"confirm": "Google"})

    assert (used.status, wrong.status, right.status) == (409, 400, 303)
    assert site.engine.identity.identity_providers == ()


def test_only_who_may_change_providers_reaches_forms(site):
    rights = {page.path.removeprefix(BASE): page.right for page in providers_area(site.engine).pages}

    assert {path for path, right in rights.items() if right is Right.READ_IDENTITY_PROVIDERS} == {"", "/{id}"}

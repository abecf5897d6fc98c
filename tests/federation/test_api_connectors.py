"""API connectors of a person who comes from an identity provider: all three steps, in Chromium."""

from __future__ import annotations

import shutil

import pytest
from tests.federation.flow_tenants import flow_tenant as flow_tenant  # noqa: PLC0414  # a fixture
from tests.federation.test_second_tenant import PASSWORD as OF_PERSON
from tests.federation.test_second_tenant import chromium, start_of, token_after
from tests.federation.test_sign_in import free_port
from tests.user_flows.connected_api import CODE, GO, HOST, PASSWORD, USER, start

from journeyman.settings.identity import (
    ApiConnector,
    AttributeAssignment,
    BasicCredentials,
    ConnectorStep,
    IdentityProvider,
    IdentitySettings,
    UserFlow,
    UserFlowType,
)

pytestmark = pytest.mark.browser


@pytest.fixture
async def tenants(flow_tenant, tmp_path):
    """Fabrikam keeps the accounts, Contoso sends people there and asks an API at every step."""
    if shutil.which("chromium") is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    api, runner = await start(tmp_path)
    login = UserFlow(
        "B2C_1_login", UserFlowType.SIGN_UP_OR_SIGN_IN, email_verification=False, claims=("displayName", "emails")
    )
    port = free_port()
    fabrikam = await flow_tenant("fabrikam", IdentitySettings(user_flows=(login,)))
    callback = f"http://127.0.0.1:{port}/contoso.onmicrosoft.com/oauth2/authresp"
    client, secret = await fabrikam.engine.applications.add("Contoso", redirect_uris=(callback,))
    provider = IdentityProvider(
        "OIDC-V1-Fabrikam",
        "OpenIDConnect",
        "Fabrikam",
        client.client_id,
        "B2C_1A_Fabrikam",
        fabrikam.metadata("B2C_1_login"),
    )
    check = ApiConnector(
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "Check",
        f"{HOST}/check?code={CODE}",
        BasicCredentials(USER, "B2C_1A_Check"),
    )
    susi = UserFlow(
        "B2C_1_susi",
        UserFlowType.SIGN_UP_OR_SIGN_IN,
        attributes=(AttributeAssignment("displayName"), AttributeAssignment("city")),
        claims=("displayName", "city", "objectId"),
        identity_providers=(provider.id,),
        connectors=dict.fromkeys(ConnectorStep, check.id),
    )
    identity = IdentitySettings(api_connectors=(check,), user_flows=(susi,), identity_providers=(provider,))
    files = {"keys/B2C_1A_Fabrikam.txt": secret.reveal(), "keys/B2C_1A_Check.txt": PASSWORD}
    egress = f'[egress]\ntrust = ["{api.certificate}"]\n[egress.map]\n"{HOST}" = "{api.origin}"\n'
    yield await flow_tenant("contoso", identity, port=port, files=files, more=egress), fabrikam, api
    await runner.cleanup()


async def come(tab, contoso):
    """Choose Fabrikam and make an account there."""
    await tab.goto(start_of(contoso))
    await tab.click("#FabrikamExchange, [id='OIDC-V1-FabrikamExchange']")
    await tab.click("#createAccount")
    await tab.fill("#email", "ada@fabrikam.com")
    await tab.fill("#newPassword", OF_PERSON)
    await tab.fill("#reenterPassword", OF_PERSON)
    await tab.click("#continue")


async def test_each_step_is_asked_with_what_is_known_by_then(tenants):
    contoso, fabrikam, api = tenants
    api.by_step = {
        "PostFederationSignup": {**GO, "city": "Prefilled", "displayName": "From the API"},
        "PostAttributeCollection": {**GO, "city": "Ulm"},
        "PreTokenIssuance": {**GO, "city": "In the token"},
    }
    async with chromium() as tab:
        await come(tab, contoso)
        await tab.wait_for_selector("#city")
        prefilled = await tab.input_value("#city"), await tab.input_value("#displayName")
        await tab.fill("#city", "London")
        first = await token_after(tab, contoso, lambda: tab.click("#continue"))
        await token_after(tab, contoso, lambda: tab.evaluate("to => { location.href = to }", start_of(contoso)))

    bodies = api.received
    steps = ["PostFederationSignup", "PostAttributeCollection", "PreTokenIssuance", "PreTokenIssuance"]
    assert prefilled == ("Prefilled", "From the API")
    assert [body["step"] for body in bodies] == steps
    assert ["objectId" in body for body in bodies] == [False, False, True, True]
    assert (bodies[1]["city"], bodies[2]["city"], first["city"]) == ("London", "Ulm", "In the token")
    (account,) = await contoso.engine.users.page()
    known = [{"signInType": "federated", "issuer": account.identities[0].issuer}] * 4
    assert [{name: body["identities"][0][name] for name in ("signInType", "issuer")} for body in bodies] == known
    assert account.attributes["city"] == "Ulm"
    (person,) = await fabrikam.engine.users.page()
    assert {body["identities"][0]["issuerAssignedId"] for body in bodies} == {person.object_id}
    assert all(len(body["identities"]) == 1 for body in bodies)


async def test_a_block_page_before_the_page_of_attributes_makes_no_account(tenants):
    contoso, _, api = tenants
    api.says("ShowBlockPage", "Fabrikam is not welcome.")
    async with chromium() as tab:
        await come(tab, contoso)
        await tab.wait_for_selector(".block-message")
        message = await tab.inner_text(".block-message")
        await tab.reload()
        again = await tab.inner_text(".block-message")

    assert message == again == "Fabrikam is not welcome."
    assert len(api.received) == 1
    assert await contoso.engine.users.count() == 0

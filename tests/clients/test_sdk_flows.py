"""User flows, their attributes, providers and connectors, and applications, by both SDKs. Source: graph-api.md §4, §5, §8."""

from __future__ import annotations

import httpx
import pytest
from clients_caller import GRAPH, Caller, until
from clients_sdk import SDK_WARNINGS, beta_client, v1_client
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.application import Application
from msgraph.generated.models.b2x_identity_user_flow import B2xIdentityUserFlow
from msgraph.generated.models.basic_authentication import BasicAuthentication
from msgraph.generated.models.identity_api_connector import IdentityApiConnector
from msgraph.generated.models.identity_user_flow_attribute import IdentityUserFlowAttribute
from msgraph.generated.models.identity_user_flow_attribute_assignment import IdentityUserFlowAttributeAssignment
from msgraph.generated.models.identity_user_flow_attribute_data_type import IdentityUserFlowAttributeDataType
from msgraph.generated.models.identity_user_flow_attribute_input_type import IdentityUserFlowAttributeInputType
from msgraph.generated.models.identity_user_flow_attribute_type import IdentityUserFlowAttributeType
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_credential import PasswordCredential
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.reference_update import ReferenceUpdate
from msgraph.generated.models.social_identity_provider import SocialIdentityProvider
from msgraph.generated.models.user_flow_type import UserFlowType
from msgraph_beta.generated.models.b2c_identity_user_flow import B2cIdentityUserFlow
from msgraph_beta.generated.models.user_flow_type import UserFlowType as BetaUserFlowType

pytestmark = SDK_WARNINGS


@pytest.fixture
async def http():
    async with httpx.AsyncClient(trust_env=False, timeout=30) as found:
        yield found


@pytest.fixture
def v1(master, http):
    return v1_client(master, http)


@pytest.fixture
def beta(master, http):
    return beta_client(master, http)


async def connector(v1):
    """Create a connector; return its id."""
    basic = BasicAuthentication(username="user", password="Canary-sdk-flow")
    made = await v1.identity.api_connectors.post(
        IdentityApiConnector(
            display_name="Flow", target_url="https://api.example/flow", authentication_configuration=basic
        )
    )
    return made.id


async def b2x_flow(v1, name):
    """Create a flow; return its builder."""
    new = B2xIdentityUserFlow(id=name, user_flow_type=UserFlowType.SignUpOrSignIn, user_flow_type_version=1.0)
    made = await v1.identity.b2x_user_flows.post(new)
    return v1.identity.b2x_user_flows.by_b2x_identity_user_flow_id(made.id)


async def test_a_connector_is_bound_to_a_step_read_and_unbound(v1, master):
    flow = await b2x_flow(v1, "SdkBound")
    bound = await connector(v1)
    configuration = flow.api_connector_configuration
    step = configuration.post_attribute_collection
    await step.ref.put(ReferenceUpdate(odata_id=f"{master.origin}/v1.0/identity/apiConnectors/{bound}"))
    query = configuration.ApiConnectorConfigurationRequestBuilderGetQueryParameters(
        expand=["postFederationSignup", "postAttributeCollection"]
    )
    read = await configuration.get(RequestConfiguration(query_parameters=query))
    with pytest.raises(ODataError) as refused:
        await v1.identity.api_connectors.by_identity_api_connector_id(bound).delete()
    await step.ref.delete()
    after = await configuration.get(RequestConfiguration(query_parameters=query))

    assert (read.post_attribute_collection.id, read.post_federation_signup) == (bound, None)
    assert isinstance(read.post_attribute_collection.authentication_configuration, BasicAuthentication)
    assert (refused.value.response_status_code, "B2C_1_SdkBound" in refused.value.error.message) == (409, True)
    assert after.post_attribute_collection is None


async def test_a_b2c_flow_has_no_builder_for_connectors_and_takes_the_official_body_at_the_address(beta, v1, master):
    bound = await connector(v1)
    new = B2cIdentityUserFlow(
        id="SdkRaw",
        user_flow_type=BetaUserFlowType.SignUpOrSignIn,
        user_flow_type_version=1.0,
        default_language_tag="en",
    )
    made = await beta.identity.b2c_user_flows.post(new)
    place = f"/beta/identity/b2cUserFlows/{made.id}/apiConnectorConfiguration"
    body = {"@odata.id": f"{GRAPH}/beta/identity/apiConnectors/{bound}"}
    answers = [
        master("PUT", f"{place}/{step}/$ref", body)
        for step in ("postFederationSignup", "postAttributeCollection", "preTokenIssuance")
    ]
    read = master("GET", f"{place}?$expand=postFederationSignup,postAttributeCollection,preTokenIssuance").json
    await beta.identity.b2c_user_flows.by_b2c_identity_user_flow_id(made.id).delete()

    assert made.id == "B2C_1_SdkRaw"
    assert made.default_language_tag == "en"
    assert [each.status for each in answers] == [204, 204, 204]
    assert {read[step]["id"] for step in ("postFederationSignup", "preTokenIssuance")} == {bound}


async def test_an_attribute_is_made_assigned_ordered_and_taken_away(v1):
    attributes = v1.identity.user_flow_attributes
    made = await attributes.post(
        IdentityUserFlowAttribute(
            display_name="SdkTier", description="Tier", data_type=IdentityUserFlowAttributeDataType.String
        )
    )
    flow = await b2x_flow(v1, "SdkAttributes")
    assignments = flow.user_attribute_assignments
    before = (await assignments.get_order.get()).order
    new = IdentityUserFlowAttributeAssignment(
        display_name="Your tier",
        is_optional=True,
        user_input_type=IdentityUserFlowAttributeInputType.TextBox,
        user_attribute=IdentityUserFlowAttribute(id=made.id),
    )
    assigned = await assignments.post(new)
    after = (await assignments.get_order.get()).order
    await assignments.by_identity_user_flow_attribute_assignment_id(assigned.id).delete()
    await attributes.by_identity_user_flow_attribute_id(made.id).delete()

    assert made.id.startswith("extension_")
    assert made.user_flow_attribute_type is IdentityUserFlowAttributeType.Custom
    assert (assigned.display_name, assigned.is_optional) == ("Your tier", True)
    assert after == [*before, assigned.id]
    assert assigned.id not in (await assignments.get_order.get()).order


async def test_identity_providers_are_made_and_offered_by_a_flow_and_keep_their_secret(v1, beta, master):
    facebook = await v1.identity.identity_providers.post(
        SocialIdentityProvider(
            display_name="Facebook",
            identity_provider_type="Facebook",
            client_id="1234567890",
            client_secret="Canary-sdk-facebook",
        )
    )
    types = (await v1.identity.identity_providers.available_provider_types.get()).value
    flow = await b2x_flow(v1, "SdkProviders")
    reference = ReferenceCreate(odata_id=f"{master.origin}/v1.0/identity/identityProviders/{facebook.id}")
    await flow.user_flow_identity_providers.ref.post(reference)
    offered = await flow.user_flow_identity_providers.get()
    await flow.user_flow_identity_providers.by_identity_provider_base_id(facebook.id).ref.delete()
    read = await beta.identity.identity_providers.by_identity_provider_base_id(facebook.id).get()

    assert (facebook.id, facebook.client_secret) == ("Facebook-OAUTH", "******")
    assert "Facebook" in types
    assert [each.id for each in offered.value] == ["Facebook-OAUTH"]
    assert (read.client_id, read.client_secret) == ("1234567890", "******")


async def test_a_secret_of_an_application_is_shown_once_and_works(v1, master):
    made = await v1.applications.post(Application(display_name="Sdk application"))
    one = v1.applications.by_application_id(made.id)
    from msgraph.generated.applications.item.add_password.add_password_post_request_body import (
        AddPasswordPostRequestBody,
    )
    from msgraph.generated.applications.item.remove_password.remove_password_post_request_body import (
        RemovePasswordPostRequestBody,
    )

    new = await one.add_password.post(
        AddPasswordPostRequestBody(password_credential=PasswordCredential(display_name="k"))
    )
    tool = Caller(master.origin, made.app_id, new.secret_text)
    works = until(lambda: tool.sign_in().status == 200, within_s=2)
    read = await one.get()
    await one.remove_password.post(RemovePasswordPostRequestBody(key_id=new.key_id))

    assert works
    assert (new.hint, len(new.secret_text) >= 16) == (new.secret_text[:3], True)
    assert [(each.key_id, each.secret_text) for each in read.password_credentials] == [(new.key_id, None)]
    assert new.end_date_time > new.start_date_time
    assert (await one.get()).password_credentials == []
    assert until(lambda: tool.sign_in().status != 200, within_s=2)

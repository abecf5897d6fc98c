"""MSAL and azure-identity, through a TLS front: they refuse an authority without TLS."""

from __future__ import annotations

import httpx
import msal
import pytest
import requests
from acceptance_folder import TENANT
from azure.identity import ClientSecretCredential
from clients_caller import GRAPH, hire
from clients_sdk import SDK_WARNINGS
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient

pytestmark = SDK_WARNINGS


@pytest.fixture(scope="module")
def application(front):
    return hire(front.home, "User.Read.All", origin=front.origin)


@pytest.fixture
def session(front):
    with requests.Session() as found:
        found.trust_env, found.verify = False, str(front.ca_file)
        yield found


def client(front, session, application, secret, **more):
    return msal.ConfidentialClientApplication(
        application.client_id,
        client_credential=secret,
        authority=f"{front.origin}/{TENANT}",
        http_client=session,
        validate_authority=False,
        instance_discovery=False,
        **more,
    )


def test_msal_gets_a_token_with_which_the_api_answers(front, session, application):
    answer = client(front, session, application, application.secret).acquire_token_for_client([f"{GRAPH}/.default"])

    assert answer.get("token_type") == "Bearer", answer
    reply = session.get(
        f"{front.origin}/v1.0/organization", headers={"Authorization": f"Bearer {answer['access_token']}"}
    )
    assert reply.status_code == 200, reply.text
    assert reply.json()["@odata.context"].startswith(f"{front.origin}/v1.0/$metadata#")


def test_msal_takes_the_second_token_from_its_cache_for_as_long_as_the_token_lives(front, session, application):
    found = client(front, session, application, application.secret)
    first = found.acquire_token_for_client([f"{GRAPH}/.default"])
    second = found.acquire_token_for_client([f"{GRAPH}/.default"])

    assert (first["token_source"], second["token_source"]) == ("identity_provider", "cache")
    assert 0 < first["expires_in"] <= 3600


def test_msal_reports_a_wrong_secret(front, session, application):
    answer = client(front, session, application, "wrong").acquire_token_for_client([f"{GRAPH}/.default"])

    assert answer["error"] == "invalid_client"
    assert "wrong" not in answer["error_description"]


async def test_azure_identity_and_the_sdk_go_through_the_front(front, application):
    credential = ClientSecretCredential(
        TENANT,
        application.client_id,
        application.secret,
        authority=front.origin,
        disable_instance_discovery=True,
        connection_verify=str(front.ca_file),
        use_env_settings=False,
    )
    provider = AzureIdentityAuthenticationProvider(
        credential, allowed_hosts=["localhost"], scopes=[f"{GRAPH}/.default"]
    )
    async with httpx.AsyncClient(verify=front.context(), trust_env=False) as http:
        adapter = GraphRequestAdapter(provider, client=http)
        adapter.base_url = f"{front.origin}/v1.0"
        answer = await GraphServiceClient(request_adapter=adapter).organization.get()

    assert answer.value[0].verified_domains[0].name == TENANT

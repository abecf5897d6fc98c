"""API connectors by msgraph-sdk: each way of authentication that it has, certificates, errors. Source: graph-api.md §3."""

from __future__ import annotations

import base64

import httpx
import pytest
import trustme
from acceptance_tls import pfx
from clients_caller import hire
from clients_sdk import SDK_WARNINGS, v1_client
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.basic_authentication import BasicAuthentication
from msgraph.generated.models.client_certificate_authentication import ClientCertificateAuthentication
from msgraph.generated.models.identity_api_connector import IdentityApiConnector
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.pkcs12_certificate import Pkcs12Certificate

pytestmark = SDK_WARNINGS


def upload_of(content: bytes, password: str):
    from msgraph.generated.identity.api_connectors.item.upload_client_certificate import (
        upload_client_certificate_post_request_body as module,
    )

    return module.UploadClientCertificatePostRequestBody(
        pkcs12_value=base64.b64encode(content).decode(), password=password
    )


@pytest.fixture
async def http():
    async with httpx.AsyncClient(trust_env=False) as found:
        yield found


@pytest.fixture
def connectors(master, http):
    return v1_client(master, http).identity.api_connectors


def loyalty(authentication, name="Loyalty"):
    return IdentityApiConnector(
        display_name=name, target_url="https://api.example/check", authentication_configuration=authentication
    )


async def test_basic_authentication_is_created_read_changed_and_deleted(connectors):
    made = await connectors.post(loyalty(BasicAuthentication(username="user", password="Canary-sdk-basic")))
    one = connectors.by_identity_api_connector_id(made.id)
    await one.patch(IdentityApiConnector(display_name="Renamed"))
    await one.patch(IdentityApiConnector(authentication_configuration=made.authentication_configuration))
    read = await one.get()
    listed = await connectors.get()
    await one.delete()

    assert isinstance(read.authentication_configuration, BasicAuthentication)
    assert (read.authentication_configuration.username, read.authentication_configuration.password) == (
        "user",
        "******",
    )
    assert (read.display_name, read.target_url) == ("Renamed", "https://api.example/check")
    assert made.id in [each.id for each in listed.value]
    with pytest.raises(ODataError) as refused:
        await one.get()
    assert (refused.value.response_status_code, refused.value.error.code) == (404, "AADB2C90073")


async def test_a_certificate_replaces_basic_authentication_and_further_ones_are_uploaded(connectors):
    authority = trustme.CA()
    first, second = (pfx(authority, name, "Canary-sdk-pfx") for name in ("first", "second"))
    made = await connectors.post(loyalty(BasicAuthentication(username="user", password="Canary-sdk-basic")))
    one = connectors.by_identity_api_connector_id(made.id)
    new = Pkcs12Certificate(pkcs12_value=base64.b64encode(first).decode(), password="Canary-sdk-pfx")
    await one.patch(IdentityApiConnector(authentication_configuration=new))
    uploaded = await one.upload_client_certificate.post(upload_of(second, "Canary-sdk-pfx"))

    shown = uploaded.authentication_configuration
    assert isinstance(shown, ClientCertificateAuthentication)
    assert [each.is_active for each in shown.certificate_list] == [False, True]
    assert all(len(each.thumbprint) == 40 for each in shown.certificate_list)
    assert all(900_000_000 < each.not_before < each.not_after for each in shown.certificate_list)


async def test_a_certificate_may_be_there_from_the_beginning(connectors):
    content = pfx(trustme.CA(), "alone", "")
    new = Pkcs12Certificate(pkcs12_value=base64.b64encode(content).decode(), password="")
    made = await connectors.post(loyalty(new))

    assert [each.is_active for each in made.authentication_configuration.certificate_list] == [True]


async def test_an_error_carries_code_message_target_and_ids(connectors):
    with pytest.raises(ODataError) as refused:
        await connectors.post(loyalty(BasicAuthentication(username="user")))

    error = refused.value.error
    assert (refused.value.response_status_code, error.code) == (400, "BadRequest")
    assert error.target == "authenticationConfiguration/password"
    assert "password" in error.message
    assert error.inner_error.request_id
    assert error.inner_error.client_request_id


async def test_a_wrong_pfx_password_has_the_words_of_the_service(connectors):
    new = Pkcs12Certificate(pkcs12_value=base64.b64encode(pfx(trustme.CA(), "x", "right")).decode(), password="wrong")
    with pytest.raises(ODataError) as refused:
        await connectors.post(loyalty(new))

    assert refused.value.error.code == "AADB2C90213"
    assert refused.value.error.message == "The certificate password provided in request is incorrect."


async def test_who_lacks_the_role_is_told_and_so_is_who_has_no_token(home, http):
    stranger = hire(home, "User.Read.All")
    with pytest.raises(ODataError) as forbidden:
        await v1_client(stranger, http).identity.api_connectors.get()
    stranger.token = "nothing"
    with pytest.raises(ODataError) as unknown:
        await v1_client(stranger, http).identity.api_connectors.get()

    assert (forbidden.value.response_status_code, forbidden.value.error.code) == (403, "Authorization_RequestDenied")
    assert (unknown.value.response_status_code, unknown.value.error.code) == (401, "InvalidAuthenticationToken")


async def test_the_sdk_follows_the_pages(connectors):
    names = [f"Paged {number}" for number in range(3)]
    for name in names:
        await connectors.post(loyalty(BasicAuthentication(username="user", password="Canary-sdk-basic"), name))
    query = connectors.ApiConnectorsRequestBuilderGetQueryParameters(top=2)
    page, found = await connectors.get(RequestConfiguration(query_parameters=query)), []
    while page is not None:
        assert len(page.value) <= 2
        found += [each.display_name for each in page.value]
        page = await connectors.with_url(page.odata_next_link).get() if page.odata_next_link else None

    assert set(names) <= set(found)
    assert len(found) == len((await connectors.get()).value) == await connectors.count.get()

"""Requirements of an API connector written as a technical profile (docs/reference/api-connectors.md)."""

import pytest

from journeyman.policy.connector_profile import connector_items
from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorCredentials,
    ConnectorStep,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)

URL = "https://api.contoso.example/signup"
ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.mark.parametrize(
    ("credentials", "metadata", "keys"),
    [
        (
            BasicCredentials("ada", "B2C_1A_Password"),
            {"AuthenticationType": "Basic", "BasicAuthenticationUsername": "ada"},
            {"BasicAuthenticationPassword": "B2C_1A_Password"},
        ),
        (
            CertificateCredentials("B2C_1A_Certificate"),
            {"AuthenticationType": "ClientCertificate"},
            {"ClientCertificate": "B2C_1A_Certificate"},
        ),
        (
            StaticBearerCredentials("B2C_1A_Token"),
            {"AuthenticationType": "Bearer"},
            {"BearerAuthenticationToken": "B2C_1A_Token"},
        ),
        (
            ManagedBearerCredentials(BearerSettings("https://login.example/token", "app", "B2C_1A_Client")),
            {
                "AuthenticationType": "ManagedBearer",
                "BearerTokenUrl": "https://login.example/token",
                "BearerClientId": "app",
                "BearerClientAuthentication": "client_secret_basic",
            },
            {"BearerClientKey": "B2C_1A_Client"},
        ),
        (
            ApiKeyCredentials("x-api-key", "B2C_1A_ApiKey"),
            {"AuthenticationType": "ApiKeyHeader"},
            {"x-api-key": "B2C_1A_ApiKey"},
        ),
    ],
)
def test_a_connector_names_its_credentials_and_never_holds_them(
    credentials: ConnectorCredentials, metadata: dict[str, str], keys: dict[str, str]
) -> None:
    connector = ApiConnector(ID, "Sign-up", URL, credentials)

    items = connector_items(connector, ConnectorStep.POST_ATTRIBUTE_COLLECTION)

    common = {"ServiceUrl": URL, "Step": "PostAttributeCollection", "Connector": "Sign-up", "ConnectorId": ID}
    assert items.metadata == {**common, **metadata}
    assert items.keys == keys


def test_scope_and_audience_of_a_managed_bearer_are_written_when_they_are_set() -> None:
    bearer = BearerSettings(
        "https://login.example/token", "app", "B2C_1A_C", ClientAuthentication.TLS_CLIENT_AUTH, "read", "https://api"
    )

    items = connector_items(
        ApiConnector(ID, "Sign-up", URL, ManagedBearerCredentials(bearer)), ConnectorStep.PRE_TOKEN_ISSUANCE
    )

    assert items.metadata["Step"] == "PreTokenIssuance"
    assert items.metadata["BearerClientAuthentication"] == "tls_client_auth"
    assert (items.metadata["BearerScope"], items.metadata["BearerAudience"]) == ("read", "https://api")

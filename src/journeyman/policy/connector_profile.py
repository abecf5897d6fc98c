"""How an API connector stands in a technical profile: the names of its metadata and keys, and a connector written in them.

The XML of a user flow is made with them, and the handler ``Journeyman.ApiConnector`` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.settings.bearer_model import BearerSettings
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorStep,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)

HANDLER: Final = "Journeyman.ApiConnector"

SERVICE_URL: Final = "ServiceUrl"
STEP: Final = "Step"
AUTHENTICATION_TYPE: Final = "AuthenticationType"
CONNECTOR: Final = "Connector"
CONNECTOR_ID: Final = "ConnectorId"
USERNAME: Final = "BasicAuthenticationUsername"
TOKEN_URL: Final = "BearerTokenUrl"  # noqa: S105  the name of an item, no secret
CLIENT_ID: Final = "BearerClientId"
CLIENT_AUTHENTICATION: Final = "BearerClientAuthentication"
SCOPE: Final = "BearerScope"
AUDIENCE: Final = "BearerAudience"

PASSWORD_KEY: Final = "BasicAuthenticationPassword"  # noqa: S105  the Id of a key, no password
CERTIFICATE_KEY: Final = "ClientCertificate"
TOKEN_KEY: Final = "BearerAuthenticationToken"  # noqa: S105  the Id of a key, no secret
CLIENT_KEY: Final = "BearerClientKey"

BASIC: Final = "Basic"
CERTIFICATE: Final = "ClientCertificate"
BEARER: Final = "Bearer"
MANAGED_BEARER: Final = "ManagedBearer"
API_KEY_HEADER: Final = "ApiKeyHeader"

STEPS: Final[Mapping[ConnectorStep, str]] = {
    ConnectorStep.POST_FEDERATION_SIGNUP: "PostFederationSignup",
    ConnectorStep.POST_ATTRIBUTE_COLLECTION: "PostAttributeCollection",
    ConnectorStep.PRE_TOKEN_ISSUANCE: "PreTokenIssuance",
}
"""The item ``Step``, which is also what requests say in ``step`` (rest-connectors.md §15.2)."""


@dataclass(frozen=True, slots=True)
class ConnectorItems:
    """What is written of a connector in a technical profile.

    Attributes:
        metadata: key of an item -> its value.
        keys: Id of a cryptographic key -> the policy key (``StorageReferenceId``).
    """

    metadata: Mapping[str, str]
    keys: Mapping[str, str]


def connector_items(connector: ApiConnector, step: ConnectorStep) -> ConnectorItems:
    """Write a connector at a step as metadata and keys of a technical profile."""
    items = {
        SERVICE_URL: connector.target_url,
        STEP: STEPS[step],
        CONNECTOR: connector.display_name,
        CONNECTOR_ID: connector.id,
    }
    match connector.credentials:
        case BasicCredentials(username, password_key):
            return ConnectorItems(
                {**items, AUTHENTICATION_TYPE: BASIC, USERNAME: username}, {PASSWORD_KEY: password_key}
            )
        case CertificateCredentials(key):
            return ConnectorItems({**items, AUTHENTICATION_TYPE: CERTIFICATE}, {CERTIFICATE_KEY: key})
        case StaticBearerCredentials(key):
            return ConnectorItems({**items, AUTHENTICATION_TYPE: BEARER}, {TOKEN_KEY: key})
        case ManagedBearerCredentials(bearer):
            return ConnectorItems({**items, **_bearer(bearer)}, {CLIENT_KEY: bearer.key})
        case ApiKeyCredentials(header, key):
            return ConnectorItems({**items, AUTHENTICATION_TYPE: API_KEY_HEADER}, {header: key})


def _bearer(bearer: BearerSettings) -> dict[str, str]:
    optional = {SCOPE: bearer.scope, AUDIENCE: bearer.audience}
    return {
        AUTHENTICATION_TYPE: MANAGED_BEARER,
        TOKEN_URL: bearer.token_url,
        CLIENT_ID: bearer.client_id,
        CLIENT_AUTHENTICATION: bearer.client_authentication.value,
        **{name: value for name, value in optional.items() if value is not None},
    }

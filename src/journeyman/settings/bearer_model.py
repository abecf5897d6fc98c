"""What is said of a managed bearer: for profiles of custom policies and for API connectors alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ClientAuthentication(Enum):
    """How a client proves itself to a token endpoint: the names of OpenID Connect Core §9 and RFC 8705."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105  a name, no secret
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105  a name, no secret
    PRIVATE_KEY_JWT = "private_key_jwt"
    TLS_CLIENT_AUTH = "tls_client_auth"


@dataclass(frozen=True, slots=True)
class BearerSettings:
    """A managed bearer: a token that the engine acquires by client credentials and keeps.

    Attributes:
        key: the id of the policy key: the client secret, or the certificate or private key.
        audience: sent as ``audience``, for token endpoints that ask for it.
    """

    token_url: str
    client_id: str
    key: str
    client_authentication: ClientAuthentication = ClientAuthentication.CLIENT_SECRET_BASIC
    scope: str | None = None
    audience: str | None = None

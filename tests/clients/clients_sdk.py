"""The official SDKs, pointed at a tenant: an adapter with another base_url, a token of our own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from clients_caller import Caller
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)

SDK_WARNINGS = pytest.mark.filterwarnings(
    "ignore:GetQueryParameters is deprecated:DeprecationWarning",
    "ignore:This class is deprecated. Please use the generic RequestConfiguration:DeprecationWarning",
)
"""The SDKs warn about themselves when they are imported."""


class OwnToken(AccessTokenProvider):
    """Hands the SDK a token that is there already."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._hosts = AllowedHostsValidator(["127.0.0.1"])

    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return self._hosts


def v1_client(caller: Caller, http: httpx.AsyncClient) -> Any:
    """Return msgraph-sdk's client of a caller."""
    from msgraph import GraphRequestAdapter, GraphServiceClient

    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(OwnToken(caller.token)), client=http)
    adapter.base_url = f"{caller.origin}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def beta_client(caller: Caller, http: httpx.AsyncClient) -> Any:
    """Return msgraph-beta-sdk's client of a caller."""
    from msgraph_beta import GraphRequestAdapter, GraphServiceClient

    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(OwnToken(caller.token)), client=http)
    adapter.base_url = f"{caller.origin}/beta"
    return GraphServiceClient(request_adapter=adapter)

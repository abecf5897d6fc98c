"""``AuthenticationType`` ApiKeyHeader: a policy key in the header that the Id of the key names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.authenticator import Credential, header_text
from journeyman.secret import Secret


@dataclass(frozen=True, slots=True)
class ApiKeyHeader:
    """Send ``key`` in the header ``header_name``."""

    header_name: str
    key: Secret
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the key travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header, replacing any that an input claim has put there."""
        headers[self.header_name] = header_text(self.key, self.header_name)

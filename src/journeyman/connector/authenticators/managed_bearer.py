"""A managed bearer: the token that the engine has acquired itself (RFC 6750)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.authenticator import Credential, header_text
from journeyman.secret import Secret


@dataclass(frozen=True, slots=True)
class ManagedBearer:
    """Send ``Authorization: Bearer``; ``credential`` is the policy key with which the token was acquired."""

    token: Secret
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the token travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header."""
        headers["Authorization"] = f"Bearer {header_text(self.token, 'the token of the managed bearer')}"

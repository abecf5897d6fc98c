"""``AuthenticationType`` Bearer with a token from a policy key (RFC 6750)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.authenticator import Credential, header_text
from journeyman.connector.errors import CredentialMissingError
from journeyman.secret import Secret
from journeyman.service_codes import SERVICE_CODES


@dataclass(frozen=True, slots=True)
class BearerKey:
    """Send ``Authorization: Bearer`` with a token that an operator has stored."""

    profile_id: str
    token: Secret
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the token travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header. Raises CredentialMissingError with AADB2C90191 when the key is empty."""
        if not len(self.token):
            row = SERVICE_CODES[90191]
            raise CredentialMissingError(row.text.format(self.profile_id), service_code=row.code)
        headers["Authorization"] = f"Bearer {header_text(self.token, 'BearerAuthenticationToken')}"

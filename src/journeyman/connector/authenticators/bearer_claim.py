"""``AuthenticationType`` Bearer with the token that an earlier profile has acquired (``UseClaimAsBearerToken``)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue, to_wire_text
from journeyman.connector.authenticator import NO_CREDENTIAL, Credential, header_text
from journeyman.connector.errors import CredentialMissingError
from journeyman.secret import Secret
from journeyman.service_codes import SERVICE_CODES

ITEM = "UseClaimAsBearerToken"


@dataclass(frozen=True, slots=True)
class BearerClaim:
    """Send ``Authorization: Bearer`` with the value of an input claim, an opaque text."""

    profile_id: str
    claim_id: str

    @property
    def credential(self) -> Credential:
        """No policy key: the token belongs to the journey."""
        return NO_CREDENTIAL

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the token travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header. Raises CredentialMissingError with AADB2C90194 or AADB2C90195; it lists names only."""
        if self.claim_id not in claims:
            raise self._missing(90194, ", ".join(sorted(claims)))
        token = Secret(to_wire_text(claims[self.claim_id]))
        if not len(token):
            raise self._missing(90195)
        headers["Authorization"] = f"Bearer {header_text(token, f'the claim {self.claim_id!r}')}"

    def _missing(self, number: int, *more: str) -> CredentialMissingError:
        row = SERVICE_CODES[number]
        text = row.text.format(self.claim_id, ITEM, self.profile_id, *more)
        return CredentialMissingError(text, service_code=row.code)

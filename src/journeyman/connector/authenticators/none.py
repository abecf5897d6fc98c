"""``AuthenticationType`` None: nothing proves who we are."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.authenticator import NO_CREDENTIAL, Credential


@dataclass(frozen=True, slots=True)
class NoAuthentication:
    """Send no credential."""

    @property
    def credential(self) -> Credential:
        """None at all."""
        return NO_CREDENTIAL

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Do nothing."""

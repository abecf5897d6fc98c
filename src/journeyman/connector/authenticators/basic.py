"""``AuthenticationType`` Basic: a user name and a password, each a policy key (RFC 7617, UTF-8)."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.authenticator import Credential
from journeyman.secret import Secret


@dataclass(frozen=True, slots=True)
class Basic:
    """Send ``Authorization: Basic``, without waiting for a challenge."""

    username: Secret
    password: Secret
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the password travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header; both parts are sent byte for byte as they are stored."""
        pair = b"%b:%b" % (self.username.reveal_bytes(), self.password.reveal_bytes())
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"

"""``AuthenticationType`` ClientCertificate: a certificate and its private key, from memory into TLS."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.authenticator import Credential
from journeyman.keys.certificate import load_into
from journeyman.keys.keyset import Key


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Present the certificate of ``key``, and its intermediates, in the TLS handshake.

    It is presented also when the server names no matching authority (rest-connectors.md §6).
    """

    key: Key
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Load the chain and the private key; they never touch a disk."""
        load_into(context, self.key)

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Do nothing: TLS has proved who we are."""

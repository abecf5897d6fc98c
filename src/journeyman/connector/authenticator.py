"""The contract of an authenticator: how we prove ourselves to an API.

TLS and the request are two seams. An authenticator holds one version of its credential; a rotated
policy key makes a new authenticator and so a new connection pool.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.connector.errors import CredentialMissingError
from journeyman.keys.keyset import Key, KeySet
from journeyman.secret import Secret


@dataclass(frozen=True, slots=True)
class Credential:
    """Which version of which policy keys is used, never their values.

    Attributes:
        versions: policy key id and ``kid`` of each key; empty when no policy key is involved.
        in_tls: whether the credential is part of the TLS handshake.
        fallback: whether it is the version that a rotation has just replaced.
    """

    versions: tuple[tuple[str, str], ...] = ()
    in_tls: bool = False
    fallback: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """``B2C_1A_RestPassword (kid 3f2a…)`` for each key."""
        return tuple(f"{key_id} (kid {kid if len(kid) <= 12 else kid[:8] + '…'})" for key_id, kid in self.versions)


NO_CREDENTIAL: Final = Credential()
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class Authenticator(Protocol):
    """Prove who we are, in TLS or on the request."""

    @property
    def credential(self) -> Credential:
        """The version of the credential."""
        ...

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Load a client certificate, if this is how we prove ourselves."""
        ...

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header that carries the credential, replacing any that an input claim has put there.

        Args:
            claims: the input claims of the call by claim type id.

        Raises:
            CredentialMissingError: there is no credential to send.
        """
        ...


class ActiveKeys(Protocol):
    """The policy keys of a tenant."""

    def get(self, key_id: str, /) -> KeySet:
        """Return a key set. Raises KeySetNotFoundError."""
        ...

    def active(self, key_id: str) -> Key:
        """Return the key that is used now. Raises KeySetNotFoundError and NoActiveKeyError."""
        ...

    def fallback(self, key_id: str) -> Key | None:
        """Return the key that a rotation has just replaced, while a call may still fall back to it."""
        ...


def header_text(secret: Secret, name: str) -> str:
    """Reveal a credential that goes into a header.

    Raises:
        CredentialMissingError: it is empty, or it holds a control character, which could smuggle a header.
    """
    try:
        text = secret.reveal()
    except UnicodeDecodeError:
        detail = f"{name} is not text"
        raise CredentialMissingError(detail) from None
    if not text or _CONTROL.search(text):
        detail = f"{name} is empty or holds a line break or another control character"
        raise CredentialMissingError(detail)
    return text

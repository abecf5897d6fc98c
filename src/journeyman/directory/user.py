"""A user account and its identities: what the store keeps and every other module reads.

Source: technical-profiles.md §6.2 to §6.4.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

AttributeValue = str | bool | int | tuple[str, ...]
"""A stored attribute: dates are ISO 8601 text, collections are tuples."""

EMAIL_ADDRESS: Final = "emailAddress"
USER_NAME: Final = "userName"
PHONE_NUMBER: Final = "phoneNumber"
FEDERATED: Final = "federated"


@dataclass(frozen=True, slots=True)
class Identity:
    """One way in which a user is known.

    Attributes:
        kind: ``emailAddress``, ``userName``, ``phoneNumber``, a sign-in type of the policy's own, or ``federated``.
        issuer: the identity provider; "" for a local identity, whose issuer is the tenant.
        value: the sign-in name, or at a federated issuer the base64 of its user id, as claims hold it.
    """

    kind: str
    issuer: str
    value: str = field(repr=False)

    @property
    def local(self) -> bool:
        """Whether the tenant itself is the issuer."""
        return self.kind != FEDERATED

    @property
    def key(self) -> tuple[str, str]:
        """What must be unique in the tenant: local names ignore case, whatever their kind; issuers ignore case."""
        if self.local:
            return "local", normalised_name(self.value)
        return f"federated {self.issuer.casefold()}", self.value


def local_identity(kind: str, value: str) -> Identity:
    """Return a sign-in name; the known kinds are matched without regard to case."""
    known = {name.lower(): name for name in (EMAIL_ADDRESS, USER_NAME, PHONE_NUMBER)}
    return Identity(known.get(kind.lower(), kind), "", value.strip())


def normalised_name(name: str) -> str:
    """Return a sign-in name as it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())


@dataclass(frozen=True, slots=True)
class User:
    """One account.

    Attributes:
        attributes: name in lower case -> value, without those that have a field of their own here.
        principal_name: userPrincipalName, unique in the tenant; "" when there is none.
        password_hash: a PHC string of argon2id, None for an account without a password.
        password_policies: ``DisablePasswordExpiration``, ``DisableStrongPassword``.
        must_change_password: passwordProfile.forceChangePasswordNextLogin.
        version: counts the writes; 0 is a user that the store does not know yet.
    """

    object_id: str
    created_at: datetime
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)
    identities: tuple[Identity, ...] = ()
    principal_name: str = field(default="", repr=False)
    password_hash: str | None = field(default=None, repr=False)
    password_policies: tuple[str, ...] = ()
    must_change_password: bool = False
    account_enabled: bool = True
    refresh_tokens_valid_from: datetime | None = None
    version: int = 0

    def identities_of(self, kind: str) -> Iterator[Identity]:
        """Yield the identities of one kind, without regard to case."""
        return (identity for identity in self.identities if identity.kind.lower() == kind.lower())

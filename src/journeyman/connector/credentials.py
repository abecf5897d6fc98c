"""From policy keys to an authenticator: the ids of a profile's keys in, proof by their active versions out.

The active key is asked for at every call, so a rotated key is used from the next call on. A key that is
missing or not active fails the call before any connection; there is no call without the credential.

Source: rest-connectors.md §5, policy-keys.md §4-6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, Protocol, TypeVar

from journeyman.connector.authenticator import ActiveKeys, Authenticator, Credential
from journeyman.connector.authenticators.api_key_header import ApiKeyHeader
from journeyman.connector.authenticators.basic import Basic
from journeyman.connector.authenticators.bearer_key import BearerKey
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.connector.errors import CredentialMissingError
from journeyman.errors import KeySetNotFoundError, KeyStoreError, NoActiveKeyError
from journeyman.keys.keyset import Key
from journeyman.secret import Secret
from journeyman.service_codes import SERVICE_CODES

A = TypeVar("A", bound=Authenticator)
Make = Callable[[tuple[Key, ...], Credential], A]

REFUSED: Final = frozenset({401, 403})


class Credentials(Protocol):
    """Where a profile gets its authenticator from."""

    async def current(self, within_s: float) -> Authenticator:
        """Return the authenticator of this moment.

        Args:
            within_s: the seconds that the call has left, should the credential have to be acquired first.

        Raises:
            ConnectorError: there is none.
        """
        ...

    async def after_refusal(self, refused: Authenticator, status: int | None, within_s: float) -> Authenticator | None:
        """Return another authenticator that is worth one more try, None when there is none.

        Args:
            status: 401 or 403; None when the credential was refused in the TLS handshake.
        """
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """An authenticator that depends on no policy key."""

    authenticator: Authenticator

    async def current(self, within_s: float) -> Authenticator:
        """Return it."""
        return self.authenticator

    async def after_refusal(self, refused: Authenticator, status: int | None, within_s: float) -> Authenticator | None:
        """Return None: nothing is rotated or acquired here."""
        return None


class Needs(Enum):
    """What a policy key must hold; it decides the code of the failure."""

    SECRET = "secret"  # noqa: S105  a kind of key, no secret
    CERTIFICATE = "certificate"
    PRIVATE_KEY = "private key"


@dataclass(slots=True)
class FromPolicyKeys(Generic[A]):
    """An authenticator made of the active keys; it is made again when one of them was rotated.

    Attributes:
        key_ids: the policy keys, in the order in which ``make`` takes them.
    """

    keys: ActiveKeys
    key_ids: tuple[str, ...]
    make: Make[A]
    tenant_id: str
    profile_id: str
    needs: Needs = Needs.SECRET
    _active: tuple[Key, ...] = ()
    _made: A | None = field(default=None, repr=False)

    @property
    def certificate(self) -> bool:
        """Whether the credential is part of the TLS handshake."""
        return self.needs is Needs.CERTIFICATE

    async def current(self, within_s: float) -> Authenticator:
        """Return ``made``."""
        return self.made()

    async def after_refusal(self, refused: Authenticator, status: int | None, within_s: float) -> Authenticator | None:
        """Return the version before, while a rotation lasts; in TLS only a certificate can have been refused."""
        return self.fallback() if status in REFUSED or (status is None and refused.credential.in_tls) else None

    def made(self) -> A:
        """Return the authenticator of the keys that are active now.

        Raises:
            CredentialMissingError: AADB2C90130, 90019 or 90220; AADB2C90028 for a certificate without private key.
        """
        active = tuple(self._key(key_id) for key_id in self.key_ids)
        if self._made is None or any(new is not old for new, old in zip(active, self._active, strict=True)):
            self._check(active)
            self._made = self.make(active, Credential(self._versions(active), in_tls=self.certificate))
            self._active = active
        return self._made

    def fallback(self) -> A | None:
        """Return the authenticator of the version before: of every key that was just rotated, the key before."""
        previous = tuple(self.keys.fallback(key_id) for key_id in self.key_ids)
        if not any(previous):
            return None
        keys = tuple(before or self._key(key_id) for key_id, before in zip(self.key_ids, previous, strict=True))
        self._check(keys)
        return self.make(keys, Credential(self._versions(keys), in_tls=self.certificate, fallback=True))

    def _versions(self, keys: tuple[Key, ...]) -> tuple[tuple[str, str], ...]:
        return tuple((key_id, key.kid) for key_id, key in zip(self.key_ids, keys, strict=True))

    def _key(self, key_id: str) -> Key:
        try:
            return self.keys.active(key_id)
        except KeySetNotFoundError as error:
            raise _missing(90130, self.tenant_id, key_id) from error
        except NoActiveKeyError as error:
            if self.certificate:
                raise _missing(90220, self.tenant_id, key_id) from error
            raise _missing(90019, key_id, self.tenant_id, "all keys are expired, disabled or not active yet") from error
        except KeyStoreError as error:
            raise _missing(90019, key_id, self.tenant_id, "it cannot be read") from error

    def _check(self, active: tuple[Key, ...]) -> None:
        for key_id, key in zip(self.key_ids, active, strict=True):
            if self.certificate and not key.certificates:
                raise _missing(90220, self.tenant_id, key_id)
            if self.certificate and key.private_key is None:
                raise _missing(90028, self.profile_id)
            if self.needs is Needs.PRIVATE_KEY and key.private_key is None:
                raise _missing(90019, key_id, self.tenant_id, "it holds no private key")
            if self.needs is Needs.SECRET and key.secret is None:
                raise _missing(90019, key_id, self.tenant_id, "it holds no secret but a key pair")


def basic(active: tuple[Key, ...], credential: Credential) -> Authenticator:
    """Make the authenticator of ``Basic``: user name, then password."""
    return Basic(_secret(active[0]), _secret(active[1]), credential)


def bearer(profile_id: str) -> Make[Authenticator]:
    """Return what makes the authenticator of ``Bearer`` with a stored token."""
    return lambda active, credential: BearerKey(profile_id, _secret(active[0]), credential)


def client_certificate(active: tuple[Key, ...], credential: Credential) -> Authenticator:
    """Make the authenticator of ``ClientCertificate``."""
    return ClientCertificate(active[0], credential)


def api_key_header(header_name: str) -> Make[Authenticator]:
    """Return what makes the authenticator of ``ApiKeyHeader`` for a header."""
    return lambda active, credential: ApiKeyHeader(header_name, _secret(active[0]), credential)


def _secret(key: Key) -> Secret:
    return key.secret or Secret("")


def _missing(number: int, *values: str) -> CredentialMissingError:
    row = SERVICE_CODES[number]
    return CredentialMissingError(row.text.format(*values), service_code=row.code)

"""Key sets and the rule that says which of their keys is active.

Source: policy-keys.md §1, §4.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from journeyman.errors import NoActiveKeyError
from journeyman.secret import Secret


class Stage(Enum):
    """Where a key stands in a rotation; ``rotation.py`` moves it."""

    IN_USE = "in use"
    STAGED = "staged"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Previous:
    """The key that a promoted key has replaced: its ``kid``, and until when a call may still fall back to it."""

    kid: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a set, parsed once and kept.

    Attributes:
        kty: ``oct`` (then ``secret`` is set) or ``RSA`` (then ``public_key`` is, and ``private_key``
            unless only a certificate was uploaded).
        use: ``sig`` or ``enc``.
        sequence: counts the keys of a set in the order in which they were added.
        certificates: leaf first, then its intermediates; empty when the key has none.
        origin: a digest of the file that the key was imported from; it could confirm a guess of the
            secret, so it is shown nowhere.
        stage: a staged key verifies and is published, but is not used yet; a retired one is used for nothing.
        previous: set by a promotion.
    """

    kid: str
    kty: str
    use: str
    sequence: int
    added_at: datetime
    not_before: datetime | None = None
    expires_at: datetime | None = None
    enabled: bool = True
    secret: Secret | None = None
    private_key: RSAPrivateKey | None = None
    public_key: RSAPublicKey | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    origin: str = field(default="", repr=False)
    stage: Stage = Stage.IN_USE
    previous: Previous | None = None

    @property
    def usable(self) -> bool:
        """Whether nobody has disabled or retired the key."""
        return self.enabled and self.stage is not Stage.RETIRED

    def good(self, now: datetime) -> bool:
        """Whether the key is usable and not expired: it may verify and decrypt, and is published."""
        return self.usable and (self.expires_at is None or self.expires_at > now)

    def active(self, now: datetime) -> bool:
        """Whether the key may sign, encrypt or authenticate now."""
        began = self.not_before is None or self.not_before <= now
        return began and self.stage is Stage.IN_USE and self.good(now)


@dataclass(frozen=True, slots=True)
class KeySet:
    """A policy key: an ordered list of keys under one id."""

    id: str
    keys: tuple[Key, ...]

    def active(self, now: datetime) -> Key:
        """Return the one key that is used now.

        Of the keys that are enabled, activated and not expired it is the one with the latest
        activation date; undated keys count as oldest; ties go to the one added last.

        Raises:
            NoActiveKeyError: no key qualifies.
        """
        candidates = [key for key in self.keys if key.active(now)]
        if not candidates:
            detail = f"policy key {self.id!r} has no active key: all are expired, disabled or not active yet"
            raise NoActiveKeyError(detail)
        return max(
            candidates, key=lambda key: (key.not_before is not None, key.not_before or key.added_at, key.sequence)
        )

    def good(self, now: datetime) -> tuple[Key, ...]:
        """Return the keys with which a signature may still be checked."""
        return tuple(key for key in self.keys if key.good(now))

    def fallback(self, now: datetime) -> Key | None:
        """Return the key that the active one has replaced, while a call may still fall back to it."""
        candidates = [key for key in self.keys if key.previous is not None and key.active(now)]
        if not candidates:
            return None
        previous = self.active(now).previous
        if previous is None or previous.until <= now:
            return None
        return next((key for key in self.keys if key.kid == previous.kid and key.active(now)), None)


def without_waiting(key_set: KeySet, now: datetime) -> KeySet:
    """Return the set with its only key active already, though its activation date has not come.

    Some clients date a new key three hours ahead, because the real service demanded it once (policy-keys.md §3).
    """
    if len(key_set.keys) != 1 or not key_set.keys[0].good(now):
        return key_set
    (key,) = key_set.keys
    waits = key.not_before is not None and key.not_before > now
    return KeySet(key_set.id, (replace(key, not_before=None),)) if waits else key_set

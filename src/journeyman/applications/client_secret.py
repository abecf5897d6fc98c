"""Client secrets: random, shown once, kept as a keyed SHA-256; what is shown of them later has no secret in it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.database import Row, Statement, from_milliseconds, integer, text, to_milliseconds
from journeyman.secret import Secret

HINT_LENGTH: Final = 3
_ADD: Final = (
    "INSERT INTO application_secrets (tenant, client_id, key_id, hash, hint, display_name, starts_at, ends_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """What may be shown of a client secret: its first three characters, a name, from when to when it counts."""

    key_id: str
    hint: str
    display_name: str | None
    starts_at: datetime
    ends_at: datetime | None


def new_secret(display_name: str | None, starts_at: datetime, ends_at: datetime | None) -> tuple[ClientSecret, Secret]:
    """Make a client secret."""
    secret = Secret(secrets.token_urlsafe(32))
    # So that a person can tell secrets apart.
    hint = secret.reveal()[:HINT_LENGTH]
    return ClientSecret(str(uuid.uuid4()), hint, display_name, starts_at, ends_at), secret


def secret_hash(hash_key: Secret, client_id: str, secret: Secret) -> bytes:
    """Return what is kept of a secret; it is random, so a keyed hash is enough."""
    message = client_id.lower().encode() + b"\0" + secret.reveal_bytes()
    return hmac.new(hash_key.reveal_bytes(), message, hashlib.sha256).digest()


def insert_secret(tenant_id: str, client_id: str, shown: ClientSecret, hashed: bytes) -> Statement:
    """Return the statement that stores a client secret."""
    ends_at = None if shown.ends_at is None else to_milliseconds(shown.ends_at)
    place = (tenant_id, client_id, shown.key_id)
    return _ADD, (*place, hashed, shown.hint, shown.display_name, to_milliseconds(shown.starts_at), ends_at)


def client_secret_of(row: Row) -> ClientSecret:
    """Return what is shown of a row: key_id, hint, display_name, starts_at, ends_at."""
    key_id, hint, display_name, starts_at, ends_at = row
    return ClientSecret(
        key_id=text(key_id),
        hint=text(hint),
        display_name=None if display_name is None else text(display_name),
        starts_at=from_milliseconds(0 if starts_at is None else integer(starts_at)),
        ends_at=None if ends_at is None else from_milliseconds(integer(ends_at)),
    )

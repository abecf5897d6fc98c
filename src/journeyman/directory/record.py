"""A user in, the bytes that are sealed and stored out, and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from journeyman.directory.user import Identity, User


def encode_user(user: User) -> bytes:
    """Return a user as JSON; object id and version have columns of their own."""
    valid_from = user.refresh_tokens_valid_from
    record = {
        "created_at": user.created_at.isoformat(),
        "attributes": {name: list(v) if isinstance(v, tuple) else v for name, v in user.attributes.items()},
        "identities": [[identity.kind, identity.issuer, identity.value] for identity in user.identities],
        "principal_name": user.principal_name,
        "password_hash": user.password_hash,
        "password_policies": list(user.password_policies),
        "must_change_password": user.must_change_password,
        "account_enabled": user.account_enabled,
        "refresh_tokens_valid_from": valid_from and valid_from.isoformat(),
    }
    return json.dumps(record, separators=(",", ":")).encode()


def decode_user(data: bytes, *, object_id: str, version: int) -> User:
    """Return the user that ``encode_user`` wrote."""
    record: dict[str, Any] = json.loads(data)
    valid_from = record["refresh_tokens_valid_from"]
    return User(
        object_id=object_id,
        created_at=datetime.fromisoformat(record["created_at"]),
        attributes={name: tuple(v) if isinstance(v, list) else v for name, v in record["attributes"].items()},
        identities=tuple(Identity(kind, issuer, value) for kind, issuer, value in record["identities"]),
        principal_name=record["principal_name"],
        password_hash=record["password_hash"],
        password_policies=tuple(record["password_policies"]),
        must_change_password=record["must_change_password"],
        account_enabled=record["account_enabled"],
        refresh_tokens_valid_from=datetime.fromisoformat(valid_from) if valid_from else None,
        version=version,
    )

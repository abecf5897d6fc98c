"""Ids of policy keys: what an author types in, the id that is stored out.

Source: policy-keys.md §2. The length and the characters allowed are this project's decision.
"""

from __future__ import annotations

import re
from typing import Final

from journeyman.errors import KeyStoreError

PREFIX: Final = "B2C_1A_"
BACKUP_SUFFIX: Final = ".bak"

API_CONNECTOR_PREFIX: Final = f"{PREFIX}ApiConnector-"
IDENTITY_PROVIDER_PREFIX: Final = f"{PREFIX}IdentityProvider-"
_RESERVED: Final = ("b2c_1a_journeyman", API_CONNECTOR_PREFIX.lower(), IDENTITY_PROVIDER_PREFIX.lower())
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def policy_key_id(name: str) -> str:
    """Return the id under which a key set of this name is stored: the prefix is added once, the case is kept.

    Raises:
        KeyStoreError: the name is empty, too long, or has other characters than letters, digits, ``-`` and ``_``.
    """
    bare = name[len(PREFIX) :] if name[: len(PREFIX)].lower() == PREFIX.lower() else name
    if not _NAME.fullmatch(bare):
        detail = (
            f"{name[:100]!r} is not a name for a policy key: after the prefix {PREFIX} it has 1 to 64 letters, "
            "digits, '-' or '_'"
        )
        raise KeyStoreError(detail)
    return name if bare != name else PREFIX + name


def stored_id(name: str) -> str:
    """Return the id of a key set that may also be a backup."""
    if is_backup(name):
        return policy_key_id(name[: -len(BACKUP_SUFFIX)]) + name[-len(BACKUP_SUFFIX) :]
    return policy_key_id(name)


def is_backup(id: str) -> bool:
    """Whether this is the id of a deleted key set that is kept."""
    return id.lower().endswith(BACKUP_SUFFIX)


def backup_id(id: str) -> str:
    """Return the id under which a deleted key set is kept."""
    return id + BACKUP_SUFFIX


def is_reserved(id: str) -> bool:
    """Whether a key set belongs to the engine, an API connector or an identity provider, and is nobody else's to use.

    Who may change policy keys or policies could otherwise sign management tokens, or send the secret of a
    connector elsewhere.
    """
    return id.lower().startswith(_RESERVED)


def original_id(id: str) -> str:
    """Return the id that a backup had. Raises KeyStoreError when the id is not that of a backup."""
    if not is_backup(id):
        raise KeyStoreError(f"AADB2C95027: The trustframework backup key set Id '{id}' must end with .bak.")
    return stored_id(id)[: -len(BACKUP_SUFFIX)]

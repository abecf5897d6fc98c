"""Persisted claims and an account in, the changed account out. No I/O.

Source: technical-profiles.md §6.3 (write rules), §6.4 (attributes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from journeyman.claims.values import ClaimValue
from journeyman.directory.attributes import (
    DEFAULT_EXTENSIONS_APP,
    MAX_EXTENSIONS,
    Attribute,
    find_attribute,
    stored_name,
    stored_value,
)
from journeyman.directory.errors import AttributeValueError
from journeyman.directory.identities import SIGN_IN_PREFIX, with_identities
from journeyman.directory.user import AttributeValue, User

_IDENTITIES: Final = frozenset({"alternativesecurityid", "alternativesecurityids", "useridentities"})
_UNTOUCHED: Final = frozenset({"objectid", "password"})


def _principal_name(user: User, value: AttributeValue) -> User:
    return user if user.principal_name else replace(user, principal_name=str(value))


def _password_policies(user: User, value: AttributeValue) -> User:
    return replace(user, password_policies=tuple(part.strip() for part in str(value).split(",") if part.strip()))


_FIELDS: Final[Mapping[str, Callable[[User, AttributeValue], User]]] = {
    "userprincipalname": _principal_name,
    "passwordpolicies": _password_policies,
    "accountenabled": lambda user, value: replace(user, account_enabled=bool(value)),
    "passwordprofile.forcechangepasswordnextlogin": lambda user, value: replace(user, must_change_password=bool(value)),
}


def persist(user: User, claims: Mapping[str, ClaimValue], *, extensions_app: str = DEFAULT_EXTENSIONS_APP) -> User:
    """Return the user with persisted claims applied.

    A claim that is not in ``claims`` leaves its attribute as it is, an empty text clears it. The
    object id and, once there is one, the principal name stay. ``password`` is passed over, because
    hashing takes time: set ``password_hash``.

    Args:
        claims: name in the directory (PartnerClaimType) -> value.
        extensions_app: the client id that stands in the names of extension attributes.

    Raises:
        AttributeValueError: no such attribute, one that is read only, or a value that does not fit.
    """
    attributes = {name.strip().lower(): _writable(name) for name in claims}
    values = {name.strip().lower(): value for name, value in claims.items()}
    user = with_identities(user, values)
    for name, attribute in attributes.items():
        if name not in _UNTOUCHED | _IDENTITIES and not name.startswith(SIGN_IN_PREFIX):
            user = _written(user, attribute, values[name], extensions_app)
    if sum(name.startswith("extension_") for name in user.attributes) > MAX_EXTENSIONS:
        raise AttributeValueError(f"a user has at most {MAX_EXTENSIONS} extension attributes")
    return user


def forget(user: User, names: Iterable[str], *, extensions_app: str = DEFAULT_EXTENSIONS_APP) -> User:
    """Return the user without these attributes; the object id and the principal name stay.

    Raises:
        AttributeValueError: no such attribute, or one that is read only.
    """
    for name in names:
        user = _without(user, _writable(name).name.lower(), extensions_app)
    return user


def check_new(user: User) -> None:
    """Check that a user may be created: a display name, an identity, a password for a local account.

    Raises:
        AttributeValueError: one is missing.
    """
    if not user.attributes.get("displayname"):
        raise AttributeValueError("a new account needs a displayName")
    if not user.identities:
        raise AttributeValueError("a new account needs a sign-in name or a federated identity")
    if any(identity.local for identity in user.identities) and user.password_hash is None:
        raise AttributeValueError("a new local account needs a password")


def _writable(name: str) -> Attribute:
    attribute = find_attribute(name)
    if attribute is None:
        raise AttributeValueError(f"the directory has no attribute {name.strip()[:64]!r}")
    if not attribute.persisted:
        raise AttributeValueError(f"the attribute {attribute.name} cannot be written")
    return attribute


def _written(user: User, attribute: Attribute, value: ClaimValue, extensions_app: str) -> User:
    if value in ("", ()):
        return _without(user, attribute.name.lower(), extensions_app)
    kept = stored_value(attribute, value)
    write = _FIELDS.get(attribute.name.lower())
    if write is not None:
        return write(user, kept)
    key = stored_name(attribute.name, extensions_app=extensions_app)
    return replace(user, attributes={**user.attributes, key: kept})


def _without(user: User, name: str, extensions_app: str) -> User:
    if name.startswith(SIGN_IN_PREFIX):
        kind = name.removeprefix(SIGN_IN_PREFIX)
        kept = tuple(held for held in user.identities if not held.local or held.kind.lower() != kind)
        return replace(user, identities=kept)
    if name in _IDENTITIES:
        return replace(user, identities=tuple(held for held in user.identities if held.local))
    if name == "password":
        return replace(user, password_hash=None)
    if name == "passwordpolicies":
        return replace(user, password_policies=())
    key = stored_name(name, extensions_app=extensions_app)
    return replace(user, attributes={held: value for held, value in user.attributes.items() if held != key})

"""The key claim of a directory profile in, the user out. Source: technical-profiles.md §6.2."""

from __future__ import annotations

from journeyman.claims.values import ClaimValue
from journeyman.directory.errors import AttributeValueError, NotSearchableError
from journeyman.directory.identities import SIGN_IN_PREFIX, parse_alternative_security_id, parse_identities
from journeyman.directory.store import UserStore
from journeyman.directory.user import User, local_identity


async def find_user(store: UserStore, name: str, value: ClaimValue) -> User | None:
    """Return the user whom a key claim names, None when there is none.

    Args:
        store: where to look.
        name: the name of the claim after mapping, in any case: ``objectId``, ``signInNames``, ``userIdentities``,
            ``signInNames.emailAddress`` or another kind, ``alternativeSecurityId``, ``userPrincipalName``.
        value: the value of the claim.

    Raises:
        NotSearchableError: accounts are not found by this claim.
        AttributeValueError: the value is no key of this kind.
    """
    match name.strip().lower():
        case "alternativesecurityid":
            return await store.find_by_identity(parse_alternative_security_id(value))
        case "useridentities":
            return await _find_by_any(store, value)
        case "objectid":
            return await store.find(_text(value))
        case "signinnames":
            return await store.find_by_sign_in_name(_text(value))
        case "userprincipalname":
            return await store.find_by_principal_name(_text(value))
        case lower if lower.startswith(SIGN_IN_PREFIX):
            return await store.find_by_identity(local_identity(lower.removeprefix(SIGN_IN_PREFIX), _text(value)))
        case _:
            raise NotSearchableError(f"accounts are not found by {name.strip()[:64]!r}")


async def _find_by_any(store: UserStore, value: ClaimValue) -> User | None:
    for identity in parse_identities(value):
        user = await store.find_by_identity(identity)
        if user is not None:
            return user
    return None


def _text(value: ClaimValue) -> str:
    if not isinstance(value, str):
        raise AttributeValueError("a key is a text")
    return value

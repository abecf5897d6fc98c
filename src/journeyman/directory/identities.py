"""Claims that hold identities in, the identities of a user out, and back.

Source: technical-profiles.md §6.2, §6.3; claims.md for the JSON of an alternative security id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from journeyman.claims.json_text import parse_json
from journeyman.claims.values import ClaimValue, ConversionError, DataType, UserIdentity, convert
from journeyman.directory.attributes import find_attribute, stored_value
from journeyman.directory.errors import AttributeValueError
from journeyman.directory.user import FEDERATED, Identity, User, local_identity

SIGN_IN_PREFIX = "signinnames."
MAX_IDENTITIES = 10
_COLLECTIONS = ("alternativesecurityids", "useridentities")


def parse_alternative_security_id(value: ClaimValue) -> Identity:
    """Return the federated identity of a claim.

    Shapes: ``{"issuer":…,"issuerUserId":…}``, the older ``{"type":6,"identityProvider":…,"key":…}``, or a typed value.

    Raises:
        AttributeValueError: it is none of them.
    """
    try:
        parsed: object = parse_json(value) if isinstance(value, str) else value
        if isinstance(parsed, dict) and "identityProvider" in parsed:
            parsed = {"issuer": parsed["identityProvider"], "issuerUserId": parsed.get("key")}
        typed = convert(parsed, DataType.USER_IDENTITY)
    except (ValueError, ConversionError):
        raise AttributeValueError("the claim holds no federated identity") from None
    if not isinstance(typed, UserIdentity):
        raise AttributeValueError("the claim holds no federated identity")
    return _federated(typed)


def with_identities(user: User, values: Mapping[str, ClaimValue]) -> User:
    """Return the user with the identities among ``values``, which are named in lower case.

    Sign-in names replace all sign-in names the user had; ``alternativeSecurityId`` replaces the
    identity of its issuer (this project's decision), a collection replaces all federated identities.

    Raises:
        AttributeValueError: a value is no identity, or there are more than 10.
    """
    local = [identity for identity in user.identities if identity.local]
    federated = [identity for identity in user.identities if not identity.local]
    names = {name: value for name, value in values.items() if name.startswith(SIGN_IN_PREFIX)}
    if names:
        local = [_sign_in_name(name, value) for name, value in names.items() if value != ""]
    for name in _COLLECTIONS:
        if name in values:
            federated = parse_identities(values[name])
    single = values.get("alternativesecurityid")
    if single:
        added = parse_alternative_security_id(single)
        federated = [held for held in federated if held.issuer.casefold() != added.issuer.casefold()] + [added]
    identities = tuple(dict.fromkeys(local + federated))
    if len(identities) > MAX_IDENTITIES:
        raise AttributeValueError(f"a user has at most {MAX_IDENTITIES} identities")
    return replace(user, identities=identities)


def federated_identities(user: User) -> tuple[UserIdentity, ...]:
    """Return the federated identities as claims hold them."""
    return tuple(UserIdentity(held.issuer, held.value) for held in user.identities if not held.local)


def _sign_in_name(name: str, value: ClaimValue) -> Identity:
    attribute = find_attribute(name)
    if attribute is None:
        raise AttributeValueError("a sign-in type has an invalid name")
    identity = local_identity(name.removeprefix(SIGN_IN_PREFIX), str(stored_value(attribute, value)))
    if not identity.value:
        raise AttributeValueError("a sign-in name is blank")
    return identity


def parse_identities(value: ClaimValue) -> list[Identity]:
    """Return the federated identities of a collection claim. Raises AttributeValueError when it holds none such."""
    if value in ("", ()):
        return []
    try:
        typed = convert(value, DataType.USER_IDENTITY_COLLECTION)
    except ConversionError:
        raise AttributeValueError("the claim holds no collection of identities") from None
    items = typed if isinstance(typed, tuple) else ()
    return [_federated(item) for item in items if isinstance(item, UserIdentity)]


def _federated(identity: UserIdentity) -> Identity:
    if not identity.issuer or not identity.issuer_user_id:
        raise AttributeValueError("a federated identity has no issuer or no user id")
    return Identity(FEDERATED, identity.issuer, identity.issuer_user_id)

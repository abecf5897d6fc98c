"""Claims transformations of external identities (claims.md B.9)."""

from __future__ import annotations

import base64
from typing import Final

from journeyman.claims import ordinal
from journeyman.claims.transformations.arguments import identities_of, identity_of, text_of, value_of
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import UserIdentity, to_text

_COLLECTION: Final = "collection"
_ALTERNATIVE: Final = "alternativesecurityidcollection"


def _create_alternative_security_id(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    identity = _identity(text_of(inputs, "identityprovider"), text_of(inputs, "key"))
    return {} if identity is None else {"alternativesecurityid": to_text(identity)}


def _create_user_identity(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    identity = _identity(text_of(inputs, "issuer"), text_of(inputs, "issueruserid"))
    return {} if identity is None else {"useridentity": identity}


def _identity(issuer: str | None, user_id: str | None) -> UserIdentity | None:
    if issuer is None or user_id is None:
        return None
    return UserIdentity(issuer, base64.b64encode(user_id.encode()).decode())


def _add_alternative_security_id(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    # The table of the documents names the item Element.
    item = identity_of(inputs, "item", "element")
    held = identities_of(inputs, _COLLECTION)
    if item is None:
        return {} if value_of(inputs, _COLLECTION) is None else {_COLLECTION: held}
    known = any(one.issuer_user_id == item.issuer_user_id and _same(one.issuer, item.issuer) for one in held)
    return {_COLLECTION: held if known else (*held, item)}


def _add_user_identity(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    item = identity_of(inputs, "item", "useridentity")
    held = identities_of(inputs, _COLLECTION)
    if item is None:
        return {} if value_of(inputs, _COLLECTION) is None else {_COLLECTION: held}
    return {_COLLECTION: (*held, item)}


def _identity_providers(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return {"identityproviderscollection": _issuers(identities_of(inputs, _ALTERNATIVE))}


def _user_identity_issuers(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return {"issuerscollection": _issuers(identities_of(inputs, "useridentitycollection"))}


def _issuers(identities: tuple[UserIdentity, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(identity.issuer for identity in identities))


def _remove_by_identity_provider(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return _removed(inputs, text_of(inputs, "identityprovider"))


def _remove_by_issuer(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return _removed(inputs, text_of(inputs, "issuer"))


def _removed(inputs: Inputs, issuer: str | None) -> Outputs:
    if value_of(inputs, _COLLECTION) is None:
        return {}
    held = identities_of(inputs, _COLLECTION)
    return {_COLLECTION: tuple(one for one in held if issuer is None or not _same(one.issuer, issuer))}


def _same(first: str, second: str) -> bool:
    return ordinal.equal(first, second, ignore_case=True)


_COLLECTIONS: Final = frozenset({_COLLECTION})

METHODS: Final = (
    Method(
        "CreateAlternativeSecurityId",
        _create_alternative_security_id,
        inputs=frozenset({"key", "identityprovider"}),
        outputs=frozenset({"alternativesecurityid"}),
    ),
    Method(
        "AddItemToAlternativeSecurityIdCollection",
        _add_alternative_security_id,
        inputs=frozenset({"item", "element", _COLLECTION}),
        outputs=_COLLECTIONS,
    ),
    Method(
        "GetIdentityProvidersFromAlternativeSecurityIdCollectionTransformation",
        _identity_providers,
        inputs=frozenset({_ALTERNATIVE}),
        outputs=frozenset({"identityproviderscollection"}),
    ),
    Method(
        "RemoveAlternativeSecurityIdByIdentityProvider",
        _remove_by_identity_provider,
        inputs=frozenset({"identityprovider", _COLLECTION}),
        outputs=_COLLECTIONS,
    ),
    Method(
        "CreateUserIdentity",
        _create_user_identity,
        inputs=frozenset({"issuer", "issueruserid"}),
        outputs=frozenset({"useridentity"}),
    ),
    Method(
        "AddItemToUserIdentityCollection",
        _add_user_identity,
        inputs=frozenset({"item", "useridentity", _COLLECTION}),
        outputs=_COLLECTIONS,
    ),
    Method(
        "GetIssuersFromUserIdentityCollectionTransformation",
        _user_identity_issuers,
        inputs=frozenset({"useridentitycollection"}),
        outputs=frozenset({"issuerscollection"}),
    ),
    Method(
        "RemoveUserIdentityFromCollectionByIssuer",
        _remove_by_issuer,
        inputs=frozenset({"issuer", _COLLECTION}),
        outputs=_COLLECTIONS,
    ),
)

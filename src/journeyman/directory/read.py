"""An account and the name of an attribute in, its value out. Source: technical-profiles.md §6.4."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from journeyman.claims.values import to_json
from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP, find_attribute, stored_name
from journeyman.directory.identities import SIGN_IN_PREFIX, federated_identities
from journeyman.directory.user import User

_MINORS: Final = {
    "granted": "minorWithParentalConsent",
    "denied": "minorWithOutParentalConsent",
    "notrequired": "minorNoParentalConsentRequired",
}


def read(user: User, name: str, *, extensions_app: str = DEFAULT_EXTENSIONS_APP) -> object | None:
    """Return the value of an attribute, its name in any case.

    Returns:
        A text, number, boolean, time, tuple of texts or of ``UserIdentity``; None when the user has no
        value, the directory no such attribute, or nobody may read it.
    """
    attribute, lower = find_attribute(name), name.strip().lower()
    if attribute is None or not attribute.output:
        return None
    if lower.startswith(SIGN_IN_PREFIX):
        kind = lower.removeprefix(SIGN_IN_PREFIX)
        return next((held.value for held in user.identities_of(kind) if held.local), None)
    compute = _COMPUTED.get(lower)
    if compute is not None:
        return compute(user)
    return user.attributes.get(stored_name(name, extensions_app=extensions_app))


def _alternative_security_id(user: User) -> str | None:
    identities = federated_identities(user)
    return json.dumps(to_json(identities[0]), separators=(",", ":")) if identities else None


def _age_group_classification(user: User) -> str | None:
    group = str(user.attributes.get("agegroup", "")).lower()
    if group == "minor":
        return _MINORS.get(str(user.attributes.get("consentprovidedforminor", "")).lower())
    return {"adult": "adult", "notadult": "notAdult"}.get(group)


def _creation_type(user: User) -> str | None:
    return "LocalAccount" if any(held.local for held in user.identities) else None


_COMPUTED: Final[Mapping[str, Callable[[User], object | None]]] = {
    "objectid": lambda user: user.object_id,
    "userprincipalname": lambda user: user.principal_name or None,
    "alternativesecurityid": _alternative_security_id,
    "alternativesecurityids": lambda user: federated_identities(user) or None,
    "useridentities": lambda user: federated_identities(user) or None,
    "passwordpolicies": lambda user: ", ".join(user.password_policies) or None,
    "passwordprofile.forcechangepasswordnextlogin": lambda user: user.must_change_password,
    "accountenabled": lambda user: user.account_enabled,
    "createddatetime": lambda user: user.created_at,
    "creationtype": _creation_type,
    "usertype": lambda _: "Member",
    "refreshtokensvalidfromdatetime": lambda user: user.refresh_tokens_valid_from or user.created_at,
    "legalagegroupclassification": _age_group_classification,
}

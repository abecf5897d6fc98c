"""The names of claims on the wire of an API connector, and which of them may be sent and taken.

Source: rest-connectors.md §15.3 and §15.4. Which names an answer may never set is this project's decision.
"""

from __future__ import annotations

import re
from typing import Final

from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.api_connector.step import Step

EMAIL: Final = "email"
OBJECT_ID: Final = "objectId"
IDENTITIES: Final = "identities"
EMAIL_ADDRESS: Final = "identities.emailAddress"
USER_NAME: Final = "identities.userName"
ISSUER: Final = "identities.federated.issuer"
ISSUER_ASSIGNED_ID: Final = "identities.federated.issuerAssignedId"
PARTS: Final = frozenset({IDENTITIES, EMAIL_ADDRESS, USER_NAME, ISSUER, ISSUER_ASSIGNED_ID})
"""What makes the member ``identities``."""

STEP_MEMBER: Final = "step"
CLIENT_ID: Final = "client_id"
UI_LOCALES: Final = "ui_locales"
OWN: Final = frozenset({STEP_MEMBER, CLIENT_ID, UI_LOCALES})
"""What the engine sends by itself."""

_PASSWORDS: Final = frozenset({"password", "newpassword", "reenterpassword", "oldpassword", "passwordprofile", "pwd"})
_NEVER_TAKEN: Final = frozenset(
    {
        "action",
        "alternativesecurityid",
        "identities",
        "issueruserid",
        "iss",
        "aud",
        "nonce",
        "newuser",
        "objectid",
        "oid",
    }
    | {"signinnames", "status", "sub", "tfp", "acr", "useridentities", "userprincipalname", "usermessage", "version"}
    | OWN
)
_EXTENSION: Final = re.compile(r"extension_([0-9a-f]{32})_([A-Za-z0-9_]+)", re.IGNORECASE)


def is_password(claim: ClaimType, name: str) -> bool:
    """Whether a claim is a password by its control on a page or by a name."""
    named = {claim.id.casefold(), name.casefold()} & _PASSWORDS
    return bool(named) or claim.user_input_type is UserInputType.PASSWORD


def short_name(name: str) -> str | None:
    """Return ``extension_X`` for ``extension_<app id>_X``, None for another name."""
    found = _EXTENSION.fullmatch(name)
    return None if found is None else f"extension_{found[2]}"


def is_unfinished_extension(name: str) -> bool:
    """Whether a name begins as that of a custom attribute and does not go on as one."""
    return name.casefold().startswith("extension_") and _EXTENSION.fullmatch(name) is None


def unsendable(mapping: ClaimMapping, step: Step) -> str:
    """Return why a claim is not sent at a step, "" when it may be."""
    if is_password(mapping.claim, mapping.name):
        return "a password is never sent"
    if mapping.name in OWN:
        return "the engine sends it by itself"
    if mapping.name == OBJECT_ID and step is not Step.PRE_TOKEN_ISSUANCE:
        return "there is no user yet at this step"
    return ""


def untakable(mapping: ClaimMapping, step: Step) -> str:
    """Return why an answer may not set a claim at a step, "" when it may."""
    names = {mapping.name.casefold(), mapping.claim.id.casefold()}
    if is_password(mapping.claim, mapping.name):
        return "a password is never taken"
    if names & _NEVER_TAKEN or any(name.startswith(("identities.", "signinnames.")) for name in names):
        return "an API does not decide who the user is"
    if mapping.name.casefold() == EMAIL and step is Step.PRE_TOKEN_ISSUANCE:
        return "an API cannot replace the e-mail address in a token"
    return ""

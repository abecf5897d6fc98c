"""The body of a user request in, the change that it asks for out. Source: graph-api.md §8."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from journeyman.directory.attributes import own_name, stored_name
from journeyman.directory.user import AttributeValue, Identity, User, local_identity
from journeyman.engine import Tenant
from journeyman.management.user_members import (
    MEMBERS,
    NAMES,
    PRINCIPAL_NAME,
    READ_ONLY,
    UserMember,
    federated,
    is_extension,
    member_value,
    shown_identities,
)
from journeyman.management.users import UserChange
from journeyman.secret import Secret
from journeyman.settings.identity import AttributeType, UserAttribute
from journeyman.web.graph.members import Members

MAX_EXTENSION_TEXT: Final = 256
MAX_ID: Final = 256
_POLICIES: Final = {"disablepasswordexpiration": "DisablePasswordExpiration", "disablestrongpassword": "DisableStrongPassword", "none": ""}  # fmt: skip
_EMAIL: Final = re.compile(r"[^\s@<>]{1,200}@[^\s@<>]{1,200}")
_KIND: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPES: Final[Mapping[AttributeType, tuple[type, str]]] = {
    AttributeType.STRING: (str, "a string"),
    AttributeType.BOOLEAN: (bool, "true or false"),
    AttributeType.INT64: (int, "a whole number"),
    AttributeType.STRING_COLLECTION: (list, "a list of strings"),
    AttributeType.DATE_TIME: (str, "a time"),
}


class UserBodies:
    """Read bodies of users of one tenant; ``attributes`` returns the user attributes that are known now."""

    def __init__(self, tenant: Tenant, attributes: Callable[[], tuple[UserAttribute, ...]]) -> None:
        self._tenant, self._tenant_id, self._extensions_app = tenant.name, tenant.id, tenant.extensions_app
        self._attributes = attributes

    def change(self, body: Members, user: User | None) -> UserChange:
        """Return the change of a body; ``user`` is whom it changes, None for a new one.

        Raises:
            InvalidError: a member is wrong, or cannot be written.
        """
        if user is not None:
            _refuse_read_only(body, user)
        profile = body.inner("passwordProfile")
        principal_name, identities = self._identities(body, user)
        return UserChange(
            members=dict(self._members(body)),
            identities=identities,
            principal_name=principal_name,
            password=_password(profile),
            must_change_password=profile.flag("forceChangePasswordNextSignIn") if profile else None,
            password_policies=_password_policies(body),
            account_enabled=body.flag("accountEnabled"),
        )

    def _members(self, body: Members) -> Iterator[tuple[str, AttributeValue | None]]:
        for name in body.values:
            known = MEMBERS.get(NAMES.get(name.lower(), ""))
            if known is not None:
                yield known.name, _plain(body, name, known)
            elif is_extension(name):
                yield name, self._extension(body, name)

    def _extension(self, body: Members, name: str) -> AttributeValue | None:
        known = next((one for one in self._attributes() if self._stored(one.id) == self._stored(name)), None)
        value = body.values[name]
        if known is not None and value is not None:
            kind, called = _TYPES[known.data_type]
            if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
                raise body.wrong(name, f"is not {called}")
        if known is not None and known.data_type is AttributeType.DATE_TIME:
            body.moment(name)
        if isinstance(value, list):
            return _short(body, name, body.texts(name, max_items=250) or ())
        if isinstance(value, str):
            return _short(body, name, (value,))[0]
        if isinstance(value, bool) or value is None:
            return value
        return body.integer(name)

    def _stored(self, name: str) -> str:
        return stored_name(own_name(name, self._extensions_app))

    def _identities(self, body: Members, user: User | None) -> tuple[str | None, tuple[Identity, ...] | None]:
        """Return the principal name, which may stand among the identities, and the identities."""
        named = body.optional_text(PRINCIPAL_NAME, max_length=MAX_ID)
        items = body.inners("identities", max_items=50)
        found: list[Identity] = []
        for item in items or ():
            kind = item.text("signInType", max_length=64)
            if kind.lower() == PRINCIPAL_NAME.lower():
                named = named or item.text("issuerAssignedId", max_length=MAX_ID)
            else:
                found.append(self._identity(item, kind, user))
        if named is not None:
            self._check_principal_name(body, named)
        return named, None if items is None else tuple(found)

    def _identity(self, item: Members, kind: str, user: User | None) -> Identity:
        issuer, name = item.text("issuer", max_length=512), item.text("issuerAssignedId", max_length=MAX_ID)
        held = _held(user, kind, issuer, name, self._tenant)
        if held is not None:
            return held
        if not _KIND.fullmatch(kind):
            raise item.wrong("signInType", "is not a sign-in type; write emailAddress, userName or federated")
        if kind.lower() == "federated":
            if issuer.lower() in {self._tenant.lower(), self._tenant_id.lower()}:
                raise item.wrong("issuer", "is the tenant itself; a federated identity has another issuer")
            return federated(issuer, name)
        if issuer.lower() not in {self._tenant.lower(), self._tenant_id.lower()}:
            raise item.wrong("issuer", f"is not the tenant; write {self._tenant}")
        if kind.lower() == "emailaddress" and not _EMAIL.fullmatch(name):
            raise item.wrong("issuerAssignedId", "is not an e-mail address")
        return local_identity(kind, name)

    def _check_principal_name(self, body: Members, name: str) -> None:
        prefix, _, domain = name.rpartition("@")
        if not _EMAIL.fullmatch(name) or domain.lower() != self._tenant.lower() or not prefix:
            raise body.wrong(PRINCIPAL_NAME, f"is not a name at the tenant; write one like ada@{self._tenant}")


def _refuse_read_only(body: Members, user: User) -> None:
    """Refuse what cannot be changed; what was read may be sent back."""
    for name in READ_ONLY:
        if body.value(name) not in (None, member_value(user, name, tenant="", extensions_app="")):
            raise body.wrong(name, "is read only")
    if body.has("displayName") and not body.optional_text("displayName"):
        raise body.wrong("displayName", "cannot be cleared")


def _held(user: User | None, kind: str, issuer: str, name: str, tenant: str) -> Identity | None:
    """Return the identity that the user has already under these words, so that what was read can be sent back."""
    if user is None:
        return None
    shown = zip(shown_identities(user, tenant), user.identities, strict=False)
    wanted = (kind.lower(), issuer.lower(), name)
    return next(
        (held for one, held in shown if (one.sign_in_type.lower(), one.issuer.lower(), one.assigned_id) == wanted), None
    )


def _plain(body: Members, name: str, member: UserMember) -> AttributeValue | None:
    if member.many:
        items = body.texts(name, max_items=250)
        if items is not None and any(len(item) > member.max_length for item in items):
            raise body.wrong(name, f"has an item longer than {member.max_length} characters")
        return items or None
    value = body.optional_text(name, max_length=member.max_length)
    if member.name == "displayName" and value and ("<" in value or ">" in value):
        raise body.wrong(name, "holds < or >")
    return value


def _short(body: Members, name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    if any(len(text) > MAX_EXTENSION_TEXT for text in texts):
        raise body.wrong(name, f"is longer than {MAX_EXTENSION_TEXT} characters")
    return texts


def _password(profile: Members | None) -> Secret | None:
    if profile is None or not profile.has("password"):
        return None
    return Secret(profile.text("password", max_length=256))


def _password_policies(body: Members) -> tuple[str, ...] | None:
    if body.is_null("passwordPolicies"):
        return ()
    text = body.optional_text("passwordPolicies", max_length=256)
    if text is None:
        return None
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in _POLICIES:
            raise body.wrong("passwordPolicies", "knows DisablePasswordExpiration, DisableStrongPassword and None")
    return tuple(_POLICIES[name] for name in names if _POLICIES[name])

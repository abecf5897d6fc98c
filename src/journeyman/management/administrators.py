"""The administrators of the portal: who may sign in there, and with which roles.

They are accounts in a directory of their own. No policy of the tenant reaches them, and they are no users of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from journeyman.directory.passwords import PasswordHasher, check_strength
from journeyman.directory.store import UserStore
from journeyman.directory.user import EMAIL_ADDRESS, User, local_identity
from journeyman.errors import UserExistsError
from journeyman.management.caller import ROLES
from journeyman.management.errors import ConflictingError, InvalidError, NotFoundError
from journeyman.secret import Secret
from journeyman.storage.audit import AuditLog

ALL_ROLES: Final = frozenset(ROLES)
_PAGE: Final = 500
_NAME: Final = "displayname"
_ROLES: Final = "roles"


@dataclass(frozen=True, slots=True)
class Administrator:
    """One administrator; ``roles`` are names of application roles."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Administrators:
    """The administrators of one tenant.

    Attributes:
        users: the directory of administrators, not that of the tenant.
        tenant_id: of the tenant, for the audit trail.
    """

    users: UserStore
    audit: AuditLog
    tenant_id: str

    async def all(self) -> tuple[Administrator, ...]:
        """Return every administrator, by e-mail address."""
        found: list[User] = []
        while page := await self.users.page(after=found[-1].object_id if found else "", limit=_PAGE):
            found += page
        return tuple(sorted(map(_administrator, found), key=lambda one: one.email.casefold()))

    async def exist(self) -> bool:
        """Whether there is any."""
        return bool(await self.users.page(limit=1))

    async def find(self, id: str) -> Administrator | None:
        """Return the administrator of an object id; None when there is none or they are locked out."""
        user = await self.users.find(id)
        return _administrator(user) if user is not None and user.account_enabled else None

    async def of_email(self, email: str) -> Administrator | None:
        """Return the administrator of an e-mail address."""
        user = await self.users.find_by_sign_in_name(email)
        return _administrator(user) if user is not None else None

    def check(self, password: Secret) -> None:
        """Check a new password. Raises WeakPasswordError."""
        check_strength(password)

    async def add(
        self, email: str, name: str, roles: Iterable[str], password: Secret, hasher: PasswordHasher, *, actor: str
    ) -> Administrator:
        """Add an administrator.

        Raises:
            InvalidError: the address, the name or a role is none.
            WeakPasswordError: the password breaks the rule.
            ConflictingError: there is an administrator of this address.
        """
        checked = checked_email(email), checked_name(name), checked_roles(roles)
        check_strength(password)
        user = User(
            object_id="",
            created_at=datetime.min.replace(tzinfo=UTC),
            attributes={_NAME: checked[1], _ROLES: tuple(sorted(checked[2]))},
            identities=(local_identity(EMAIL_ADDRESS, checked[0]),),
            password_hash=await hasher.hash(password),
        )
        try:
            stored = await self.users.create(user)
        except UserExistsError as error:
            raise ConflictingError(
                "there is an administrator of this e-mail address already", member="email"
            ) from error
        await self._note("Add administrator", actor, checked[0], {"roles": _shown(checked[2])})
        return _administrator(stored)

    async def set_password(self, id: str, password: Secret, hasher: PasswordHasher, *, actor: str) -> Administrator:
        """Give an administrator another password. Raises WeakPasswordError, NotFoundError."""
        check_strength(password)
        user = await self.users.find(id)
        if user is None:
            raise NotFoundError("this administrator was removed")
        stored = _administrator(await self.users.update(replace(user, password_hash=await hasher.hash(password))))
        await self._note("Reset administrator password", actor, stored.email, {})
        return stored

    async def set_roles(self, administrator: Administrator, roles: Iterable[str], *, actor: str) -> Administrator:
        """Give an administrator these roles in place of those they have; they count from the next request on.

        Raises:
            InvalidError: none is named, or one is no role.
            NotFoundError: the administrator was removed.
        """
        names = frozenset(roles)
        if not names:
            raise InvalidError("an administrator needs a role; `journeyman admins remove` removes one", member="role")
        checked = checked_roles(names)
        user = await self.users.find(administrator.id)
        if user is None:
            raise NotFoundError("this administrator was removed")
        attributes = {**user.attributes, _ROLES: tuple(sorted(checked))}
        stored = _administrator(await self.users.update(replace(user, attributes=attributes)))
        await self._note("Change administrator roles", actor, stored.email, {"roles": _shown(checked)})
        return stored

    async def remove(self, administrator: Administrator, *, actor: str) -> None:
        """Remove an administrator; their sessions end with the next request."""
        if await self.users.delete(administrator.id):
            await self._note("Remove administrator", actor, administrator.email, {})

    async def _note(self, activity: str, actor: str, target: str, detail: dict[str, str]) -> None:
        await self.audit.append(activity, actor, target, detail, tenant=self.tenant_id)


def checked_email(text: str) -> str:
    """Return an e-mail address. Raises InvalidError."""
    name, at, host = text.strip().rpartition("@")
    if not (at and name and "." in host and len(text) <= 254 and text.isprintable() and " " not in text.strip()):
        raise InvalidError(f"{text[:60]!r} is not an e-mail address; write one like ada@contoso.com", member="email")
    return text.strip()


def checked_name(text: str) -> str:
    """Return the name of a person. Raises InvalidError."""
    if not (1 <= len(text.strip()) <= 120 and text.strip().isprintable()):
        raise InvalidError("the name is missing or cannot be printed; write 1 to 120 letters", member="name")
    return text.strip()


def checked_roles(names: Iterable[str]) -> frozenset[str]:
    """Return roles, all of them when none is named. Raises InvalidError."""
    roles = frozenset(names) or ALL_ROLES
    if unknown := sorted(roles - ALL_ROLES):
        raise InvalidError(
            f"{unknown[0][:60]!r} is no role; the roles are {', '.join(sorted(ALL_ROLES))}", member="role"
        )
    return roles


def _administrator(user: User) -> Administrator:
    email = next((identity.value for identity in user.identities_of(EMAIL_ADDRESS)), "")
    roles = user.attributes.get(_ROLES, ())
    return Administrator(
        id=user.object_id,
        name=str(user.attributes.get(_NAME, "")) or email,
        email=email,
        roles=frozenset(roles if isinstance(roles, tuple) else ()),
        created_at=user.created_at,
    )


def _shown(roles: frozenset[str]) -> str:
    return "all" if roles == ALL_ROLES else ", ".join(sorted(roles))

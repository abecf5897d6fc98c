"""Users as administrators see them: a caller and a change in, a user out; every change is in the audit trail.

Source: graph-api.md §8. Decided here: what is found by a keyed hash (sign-in names, principal names, federated
identities, object ids) is looked up; any other condition reads the users one after the other, since the directory keeps
them sealed, and one answer looks at a bounded number of them.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from journeyman.clock import Clock
from journeyman.directory.attributes import MAX_EXTENSIONS
from journeyman.directory.errors import UserChangedError, WeakPasswordError
from journeyman.directory.identities import MAX_IDENTITIES
from journeyman.directory.passwords import PasswordHasher, check_strength
from journeyman.directory.store import UserStore
from journeyman.directory.user import FEDERATED, AttributeValue, Identity, User
from journeyman.errors import UserExistsError, UserNotFoundError
from journeyman.management.caller import Caller, Right
from journeyman.management.conditions import AnyItem, Compare, Condition, Operator, holds, names_of, required_equals
from journeyman.management.errors import ConflictingError, InvalidError, NotFoundError
from journeyman.management.user_members import (
    MEMBERS,
    NAMES,
    PRINCIPAL_NAME,
    federated,
    is_extension,
    member_value,
    stored_extension,
)
from journeyman.secret import Secret

LOOKED_AT: Final = 20_000
"""How many users one answer looks at; a page that ends there says where to go on."""
_PAGE: Final = 500
_TRIES: Final = 5
_NO_USER: Final = "Request_ResourceNotFound"


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to become of a user; a field that is None stays as it is.

    Attributes:
        members: name of a plain member or an extension attribute -> value; None clears it.
        identities: all of them, in place of those the user has.
        password: the new password; earlier sign-ins then end.
    """

    members: Mapping[str, AttributeValue | None]
    identities: tuple[Identity, ...] | None = None
    principal_name: str | None = None
    password: Secret | None = None
    must_change_password: bool | None = None
    password_policies: tuple[str, ...] | None = None
    account_enabled: bool | None = None

    @property
    def described(self) -> str:
        """Which members are changed, for the audit trail: names, no values."""
        fields = {
            "identities": self.identities,
            PRINCIPAL_NAME: self.principal_name,
            "password": self.password,
            "passwordPolicies": self.password_policies,
            "accountEnabled": self.account_enabled,
        }
        return " ".join([*self.members, *(name for name, value in fields.items() if value is not None)])


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some users, and after which object id the next page begins; "" on the last one."""

    users: tuple[User, ...]
    next_after: str


@dataclass(frozen=True, slots=True)
class Users:
    """The operations on the users of one tenant."""

    store: UserStore
    passwords: PasswordHasher
    clock: Clock
    looked_at: int = LOOKED_AT

    async def page(self, caller: Caller, condition: Condition | None, *, after: str = "", size: int = 100) -> UserPage:
        """Return users that fulfil a condition, in the order of their object ids.

        Raises:
            InvalidError: the condition names a member that users do not have.
        """
        caller.require(Right.READ_USERS)
        check_names(condition)
        found: list[User] = []
        looked_at, last = 0, ""
        async for user in self._candidates(condition, after):
            looked_at, last = looked_at + 1, user.object_id
            if condition is None or holds(condition, self.value_of(user)):
                if len(found) == size:
                    return UserPage(tuple(found), found[-1].object_id if found else after)
                found.append(user)
            if looked_at >= self.looked_at:
                return UserPage(tuple(found), last)
        return UserPage(tuple(found), "")

    async def count(self, caller: Caller, condition: Condition | None) -> int:
        """Return how many users fulfil a condition."""
        caller.require(Right.READ_USERS)
        check_names(condition)
        if condition is None:
            return await self.store.count()
        number = 0
        async for user in self._candidates(condition, ""):
            number += holds(condition, self.value_of(user))
        return number

    async def get(self, caller: Caller, id: str) -> User:
        """Return the user of an object id or a principal name. Raises NotFoundError."""
        caller.require(Right.READ_USERS)
        return await self._found(id)

    async def create(self, caller: Caller, change: UserChange) -> User:
        """Add a user. Raises InvalidError, and ConflictingError when an identity is another user's."""
        caller.require(Right.WRITE_USERS)
        user = await self._changed(User(object_id="", created_at=self.clock.now()), change)
        if not user.attributes.get("displayname"):
            raise InvalidError("displayName is missing", member="displayName")
        if not user.identities and not user.principal_name:
            detail = "identities is missing; name at least one, or a userPrincipalName"
            raise InvalidError(detail, member="identities")
        local = not user.identities or any(identity.local for identity in user.identities)
        if local and user.password_hash is None:
            raise InvalidError("passwordProfile/password is missing", member="passwordProfile/password")
        if not user.principal_name:
            user = replace(user, principal_name=f"{uuid.uuid4()}@{self.store.tenant_name}")
        try:
            return await self.store.create(user, actor=caller.actor)
        except UserExistsError:
            raise _taken() from None

    async def update(
        self, caller: Caller, id: str, change_of: Callable[[User], UserChange], *, check: Callable[[User], None]
    ) -> User:
        """Change a user; ``change_of`` and ``check`` get the user as it is, ``check`` refuses by raising."""
        caller.require(Right.WRITE_USERS)
        for _ in range(_TRIES):
            user = await self._found(id)
            check(user)
            change = change_of(user)
            try:
                changed = await self._changed(user, change)
                return await self.store.update(changed, actor=caller.actor, changed=change.described)
            except UserChangedError:
                continue
            except UserNotFoundError:
                break
            except UserExistsError:
                raise _taken() from None
        return await self._given_up(id)

    async def delete(self, caller: Caller, id: str, *, check: Callable[[User], None]) -> None:
        """Delete a user. Raises NotFoundError."""
        caller.require(Right.WRITE_USERS)
        user = await self._found(id)
        check(user)
        if not await self.store.delete(user.object_id, actor=caller.actor):
            raise _unknown(id)

    async def end_sessions(self, caller: Caller, id: str) -> None:
        """Make every refresh token of a user useless that was given before now."""
        caller.require(Right.WRITE_USERS)
        for _ in range(_TRIES):
            user = replace(await self._found(id), refresh_tokens_valid_from=self.clock.now())
            try:
                await self.store.update(user, actor=caller.actor, changed="signInSessionsValidFromDateTime")
            except UserChangedError:
                continue
            return
        await self._given_up(id)

    def value_of(self, user: User) -> Callable[[str], object]:
        """Return what gives the members of a user by their names."""
        tenant, app = self.store.tenant_name, self.store.extensions_app
        return lambda name: member_value(user, name, tenant=tenant, extensions_app=app)

    async def _given_up(self, id: str) -> User:
        await self._found(id)
        raise ConflictingError("the user is being changed by others; try again")

    async def _found(self, id: str) -> User:
        user = await self.store.find(id) if _is_guid(id) else await self.store.find_by_principal_name(id)
        if user is None:
            raise _unknown(id)
        return user

    async def _candidates(self, condition: Condition | None, after: str) -> AsyncIterator[User]:
        """Yield the users among whom are all that fulfil the condition, those after an object id."""
        for part in required_equals(condition) if condition is not None else ():
            looked_up, user = await self._looked_up(part)
            if looked_up:
                if user is not None and user.object_id > after:
                    yield user
                return
        while users := await self.store.page(after=after, limit=_PAGE):
            for user in users:
                yield user
            after = users[-1].object_id
            # Opening them takes time in which other requests are to be answered, too.
            await asyncio.sleep(0)

    async def _looked_up(self, part: Compare | AnyItem) -> tuple[bool, User | None]:
        if isinstance(part, AnyItem):
            return await self._by_identity(part)
        if not isinstance(part.value, str):
            return False, None
        if part.name.lower() == "id":
            return True, await self.store.find(part.value)
        if part.name.lower() == PRINCIPAL_NAME.lower():
            return True, await self.store.find_by_principal_name(part.value)
        return False, None

    async def _by_identity(self, part: AnyItem) -> tuple[bool, User | None]:
        """Look an identity up by its id; by which issuer it is found the condition says, and it is checked afterwards."""
        equal = {
            one.name.lower(): str(one.value)
            for one in required_equals(part.condition)
            if isinstance(one, Compare) and one.operator is Operator.EQ
        }
        name, issuer = equal.get("issuerassignedid"), equal.get("issuer")
        if part.name.lower() != "identities" or name is None:
            return False, None
        kind = equal.get("signintype", "").lower()
        if kind == PRINCIPAL_NAME.lower():
            return True, await self.store.find_by_principal_name(name)
        if issuer is None or issuer.lower() == self.store.tenant_name.lower():
            user = await self.store.find_by_sign_in_name(name) or await self.store.find_by_principal_name(name)
            return (True, user) if issuer is not None or user is not None else (False, None)
        # Without a plain form of its own an id stands in the directory as it is.
        return True, (
            await self.store.find_by_identity(federated(issuer, name))
            or await self.store.find_by_identity(Identity(FEDERATED, issuer, name))
        )

    async def _changed(self, user: User, change: UserChange) -> User:
        attributes = self._attributes(user, change.members)
        kept: dict[str, object] = {"attributes": attributes}
        if change.identities is not None:
            kept["identities"] = _checked_identities(change.identities)
        if change.principal_name is not None:
            kept["principal_name"] = change.principal_name
        if change.must_change_password is not None:
            kept["must_change_password"] = change.must_change_password
        if change.password_policies is not None:
            kept["password_policies"] = change.password_policies
        if change.account_enabled is not None:
            kept["account_enabled"] = change.account_enabled
        changed: User = replace(user, **kept)  # type: ignore[arg-type]  # the names above are its fields
        return changed if change.password is None else await self._with_password(changed, change.password)

    def _attributes(self, user: User, members: Mapping[str, AttributeValue | None]) -> dict[str, AttributeValue]:
        attributes = dict(user.attributes)
        for name, value in members.items():
            stored = self._stored(name)
            if value is None or value in ("", ()):
                attributes.pop(stored, None)
            else:
                attributes[stored] = value
        if sum(name.startswith("extension_") for name in attributes) > MAX_EXTENSIONS:
            raise InvalidError(f"a user has at most {MAX_EXTENSIONS} extension attributes")
        return attributes

    def _stored(self, name: str) -> str:
        member = MEMBERS.get(name)
        return member.stored if member else stored_extension(name, self.store.extensions_app)

    async def _with_password(self, user: User, password: Secret) -> User:
        try:
            check_strength(password, user.password_policies)
        except WeakPasswordError as error:
            place = "passwordProfile/password"
            raise InvalidError(f"{place}: {error.user_message or error}", member=place) from None
        hashed = await self.passwords.hash(password)
        # Who changes a password wants earlier sign-ins to end.
        since = self.clock.now() if user.password_hash else user.refresh_tokens_valid_from
        return replace(user, password_hash=hashed, refresh_tokens_valid_from=since)


def check_names(condition: Condition | None) -> None:
    """Raise InvalidError when a condition names a member that users do not have."""
    for name in names_of(condition) if condition is not None else ():
        if name.lower() not in NAMES and not is_extension(name):
            raise InvalidError(
                f"$filter: users have no member {name[:128]!r}",
                member="$filter",
                service_code="Request_UnsupportedQuery",
            )


def _checked_identities(identities: tuple[Identity, ...]) -> tuple[Identity, ...]:
    if len(identities) > MAX_IDENTITIES:
        raise InvalidError(f"identities: a user has at most {MAX_IDENTITIES}", member="identities")
    if len({identity.key for identity in identities}) != len(identities):
        raise InvalidError("identities: two of them are the same", member="identities")
    return identities


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _unknown(id: str) -> NotFoundError:
    return NotFoundError(f"Resource {id[:128]!r} does not exist.", service_code=_NO_USER)


def _taken() -> ConflictingError:
    detail = "another user holds one of these identities, or this userPrincipalName"
    return ConflictingError(detail, member="identities", service_code="Request_MultipleObjectsWithSameKeyValue")

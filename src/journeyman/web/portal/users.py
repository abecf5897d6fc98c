"""The area of users: find, look, add, disable, set a password, end sign-ins, delete."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.directory.user import EMAIL_ADDRESS, USER_NAME, Identity, User, local_identity
from journeyman.management.caller import Right
from journeyman.management.conditions import AnyItem, AnyOf, Compare, Condition, Matches, Operator, Part
from journeyman.management.errors import InvalidError, ManagementError
from journeyman.management.user_members import MEMBERS, PRINCIPAL_NAME, shown_identities, shown_name
from journeyman.management.users import UserChange, Users
from journeyman.secret import Secret
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit

SHOWN: Final = 25
_LONGEST: Final = 256
_PATH: Final = "/portal/users"
_FIELDS: Final = {"passwordProfile/password": "password", "identities": "email", "displayName": "name"}
"""Member of the management API -> field of the form."""


@dataclass(frozen=True, slots=True)
class UserPages:
    """The pages of users; ``tenant`` is the issuer of sign-in names."""

    users: Users
    tenant: str
    extensions_app: str

    async def index(self, visit: Visit) -> Response:
        """List the users, or those that a text is found in."""
        asked, after = visit.query("q"), visit.query("after")
        page = await self.users.page(visit.caller, _looked_for(asked), after=after, size=SHOWN)
        return await visit.page(
            "users.html",
            "Users",
            users=[(user, label(user), ", ".join(_names(user, self.tenant))) for user in page.users],
            asked=asked,
            after=after,
            next_after=page.next_after,
            may_write=visit.may(Right.WRITE_USERS),
        )

    async def one(self, visit: Visit) -> Response:
        """Show one user."""
        user = await self.users.get(visit.caller, visit.segment("id"))
        return await self._shown(visit, user)

    async def form(self, visit: Visit) -> Response:
        """Show the form for a new user."""
        return await _new(visit, {})

    async def create(self, visit: Visit) -> Response:
        """Add a user; a password that was not typed in is made and shown once."""
        typed = visit.form.secret("password")
        password = typed if len(typed) else new_password()
        try:
            change = UserChange(
                {"displayName": _bounded(visit.form.text("name"), "displayName")},
                identities=(_sign_in_name(visit.form.text("email")),),
                password=password,
                must_change_password=visit.form.flag("change"),
            )
            user = await self.users.create(visit.caller, change)
        except ManagementError as error:
            return await _new(visit, _errors(error), status=error.status)
        if len(typed):
            return await visit.go(f"{_PATH}/{user.object_id}", f"{label(user)} is added.")
        return await self._shown(visit, user, made=password.reveal())

    async def enable(self, visit: Visit) -> Response:
        """Let a user sign in again, or not any more."""
        enabled = visit.form.text("enabled") == "yes"
        return await self._changed(
            visit,
            UserChange({}, account_enabled=enabled),
            "may sign in again." if enabled else "cannot sign in any more.",
        )

    async def end_sign_ins(self, visit: Visit) -> Response:
        """Make earlier sign-ins of a user useless."""
        user = await self.users.get(visit.caller, visit.segment("id"))
        await self.users.end_sessions(visit.caller, user.object_id)
        return await visit.go(f"{_PATH}/{user.object_id}", f"Refresh tokens of {label(user)} are refused from now on.")

    async def password_form(self, visit: Visit) -> Response:
        """Show the form for another password."""
        return await self._password(visit, {})

    async def set_password(self, visit: Visit) -> Response:
        """Set another password, the one that was typed in or one that is made and shown once."""
        typed = visit.form.secret("password")
        password = typed if len(typed) else new_password()
        change = UserChange({}, password=password, must_change_password=visit.form.flag("change"))
        try:
            user = await self.users.update(visit.caller, visit.segment("id"), lambda _: change, check=_unchecked)
        except ManagementError as error:
            return await self._password(visit, _errors(error), status=error.status)
        if len(typed):
            return await visit.go(f"{_PATH}/{user.object_id}", f"{label(user)} has another password.")
        return await self._shown(visit, user, made=password.reveal())

    async def delete_form(self, visit: Visit) -> Response:
        """Ask for the name before a user is deleted."""
        return await self._delete(visit, {})

    async def delete(self, visit: Visit) -> Response:
        """Delete a user whose name was typed in."""
        user = await self.users.get(visit.caller, visit.segment("id"))
        if visit.form.text("confirm") != label(user):
            return await self._delete(visit, {"confirm": "That is another name; nothing was deleted."}, status=400)
        await self.users.delete(visit.caller, user.object_id, check=_unchecked)
        return await visit.go(_PATH, f"{label(user)} is deleted.")

    async def _changed(self, visit: Visit, change: UserChange, what: str) -> Response:
        user = await self.users.update(visit.caller, visit.segment("id"), lambda _: change, check=_unchecked)
        return await visit.go(f"{_PATH}/{user.object_id}", f"{label(user)} {what}")

    async def _shown(self, visit: Visit, user: User, *, made: str = "") -> Response:
        return await visit.page(
            "user.html",
            label(user),
            user=user,
            identities=shown_identities(user, self.tenant),
            attributes=self._attributes(user),
            made=made,
            may_write=visit.may(Right.WRITE_USERS),
        )

    async def _password(self, visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
        user = await self.users.get(visit.caller, visit.segment("id"))
        crumbs = ((label(user), f"{_PATH}/{user.object_id}"),)
        return await visit.page(
            "user_password.html",
            "Set a password",
            crumbs=crumbs,
            status=status,
            user=user,
            name=label(user),
            errors=errors,
        )

    async def _delete(self, visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
        user = await self.users.get(visit.caller, visit.segment("id"))
        crumbs = ((label(user), f"{_PATH}/{user.object_id}"),)
        return await visit.page(
            "user_delete.html", "Delete", crumbs=crumbs, status=status, user=user, name=label(user), errors=errors
        )

    def _attributes(self, user: User) -> list[tuple[str, str]]:
        names = {member.stored: member.name for member in MEMBERS.values()}
        shown = [
            (names.get(stored) or shown_name(stored, self.extensions_app), _text(value))
            for stored, value in user.attributes.items()
        ]
        return sorted(shown)


def users_area(pages: UserPages) -> Area:
    """Return the area of users."""
    read, write, one = Right.READ_USERS, Right.WRITE_USERS, f"{_PATH}/{{id}}"
    return Area(
        "users",
        "Users",
        Group.MANAGE,
        (
            Page(_PATH, pages.index, read),
            Page(f"{_PATH}/new", pages.form, write, step_up=True),
            Page(f"{_PATH}/new", pages.create, write, "POST", step_up=True),
            Page(one, pages.one, read),
            Page(f"{one}/enabled", pages.enable, write, "POST"),
            Page(f"{one}/end-sign-ins", pages.end_sign_ins, write, "POST"),
            Page(f"{one}/password", pages.password_form, write, step_up=True),
            Page(f"{one}/password", pages.set_password, write, "POST", step_up=True),
            Page(f"{one}/delete", pages.delete_form, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        ),
    )


def label(user: User) -> str:
    """Return what a user is called: the name, else what they sign in with, else the object id."""
    name = user.attributes.get("displayname")
    known = [identity.value for identity in user.identities if identity.local]
    return str(name or next(iter(known), "") or user.principal_name or user.object_id)


def new_password() -> Secret:
    """Return a random password that keeps the rule of passwords."""
    letters = string.ascii_letters + string.digits
    return Secret("".join(secrets.choice(letters) for _ in range(20)) + "-a7X")


def _looked_for(text: str) -> Condition | None:
    if not text:
        return None
    parts: tuple[Condition, ...] = (
        Matches("displayName", Part.CONTAINS, text),
        Matches("mail", Part.CONTAINS, text),
        Matches(PRINCIPAL_NAME, Part.STARTS, text),
        AnyItem("identities", Matches("issuerAssignedId", Part.CONTAINS, text)),
        Compare("id", Operator.EQ, text),
    )
    return AnyOf(parts)


def _names(user: User, tenant: str) -> list[str]:
    shown = shown_identities(user, tenant)
    return [one.assigned_id for one in shown if one.sign_in_type != PRINCIPAL_NAME] or [user.principal_name]


async def _new(visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
    return await visit.page("user_new.html", "Add a user", status=status, form=visit.form, errors=errors)


def _sign_in_name(text: str) -> Identity:
    """Return what a user signs in with: an e-mail address, else a user name. Raises InvalidError."""
    if not text or any(character.isspace() for character in text):
        raise InvalidError(
            "the sign-in name is missing or has spaces; write an e-mail address or a user name", member="identities"
        )
    return local_identity(EMAIL_ADDRESS if "@" in text else USER_NAME, _bounded(text, "identities"))


def _bounded(text: str, member: str) -> str:
    if len(text) > _LONGEST or not text.isprintable():
        raise InvalidError(f"write at most {_LONGEST} letters that can be printed", member=member)
    return text


def _errors(error: ManagementError) -> dict[str, str]:
    return {_FIELDS.get(error.member, ""): str(error).removeprefix("passwordProfile/password: ")}


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _unchecked(_user: User) -> None:
    """Two administrators who change a user at once: the later one wins, as the page says what it does."""

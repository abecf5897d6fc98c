"""The page of a one-time link: the first administrator, an invited one, or another password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from journeyman.directory.errors import WeakPasswordError
from journeyman.engine import Engine
from journeyman.management.administrators import checked_email, checked_name
from journeyman.management.errors import ManagementError
from journeyman.management.links import Invitation, OneTimeLinks, Purpose
from journeyman.web.client_address import client_address
from journeyman.web.pages.security import new_nonce
from journeyman.web.portal.answers import bare, not_found, page_answer
from journeyman.web.portal.console import network_of
from journeyman.web.portal.door import EngineDoor
from journeyman.web.portal.drawing import draw
from journeyman.web.portal.form import Form, FormUnreadableError, read_form
from journeyman.web.portal.frame import SIGN_IN
from journeyman.web.portal.origin import same_origin

WRONG_LINKS: Final = 20
WINDOW: Final = timedelta(minutes=10)
"""How many wrong links one address may try in a while; our choice."""

_TITLES: Final[Mapping[Purpose, tuple[str, str]]] = {
    Purpose.FIRST: ("Welcome", "Set up the first administrator of this engine."),
    Purpose.ADD: ("Welcome", "Set up your administrator account."),
    Purpose.RESET: ("Set a new password", "All other sessions of the account end."),
}


@dataclass(frozen=True, slots=True)
class Welcome:
    """The page and what its form does."""

    engine: Engine
    door: EngineDoor

    async def show(self, request: Request) -> Response:
        """Show the form; the link stays good."""
        if not self.door.open_to(request):
            return not_found()
        token = request.query_params.get("link", "")
        invitation = await self._good(token)
        return await self._nothing(request) if invitation is None else _form(invitation, token)

    async def submit(self, request: Request) -> Response:
        """Do what the link is for, once, and go on to the sign-in."""
        if not self.door.open_to(request):
            return not_found()
        try:
            form = await read_form(request)
        except FormUnreadableError:
            return await self._nothing(request)
        token = form.text("link")
        invitation = await self._good(token)
        if invitation is None or not same_origin(request, self.engine.origin):
            return await self._nothing(request)
        if errors := _problems(form, invitation):
            return _form(invitation, token, form, errors)
        try:
            await self._carry_out(token, form, invitation)
        except WeakPasswordError as error:
            return _form(invitation, token, form, {"password": error.user_message or str(error)})
        except ManagementError as error:
            return _form(invitation, token, form, {error.member: str(error)})
        return RedirectResponse(SIGN_IN, status_code=303)

    async def _carry_out(self, token: str, form: Form, invitation: Invitation) -> None:
        """Add the administrator or set the password; the link ends with it, whoever else uses it at the same time.

        Raises:
            WeakPasswordError, ManagementError: it was refused; the link is as good as before.
        """
        administrators, hasher = self.door.administrators, self.engine.console.passwords
        password = form.secret("password")
        administrators.check(password)
        if await self._links.take(token) is None:
            return
        try:
            if invitation.purpose is Purpose.RESET:
                await administrators.set_password(
                    invitation.administrator, password, hasher, actor=f"link by {invitation.by}"
                )
                await self.door.sessions.end_others(invitation.administrator)
                return
            email = invitation.email or form.text("email")
            await administrators.add(
                email, form.text("name"), invitation.roles, password, hasher, actor=f"link by {invitation.by}"
            )
        except ManagementError:
            await self._links.put_back(token, invitation)
            raise

    async def _good(self, token: str) -> Invitation | None:
        """Return what a link is for; None when it is over."""
        invitation = await self._links.look(token)
        if invitation is not None and invitation.purpose is Purpose.FIRST and await self.door.administrators.exist():
            return None
        return invitation

    async def _nothing(self, request: Request) -> Response:
        """Answer a link that is over; whether it ever was one is not told."""
        address = client_address(request, self.engine.settings.server.trusted_proxies)
        ends = self.engine.clock.now() + WINDOW
        tried = await self.engine.state.count(f"portal/links/{network_of(address)}", expires_at=ends)
        return bare(
            "This link opens nothing",
            "A link works once, and for an hour. This one was used, is too old, or was not copied whole.",
            "On the machine of the engine, journeyman admins prints another one.",
            status=403 if tried <= WRONG_LINKS else 429,
            link=("Sign in", SIGN_IN),
        )

    @property
    def _links(self) -> OneTimeLinks:
        return OneTimeLinks(self.engine.state, self.engine.clock)


def _problems(form: Form, invitation: Invitation) -> dict[str, str]:
    errors: dict[str, str] = {}
    if invitation.purpose is not Purpose.RESET:
        for name, check in (("name", checked_name), ("email", checked_email)):
            try:
                check(invitation.email if name == "email" and invitation.email else form.text(name))
            except ManagementError as error:
                errors[name] = str(error)
    if form.secret("password") != form.secret("again"):
        errors["again"] = "The two passwords are not the same."
    return errors


def _form(
    invitation: Invitation, token: str, form: Form | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    title, lead = _TITLES[invitation.purpose]
    nonce = new_nonce()
    html = draw(
        "welcome.html",
        {
            "nonce": nonce,
            "page_title": title,
            "lead": lead,
            "link_token": token,
            "named": invitation.purpose is not Purpose.RESET,
            "email": invitation.email or (form.text("email") if form else ""),
            "email_fixed": bool(invitation.email),
            "name": form.text("name") if form else invitation.name,
            "errors": errors or {},
        },
    )
    return page_answer(html, nonce, status=400 if errors else 200)

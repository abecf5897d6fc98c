"""The area of applications: register, redirect URIs, client secrets that are shown once, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from journeyman.applications.application import Application
from journeyman.applications.platforms import platforms_of
from journeyman.engine import Engine
from journeyman.management.applications import ApplicationChange, Applications, TenantName
from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError, ManagementError
from journeyman.settings import ApplicationType
from journeyman.settings.applications import redirect_uri
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.form import Form
from journeyman.web.portal.frame import Visit

TYPES: Final[Mapping[ApplicationType, tuple[str, str]]] = {
    ApplicationType.WEB: ("Web", "runs on a server and keeps a client secret"),
    ApplicationType.SPA: ("Single page", "runs in the browser, without a secret"),
    ApplicationType.NATIVE: ("Mobile or desktop", "runs on a device, without a secret"),
}
LIFETIMES: Final = (("90", "90 days"), ("180", "180 days"), ("365", "1 year"), ("730", "2 years"))
_PATH: Final = "/portal/applications"
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class ApplicationPages:
    """The pages of applications."""

    applications: Applications

    async def index(self, visit: Visit) -> Response:
        """List the applications."""
        found = await self.applications.all(visit.caller)
        rows = [(one, _kind(one), len(await self.applications.secrets(visit.caller, one))) for one in found]
        return await visit.page(
            "applications.html", "Applications", rows=rows, may_write=visit.may(Right.WRITE_APPLICATIONS)
        )

    async def one(self, visit: Visit) -> Response:
        """Show one application."""
        return await self._shown(visit, await self._application(visit))

    async def form(self, visit: Visit) -> Response:
        """Show the form for a new application."""
        return await _new(visit, {})

    async def create(self, visit: Visit) -> Response:
        """Register an application."""
        try:
            kind = _type(visit.form.text("type"))
            change = ApplicationChange(
                name=_name(visit.form.text("name")),
                redirect_uris={kind: _uris(visit.form, kind, required=True)},
                allow_implicit=visit.form.flag("implicit"),
            )
            made = await self.applications.create(visit.caller, change)
        except ManagementError as error:
            return await _new(visit, _errors(error), status=error.status)
        return await visit.go(f"{_PATH}/{made.client_id}", f"{made.name} is registered.")

    async def change_form(self, visit: Visit) -> Response:
        """Show the form of an application."""
        return await self._form(visit, await self._application(visit), {})

    async def change(self, visit: Visit) -> Response:
        """Change name and redirect URIs."""
        application = await self._application(visit)
        try:
            change = ApplicationChange(
                name=_name(visit.form.text("name")),
                redirect_uris={kind: _uris(visit.form, kind, required=False) for kind in TYPES},
                allow_implicit=visit.form.flag("implicit"),
                described="displayName redirectUris implicitGrantSettings",
            )
            changed = await self.applications.update(visit.caller, application, lambda _: change)
        except ManagementError as error:
            return await self._form(visit, application, _errors(error), status=error.status)
        return await visit.go(f"{_PATH}/{changed.client_id}", f"{changed.name} is changed.")

    async def secret_form(self, visit: Visit) -> Response:
        """Show the form for a client secret."""
        return await self._secret(visit, {})

    async def add_secret(self, visit: Visit) -> Response:
        """Give an application one more secret and show it, this once."""
        application = await self._application(visit)
        days = visit.form.text("days")
        try:
            if days not in dict(LIFETIMES):
                raise InvalidError("choose how long the secret is good", member="days")
            starts = visit.frame.clock.now()
            _, secret = await self.applications.add_secret(
                visit.caller,
                application,
                name=visit.form.text("secret_name")[:_LONGEST_NAME] or None,
                starts_at=starts,
                ends_at=starts + timedelta(days=int(days)),
            )
        except ManagementError as error:
            return await self._secret(visit, _errors(error), status=error.status)
        return await self._shown(visit, application, made=secret.reveal())

    async def remove_secret_form(self, visit: Visit) -> Response:
        """Ask before a secret is removed."""
        return await self._remove(visit, {})

    async def remove_secret(self, visit: Visit) -> Response:
        """Remove a secret whose first characters were typed in."""
        application = await self._application(visit)
        key_id = visit.segment("key")
        secrets = await self.applications.secrets(visit.caller, application)
        found = next((one for one in secrets if one.key_id == key_id), None)
        if found is None:
            return await visit.not_found("There is no such secret any more.")
        if visit.form.text("confirm") != found.hint:
            return await self._remove(
                visit, {"confirm": "These are other characters; nothing was removed."}, status=400
            )
        await self.applications.remove_secret(visit.caller, application, key_id)
        return await visit.go(f"{_PATH}/{application.client_id}", f"The secret {found.hint}… opens nothing any more.")

    async def delete_form(self, visit: Visit) -> Response:
        """Ask for the name before an application is deleted."""
        return await self._delete(visit, {})

    async def delete(self, visit: Visit) -> Response:
        """Delete an application whose name was typed in."""
        application = await self._application(visit)
        if visit.form.text("confirm") != application.name:
            return await self._delete(visit, {"confirm": "That is another name; nothing was deleted."}, status=400)
        await self.applications.delete(visit.caller, application)
        return await visit.go(_PATH, f"{application.name} is deleted.")

    async def _application(self, visit: Visit) -> Application:
        wanted = visit.segment("id").lower()
        return await self.applications.get(visit.caller, lambda one: one.client_id == wanted, wanted)

    async def _secret(self, visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
        application = await self._application(visit)
        return await visit.page(
            "application_secrets.html",
            "Add a client secret",
            crumbs=((application.name, f"{_PATH}/{application.client_id}"),),
            status=status,
            application=application,
            lifetimes=LIFETIMES,
            errors=errors,
        )

    async def _shown(self, visit: Visit, application: Application, *, made: str = "") -> Response:
        declared = self.applications.registry.is_declared(application)
        return await visit.page(
            "application.html",
            application.name,
            application=application,
            kind=_kind(application),
            platforms=[(TYPES[kind][0], uris) for kind, uris in platforms_of(application).items() if uris],
            secrets=await self.applications.secrets(visit.caller, application),
            now=visit.frame.clock.now(),
            declared=declared,
            may_write=visit.may(Right.WRITE_APPLICATIONS),
            made=made,
        )

    async def _form(
        self, visit: Visit, application: Application, errors: Mapping[str, str], *, status: int = 200
    ) -> Response:
        typed = visit.form if errors else None
        platforms = [
            (kind.value, TYPES[kind][0], typed.text(kind.value) if typed else "\n".join(uris))
            for kind, uris in platforms_of(application).items()
        ]
        return await visit.page(
            "application_change.html",
            "Change",
            crumbs=((application.name, f"{_PATH}/{application.client_id}"),),
            status=status,
            application=application,
            name=typed.text("name") if typed else application.name,
            implicit=typed.flag("implicit") if typed else application.allow_implicit,
            platforms=platforms,
            errors=errors,
        )

    async def _delete(self, visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
        application = await self._application(visit)
        crumbs = ((application.name, f"{_PATH}/{application.client_id}"),)
        return await visit.page(
            "application_delete.html", "Delete", crumbs=crumbs, status=status, application=application, errors=errors
        )

    async def _remove(self, visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
        application = await self._application(visit)
        secrets = await self.applications.secrets(visit.caller, application)
        found = next((one for one in secrets if one.key_id == visit.segment("key")), None)
        if found is None:
            return await visit.not_found("There is no such secret any more.")
        crumbs = ((application.name, f"{_PATH}/{application.client_id}"),)
        return await visit.page(
            "application_secret.html",
            "Remove a client secret",
            crumbs=crumbs,
            status=status,
            application=application,
            secret=found,
            errors=errors,
        )


def applications_area(engine: Engine) -> Area:
    """Return the area of applications."""
    tenant = engine.tenant
    named = TenantName(tenant.name, tenant.id, tenant.extensions_app)
    pages = ApplicationPages(Applications(engine.applications, engine.clock, named))
    read, write, one = Right.READ_APPLICATIONS, Right.WRITE_APPLICATIONS, f"{_PATH}/{{id}}"
    secret = f"{one}/secrets/{{key}}"
    return Area(
        "applications",
        "Applications",
        Group.MANAGE,
        (
            Page(_PATH, pages.index, read),
            Page(f"{_PATH}/new", pages.form, write),
            Page(f"{_PATH}/new", pages.create, write, "POST"),
            Page(one, pages.one, read),
            Page(f"{one}/change", pages.change_form, write),
            Page(f"{one}/change", pages.change, write, "POST"),
            Page(f"{one}/secrets", pages.secret_form, write, step_up=True),
            Page(f"{one}/secrets", pages.add_secret, write, "POST", step_up=True),
            Page(f"{secret}/remove", pages.remove_secret_form, write, step_up=True),
            Page(f"{secret}/remove", pages.remove_secret, write, "POST", step_up=True),
            Page(f"{one}/delete", pages.delete_form, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        ),
    )


def _kind(application: Application) -> str:
    return TYPES[application.type][0] if application.type else "Not told"


def _type(text: str) -> ApplicationType:
    try:
        return ApplicationType(text)
    except ValueError:
        raise InvalidError("choose what kind of application it is", member="type") from None


def _name(text: str) -> str:
    if not (1 <= len(text) <= _LONGEST_NAME and text.isprintable()):
        raise InvalidError(f"the name is missing or too long; write 1 to {_LONGEST_NAME} letters", member="name")
    return text


def _uris(form: Form, kind: ApplicationType, *, required: bool) -> tuple[str, ...]:
    """Return the redirect URIs of a text area, one in a line. Raises InvalidError."""
    member = "uris" if required else kind.value
    found: list[str] = []
    for line in form.lines(member):
        try:
            found.append(redirect_uri(line, kind=kind))
        except ValueError as error:
            raise InvalidError(f"{line[:120]} {error}", member=member) from None
    if required and not found:
        raise InvalidError("a redirect URI is missing: answers go there and nowhere else", member=member)
    return tuple(dict.fromkeys(found))


async def _new(visit: Visit, errors: Mapping[str, str], *, status: int = 200) -> Response:
    types = [(kind.value, text, hint) for kind, (text, hint) in TYPES.items()]
    return await visit.page(
        "application_new.html",
        "Register an application",
        status=status,
        form=visit.form,
        types=types,
        errors=errors,
    )


def _errors(error: ManagementError) -> dict[str, str]:
    return {error.member: str(error)}

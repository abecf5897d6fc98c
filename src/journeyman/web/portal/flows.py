"""The area of user flows: list, make, run, change part by part, export, delete."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError
from journeyman.management.flow_edits import assignment_of, with_changed_assignment
from journeyman.management.flow_rules import SESSION_SCOPES, TEMPLATES, steps_of
from journeyman.management.held import Held
from journeyman.management.identity_services import identity_context
from journeyman.management.user_flows import UserFlows
from journeyman.policy.user_flow.pages import PAGES
from journeyman.settings.identity import (
    IdentitySettings,
    LocalAccounts,
    PasswordComplexity,
    UserFlow,
    UserFlowType,
)
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.connectors import STEP_TITLES
from journeyman.web.portal.flow_form import (
    INPUTS,
    assignment,
    attribute_rows,
    label_of,
    new_flow,
    option_lines,
    text_lines,
    with_attributes,
    with_connectors,
    with_pages,
    with_properties,
)
from journeyman.web.portal.flow_preview import Preview, preview_answer, previews
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.policy_source import TONES, source_view
from journeyman.web.portal.refusals import errors_of, refused_confirmation

_LIST: Final = "/portal/flows"

KINDS: Final[Mapping[UserFlowType, tuple[str, str]]] = {
    UserFlowType.SIGN_UP_OR_SIGN_IN: ("Sign up and sign in", "One page to sign in, with a way to a new account."),
    UserFlowType.SIGN_UP: ("Sign up", "Make an account."),
    UserFlowType.SIGN_IN: ("Sign in", "Sign in to an account that is there."),
    UserFlowType.PROFILE_UPDATE: ("Profile editing", "Sign in, then change what is kept of one."),
    UserFlowType.PASSWORD_RESET: ("Password reset", "Prove the e-mail address, then set a password."),
    UserFlowType.RESOURCE_OWNER: ("Resource owner (ROPC)", "User name and password at the token endpoint; no page."),
}
LOCAL: Final = {
    LocalAccounts.EMAIL: "E-mail address",
    LocalAccounts.USER_NAME: "User name",
    LocalAccounts.NONE: "None",
}
_COMPLEXITIES: Final = {
    PasswordComplexity.SIMPLE: "Simple: 8 characters or more",
    PasswordComplexity.STRONG: "Strong: 8 to 64 characters of three kinds",
    PasswordComplexity.CUSTOM: "Custom: as below",
}
_TABS: Final = (
    ("", "Overview"),
    ("properties", "Properties"),
    ("attributes", "Attributes and claims"),
    ("connectors", "API connectors"),
    ("pages", "Pages and languages"),
    ("previews", "Preview"),
    ("xml", "XML"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One user flow in the list."""

    held: Held[UserFlow]
    kind: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class FlowPages:
    """The pages of user flows; data come from the management operations alone."""

    engine: Engine

    @property
    def _flows(self) -> UserFlows:
        return UserFlows(identity_context(self.engine))

    async def index(self, visit: Visit) -> Response:
        """List the user flows."""
        found = await self._flows.list(visit.caller)
        rows = [self._row(held) for held in sorted(found, key=lambda held: held.value.id.lower())]
        return await visit.page("flows.html", "User flows", rows=rows, may_write=visit.may(Right.WRITE_USER_FLOWS))

    async def new(self, visit: Visit) -> Response:
        """Ask for a new user flow."""
        wanted = visit.query("type")
        kind = next((one for one in UserFlowType if one.value == wanted), UserFlowType.SIGN_UP_OR_SIGN_IN)
        return await self._new(visit, UserFlow("", kind, claims=("objectId", "displayName")))

    async def create(self, visit: Visit) -> Response:
        """Make a user flow."""
        flow = UserFlow("", UserFlowType.SIGN_UP_OR_SIGN_IN)
        try:
            flow = new_flow(visit.form)
            held = await self._flows.create(visit.caller, flow)
        except ManagementError as error:
            return await self._new(visit, flow, errors=errors_of(error), status=error.status)
        return await visit.go(_address(held.value), f"{held.value.id} is served from now on. Run it below.")

    async def one(self, visit: Visit) -> Response:
        """Show one user flow and how it is run."""
        held = await self._held(visit)
        applications = [one for one in await self.engine.applications.all() if one.redirect_uris]
        return await self._tab(visit, held, "", applications)

    async def run(self, visit: Visit) -> Response:
        """Send the browser into the user flow, as an application would."""
        held = await self._held(visit)
        choice = visit.query("application")
        client_id, _, redirect_uri = choice.partition(" ")
        application = await self.engine.applications.get(client_id)
        if application is None or redirect_uri not in application.redirect_uris:
            return await visit.problem(400, "No such application", "Choose an application with a redirect URI.")
        url = authorize_url(self._base(held.value), application, redirect_uri, visit.query("language"))
        return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})

    async def part(self, visit: Visit) -> Response:
        """Show the form of one part."""
        return await self._part(visit, await self._held(visit))

    async def change(self, visit: Visit) -> Response:
        """Change one part."""
        held = await self._held(visit)
        part = _part_of(visit)
        edit = self._edits(visit, held.value).get(part)
        if edit is None:
            return await visit.not_found()
        try:
            await self._flows.update(
                visit.caller, held.value.id, edit, changed=part, if_match=visit.form.text("etag") or None
            )
        except ManagementError as error:
            return await self._part(visit, held, errors=errors_of(error), status=error.status)
        return await visit.go(f"{_address(held.value)}/{part}", "The changes are stored and served from now on.")

    async def attribute(self, visit: Visit) -> Response:
        """Show how one attribute is collected."""
        held = await self._held(visit)
        return await self._attribute(visit, held, visit.segment("attribute"))

    async def change_attribute(self, visit: Visit) -> Response:
        """Change how one attribute is collected."""
        held = await self._held(visit)
        name = assignment_of(held.value, visit.segment("attribute")).attribute

        def edit(flow: UserFlow) -> UserFlow:
            return with_changed_assignment(flow, assignment(name, visit.form))

        try:
            await self._flows.update(visit.caller, held.value.id, edit, changed=f"attributes/{name}")
        except ManagementError as error:
            return await self._attribute(visit, held, name, errors_of(error), status=error.status)
        return await visit.go(f"{_address(held.value)}/attributes", "The attribute is changed.")

    async def previews(self, visit: Visit) -> Response:
        """List the pages of the flow, to be looked at."""
        held = await self._held(visit)
        return await self._tab(visit, held, "previews", self._previews(held.value, _language(visit, held.value)))

    async def preview(self, visit: Visit) -> Response:
        """Draw one page of the flow, without a journey."""
        held = await self._held(visit)
        found = self._previews(held.value, _language(visit, held.value))
        number = visit.segment("number")
        if not (number.isascii() and number.isdigit() and int(number) < len(found)):
            return await visit.not_found()
        return preview_answer(found[int(number)], self.engine.tenant.name, held.value.id)

    def _previews(self, flow: UserFlow, language: str) -> tuple[Preview, ...]:
        served = self.engine.policies.find(flow.id)
        if served is None:
            return ()
        return previews(served, language, self.engine.clock.now(), urlsplit(self.engine.origin).netloc)

    async def xml(self, visit: Visit) -> Response:
        """Show the user flow as a custom policy."""
        held = await self._held(visit)
        entry = self.engine.policies.entry(held.value.id)
        view = None if entry is None else source_view(entry.text.data, entry.text.name, ())
        return await self._tab(visit, held, "xml", view)

    async def download(self, visit: Visit) -> Response:
        """Send the user flow as the file of a custom policy."""
        held = await self._held(visit)
        entry = self.engine.policies.entry(held.value.id)
        if entry is None:
            return await visit.not_found("It is not served, so there is nothing to export.")
        name = quote(held.value.id, safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}.xml", "Cache-Control": "no-store"}
        return Response(entry.text.data, media_type="application/octet-stream", headers=headers)

    async def ask(self, visit: Visit) -> Response:
        """Ask whether a user flow is to be deleted."""
        return await self._ask(visit, await self._held(visit))

    async def delete(self, visit: Visit) -> Response:
        """Delete a user flow whose id was typed in."""
        held = await self._held(visit)
        name = held.value.id
        refused = await refused_confirmation(
            visit, name, lambda: self._flows.delete(visit.caller, name), partial(self._ask, visit, held)
        )
        return refused or await visit.go(_LIST, f"{held.value.id} is deleted.")

    async def _held(self, visit: Visit) -> Held[UserFlow]:
        return await self._flows.get(visit.caller, visit.segment("id"))

    def _row(self, held: Held[UserFlow]) -> Row:
        served = self.engine.policies.find(held.value.id) is not None
        outdated = held.value.id.lower() in self.engine.policies.outdated
        state, tone = ("served", "good") if served and not outdated else ("not served", "bad")
        if served and outdated:
            state, tone = "served as it was before", "warn"
        return Row(held, KINDS[held.value.type][0], state, tone)

    def _base(self, flow: UserFlow) -> str:
        return f"{self.engine.origin}/{self.engine.tenant.name}/{quote(flow.id, safe='')}"

    def _edits(self, visit: Visit, flow: UserFlow) -> dict[str, Callable[[UserFlow], UserFlow]]:
        form = visit.form
        return {
            "properties": lambda present: with_properties(present, form),
            "attributes": lambda present: with_attributes(present, form),
            "connectors": lambda present: with_connectors(present, form, steps_of(flow.type)),
            "pages": lambda present: with_pages(present, form, PAGES),
        }

    async def _tab(
        self,
        visit: Visit,
        held: Held[UserFlow],
        tab: str,
        shown: object,
        *,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        address = _address(held.value)
        identity = self.engine.identity
        return await visit.page(
            f"flow_{tab or 'overview'}.html",
            held.value.id,
            status=status,
            row=self._row(held),
            flow=held.value,
            etag=held.etag,
            address=address,
            tabs=[(f"{address}/{name}" if name else address, title, name == tab) for name, title in _TABS],
            may_write=visit.may(Right.WRITE_USER_FLOWS) and not held.declared,
            problems=self.engine.policies.problems_of(held.value.id),
            base=self._base(held.value),
            shown=shown,
            offered=_offered(held.value, identity),
            connectors=identity.api_connectors,
            step_titles=STEP_TITLES,
            language=_language(visit, held.value),
            tones=TONES,
            errors=errors or {},
        )

    async def _part(
        self, visit: Visit, held: Held[UserFlow], *, errors: Mapping[str, str] | None = None, status: int = 200
    ) -> Response:
        flow, part = held.value, _part_of(visit)
        shown: Mapping[str, object] = {
            "properties": {
                "local": [(one.value, text) for one, text in LOCAL.items()],
                "complexities": [(one.value, text) for one, text in _COMPLEXITIES.items()],
                "scopes": [(one, one) for one in SESSION_SCOPES],
            },
            "attributes": attribute_rows(flow, self.engine.identity.user_attributes),
            "connectors": steps_of(flow.type),
            "pages": {
                "templates": [(one, one) for one in TEMPLATES],
                "names": PAGES,
                "texts": {tag: text_lines(flow.texts.get(tag, {})) for tag in flow.languages},
            },
        }
        if part not in shown:
            return await visit.not_found()
        return await self._tab(visit, held, part, shown[part], errors=errors, status=status)

    async def _attribute(
        self,
        visit: Visit,
        held: Held[UserFlow],
        name: str,
        errors: Mapping[str, str] | None = None,
        *,
        status: int = 200,
    ) -> Response:
        found = assignment_of(held.value, name)
        return await visit.page(
            "flow_attribute.html",
            label_of(self.engine.identity.user_attributes, found.attribute),
            crumbs=((held.value.id, _address(held.value)), ("Attributes", f"{_address(held.value)}/attributes")),
            status=status,
            assignment=found,
            inputs=[(one.value, text) for one, text in INPUTS.items()],
            options=option_lines(found.options),
            address=_address(held.value),
            may_write=visit.may(Right.WRITE_USER_FLOWS) and not held.declared,
            errors=errors or {},
        )

    async def _new(
        self, visit: Visit, flow: UserFlow, *, errors: Mapping[str, str] | None = None, status: int = 200
    ) -> Response:
        identity = self.engine.identity
        return await visit.page(
            "flow_new.html",
            "New user flow",
            status=status,
            flow=flow,
            kinds=[(one.value, *text, one is flow.type) for one, text in KINDS.items()],
            local=[(one.value, text) for one, text in LOCAL.items()],
            rows=attribute_rows(flow, identity.user_attributes),
            offered=_offered(flow, identity),
            collects=flow.type not in {UserFlowType.SIGN_IN, UserFlowType.PASSWORD_RESET, UserFlowType.RESOURCE_OWNER},
            federates=flow.type not in {UserFlowType.PASSWORD_RESET, UserFlowType.RESOURCE_OWNER},
            errors=errors or {},
        )

    async def _ask(
        self, visit: Visit, held: Held[UserFlow], errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "flow_delete.html",
            f"Delete {held.value.id}",
            crumbs=((held.value.id, _address(held.value)),),
            status=status,
            flow=held.value,
            address=_address(held.value),
            errors=errors or {},
        )


def authorize_url(base: str, application: Application, redirect_uri: str, language: str = "") -> str:
    """Return an authorization request as the application would make it: for an id_token where it may, else for a code."""
    query = {
        "client_id": application.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "id_token" if application.allow_implicit else "code",
        "scope": "openid",
        "nonce": secrets.token_urlsafe(16),
        "prompt": "login",
    }
    if not application.allow_implicit:
        # Nobody keeps the verifier: the code shows that the flow works, and is worth nothing.
        challenge = hashlib.sha256(secrets.token_urlsafe(32).encode()).digest()
        encoded = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        query |= {"code_challenge": encoded, "code_challenge_method": "S256"}
    if language:
        query["ui_locales"] = language
    return f"{base}/oauth2/v2.0/authorize?{urlencode(query)}"


def _offered(flow: UserFlow, identity: IdentitySettings) -> list[tuple[str, str, bool]]:
    """Return the identity providers of the tenant, each with its name and whether the flow offers it."""
    offered = {one.casefold() for one in flow.identity_providers}
    return [(one.id, one.display_name, one.id.casefold() in offered) for one in identity.identity_providers]


def _language(visit: Visit, flow: UserFlow) -> str:
    """Return the language that the visitor asks for, if the flow has it; its default language otherwise."""
    asked = visit.query("language")
    return asked if asked in flow.languages else flow.default_language


def _part_of(visit: Visit) -> str:
    return visit.request.url.path.rpartition("/")[2]


def _address(flow: UserFlow) -> str:
    return f"{_LIST}/{quote(flow.id, safe='')}"


def flows_area(engine: Engine) -> Area:
    """Return the area of user flows."""
    pages = FlowPages(engine)
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    one = f"{_LIST}/{{id}}"
    parts = ("properties", "attributes", "connectors", "pages")
    return Area(
        "flows",
        "User flows",
        Group.BUILD,
        (
            Page(_LIST, pages.index, read),
            Page(f"{_LIST}/new", pages.new, write),
            Page(f"{_LIST}/new", pages.create, write, "POST"),
            Page(one, pages.one, read),
            Page(f"{one}/run", pages.run, read),
            Page(f"{one}/previews", pages.previews, read),
            Page(f"{one}/previews/{{number}}", pages.preview, read),
            Page(f"{one}/xml", pages.xml, read),
            Page(f"{one}/download", pages.download, read),
            Page(f"{one}/delete", pages.ask, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
            Page(f"{one}/attributes/{{attribute}}", pages.attribute, read),
            Page(f"{one}/attributes/{{attribute}}", pages.change_attribute, write, "POST"),
            *(Page(f"{one}/{part}", pages.part, read) for part in parts),
            *(Page(f"{one}/{part}", pages.change, write, "POST") for part in parts),
        ),
    )

"""The area of identity providers: those with ready settings, and any other OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError
from journeyman.management.held import Held
from journeyman.management.identity_providers import IdentityProviders
from journeyman.management.identity_services import identity_context
from journeyman.secret import Secret
from journeyman.settings.identity import IdentityProvider
from journeyman.settings.identity_providers import CLAIMS, RESPONSE_MODES, RESPONSE_TYPES
from journeyman.settings.provider_types import APPLE, OPENID_CONNECT, PROVIDER_TYPES, ProviderType
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.form import Form
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.refusals import refused_confirmation

_LIST: Final = "/portal/providers"


@dataclass(frozen=True, slots=True)
class Row:
    """One identity provider; ``flows`` are the user flows that offer it."""

    held: Held[IdentityProvider]
    flows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderPages:
    """The pages of identity providers; data come from the management operations alone."""

    engine: Engine

    @property
    def _providers(self) -> IdentityProviders:
        return IdentityProviders(identity_context(self.engine))

    async def index(self, visit: Visit) -> Response:
        """List the identity providers."""
        found = await self._providers.list(visit.caller)
        rows = [self._row(held) for held in sorted(found, key=lambda held: held.value.display_name.lower())]
        return await visit.page(
            "providers.html",
            "Identity providers",
            rows=rows,
            may_write=visit.may(Right.WRITE_IDENTITY_PROVIDERS),
        )

    async def new(self, visit: Visit) -> Response:
        """Ask for a new identity provider."""
        return await self._form(visit, IdentityProvider("", _type_of(visit.query("type")).name, ""))

    async def create(self, visit: Visit) -> Response:
        """Make an identity provider."""
        kind = _type_of(visit.form.text("type"))
        entered = with_form(IdentityProvider("", kind.name, ""), kind, visit.form)
        try:
            held = await self._providers.create(visit.caller, entered, _secret(visit.form))
        except ManagementError as error:
            return await self._form(visit, entered, errors=_errors_of(error), status=error.status)
        return await visit.go(
            _address(held.value), f"{held.value.display_name} is stored. User flows can offer it now."
        )

    async def one(self, visit: Visit) -> Response:
        """Show one identity provider."""
        held = await self._held(visit)
        return await visit.page(
            "provider.html",
            held.value.display_name,
            row=self._row(held),
            kind=_type_of(held.value.type),
            address=_address(held.value),
            callback=f"{self.engine.origin}/{self.engine.tenant.name}/oauth2/authresp",
            sees_keys=visit.may(Right.READ_KEYS),
            may_write=visit.may(Right.WRITE_IDENTITY_PROVIDERS) and not held.declared,
        )

    async def edit(self, visit: Visit) -> Response:
        """Ask for changes."""
        held = await self._held(visit)
        return await self._form(visit, held.value, held)

    async def update(self, visit: Visit) -> Response:
        """Change an identity provider."""
        held = await self._held(visit)
        kind, form = _type_of(held.value.type), visit.form
        try:
            await self._providers.update(
                visit.caller,
                held.value.id,
                lambda present: with_form(present, kind, form),
                secret=_secret(form),
                if_match=form.text("etag") or None,
            )
        except ManagementError as error:
            entered = with_form(held.value, kind, form)
            return await self._form(visit, entered, held, errors=_errors_of(error), status=error.status)
        return await visit.go(_address(held.value), "The changes are stored and count from the next sign-in on.")

    async def ask(self, visit: Visit) -> Response:
        """Ask whether an identity provider is to be deleted."""
        return await self._ask(visit, await self._held(visit))

    async def delete(self, visit: Visit) -> Response:
        """Delete an identity provider whose name was typed in."""
        held = await self._held(visit)
        name = held.value.display_name
        refused = await refused_confirmation(
            visit, name, lambda: self._providers.delete(visit.caller, held.value.id), partial(self._ask, visit, held)
        )
        return refused or await visit.go(_LIST, f"{name} is deleted, and its secret with it.")

    async def _held(self, visit: Visit) -> Held[IdentityProvider]:
        return await self._providers.get(visit.caller, visit.segment("id"))

    def _row(self, held: Held[IdentityProvider]) -> Row:
        wanted = held.value.id.casefold()
        flows = self.engine.identity.user_flows
        return Row(held, tuple(one.id for one in flows if wanted in map(str.casefold, one.identity_providers)))

    async def _form(
        self,
        visit: Visit,
        entered: IdentityProvider,
        held: Held[IdentityProvider] | None = None,
        *,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        kind = _type_of(entered.type)
        return await visit.page(
            "provider_form.html",
            "New identity provider" if held is None else f"Change {held.value.display_name}",
            crumbs=((held.value.display_name, _address(held.value)),) if held is not None else (),
            status=status,
            entered=entered,
            kind=kind,
            kinds=[(one.name, _title(one), one is kind) for one in PROVIDER_TYPES if not one.refused],
            open=kind is OPENID_CONNECT,
            apple=kind is APPLE,
            claims=CLAIMS,
            response_types=[(one, one) for one in RESPONSE_TYPES],
            response_modes=[(one, one) for one in RESPONSE_MODES],
            address=f"{_LIST}/new" if held is None else f"{_address(held.value)}/edit",
            back=_LIST if held is None else _address(held.value),
            etag=held.etag if held is not None else "",
            new=held is None,
            errors=errors or {},
        )

    async def _ask(
        self, visit: Visit, held: Held[IdentityProvider], errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "provider_delete.html",
            f"Delete {held.value.display_name}",
            crumbs=((held.value.display_name, _address(held.value)),),
            status=status,
            row=self._row(held),
            address=_address(held.value),
            errors=errors or {},
        )


def with_form(provider: IdentityProvider, kind: ProviderType, form: Form) -> IdentityProvider:
    """Take over a form: of a type with ready settings only what its provider has given."""
    changed = replace(
        provider,
        display_name=form.text("displayName"),
        client_id=form.text("clientId"),
        scope=" ".join(form.text("scope").split()),
    )
    if kind is APPLE:
        return replace(changed, developer_id=form.text("developerId"), key_id=form.text("keyId"))
    if kind is not OPENID_CONNECT:
        return changed
    mapped = {name: theirs for name in CLAIMS if (theirs := form.text(f"claim-{name}"))}
    return replace(
        changed,
        metadata_url=form.text("metadataUrl"),
        response_type=form.text("responseType") or "code",
        response_mode=form.text("responseMode") or "form_post",
        domain_hint=form.text("domainHint"),
        claims_mapping=mapped,
    )


def _type_of(name: str) -> ProviderType:
    return next((one for one in PROVIDER_TYPES if one.name == name and not one.refused), OPENID_CONNECT)


def _title(kind: ProviderType) -> str:
    return kind.title or "OpenID Connect"


def _secret(form: Form) -> Secret | None:
    """Return the secret byte for byte; None when the field is empty, which keeps the stored one."""
    file = form.file("certificateData")[1]
    secret = Secret(file) if file else form.secret("clientSecret")
    return secret if len(secret) else None


def _errors_of(error: ManagementError) -> dict[str, str]:
    return {error.member.replace("claimsMapping/", "claim-"): str(error)}


def _address(provider: IdentityProvider) -> str:
    return f"{_LIST}/{quote(provider.id, safe='')}"


def providers_area(engine: Engine) -> Area:
    """Return the area of identity providers."""
    pages = ProviderPages(engine)
    read, write = Right.READ_IDENTITY_PROVIDERS, Right.WRITE_IDENTITY_PROVIDERS
    one = f"{_LIST}/{{id}}"
    return Area(
        "providers",
        "Identity providers",
        Group.BUILD,
        (
            Page(_LIST, pages.index, read),
            Page(f"{_LIST}/new", pages.new, write, step_up=True),
            Page(f"{_LIST}/new", pages.create, write, "POST", step_up=True),
            Page(one, pages.one, read),
            Page(f"{one}/edit", pages.edit, write, step_up=True),
            Page(f"{one}/edit", pages.update, write, "POST", step_up=True),
            Page(f"{one}/delete", pages.ask, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        ),
    )

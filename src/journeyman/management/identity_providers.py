"""Identity providers: list, read, create, change and delete; no answer holds a secret.

Source: graph-api.md §5. Which settings go together is decided where ``journeyman.toml`` is read.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import secret_key
from journeyman.keys.names import IDENTITY_PROVIDER_PREFIX
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ConflictingError, InvalidError, ManagementError
from journeyman.management.held import Held, HeldObjects
from journeyman.management.identity_context import IdentityContext
from journeyman.management.key_errors import refused_key
from journeyman.management.new_credentials import erase
from journeyman.management.texts import https_url, one_line
from journeyman.secret import Secret
from journeyman.settings.identity import IdentityProvider
from journeyman.settings.identity_providers import CLAIMS, RESPONSE_MODES, RESPONSE_TYPES, metadata_url, wrong_with
from journeyman.settings.provider_types import APPLE, PROVIDER_TYPES, ProviderType, provider_type

MEMBERS: Final[Mapping[str, str]] = {
    "id": "id",
    "name": "displayName",
    "client_id": "clientId",
    "secret_key": "clientSecret",
    "metadata_url": "metadataUrl",
    "scope": "scope",
    "response_type": "responseType",
    "response_mode": "responseMode",
    "claims": "claimsMapping",
    "domain_hint": "domainHint",
    "developer_id": "developerId",
    "key_id": "keyId",
}
"""Key in ``journeyman.toml`` -> member in the management API."""

_WORD: Final = re.compile(r"[!-~]{1,256}")
_SCOPE: Final = re.compile(r"([!-~]+( [!-~]+)*)?")
_DOMAIN: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,252})?")
_APPLE_ID: Final = re.compile(r"([A-Za-z0-9]{10})?")
_NAME_LIMIT: Final = 128
_ID_NAME_LIMIT: Final = 40


@dataclass(frozen=True, slots=True)
class IdentityProviders:
    """The identity providers of a tenant."""

    context: IdentityContext

    @property
    def held(self) -> HeldObjects[IdentityProvider]:
        """The objects as they are stored."""
        return HeldObjects(
            self.context,
            IdentityProvider,
            "identity provider",
            Right.READ_IDENTITY_PROVIDERS,
            Right.WRITE_IDENTITY_PROVIDERS,
            self.context.declared.identity_providers,
        )

    async def list(self, caller: Caller) -> tuple[Held[IdentityProvider], ...]:
        """Return all identity providers."""
        return await self.held.all(caller)

    async def get(self, caller: Caller, id: str) -> Held[IdentityProvider]:
        """Return one. Raises NotFoundError."""
        return await self.held.get(caller, id)

    async def create(self, caller: Caller, provider: IdentityProvider, secret: Secret | None) -> Held[IdentityProvider]:
        """Store a new identity provider and its secret; its id is made of its type and name.

        Raises:
            InvalidError: a member is wrong, or members do not go together.
            ConflictingError: there is one of this type, and a tenant has only one.
        """
        caller.require(Right.WRITE_IDENTITY_PROVIDERS)
        kind = kind_of(provider.type)
        named = replace(provider, type=kind.name, display_name=provider.display_name or kind.title)
        new = replace(named, id=kind.id or _new_id(named.display_name))
        new = replace(new, secret_key=None if secret is None else _key_set_id(new.id))
        self._refuse_wrong(new, kind)
        if secret is None:
            return await self.held.create(caller, new)
        key_id = await self._store(caller, _key_set_id(new.id, secrets.token_hex(3)), secret)
        try:
            return await self.held.create(caller, replace(new, secret_key=key_id))
        except ManagementError:
            await erase(self.context.keys.by(caller.actor), [key_id])
            raise

    async def update(
        self,
        caller: Caller,
        id: str,
        edit: Callable[[IdentityProvider], IdentityProvider],
        *,
        secret: Secret | None = None,
        if_match: str | None = None,
    ) -> Held[IdentityProvider]:
        """Make of an identity provider what ``edit`` makes of it; a new secret replaces the old one, which is deleted soon.

        Raises:
            NotFoundError, ConflictingError (declared), ChangedError (``if_match``), and what ``create`` raises.
        """
        old = (await self.held.changeable(caller, id, if_match)).value
        key_id = None
        if secret is not None:
            key_id = await self._store(caller, _key_set_id(old.id, secrets.token_hex(3)), secret)

        async def checked(present: IdentityProvider) -> IdentityProvider:
            if key_id is not None and present.secret_key != old.secret_key:
                raise ConflictingError(f"the secret of {old.id!r} was replaced at the same time; try again")
            edited = replace(edit(present), id=present.id, type=present.type)
            edited = edited if key_id is None else replace(edited, secret_key=key_id)
            self._refuse_wrong(edited, kind_of(edited.type))
            await self._refuse_broken_flows(edited)
            return edited

        changed = "clientSecret" if secret is not None else "settings"
        try:
            return await self.held.change(caller, id, checked, changed=changed, if_match=if_match)
        except ManagementError:
            await erase(self.context.keys.by(caller.actor), [key_id] if key_id else [])
            raise

    async def delete(self, caller: Caller, id: str, *, if_match: str | None = None) -> None:
        """Delete an identity provider and its secret. Raises ConflictingError when a user flow offers it."""

        async def refuse_used() -> None:
            flows = (await self.context.snapshot()).user_flows
            using = [flow.id for flow in flows if id.casefold() in map(str.casefold, flow.identity_providers)]
            if using:
                detail = f"the identity provider {id!r} is offered by {', '.join(using)}; take it out there first"
                raise ConflictingError(detail)

        entry = await self.held.delete(caller, id, if_match=if_match, check=refuse_used)
        prefix = _key_set_id(entry.id).lower()
        stored = await self.context.keys.stored()
        found = [each.id for each in stored if each.id.lower() == prefix or each.id.lower().startswith(f"{prefix}-")]
        await erase(self.context.keys.by(caller.actor), found)

    def _refuse_wrong(self, provider: IdentityProvider, kind: ProviderType) -> None:
        _refuse_wrong_values(provider)
        for key, what in wrong_with(provider, kind):
            member = "certificateData" if key == "secret_key" and kind is APPLE else MEMBERS[key]
            text = f"{member} is missing: a code is redeemed with it" if key == "secret_key" else _renamed(what)
            raise InvalidError(f"{text}" if text.startswith(member) else f"{member}: {text}", member=member)

    async def _refuse_broken_flows(self, provider: IdentityProvider) -> None:
        """Refuse settings with which a user flow that offers the provider could not be served any more."""
        snapshot = await self.context.snapshot()
        others = tuple(each for each in snapshot.identity_providers if each.id.casefold() != provider.id.casefold())
        changed = replace(snapshot, identity_providers=(*others, provider))
        for flow in snapshot.user_flows:
            if provider.id.casefold() in map(str.casefold, flow.identity_providers):
                for problem in await self.context.flow_problems(flow, changed):
                    raise InvalidError(f"the user flow {flow.id} could not be served any more: {problem.text}")

    async def _store(self, caller: Caller, key_id: str, secret: Secret) -> str:
        if not len(secret):
            raise InvalidError("clientSecret is empty", service_code="AADB2C90253", member="clientSecret")
        try:
            key = secret_key(secret.reveal_bytes(), use="sig", now=self.context.clock.now())
            return await self.context.keys.by(caller.actor).create(key_id, [key])
        except KeyStoreError as error:
            raise refused_key(error, "clientSecret") from None


def available_types() -> tuple[str, ...]:
    """Return the names of the types that can be used."""
    return tuple(each.name for each in PROVIDER_TYPES if not each.refused)


def kind_of(name: str) -> ProviderType:
    """Return the type of this name. Raises InvalidError."""
    try:
        return provider_type(name)
    except ValueError as error:
        raise InvalidError(f"identityProviderType: {error}", member="identityProviderType") from None


def _refuse_wrong_values(provider: IdentityProvider) -> None:
    one_line(provider.display_name, "displayName", limit=_NAME_LIMIT)
    for member, pattern, value, remedy in (
        ("clientId", _WORD, provider.client_id, "write the id that the provider gave you"),
        ("scope", _SCOPE, provider.scope, "write scopes with one blank between them"),
        ("domainHint", _DOMAIN, provider.domain_hint, "write a name like contoso.com"),
        ("developerId", _APPLE_ID, provider.developer_id, "write the 10 characters of the team id"),
        ("keyId", _APPLE_ID, provider.key_id, "write the 10 characters of the key id"),
    ):
        if not pattern.fullmatch(value) or len(value) > 2048:
            raise InvalidError(f"{member} is not valid; {remedy}", member=member)
    for member, known, value in (
        ("responseType", RESPONSE_TYPES, provider.response_type),
        ("responseMode", RESPONSE_MODES, provider.response_mode),
    ):
        if value not in known:
            raise InvalidError(f"{member} is not one of {', '.join(known)}", member=member)
    for name, theirs in provider.claims_mapping.items():
        if name not in CLAIMS or not _WORD.fullmatch(theirs):
            member = f"claimsMapping/{name[:64]}"
            raise InvalidError(f"{member} is not valid; write the name of their claim", member=member)
    if provider.metadata_url:
        try:
            metadata_url(provider.metadata_url)
        except ValueError as error:
            raise InvalidError(f"metadataUrl {error}", member="metadataUrl") from None
        # Plain http to this machine has passed; everything else that no call may have is refused here.
        https_url(provider.metadata_url, "metadataUrl", plain_http=lambda _: True)


def _renamed(text: str) -> str:
    """Return a sentence about keys of ``journeyman.toml`` as one about members of the API."""
    for key, member in MEMBERS.items():
        if "_" in key:
            text = re.sub(rf"\b{key}\b", member, text)
    return text


def _new_id(display_name: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]", "", display_name)[:_ID_NAME_LIMIT] or "Provider"
    return f"OIDC-V1-{name}-{uuid.uuid4()}"


def _key_set_id(provider_id: str, suffix: str = "") -> str:
    """Return the id of the key set of a provider; of one with a GUID in its id only that, since ids of keys are short."""
    found = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", provider_id, re.IGNORECASE)
    name = found[0].replace("-", "") if found else re.sub(r"[^A-Za-z0-9-]", "", provider_id)[:32]
    return f"{IDENTITY_PROVIDER_PREFIX}{name}-secret" + (f"-{suffix}" if suffix else "")

"""Rehearse the REST calls that use a policy key with its next version: what is configured and safe is really sent.

A call is red when the API refuses the new credential, and green when it accepts it and refuses a call without one.
An API that answers both alike has proved nothing. Source: this project's decision.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from multidict import CIMultiDict
from yarl import URL

from journeyman.api_call.call import ApiCaller
from journeyman.api_call.services import RestServices
from journeyman.clock import Clock
from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.connector.authenticator import ActiveKeys, Authenticator
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.credentials import REFUSED
from journeyman.connector.errors import (
    ApiUnreachableError,
    ClientCertificateError,
    ConnectorError,
    CredentialMissingError,
    HandshakeError,
)
from journeyman.connector.request import BASE_HEADERS, ApiRequest
from journeyman.connector.tls import Trust
from journeyman.engine.api_callers import build_api_caller
from journeyman.engine.assembly import rest_client, rest_services
from journeyman.engine.engine import Tenant
from journeyman.engine.key_uses import KeyUse, UseKind
from journeyman.engine.registry import specs_of
from journeyman.engine.stored import Stored
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.errors import KeyStoreError, ServiceError
from journeyman.keys.keyset import Key, KeySet, Stage
from journeyman.keys.ring import KeyRing
from journeyman.policy.model import key as policy_name
from journeyman.settings import RehearsalSettings, Settings
from journeyman.trace.redaction import Redactor

_REFUSALS: Final = (ClientCertificateError, HandshakeError)


class Light(Enum):
    """What a rehearsal has shown."""

    GREEN = "green"
    RED = "red"
    UNPROVED = "unproved"
    DRY = "dry"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One call that uses the policy key; ``text`` says what was seen, without a secret."""

    light: Light
    user: str
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class NextKeys:
    """The policy keys as they will be after the promotion."""

    keys: ActiveKeys
    id: str
    staged: Key

    def get(self, key_id: str) -> KeySet:
        """Return the set with nothing but the staged key, as if it were promoted; any other set as it is."""
        if key_id.lower() != self.id.lower():
            return self.keys.get(key_id)
        return KeySet(self.id, (replace(self.staged, stage=Stage.IN_USE),))

    def active(self, key_id: str) -> Key:
        """Return the staged key of the set that is rotated, the active key of any other."""
        return self.staged if key_id.lower() == self.id.lower() else self.keys.active(key_id)

    def fallback(self, key_id: str) -> Key | None:
        """Return None: a rehearsal must not succeed with the old version."""
        return None


async def rehearse(
    settings: Settings,
    stored: Stored,
    keys: KeyRing,
    next_keys: NextKeys,
    uses: Iterable[KeyUse],
    clock: Clock,
    *,
    send: bool,
) -> tuple[Rehearsal, ...]:
    """Rehearse every REST call of ``uses``, one after the other.

    Args:
        stored: the policies that are no files.
        keys: the policy keys of the tenant; what policies need of them is looked up there.
        send: False for a dry run.
    """
    calls = [use for use in uses if use.kind in {UseKind.REST_CALL, UseKind.MANAGED_BEARER}]
    if not calls:
        return ()
    policies = await asyncio.to_thread(_compiled, settings, stored, keys)
    client = rest_client(settings, clock)
    # Nothing is recorded here, so the key of the hashes of records is of no use to anybody.
    redactor, tenant = Redactor(secrets.token_bytes(32)), Tenant(settings.tenant_name, "")

    def services(policy: CompiledPolicy) -> RestServices:
        return rest_services(settings, client, next_keys, redactor, tenant, policy)

    try:
        return tuple([await _of_use(use, policies, services, send=send) for use in calls])
    finally:
        await client.close()


def _compiled(settings: Settings, stored: Stored, keys: KeyRing) -> Mapping[str, CompiledPolicy]:
    loaded = load_tenant_policies(settings, tenant_texts(settings, stored))
    production = not settings.development
    return compile_all(loaded, specs=specs_of(settings), keys=keys.infos(), engine_production=production).policies


async def _of_use(
    use: KeyUse,
    policies: Mapping[str, CompiledPolicy],
    services: Callable[[CompiledPolicy], RestServices],
    *,
    send: bool,
) -> Rehearsal:
    place = next((policy_name(name) for name in use.policies if policy_name(name) in policies), None)
    profile = None if place is None else policies[place].technical_profiles.get(use.user)
    if place is None or profile is None:
        return Rehearsal(Light.DRY, use.user, "", "no policy that can be served holds it; `journeyman check` says why")
    of_policy = services(policies[place])
    own = of_policy.settings.get(profile.id.lower())
    if own is not None and own.bearer is not None:
        provider = build_api_caller(profile, of_policy, policies[place].claim_types)
        return await _managed(use, own.bearer.token_url, provider, send=send)
    try:
        provider = build_api_caller(profile, of_policy, policies[place].claim_types)
        if use.kind is UseKind.MANAGED_BEARER:
            return await _managed(use, use.service_url, provider, send=send)
        authenticator = await _prepared(provider)
    except (ServiceError, KeyStoreError) as error:
        return Rehearsal(Light.RED, use.user, "", f"the new version cannot be used: {error}")
    return await _sent(provider, authenticator, own.rehearsal if own else None, send=send)


async def _managed(use: KeyUse, token_url: str, provider: ApiCaller, *, send: bool) -> Rehearsal:
    """Ask the token endpoint for a token with the new version: it says by itself whether it knows it."""
    if use.kind is UseKind.REST_CALL:
        return Rehearsal(Light.DRY, use.user, "", "nothing was sent: a managed bearer replaces this key of the profile")
    url = URL(token_url)
    target = f"POST {url.origin()}{url.path}"
    if not send:
        return Rehearsal(Light.DRY, use.user, target, "nothing was sent: this is a dry run")
    try:
        await provider.credentials.current(provider.rules.limits.budget_s)
    except (CredentialMissingError, *_REFUSALS) as error:
        return Rehearsal(Light.RED, use.user, target, f"refused the new version: {error.operator}")
    except ConnectorError as error:
        return Rehearsal(Light.UNPROVED, use.user, target, f"no answer: {error.operator}")
    return Rehearsal(Light.GREEN, use.user, target, "the token endpoint gave a token to the new version")


async def _prepared(provider: ApiCaller) -> Authenticator:
    """Return the authenticator of the new version once it has made its header and its TLS context."""
    authenticator = await provider.credentials.current(provider.rules.limits.budget_s)
    # No connection is made with this context: it only shows that the certificate and its key can be loaded.
    authenticator.configure_tls(Trust(system=False).context(verify=False))
    authenticator.authenticate(CIMultiDict(), {})
    return authenticator


async def _sent(
    provider: ApiCaller, authenticator: Authenticator, rehearsal: RehearsalSettings | None, *, send: bool
) -> Rehearsal:
    user = provider.profile_id
    if rehearsal is None:
        hint = f'to try it at the API set rehearsal = "HEAD" (or OPTIONS, or "GET /path") in [profiles."{user}"]'
        return Rehearsal(Light.DRY, user, "", f"nothing was sent; {hint}")
    url = _url(provider, rehearsal)
    if url is None:
        return Rehearsal(Light.DRY, user, "", "nothing was sent: claims are part of the URL; add a path to rehearsal")
    target = f"{rehearsal.method} {url.origin()}{url.path}"
    if not send:
        return Rehearsal(Light.DRY, user, target, "nothing was sent: this is a dry run")
    light, text = await _compared(
        provider, authenticator, ApiRequest(rehearsal.method, url, CIMultiDict(BASE_HEADERS), None, {})
    )
    return Rehearsal(light, user, target, text)


def _url(provider: ApiCaller, rehearsal: RehearsalSettings) -> URL | None:
    service = provider.url
    if rehearsal.path:
        return service.sample.origin().join(URL(rehearsal.path, encoded=True))
    return service.fixed


async def _compared(provider: ApiCaller, authenticator: Authenticator, request: ApiRequest) -> tuple[Light, str]:
    """Send the request with the new credential and without any, and say what the pair shows."""
    try:
        status = await _status(provider, authenticator, request)
    except _REFUSALS as error:
        return Light.RED, f"refused the new version: {error.operator}"
    except ConnectorError as error:
        return Light.UNPROVED, f"no answer: {error.operator}"
    if status in REFUSED:
        return Light.RED, f"refused the new version: {status}"
    if status >= 400:
        return Light.UNPROVED, f"answered {status}, which says nothing of the credential; try another rehearsal"
    try:
        control = await _status(provider, NoAuthentication(), request)
    except ConnectorError as error:
        # Under TLS 1.3 a server that asks for a certificate may do no more than close the connection of who has none.
        closed = authenticator.credential.in_tls and isinstance(error, ApiUnreachableError)
        if closed or isinstance(error, _REFUSALS):
            return Light.GREEN, f"accepted the new version: {status}; nobody gets in without a certificate"
        return Light.UNPROVED, f"accepted the new version: {status}; without a credential no answer: {error.operator}"
    if control in REFUSED:
        return Light.GREEN, f"accepted the new version: {status}; without a credential {control}"
    return Light.UNPROVED, f"answered {status}, but without a credential too ({control}); try another rehearsal"


async def _status(provider: ApiCaller, authenticator: Authenticator, request: ApiRequest) -> int:
    headers: CIMultiDict[str] = CIMultiDict()
    authenticator.authenticate(headers, {})
    client, rules = provider.client, provider.rules
    once = replace(rules, limits=replace(rules.limits, retries=0))
    answer = await client.send(request, headers, authenticator, once, client.begin())
    return answer.status

"""The token endpoint of a policy: a code, a refresh token, or a user name and a password in, tokens out.

Source: protocol.md §5 and §6.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from journeyman.applications.application import Application
from journeyman.claims.values import Json
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.service_codes import service_error
from journeyman.settings import ApplicationType
from journeyman.state.store import Kind
from journeyman.web.client_address import client_address
from journeyman.web.oidc import tokens as minted
from journeyman.web.oidc.client_authentication import authenticate, spa_origin_headers
from journeyman.web.oidc.client_credentials import client_credentials
from journeyman.web.oidc.grants import (
    EXPIRED_KEPT,
    REVOCATION,
    ROTATION_GRACE_S,
    Grant,
    code_id,
    load_grant,
    refresh_id,
    revoked_id,
    used_code_id,
)
from journeyman.web.oidc.parameters import read_form
from journeyman.web.oidc.refresh import run_refresh_journey
from journeyman.web.oidc.resource_owner import password_grant
from journeyman.web.oidc.responses import NO_STORE
from journeyman.web.oidc.scopes import narrowed_scopes
from journeyman.web.problems import token_error

VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
SPA_REFRESH_S: Final = 86_400

_PASSWORD_TOKENS: Final = frozenset({"token", "id_token"})
_MEMBERS: Final = {
    "token": ("access_token", "expires_in", "expires_on", "resource"),
    "id_token": ("id_token", "id_token_expires_in"),
}
"""Response type of a password grant -> members of the answer that only it brings."""


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """``/oauth2/v2.0/token`` of every policy."""

    engine: Engine

    async def handle(self, request: Request, served: ServedPolicy) -> Response:
        """Authenticate the client and redeem its grant."""
        headers: dict[str, str] = {}
        try:
            if request.method != "POST":
                raise service_error(90226)
            form = await read_form(request)
            headers = await spa_origin_headers(self.engine, request, form)
            body = await self._redeem(request, served, form)
        except ServiceError as error:
            return token_error(self.engine, error, correlation_id=_correlation_id(request), headers=headers)
        return JSONResponse(body, headers={**NO_STORE, **headers})

    async def _redeem(self, request: Request, served: ServedPolicy, form: Mapping[str, str]) -> Mapping[str, Json]:
        match form.get("grant_type", ""):
            case "":
                raise service_error(90083, "grant_type")
            case "authorization_code":
                return await self._code(request, served, form)
            case "refresh_token":
                return await self._refresh(request, served, form)
            case "password":
                return await self._password(request, served, form)
            case "client_credentials":
                return await client_credentials(self.engine, request, form, served)
            case other:
                raise service_error(90086, other[:64])

    async def _code(self, request: Request, served: ServedPolicy, form: Mapping[str, str]) -> Mapping[str, Json]:
        application = (await authenticate(self.engine, request, form)).application
        code = form.get("code", "")
        if not code:
            raise service_error(90083, "code")
        state, now = self.engine.state, self.engine.clock.now()
        stored = await state.take(Kind.CODE, code_id(code))
        if stored is None:
            await self._revoke_family_of(code)
            raise service_error(90090)
        grant = load_grant(stored)
        # A code that is shown twice has leaked: what its first use gave out is then revoked.
        await state.put(Kind.CODE, used_code_id(code), grant.family.encode(), expires_at=now + EXPIRED_KEPT)
        _check_binding(grant, application, served)
        _check_lifetime(grant, int(now.timestamp()))
        if form.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
            raise service_error(90090)
        _check_verifier(grant, form.get("code_verifier", ""))
        return await self._answer(served, application, grant, form, now=now)

    async def _refresh(self, request: Request, served: ServedPolicy, form: Mapping[str, str]) -> Mapping[str, Json]:
        application = (await authenticate(self.engine, request, form)).application
        handle = form.get("refresh_token", "")
        if not handle:
            raise service_error(90083, "refresh_token")
        stored = await self.engine.state.get(Kind.REFRESH, refresh_id(handle))
        if stored is None:
            raise service_error(90090)
        grant = load_grant(stored.value)
        _check_binding(grant, application, served)
        now = self.engine.clock.now()
        await self._check_alive(grant, now)
        renewed = await run_refresh_journey(self.engine, served, grant, form, now=now)
        body = await self._answer(served, application, replace(renewed, nonce=""), form, now=now)
        if not grant.retired_at:
            retired = replace(grant, retired_at=int(now.timestamp()))
            until = _kept_until(grant)
            await self.engine.state.replace(
                Kind.REFRESH, refresh_id(handle), retired.to_bytes(), version=stored.version, expires_at=until
            )
        return body

    async def _password(self, request: Request, served: ServedPolicy, form: Mapping[str, str]) -> Mapping[str, Json]:
        wanted = frozenset(form.get("response_type", "").split()) or _PASSWORD_TOKENS
        if not wanted <= _PASSWORD_TOKENS:
            raise service_error(90013, form["response_type"][:64])
        application = (await authenticate(self.engine, request, form)).application
        now = self.engine.clock.now()
        address = client_address(request, self.engine.settings.server.trusted_proxies)
        grant = await password_grant(self.engine, served, application, form, now=now, ip_address=address)
        body = await self._answer(served, application, grant, form, now=now)
        unwanted = [name for token in _PASSWORD_TOKENS - wanted for name in _MEMBERS[token]]
        return {name: value for name, value in body.items() if name not in unwanted}

    async def _check_alive(self, grant: Grant, now: datetime) -> None:
        """Check that a refresh token may still be used; one that was exchanged long ago has leaked."""
        now_s = int(now.timestamp())
        if await self.engine.state.get(Kind.REFRESH, revoked_id(grant.family)) is not None:
            raise service_error(90129)
        if grant.retired_at and now_s > grant.retired_at + ROTATION_GRACE_S:
            await self._revoke(grant.family)
            raise service_error(90129)
        _check_lifetime(grant, now_s)

    async def _revoke_family_of(self, code: str) -> None:
        family = await self.engine.state.get(Kind.CODE, used_code_id(code))
        if family is not None:
            await self._revoke(family.value.decode())

    async def _revoke(self, family: str) -> None:
        until = self.engine.clock.now() + REVOCATION
        await self.engine.state.put(Kind.REFRESH, revoked_id(family), b"1", expires_at=until)

    async def _answer(
        self,
        served: ServedPolicy,
        application: Application,
        grant: Grant,
        form: Mapping[str, str],
        *,
        now: datetime,
    ) -> Mapping[str, Json]:
        scopes = await narrowed_scopes(self.engine.applications, application, grant.scopes, form.get("scope", ""))
        minting = minted.minting_for(self.engine, served, grant.issuer_profile, now=now)
        body: dict[str, Json] = {"token_type": "Bearer", "not_before": minting.now_s}
        audience = scopes.resource.client_id if scopes.resource else grant.client_id
        body["access_token"] = minted.access_token(minting, grant, audience=audience, scopes=scopes.scope_names)
        body["expires_in"] = minting.issuer.access_s
        body["expires_on"] = minting.now_s + minting.issuer.access_s
        body["resource"] = audience
        if scopes.openid:
            body["id_token"] = minted.id_token(minting, grant)
            body["id_token_expires_in"] = minting.issuer.id_s
            body["profile_info"] = minted.profile_info(grant, tenant_id=self.engine.tenant.id)
        body["scope"] = " ".join(scopes.granted)
        # A refresh token is always exchanged for a new one, whatever part of its scopes is asked for.
        if scopes.offline_access or grant.token_issued_at:
            body |= await self._refresh_token(application, grant, minting)
        if form.get("client_info") == "1":
            body["client_info"] = minted.client_info(grant, tenant_id=self.engine.tenant.id)
        return body if minting.issuer.json_numbers else _with_text_numbers(body)

    async def _refresh_token(self, application: Application, grant: Grant, minting: minted.Minting) -> dict[str, Json]:
        spa = application.type is ApplicationType.SPA
        end = _window_end(grant, minting, spa=spa)
        lifetime_s = SPA_REFRESH_S if spa else minting.issuer.refresh_s
        expires_at = minting.now_s + lifetime_s if end is None else min(minting.now_s + lifetime_s, end)
        handle = secrets.token_urlsafe(48)
        kept = replace(grant, expires_at=expires_at, token_issued_at=minting.now_s, retired_at=0)
        await self.engine.state.put(Kind.REFRESH, refresh_id(handle), kept.to_bytes(), expires_at=_kept_until(kept))
        return {"refresh_token": handle, "refresh_token_expires_in": expires_at - minting.now_s}


def _window_end(grant: Grant, minting: minted.Minting, *, spa: bool) -> int | None:
    """Return the end of the sliding window in seconds since 1970; single-page applications get one day in all."""
    if spa:
        return grant.issued_at + SPA_REFRESH_S
    return None if minting.issuer.rolling_s is None else grant.issued_at + minting.issuer.rolling_s


def _kept_until(grant: Grant) -> datetime:
    return datetime.fromtimestamp(grant.expires_at, UTC) + EXPIRED_KEPT


def _check_lifetime(grant: Grant, now_s: int) -> None:
    if grant.expires_at <= now_s:
        raise service_error(90080, now_s, grant.issued_at, grant.expires_at)


def _check_binding(grant: Grant, application: Application, served: ServedPolicy) -> None:
    if grant.client_id != application.client_id:
        raise service_error(90279, application.client_id)
    if grant.policy_id.casefold() != served.policy.policy_id.casefold():
        raise service_error(90088, served.policy.policy_id, grant.policy_id)


def _check_verifier(grant: Grant, verifier: str) -> None:
    if not grant.challenge:
        # A verifier without a challenge means that somebody has taken the challenge out of the request.
        if grant.public or verifier:
            raise service_error(90183)
        return
    if not VERIFIER.fullmatch(verifier):
        raise service_error(90183)
    computed = verifier
    if grant.challenge_method == "S256":
        computed = minted.encode(hashlib.sha256(verifier.encode()).digest())
    if not hmac.compare_digest(computed.encode(), grant.challenge.encode()):
        raise service_error(90182)


def _with_text_numbers(body: Mapping[str, Json]) -> Mapping[str, Json]:
    return {name: str(value) if isinstance(value, int) else value for name, value in body.items()}


def _correlation_id(request: Request) -> str:
    try:
        return str(uuid.UUID(request.headers.get("client-request-id", "")))
    except ValueError:
        return str(uuid.uuid4())

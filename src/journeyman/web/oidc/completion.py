"""The end of a journey: its claims in, the answer of the authorization endpoint out.

Source: protocol.md §4.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import replace
from datetime import datetime

from starlette.responses import Response

from journeyman.applications.scopes import GrantedScopes
from journeyman.engine import Engine, ServedPolicy
from journeyman.journey.outcome import IssueTokens
from journeyman.journey.state import JourneyState
from journeyman.service_codes import service_error
from journeyman.state.store import Kind
from journeyman.web.oidc import tokens as minted
from journeyman.web.oidc.grants import CODE_LIFETIME, EXPIRED_KEPT, Grant, code_id
from journeyman.web.oidc.responses import authorization_response
from journeyman.web.oidc.scopes import granted_scopes


async def completed(
    engine: Engine, served: ServedPolicy, state: JourneyState, tokens: IssueTokens, *, now: datetime
) -> Response:
    """Answer the application with what its response type asks for.

    Raises:
        ServiceError: the application or its permissions are gone, or the signing key cannot be used.
    """
    parameters = state.parameters
    types = set(parameters["response_type"].split())
    application = await engine.applications.get(parameters["client_id"])
    if application is None:
        raise service_error(90018, parameters["client_id"], state.tenant)
    scopes = await granted_scopes(engine.applications, application, parameters.get("scope", ""))
    grant = replace(
        grant_of(state, tokens, scopes, now=now),
        public=not await engine.applications.is_confidential(application),
        account=await engine.users.find(tokens.user_id or "") is not None,
    )
    answer: dict[str, str] = {}
    if "state" in parameters:
        answer["state"] = parameters["state"]
    if parameters.get("client_info") == "1":
        answer["client_info"] = minted.client_info(grant, tenant_id=engine.tenant.id)
    minting = minted.minting_for(engine, served, tokens.issuer_profile, now=now)
    code = access_token = None
    if "code" in types:
        code = secrets.token_urlsafe(32)
        await engine.state.put(
            Kind.CODE, code_id(code), grant.to_bytes(), expires_at=now + CODE_LIFETIME + EXPIRED_KEPT
        )
        answer["code"] = code
    if "token" in types and scopes.resource is not None:
        audience = scopes.resource.client_id
        access_token = minted.access_token(minting, grant, audience=audience, scopes=scopes.scope_names)
        answer |= {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": str(minting.issuer.access_s),
            "scope": " ".join(scopes.granted),
        }
    if "id_token" in types:
        answer["id_token"] = minted.id_token(minting, grant, code=code, access_token=access_token)
    return authorization_response(parameters["redirect_uri"], parameters["response_mode"], answer)


def grant_of(state: JourneyState, tokens: IssueTokens, scopes: GrantedScopes, *, now: datetime) -> Grant:
    """Return what a code or refresh token of this journey stands for."""
    parameters = state.parameters
    now_s = int(now.timestamp())
    return Grant(
        client_id=parameters["client_id"],
        policy_id=state.policy_id,
        redirect_uri=parameters["redirect_uri"],
        scopes=scopes.granted,
        claims=tokens.claims,
        subject=tokens.subject,
        user_id=tokens.user_id,
        auth_time=state.auth_time or now_s,
        issued_at=now_s,
        expires_at=now_s + int(CODE_LIFETIME.total_seconds()),
        family=str(uuid.uuid4()),
        issuer_profile=tokens.issuer_profile,
        remembered=tokens.remembered,
        nonce=parameters.get("nonce", ""),
        challenge=parameters.get("code_challenge", ""),
        challenge_method=parameters.get("code_challenge_method", "") or "plain",
        parameters={name: value for name, value in parameters.items() if name in REMEMBERED},
    )


REMEMBERED = frozenset({"ui_locales", "login_hint", "acr_values"})
"""Parameters that claim resolvers of a refresh journey may still read."""

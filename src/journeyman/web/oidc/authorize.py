"""The authorization endpoint: a request in, a journey begun or an error out.

Until the redirect URI is trusted every error is a page; from then on the application is told.
Source: protocol.md §3.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from journeyman.applications.application import Application, matches_redirect_uri
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.service_codes import service_error
from journeyman.web.journeys import Journeys
from journeyman.web.oidc.parameters import read_form, unique
from journeyman.web.oidc.responses import FORM_POST, FRAGMENT, QUERY, error_response
from journeyman.web.oidc.scopes import check_response_types, granted_scopes
from journeyman.web.problems import error_page

RESPONSE_TYPES: Final = frozenset({"code", "id_token", "token"})
RESPONSE_MODES: Final = frozenset({QUERY, FRAGMENT, FORM_POST})
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
CHALLENGE_METHODS: Final = frozenset({"plain", "S256"})
CHALLENGE: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
MARKUP: Final = re.compile(r"<[A-Za-z!/?]|&#")
"""What the request validation of the service takes for script (AADB2C90122)."""
KNOWN: Final = frozenset(
    {
        "acr_values", "claims", "claims_locales", "clidata", "client-request-id", "client_assertion",
        "client_assertion_type", "client_id", "client_info", "code_challenge", "code_challenge_method", "display",
        "domain_hint", "id_token_hint", "login_hint", "max_age", "nonce", "p", "prompt", "redirect_uri",
        "registration", "request", "request_uri", "resource", "response_mode", "response_type", "scope", "state",
        "ui_locales",
    }
)  # fmt: skip
STATE_LIMIT: Final = 8192
MAX_AGE_S: Final = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """An authorization request; each check takes one and returns it, or one with more in it."""

    parameters: Mapping[str, str]
    application: Application
    redirect_uri: str
    response_types: frozenset[str] = frozenset()
    response_mode: str = QUERY

    def get(self, name: str) -> str:
        """Return a parameter, "" when it was not sent."""
        return self.parameters.get(name, "")


@dataclass(frozen=True, slots=True)
class AuthorizationEndpoint:
    """``/oauth2/v2.0/authorize`` of every policy."""

    engine: Engine
    journeys: Journeys

    async def handle(self, request: Request, served: ServedPolicy) -> Response:
        """Check the request in its documented order and begin the journey."""
        correlation_id = str(uuid.uuid4())
        try:
            parameters = await _read(request)
            correlation_id = _correlation_id(parameters) or correlation_id
            application = await self._find_application(parameters)
            redirect_uri = self._find_redirect_uri(application, parameters)
        except ServiceError as error:
            return error_page(self.engine, error, correlation_id=correlation_id)
        asked = AuthorizationRequest(parameters, application, redirect_uri)
        asked = replace(asked, response_mode=_usable_mode(asked))
        try:
            for check in CHECKS:
                asked = check(asked)
            await self._check_public_client(asked)
            scopes = await granted_scopes(self.engine.applications, application, asked.get("scope"))
            check_response_types(scopes, asked.response_types, asked.get("scope"))
        except ServiceError as error:
            return error_response(self.engine, _remembered(asked), error, correlation_id)
        return await self.journeys.start(request, served, _remembered(asked), correlation_id=correlation_id)

    async def _find_application(self, parameters: Mapping[str, str]) -> Application:
        client_id = parameters.get("client_id", "")
        if not client_id:
            raise service_error(90008)
        application = await self.engine.applications.get(client_id)
        if application is None:
            raise service_error(90018, client_id[:64], self.engine.tenant.name)
        return application

    async def _check_public_client(self, asked: AuthorizationRequest) -> None:
        """Refuse a code that nothing would protect: its client has no secret and sends no challenge."""
        if "code" not in asked.response_types or asked.get("code_challenge"):
            return
        if not await self.engine.applications.is_confidential(asked.application):
            raise service_error(99059)

    def _find_redirect_uri(self, application: Application, parameters: Mapping[str, str]) -> str:
        wanted = parameters.get("redirect_uri", "")
        if not application.redirect_uris:
            raise service_error(90007, application.client_id)
        if not wanted:
            if len(application.redirect_uris) > 1:
                raise service_error(90083, "redirect_uri")
            return application.redirect_uris[0]
        if not matches_redirect_uri(application, wanted, development=self.engine.settings.development):
            raise service_error(90006, wanted[:256], application.client_id)
        return wanted


async def _read(request: Request) -> dict[str, str]:
    parameters = unique(request.query_params.multi_items())
    if request.method == "POST":
        if set(parameters) - {"p"}:
            raise service_error(90122, "query")
        parameters = await read_form(request)
    if len(parameters.get("state", "")) > STATE_LIMIT:
        raise service_error(90122, "state")
    return parameters


def _correlation_id(parameters: Mapping[str, str]) -> str | None:
    try:
        return str(uuid.UUID(parameters.get("client-request-id", "")))
    except ValueError:
        return None


def _usable_mode(asked: AuthorizationRequest) -> str:
    """Return how errors travel: the mode that was asked for, else the default of the response type."""
    mode, types = asked.get("response_mode"), set(asked.get("response_type").split())
    default = FRAGMENT if types & {"id_token", "token"} else QUERY
    if mode not in RESPONSE_MODES or (mode == QUERY and default == FRAGMENT):
        return default
    return mode


def _refuse_request_objects(asked: AuthorizationRequest) -> AuthorizationRequest:
    for name in ("request", "request_uri"):
        if asked.get(name):
            detail = f"the parameter {name!r} is not supported"
            raise ServiceError(detail, oauth_error=f"{name}_not_supported")
    return asked


def _check_response_type(asked: AuthorizationRequest) -> AuthorizationRequest:
    text = asked.get("response_type")
    if not text:
        raise service_error(90083, "response_type")
    types = frozenset(text.split())
    if not types or not types <= RESPONSE_TYPES:
        raise service_error(90013, text[:64])
    return replace(asked, response_types=types)


def _check_response_mode(asked: AuthorizationRequest) -> AuthorizationRequest:
    mode = asked.get("response_mode")
    if mode and (mode not in RESPONSE_MODES or mode != asked.response_mode):
        raise service_error(90014, mode[:64])
    return asked


def _check_implicit(asked: AuthorizationRequest) -> AuthorizationRequest:
    if asked.response_types & {"id_token", "token"} and not asked.application.allow_implicit:
        raise service_error(90057)
    return asked


def _check_nonce(asked: AuthorizationRequest) -> AuthorizationRequest:
    if "id_token" in asked.response_types and not asked.get("nonce"):
        raise service_error(90083, "nonce")
    return asked


def _check_prompt(asked: AuthorizationRequest) -> AuthorizationRequest:
    prompts = asked.get("prompt").split()
    if not set(prompts) <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise service_error(90043)
    return asked


def _check_max_age(asked: AuthorizationRequest) -> AuthorizationRequest:
    text = asked.get("max_age")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= MAX_AGE_S):
        raise service_error(90120, text[:20], 0, MAX_AGE_S)
    return asked


def _check_challenge(asked: AuthorizationRequest) -> AuthorizationRequest:
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method") or "plain"
    if challenge and (method not in CHALLENGE_METHODS or not CHALLENGE.fullmatch(challenge)):
        raise service_error(90184)
    return asked


def _check_further_parameters(asked: AuthorizationRequest) -> AuthorizationRequest:
    """Refuse markup in the parameters that a policy may read as ``{OAUTH-KV:name}``."""
    for name, value in asked.parameters.items():
        if name not in KNOWN and (MARKUP.search(value) or MARKUP.search(name)):
            raise service_error(90122, name[:64])
    return asked


def _remembered(asked: AuthorizationRequest) -> dict[str, str]:
    """Return what the journey keeps of the request: as sent, with what is in force where that may differ."""
    return {
        **asked.parameters,
        "client_id": asked.application.client_id,
        "redirect_uri": asked.redirect_uri,
        "response_mode": asked.response_mode,
    }


CHECKS: Final = (
    _refuse_request_objects,
    _check_response_type,
    _check_response_mode,
    _check_implicit,
    _check_nonce,
    _check_prompt,
    _check_max_age,
    _check_challenge,
    _check_further_parameters,
)

"""The password grant (resource owner password credentials): user name and password in, a grant for tokens out.

Source: protocol.md §10; who may use it and what a refusal tells is in docs/decisions/0060-password-grant.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from journeyman.applications.application import Application
from journeyman.compiler.compiled import CompiledPolicy, StepType, TechnicalProfile
from journeyman.compiler.handlers import PASSWORD_GRANT
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.journey.messages import choose_language
from journeyman.journey.state import Frame, JourneyState
from journeyman.secret import Secret
from journeyman.service_codes import service_error
from journeyman.settings import ApplicationType
from journeyman.web.oidc.background import run_in_background
from journeyman.web.oidc.completion import grant_of
from journeyman.web.oidc.grants import Grant
from journeyman.web.oidc.scopes import granted_scopes

_NOT_PARAMETERS: Final = frozenset({"username", "password", "client_secret", "client_assertion", "refresh_token"})
"""Fields of the request that no claim resolver reads as a parameter: the first two have resolvers of their own."""

_WRONG_CREDENTIALS: Final = frozenset({"AADB2C90053", "AADB2C90054", "AADB2C90111", "AADB2C90114"})
"""Unknown, wrong password, disabled, locked: a stranger learns one answer for all."""

_NEEDED_INPUTS: Final = frozenset({"username", "password"})


async def password_grant(
    engine: Engine,
    served: ServedPolicy,
    application: Application,
    form: Mapping[str, str],
    *,
    now: datetime,
    ip_address: str,
) -> Grant:
    """Run the journey of a policy for a user name and a password.

    Raises:
        ServiceError: the application, the policy or the credentials are refused, or a step failed.
    """
    await _check_application(engine, application)
    for name in ("username", "password"):
        if not form.get(name):
            raise service_error(90083, name)
    _check_policy(served)
    scopes = await granted_scopes(engine.applications, application, form.get("scope", ""))
    state = _state(engine, served, {**form, "client_id": application.client_id}, now)
    try:
        tokens = await run_in_background(engine, served, state, now=now, ip_address=ip_address)
    except ServiceError as error:
        if error.service_code in _WRONG_CREDENTIALS:
            raise service_error(90225) from error
        raise
    return replace(
        grant_of(state, tokens, scopes, now=now),
        public=True,
        account=await engine.users.find(tokens.user_id or "") is not None,
    )


async def _check_application(engine: Engine, application: Application) -> None:
    """Let public clients in whose implicit flow is on, as the service demands."""
    public = application.type in {None, ApplicationType.NATIVE} and not await engine.applications.is_confidential(
        application
    )
    if not public:
        raise service_error(90224)
    if not application.allow_implicit:
        raise service_error(90057)


def _check_policy(served: ServedPolicy) -> None:
    """Refuse a policy whose journey checks no password by itself, or whose check does not take one."""
    profiles = _password_profiles(served.policy, served.relying_party.journey)
    takes_both = [one for one in profiles if {claim.name.casefold() for claim in one.input_claims} >= _NEEDED_INPUTS]
    if not takes_both:
        profile_id = profiles[0].id if profiles else "PolicyProfile"
        raise service_error(99015, profile_id, served.policy.policy_id, served.policy.tenant_id)


def _password_profiles(policy: CompiledPolicy, journey_id: str) -> list[TechnicalProfile]:
    exchanges = [
        policy.technical_profiles[exchange.profile_id]
        for step in policy.journeys[journey_id].steps
        if step.type is StepType.CLAIMS_EXCHANGE
        for exchange in step.exchanges
    ]
    return [profile for profile in exchanges if profile.handler == PASSWORD_GRANT]


def _state(engine: Engine, served: ServedPolicy, form: Mapping[str, str], now: datetime) -> JourneyState:
    languages = served.policy.languages
    parameters = {name: value for name, value in form.items() if name.casefold() not in _NOT_PARAMETERS}
    return JourneyState(
        id=str(uuid.uuid4()),
        correlation_id=str(uuid.uuid4()),
        tenant=engine.tenant.name,
        policy_id=served.policy.policy_id,
        browser="",
        parameters={**parameters, "redirect_uri": ""},
        language=choose_language(
            form.get("ui_locales", ""), "", supported=languages.supported, default=languages.default
        ),
        started_at=now,
        frames=[Frame(served.relying_party.journey)],
        auth_time=int(now.timestamp()),
        interactive=False,
        username=form["username"],
        password=Secret(form["password"]),
    )

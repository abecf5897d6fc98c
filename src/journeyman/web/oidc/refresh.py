"""The refresh-token journey: a grant that is being redeemed in, the grant with the claims of now out.

Source: protocol.md §6. ``<Endpoint Id="Token">`` of the relying party wins over the issuer's metadata.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ClaimsTransformationError, ServiceError
from journeyman.journey.messages import choose_language
from journeyman.journey.state import Frame, JourneyState
from journeyman.service_codes import service_error
from journeyman.web.oidc.background import run_in_background
from journeyman.web.oidc.grants import Grant


async def run_refresh_journey(
    engine: Engine, served: ServedPolicy, grant: Grant, form: Mapping[str, str], *, now: datetime
) -> Grant:
    """Run the journey that a policy names for refresh tokens; without one the grant stays as it is.

    Raises:
        ServiceError: the journey refuses; the grant is revoked, its account gone, or a step failed.
    """
    journey_id = (
        served.relying_party.endpoint_journeys.get("token") or served.issuer(grant.issuer_profile).refresh_journey
    )
    await _check_account(engine, grant)
    if not journey_id:
        return grant
    if journey_id not in served.policy.journeys:
        raise service_error(90288, journey_id, served.policy.policy_id)
    state = _state(engine, served, grant, form, journey_id, now)
    try:
        tokens = await run_in_background(engine, served, state, now=now)
    except ServiceError as error:
        raise _as_grant_error(error) from error
    return replace(
        grant,
        claims=tokens.claims,
        subject=tokens.subject or grant.subject,
        user_id=tokens.user_id or grant.user_id,
        remembered={**grant.remembered, **tokens.remembered},
    )


async def _check_account(engine: Engine, grant: Grant) -> None:
    """Refuse a grant whose account is gone, locked or signed out everywhere, whether or not a journey looks at it."""
    if not grant.account or grant.user_id is None:
        return
    user = await engine.users.find(grant.user_id)
    if user is None:
        raise service_error(90128)
    valid_from = user.refresh_tokens_valid_from
    if not user.account_enabled or (valid_from is not None and int(valid_from.timestamp()) > grant.token_issued_at):
        raise service_error(90129)


def _state(
    engine: Engine, served: ServedPolicy, grant: Grant, form: Mapping[str, str], journey_id: str, now: datetime
) -> JourneyState:
    languages = served.policy.languages
    issued = datetime.fromtimestamp(grant.token_issued_at or grant.issued_at, UTC)
    return JourneyState(
        id=str(uuid.uuid4()),
        correlation_id=str(uuid.uuid4()),
        tenant=engine.tenant.name,
        policy_id=grant.policy_id,
        browser="",
        parameters={**grant.parameters, "client_id": grant.client_id, "scope": form.get("scope", "")},
        language=choose_language(
            grant.parameters.get("ui_locales", ""), "", supported=languages.supported, default=languages.default
        ),
        started_at=now,
        frames=[Frame(journey_id)],
        grant={
            **grant.remembered,
            "objectId": grant.user_id,
            "refreshTokenIssuedOnDateTime": issued.isoformat(),
        },
        auth_time=grant.auth_time,
        interactive=False,
    )


def _as_grant_error(error: ServiceError) -> ServiceError:
    if isinstance(error, ClaimsTransformationError):
        return service_error(90129)
    if error.service_code in {"AADB2C99002", "AADB2C90053"}:
        return service_error(90128)
    if error.service_code == "AADB2C90077":
        # The journey wanted to show a page, and there is no browser to show it to.
        return service_error(90085)
    return error

"""Do policy and guard agree? Each REST call of a policy is put before the guard of a ``guard.toml``, without any network.

The guard decides about the very credential that the call would carry, so a wrong password, a header of another name or an
expired certificate is found before the first user meets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.primitives.serialization import Encoding
from multidict import CIMultiDict

from journeyman.clock import Clock
from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.compiler.handlers import API_CALLS, API_CONNECTOR
from journeyman.connector.api_connector.profile import connector_credentials
from journeyman.connector.authenticator import ActiveKeys
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.connector.profile import (
    AuthenticationType,
    authentication_type,
    credentials_of,
    input_claim_id,
)
from journeyman.engine.alone.guard_side import called_path, managed_bearer, with_values
from journeyman.errors import JourneymanError
from journeyman.settings import Settings
from journeyman_guard import Guard, GuardRequest, Refused


class Agreement(Enum):
    """What came of one profile."""

    ADMITTED = "gets in"
    REFUSED = "is refused"
    NOT_KNOWN = "cannot be said"
    ELSEWHERE = "no route of this guard"


@dataclass(frozen=True, slots=True)
class KeysNow:
    """The policy keys of a tenant, and the clock that says which of them are used."""

    keys: ActiveKeys
    clock: Clock


@dataclass(frozen=True, slots=True)
class Agreed:
    """One profile and its route."""

    profile_id: str
    route: str
    agreement: Agreement
    detail: str = ""


async def agreements(
    policy: CompiledPolicy, wanted: Sequence[str], keys: KeysNow, guard: Guard, settings: Settings
) -> list[Agreed]:
    """Put every REST profile and API connector, or those of ``wanted``, before the guard."""
    return [await _agreed(policy, profile, keys, guard, settings) for profile in _profiles(policy, wanted)]


def _profiles(policy: CompiledPolicy, wanted: Sequence[str]) -> Iterable[TechnicalProfile]:
    names = {name.casefold() for name in wanted}
    for profile in policy.technical_profiles.values():
        if profile.handler in API_CALLS and not profile.unsupported and (not names or profile.id.casefold() in names):
            yield profile


async def _agreed(
    policy: CompiledPolicy, profile: TechnicalProfile, keys: KeysNow, guard: Guard, settings: Settings
) -> Agreed:
    method, path = called_path(profile)
    path = with_values(path, {})
    route = guard.routes.find(GuardRequest(method, path, ()))
    shown = f"{method} {path}"
    if route is None:
        return Agreed(profile.id, shown, Agreement.ELSEWHERE)
    own = settings.profiles.get(profile.id.lower())
    from_claim = input_claim_id(profile, "UseClaimAsBearerToken") is not None
    bearer = authentication_type(profile.metadata) is AuthenticationType.BEARER
    if (bearer and from_claim) or managed_bearer(profile, own) is not None:
        return Agreed(profile.id, route.text, Agreement.NOT_KNOWN, "the token is acquired when the journey runs")
    try:
        caller = await guard.admit(await _request(policy, profile, keys, method, path))
    except Refused as refusal:
        return Agreed(profile.id, route.text, Agreement.REFUSED, refusal.reason)
    except JourneymanError as error:
        return Agreed(profile.id, route.text, Agreement.REFUSED, str(error))
    return Agreed(profile.id, route.text, Agreement.ADMITTED, caller.subject)


async def _request(
    policy: CompiledPolicy, profile: TechnicalProfile, keys: KeysNow, method: str, path: str
) -> GuardRequest:
    """Return what the guard would see. Raises ConnectorError when there is no credential."""
    names = policy.tenant_id, policy.policy_id
    if profile.handler == API_CONNECTOR:
        credentials = connector_credentials(profile, keys.keys, *names, keys.clock)
    else:
        credentials = credentials_of(profile, keys.keys, *names)
    authenticator = await credentials.current(0)
    headers: CIMultiDict[str] = CIMultiDict()
    authenticator.authenticate(headers, {})
    chain: tuple[str, ...] = ()
    if isinstance(authenticator, ClientCertificate):
        chain = tuple(one.public_bytes(Encoding.PEM).decode("ascii") for one in authenticator.key.certificates)
    lines = tuple((name.lower().encode("ascii"), value.encode("utf-8")) for name, value in headers.items())
    return GuardRequest(method, path, lines, chain, source="journeyman guard check")

"""The policies that an engine serves: compiled policies in, one immutable set of runnable ones out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from journeyman.compiler.compiled import CompiledPolicy, RelyingParty
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.diagnostics import Diagnostic
from journeyman.engine.registry import ProviderServices, build_providers
from journeyman.errors import ServiceError
from journeyman.journey.place import Redact
from journeyman.journey.runner import Runner, build_runner
from journeyman.policy.model import key
from journeyman.providers.jwt_issuer import JwtIssuer, build_jwt_issuer
from journeyman.service_codes import service_error


@dataclass(frozen=True, slots=True)
class ServedPolicy:
    """A relying-party policy, ready to run."""

    policy: CompiledPolicy
    relying_party: RelyingParty
    runner: Runner
    issuers: Mapping[str, JwtIssuer]

    def issuer(self, profile_id: str) -> JwtIssuer:
        """Return an issuer. Raises ServiceError when the profile makes no tokens that this engine can make."""
        issuer = self.issuers.get(profile_id)
        if issuer is None:
            detail = f"technical profile {profile_id!r} does not issue tokens that this engine can make"
            raise ServiceError(detail, service_code="AADB2C90037")
        return issuer

    @property
    def default_issuer(self) -> JwtIssuer:
        """The issuer of the last SendClaims step of the policy's journey, which names ``iss`` in discovery."""
        journey = self.policy.journeys[self.relying_party.journey]
        names = [journey.default_issuer_profile, *(step.issuer_profile for step in reversed(journey.steps))]
        found = next((self.issuers[name] for name in names if name is not None and name in self.issuers), None)
        issuer = found or next(iter(self.issuers.values()), None)
        if issuer is None:
            raise service_error(90037)
        return issuer


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All policies of a tenant at one moment; a reload makes a new one and swaps it in."""

    served: Mapping[str, ServedPolicy] = field(default_factory=dict)  # by key(policy id)
    diagnostics: tuple[Diagnostic, ...] = ()
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by key(policy id) of those not served

    def find(self, policy_id: str) -> ServedPolicy | None:
        """Return a served policy, its id in any case."""
        return self.served.get(key(policy_id))

    def problems_of(self, policy_id: str) -> tuple[str, ...]:
        """Return why a policy is not served, empty when it is or when there is none of this id."""
        return self.problems.get(key(policy_id), ())

    def ids(self) -> tuple[str, ...]:
        """Return the ids of the served policies."""
        return tuple(served.policy.policy_id for served in self.served.values())


def serve(
    policy: CompiledPolicy,
    services: ProviderServices,
    *,
    tenant_id: str,
    redact: Redact,
    key_text: Callable[[str], str | None],
) -> ServedPolicy | None:
    """Make a policy runnable; None when it has no relying party."""
    if policy.relying_party is None:
        return None
    runner = build_runner(
        policy, build_providers(policy, services), tenant_object_id=tenant_id, redact=redact, key_text=key_text
    )
    issuers = {
        profile.id: build_jwt_issuer(profile)
        for profile in policy.technical_profiles.values()
        if profile.handler == JWT_ISSUER
    }
    return ServedPolicy(policy, policy.relying_party, runner, issuers)

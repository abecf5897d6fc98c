"""The policies that an engine serves: compiled policies in, one immutable set of runnable ones out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from journeyman.compiler.compiled import CompiledPolicy, RelyingParty
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.diagnostics import Diagnostic
from journeyman.engine.registry import ProviderServices, build_providers
from journeyman.engine.stored import Stored
from journeyman.errors import ServiceError
from journeyman.journey.place import Redact
from journeyman.journey.runner import Runner, build_runner
from journeyman.policy.load import PolicyText
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


class Origin(Enum):
    """Where a policy comes from."""

    FILE = "file"
    UPLOADED = "uploaded"
    USER_FLOW = "user flow"


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """A policy of the tenant, served or not.

    Attributes:
        text: what it was made of; its name is the path of the file, or stands for it.
        base: the id of the policy that it derives from.
        of_folder: whether it and all its bases are files of the folder or user flows of ``journeyman.toml``.
        relying_party: whether applications can ask for it.
    """

    id: str
    origin: Origin
    text: PolicyText
    base: str | None
    of_folder: bool
    relying_party: bool


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All policies of a tenant at one moment; a reload makes a new one and swaps it in.

    All mappings are by ``key(policy id)``.

    Attributes:
        served: the policies that can run.
        problems: why others cannot.
        outdated: why a policy that is served as it last compiled does not compile any more.
        entries: every policy that there is, bases too.
        stored: what all of it was made of besides the files of the folder.
    """

    served: Mapping[str, ServedPolicy] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outdated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: Mapping[str, PolicyEntry] = field(default_factory=dict)
    stored: Stored = field(default_factory=Stored)

    def find(self, policy_id: str) -> ServedPolicy | None:
        """Return a served policy, its id in any case."""
        return self.served.get(key(policy_id))

    def problems_of(self, policy_id: str) -> tuple[str, ...]:
        """Return why a policy is not served, empty when it is or when there is none of this id."""
        return self.problems.get(key(policy_id), ())

    def entry(self, policy_id: str) -> PolicyEntry | None:
        """Return a policy, served or not, its id in any case."""
        return self.entries.get(key(policy_id))

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

"""What one compilation has made so far: each pass reads what earlier ones made and adds its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.predicates import PredicateValidation
from journeyman.compiler.compiled import (
    ContentDefinition,
    DeploymentMode,
    DisplayControl,
    Journey,
    Languages,
    RelyingParty,
    TechnicalProfile,
    Transformation,
)
from journeyman.compiler.spec import HandlerSpec, KeyInfo
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.policy.model import Policy


@dataclass(slots=True)
class Draft:
    """One compilation; local to a call of ``compile_policy``.

    Maps are keyed by ``key(id)``, so that references are found without regard to case.

    Attributes:
        specs: handler in lower case -> its spec.
        keys: policy key in lower case -> what is known of it; None when no tenant is known.
        reached: ids (declared spelling) of the technical profiles that the relying party can reach.
        names_policy: whether a compiled part holds the id of the policy.
        lost_outputs: ids of claims that only a transformation of an unknown method would make.
    """

    policy: Policy
    specs: Mapping[str, HandlerSpec]
    keys: Mapping[str, KeyInfo] | None
    engine_production: bool
    diagnostics: list[Diagnostic] = field(default_factory=list)
    deployment_mode: DeploymentMode = DeploymentMode.PRODUCTION
    sensitivities: Mapping[str, Sensitivity] = field(default_factory=dict)
    predicate_validations: dict[str, PredicateValidation] = field(default_factory=dict)
    claim_types: dict[str, ClaimType] = field(default_factory=dict)
    transformations: dict[str, Transformation] = field(default_factory=dict)
    languages: Languages = field(default_factory=Languages)
    content_definitions: dict[str, ContentDefinition] = field(default_factory=dict)
    display_controls: dict[str, DisplayControl] = field(default_factory=dict)
    technical_profiles: dict[str, TechnicalProfile] = field(default_factory=dict)
    journeys: dict[str, Journey] = field(default_factory=dict)
    sub_journeys: dict[str, Journey] = field(default_factory=dict)
    relying_party: RelyingParty | None = None
    reached: frozenset[str] = frozenset()
    names_policy: bool = False
    lost_outputs: set[str] = field(default_factory=set)

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic."""
        self.diagnostics.append(diagnostic)

    @property
    def whole(self) -> Severity:
        """Return how grave a mistake is that a derived policy can still put right.

        The service runs its checks of whole journeys for relying-party policies only, so a base or
        extensions file alone gets a warning.
        """
        return Severity.WARNING if self.policy.relying_party is None else Severity.ERROR

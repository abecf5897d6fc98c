"""What the compiler must know of a handler to check its profiles; each provider brings one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journeyman.compiler.compiled import ContentDefinition, DeploymentMode, DisplayControl, TechnicalProfile
from journeyman.diagnostics import Diagnostic, Location


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What the compiler may know of a policy key: never its value.

    Attributes:
        use: ``sig`` or ``enc``; "" when it holds no key.
        ends_soon_at: when its active key ends, if that is within 30 days and no other key follows.
        placeholder: whether its secret is one that everybody would guess.
        self_signed: whether its certificate is its own issuer.
    """

    id: str
    kty: str  # "oct" or "RSA"
    has_private_key: bool
    has_certificate: bool
    has_active_key: bool
    use: str = ""
    ends_soon_at: datetime | None = None
    placeholder: bool = False
    self_signed: bool = False


@dataclass(frozen=True, slots=True)
class ProfileCheck:
    """What a handler's check looks at.

    Attributes:
        production: whether the rules of production mode apply: the policy is in production mode and
            the engine does not run in development mode.
        engine_production: whether the engine runs in production mode, whatever the policy says.
        place: name of a metadata item, claim or key -> where it stands; falls back to the profile.
        keys: key sets of the tenant by id in lower case; None when no tenant is known (``check``
            outside a tenant folder).
        display_controls, pages: those of the policy, by id in lower case.
    """

    policy_id: str
    tenant_id: str
    profile: TechnicalProfile
    deployment_mode: DeploymentMode
    production: bool
    keys: Mapping[str, KeyInfo] | None
    place: Callable[[str], Location]
    engine_production: bool = False
    display_controls: Mapping[str, DisplayControl] = field(default_factory=dict)
    pages: Mapping[str, ContentDefinition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandlerSpec:
    """One handler: the metadata it reads and the checks that need its knowledge.

    Attributes:
        metadata: names of the metadata items it knows, in their documented spelling.
        required_metadata: those without which it cannot work.
        stands_in: one of those -> the items that together make it needless.
        check: looks at one compiled profile and yields diagnostics.
        may_be_incomplete: whether a profile without its required metadata is refused when a journey reaches
            it, instead of keeping the policy from being served: an identity provider that nobody has set up.
        runs: whether this engine can run it; when not, ``reason`` says so.
        interactive: whether it needs a browser, so it cannot be a validation technical profile.
    """

    handler: str
    metadata: frozenset[str] = frozenset()
    required_metadata: frozenset[str] = frozenset()
    stands_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    check: Callable[[ProfileCheck], Iterable[Diagnostic]] = field(default=lambda _: ())
    interactive: bool = False
    runs: bool = True
    reason: str = ""
    may_be_incomplete: bool = False

"""Whom we believe to be an API: the settings of a profile and of an origin in, one choice out.

The authorities of a profile or an origin replace all others: an API with a private certificate authority
is to be held to that one. That a profile's win over those of its origin is this project's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol


class TrustSettings(Protocol):
    """The settings that name authorities and pins."""

    @property
    def trust(self) -> tuple[Path, ...]:
        """PEM files."""
        ...

    @property
    def pins(self) -> tuple[str, ...]:
        """Public keys, as ``sha256/BASE64``."""
        ...


@dataclass(frozen=True, slots=True)
class Believed:
    """Whom we believe.

    Attributes:
        authorities: PEM files; when there are any, only these authorities count.
        pins: when there are any, the public key of the API must be one of them.
    """

    authorities: tuple[Path, ...] = ()
    pins: tuple[str, ...] = ()

    def or_else(self, other: Believed) -> Believed:
        """Return this choice, with what it leaves open from ``other``."""
        return Believed(self.authorities or other.authorities, self.pins or other.pins)


ANYONE_TRUSTED: Final = Believed()


@dataclass(frozen=True, slots=True)
class OriginRules:
    """What is set for one origin; ``connections`` None means as for every origin."""

    believed: Believed = ANYONE_TRUSTED
    connections: int | None = None


NO_RULES: Final = OriginRules()


@dataclass(frozen=True, slots=True)
class Origins:
    """What is set for all origins.

    Attributes:
        connections: the largest number of calls at a time to an origin of which nothing else is set.
        rules: origin as ``scheme://host[:port]`` -> its rules.
    """

    connections: int = 64
    rules: Mapping[str, OriginRules] = field(default_factory=dict)

    def of(self, named: str, dialled: str) -> OriginRules:
        """Return the rules of an origin: as the policy names it, else as it is dialled."""
        return self.rules.get(named) or self.rules.get(dialled, NO_RULES)


def believed_of(settings: TrustSettings | None) -> Believed:
    """Return what the settings of a profile or an origin say."""
    if settings is None or not (settings.trust or settings.pins):
        return ANYONE_TRUSTED
    return Believed(settings.trust, settings.pins)

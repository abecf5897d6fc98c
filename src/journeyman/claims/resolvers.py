"""Claim resolvers: a text with ``{Namespace:Name}`` in, a template out; a template and a request in, text out.

Source: claims.md part A.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journeyman.claims.values import ClaimValue


@dataclass(frozen=True, slots=True)
class Resolution:
    """What resolvers may read: the request, the policy, and the claims of the journey.

    Attributes:
        culture: the language tag of the journey, ``en-US``.
        parameters: the parameters of the authorization (or token) request, names as sent.
        claims: the claims bag, by claim type id.
        oauth2: the fields of an identity provider's token answer.
    """

    policy_id: str
    relying_party_tenant_id: str
    trust_framework_tenant_id: str
    tenant_object_id: str
    correlation_id: str
    deployment_mode: str
    culture: str
    host_name: str
    ip_address: str
    kmsi: bool
    now: datetime
    build_number: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, ClaimValue] = field(default_factory=dict)
    oauth2: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolver:
    """One ``{namespace:name}``; ``text`` is as written."""

    namespace: str  # in lower case
    name: str  # as written
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose resolvers were found when the policy was compiled."""

    parts: tuple[str | Resolver, ...]

    @property
    def text(self) -> str:
        """The text as written."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

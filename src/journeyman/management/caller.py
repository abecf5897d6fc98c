"""Who asks and what they may do. Source: graph-api.md §12; a right to write implies the right to read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from journeyman.management.errors import ForbiddenError


class Right(Enum):
    """What a caller may do with one group of objects."""

    READ_CONNECTORS = "read API connectors"
    WRITE_CONNECTORS = "change API connectors"
    READ_USER_FLOWS = "read user flows and user attributes"
    WRITE_USER_FLOWS = "change user flows and user attributes"
    READ_IDENTITY_PROVIDERS = "read identity providers"
    WRITE_IDENTITY_PROVIDERS = "change identity providers"
    READ_KEYS = "read policy keys"
    WRITE_KEYS = "change policy keys"
    READ_POLICIES = "read policies"
    WRITE_POLICIES = "change policies"
    READ_USERS = "read users"
    WRITE_USERS = "change users"
    READ_APPLICATIONS = "read applications"
    WRITE_APPLICATIONS = "change applications"
    READ_AUDIT = "read the audit log"
    READ_JOURNEYS = "read recorded journeys"
    READ_ORGANIZATION = "read the tenant's name and domains"


ROLES: Final[dict[str, frozenset[Right]]] = {
    "APIConnectors.Read.All": frozenset({Right.READ_CONNECTORS}),
    "APIConnectors.ReadWrite.All": frozenset({Right.READ_CONNECTORS, Right.WRITE_CONNECTORS}),
    "IdentityUserFlow.Read.All": frozenset({Right.READ_USER_FLOWS}),
    "IdentityUserFlow.ReadWrite.All": frozenset({Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS}),
    "IdentityProvider.Read.All": frozenset({Right.READ_IDENTITY_PROVIDERS}),
    "IdentityProvider.ReadWrite.All": frozenset({Right.READ_IDENTITY_PROVIDERS, Right.WRITE_IDENTITY_PROVIDERS}),
    "TrustFrameworkKeySet.Read.All": frozenset({Right.READ_KEYS}),
    "TrustFrameworkKeySet.ReadWrite.All": frozenset({Right.READ_KEYS, Right.WRITE_KEYS}),
    "Policy.Read.All": frozenset({Right.READ_POLICIES}),
    "Policy.ReadWrite.TrustFramework": frozenset({Right.READ_POLICIES, Right.WRITE_POLICIES}),
    "User.Read.All": frozenset({Right.READ_USERS}),
    "User.ReadWrite.All": frozenset({Right.READ_USERS, Right.WRITE_USERS}),
    "Application.Read.All": frozenset({Right.READ_APPLICATIONS}),
    "Application.ReadWrite.All": frozenset({Right.READ_APPLICATIONS, Right.WRITE_APPLICATIONS}),
    "AuditLog.Read.All": frozenset({Right.READ_AUDIT, Right.READ_JOURNEYS}),
    "Organization.Read.All": frozenset({Right.READ_ORGANIZATION}),
}
"""Application role, by its name in Graph -> what it lets a caller do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An application with a management token, or an administrator at the portal.

    Attributes:
        actor: how the audit trail names the caller.
    """

    actor: str
    rights: frozenset[Right]

    def require(self, right: Right) -> None:
        """Do nothing when the caller has the right. Raises ForbiddenError otherwise."""
        if right not in self.rights:
            roles = " or ".join(sorted(name for name, rights in ROLES.items() if right in rights))
            raise ForbiddenError(f"the caller may not {right.value}: that needs the application role {roles}")


def caller_of(actor: str, roles: frozenset[str]) -> Caller:
    """Return the caller with the rights of its roles; unknown roles give none. Every role may read the organization."""
    rights = frozenset(right for role in roles for right in ROLES.get(role, ()))
    return Caller(actor, rights | {Right.READ_ORGANIZATION} if rights else rights)

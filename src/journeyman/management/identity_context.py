"""What the operations on user flows, API connectors, user attributes and identity providers work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from journeyman.clock import Clock
from journeyman.configuration.identity import merged_identity, stored_identity
from journeyman.configuration.store import ConfigurationStore
from journeyman.keys.store import KeyStore
from journeyman.settings.identity import IdentitySettings, UserFlow


@dataclass(frozen=True, slots=True)
class FlowProblem:
    """Why a user flow cannot be served; ``member`` is that of the management API, "" for none of them."""

    member: str
    text: str


FlowCheck = Callable[[UserFlow, IdentitySettings], Awaitable[Sequence[FlowProblem]]]
"""Returns why a user flow cannot be served with these objects beside it; nothing when it can."""


@dataclass(frozen=True, slots=True)
class IdentityContext:
    """The stores of one tenant and what its tenant folder declares.

    Attributes:
        tenant: the name of the tenant, for messages.
        extensions_app: the client id of the extensions application, which stands in the ids of custom attributes.
        plain_http: whether the origin ``http://host[:port]`` may be called.
        flow_problems: compiles a user flow.
        take_over: makes a change count at once.
    """

    configuration: ConfigurationStore
    keys: KeyStore
    clock: Clock
    declared: IdentitySettings
    tenant: str
    extensions_app: str
    plain_http: Callable[[str], bool]
    flow_problems: FlowCheck
    take_over: Callable[[], Awaitable[None]]

    async def snapshot(self) -> IdentitySettings:
        """Return all objects, declared and stored."""
        return merged_identity(self.declared, await stored_identity(self.configuration)).settings

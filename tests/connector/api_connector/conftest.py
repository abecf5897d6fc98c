"""A connector with what it is called with, over the fixtures of the connector's tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from journeyman.api_call.call import ApiCaller
from journeyman.api_call.services import RestServices
from journeyman.compiler.compiled import ClaimMapping, Metadata, TechnicalProfile
from journeyman.connector.limits import Limits
from journeyman.diagnostics import Location
from journeyman.providers.api_connector import build_api_connector
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Call
from journeyman.trace.records import CallRecord


@dataclass
class Connector:
    """A connector of a journey."""

    provider: ApiCaller
    profile: TechnicalProfile
    resolution: object
    records: list[CallRecord] = field(default_factory=list)

    async def run(self, *inputs: tuple[ClaimMapping, object]) -> object:
        call = Call(
            profile=self.profile,
            inputs=inputs,
            persisted=(),
            claims={one.claim.id: value for one, value in inputs},
            resolution=self.resolution,
            journey_id="journey-1",
            step="Order=2, Type=ClaimsExchange",
            exchange_id="AnyExchange",
            page=None,
            texts={}.get,
            record=self.records.append,
        )
        return await self.provider.execute(call)


@pytest.fixture
def connector_for(ring, redactor, resolution, client_for) -> Callable[..., Connector]:
    """Build the provider of a connector; metadata by keyword."""
    known = replace(resolution, parameters={"client_id": "app-1"})

    def build(
        url: str,
        *,
        keys: Mapping[str, str] | None = None,
        outputs: tuple[ClaimMapping, ...] = (),
        settings: ProfileSettings | None = None,
        limits: Limits = Limits(timeout_s=5.0, retries=0),  # noqa: B008  immutable
        **metadata: str,
    ) -> Connector:
        items = {"ServiceUrl": url, "Step": "PostAttributeCollection", "Connector": "A", **metadata}
        profile = TechnicalProfile(
            id="ApiConnector-A",
            location=Location("policy.xml", 7, 3),
            handler="Journeyman.ApiConnector",
            metadata=Metadata(items),
            keys=keys or {},
            output_claims=outputs,
        )
        services = RestServices(
            client=client_for(),
            keys=ring,
            redactor=redactor,
            policy_id="B2C_1_a",
            tenant_id="contoso.onmicrosoft.com",
            development=True,
            settings={} if settings is None else {"apiconnector-a": settings},
            connector_limits=limits,
        )
        return Connector(build_api_connector(profile, services, {}), profile, known)

    return build

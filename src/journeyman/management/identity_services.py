"""The management operations of an open engine on user flows and what they are made of."""

from __future__ import annotations

from collections.abc import Sequence

from journeyman.engine import Engine
from journeyman.management.flow_compilation import flow_problems
from journeyman.management.identity_context import FlowProblem, IdentityContext
from journeyman.settings.extensions_app import extensions_app_of
from journeyman.settings.identity import IdentitySettings, UserFlow


def identity_context(engine: Engine) -> IdentityContext:
    """Return what the operations work with."""
    settings = engine.settings

    def plain_http(origin: str) -> bool:
        # What the compiler of user flows takes as well.
        return origin in settings.egress.map

    async def problems(flow: UserFlow, identity: IdentitySettings) -> Sequence[FlowProblem]:
        return await flow_problems(engine, flow, identity)

    return IdentityContext(
        configuration=engine.configuration,
        keys=engine.key_store,
        clock=engine.clock,
        declared=settings.identity,
        tenant=engine.tenant.name,
        extensions_app=extensions_app_of(settings, engine.tenant.id),
        plain_http=plain_http,
        flow_problems=problems,
        take_over=engine.refresh,
    )

"""An engine in, its management API out."""

from __future__ import annotations

from functools import cache

from journeyman.engine import Engine
from journeyman.web.graph.areas import all_routes
from journeyman.web.graph.authentication import TokenAuthentication
from journeyman.web.graph.openapi import openapi_document
from journeyman.web.graph.route import Schema
from journeyman.web.graph.router import Router
from journeyman.web.graph.surface import Surface


def build_surface(engine: Engine) -> Surface:
    """Make the management API of an open engine."""
    names = (engine.tenant.id.lower(), engine.tenant.name.lower(), "myorganization")
    router = Router(all_routes(engine), tenant=names)
    token_url = f"{engine.origin}/{engine.tenant.name}/oauth2/v2.0/token"

    @cache
    def document(version: str) -> Schema:
        return openapi_document(router.routes, origin=engine.origin, token_url=token_url, version=version)

    return Surface(router, engine.origin, engine.clock, TokenAuthentication(engine).caller, document)

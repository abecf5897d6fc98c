"""Put the endpoints of a tenant together: an open engine in, its endpoints with what they share out."""

from __future__ import annotations

from journeyman.engine import Engine
from journeyman.web.cookies import Cookies
from journeyman.web.endpoints import TenantEndpoints
from journeyman.web.federation import FederationEndpoint
from journeyman.web.journeys import Journeys
from journeyman.web.oidc.authorize import AuthorizationEndpoint
from journeyman.web.oidc.client_credentials import PlatformTokenEndpoint
from journeyman.web.oidc.logout import LogoutEndpoint
from journeyman.web.oidc.token_endpoint import TokenEndpoint
from journeyman.web.page_files import FOLDER, PageFiles
from journeyman.web.pages.endpoints import PageEndpoints
from journeyman.web.pages.template_source import Templates
from journeyman.web.sessions import Sessions


def tenant_endpoints(engine: Engine) -> TenantEndpoints:
    """Make the endpoints of a tenant and wire what they share."""
    development = engine.settings.development
    cookies = Cookies(secure=engine.origin.startswith("https://"))
    sessions = Sessions(engine, cookies)
    files = PageFiles(engine.settings.folder / FOLDER, development=development)
    templates = Templates(engine.settings, engine.clock, files, f"{engine.origin}/{engine.tenant.name}/{FOLDER}/")
    journeys = Journeys(engine, cookies, sessions, templates)
    return TenantEndpoints(
        engine=engine,
        authorization=AuthorizationEndpoint(engine, journeys),
        token=TokenEndpoint(engine),
        platform_token=PlatformTokenEndpoint(engine),
        logout=LogoutEndpoint(engine, sessions),
        pages=PageEndpoints(journeys, engine.email_verification),
        federation=FederationEndpoint(journeys),
        files=files,
    )

"""Redirect URIs by platform in, an application's type and redirect URIs out, and back.

An application of one platform has its type. One of several has none, and so counts as public unless it holds a secret:
this project's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from journeyman.applications.application import Application
from journeyman.settings import ApplicationType

Platforms = Mapping[ApplicationType, tuple[str, ...]]


def platforms_of(application: Application) -> Platforms:
    """Return the redirect URIs of an application by platform."""
    spa = application.redirect_uris if application.type is ApplicationType.SPA else application.spa_redirect_uris
    native = (
        application.redirect_uris if application.type is ApplicationType.NATIVE else application.native_redirect_uris
    )
    web = tuple(uri for uri in application.redirect_uris if uri not in {*spa, *native})
    return {ApplicationType.WEB: web, ApplicationType.SPA: spa, ApplicationType.NATIVE: native}


def with_platforms(application: Application, platforms: Platforms) -> Application:
    """Return the application with these redirect URIs; without any its type stays."""
    used = [kind for kind, uris in platforms.items() if uris]
    kind = used[0] if len(used) == 1 else None
    several = len(used) > 1
    uris = tuple(dict.fromkeys(uri for uris in platforms.values() for uri in uris))
    return replace(
        application,
        type=kind if used else application.type,
        redirect_uris=uris,
        spa_redirect_uris=platforms.get(ApplicationType.SPA, ()) if several else (),
        native_redirect_uris=platforms.get(ApplicationType.NATIVE, ()) if several else (),
    )

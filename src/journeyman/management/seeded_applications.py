"""The applications that every tenant of the service has, by their names. Source: graph-api.md §8.

Clients look them up. They are made of the tenant's id, and are stored when somebody changes them.
"""

from __future__ import annotations

import uuid
from typing import Final

from journeyman.applications.application import Application
from journeyman.settings import ApplicationType
from journeyman.settings.extensions_app import EXTENSIONS_APP_NAME

IDENTITY_EXPERIENCE_FRAMEWORK: Final = "IdentityExperienceFramework"
PROXY: Final = "ProxyIdentityExperienceFramework"


def seeded_applications(tenant: str, tenant_id: str, extensions_app: str) -> tuple[Application, ...]:
    """Return the applications of a tenant."""
    space = uuid.UUID(tenant_id)
    framework = str(uuid.uuid5(space, IDENTITY_EXPERIENCE_FRAMEWORK))
    return (
        Application(
            framework,
            IDENTITY_EXPERIENCE_FRAMEWORK,
            ApplicationType.WEB,
            identifier_uris=(f"https://{tenant}/{framework}",),
            scopes=("user_impersonation",),
        ),
        Application(
            str(uuid.uuid5(space, PROXY)),
            PROXY,
            ApplicationType.NATIVE,
            permissions=(f"{framework}/user_impersonation",),
        ),
        Application(extensions_app, EXTENSIONS_APP_NAME, ApplicationType.WEB),
    )

"""The extensions application: a tenant in, the client id that stands in the ids of its custom attributes out.

Source: graph-api.md §5; the client id where none is set is this project's decision.
"""

from __future__ import annotations

import uuid
from typing import Final

from journeyman.settings.model import Settings

EXTENSIONS_APP_NAME: Final = "b2c-extensions-app. Do not modify. Used by AADB2C for storing user data."
_NAME: Final = "b2c-extensions-app"


def extensions_app_of(settings: Settings, tenant_id: str) -> str:
    """Return the client id: of ``[tenant] extensions_app``, else one that belongs to the tenant's id for good."""
    return settings.extensions_app or extensions_app_of_tenant(tenant_id)


def extensions_app_of_tenant(tenant_id: str) -> str:
    """Return the client id where none is set."""
    return str(uuid.uuid5(uuid.UUID(tenant_id), _NAME))

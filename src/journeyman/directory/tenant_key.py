"""A name in, a random key of the tenant out: made on first use, sealed in the database, the same ever after."""

from __future__ import annotations

import base64
import secrets

from journeyman.database import Database, text
from journeyman.secret import Sealer, Secret

_SELECT = "SELECT value FROM tenant_values WHERE tenant = ? AND name = ?"
_INSERT = "INSERT INTO tenant_values (tenant, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


async def tenant_key(database: Database, sealer: Sealer, tenant_id: str, name: str) -> Secret:
    """Return the 32 bytes that the tenant keeps under ``name``; of callers that start at once all get the same."""
    context = tenant_value_context(tenant_id, name)
    row = await database.fetch_one(_SELECT, (tenant_id, name))
    if row is None:
        sealed = sealer.seal(secrets.token_bytes(32), context=context)
        await database.execute(_INSERT, (tenant_id, name, base64.b64encode(sealed).decode()))
        row = await database.fetch_one(_SELECT, (tenant_id, name))
    stored = text(row[0]) if row else ""
    return Secret(sealer.open(base64.b64decode(stored), context=context))


def tenant_value_context(tenant_id: str, name: str) -> str:
    """Return the place to which a sealed value of the tenant is bound."""
    return f"tenant_values/{tenant_id}/{name}"

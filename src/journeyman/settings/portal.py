"""``[portal]``: its table in, whether and to whom the portal is served out."""

from __future__ import annotations

from journeyman.settings.model import PortalSettings
from journeyman.settings.table import Table
from journeyman.settings.values import network


def read_portal(table: Table) -> PortalSettings:
    """Read ``[portal]``; it is served unless the file says otherwise, and asks everybody to sign in."""
    enabled = table.flag("enabled")
    settings = PortalSettings(
        enabled=True if enabled is None else enabled,
        allow_from=table.all_checked("allow_from", network),
    )
    table.finish()
    return settings

"""``[telemetry]``: its table in, what is told of the running engine out."""

from __future__ import annotations

from journeyman.settings.model import TelemetrySettings
from journeyman.settings.table import Table
from journeyman.settings.values import network


def read_telemetry(table: Table) -> TelemetrySettings:
    """Read ``[telemetry]``; nothing is told unless it is named there."""
    settings = TelemetrySettings(
        metrics_from=table.all_checked("metrics_from", network),
        spans=table.flag("spans") or False,
    )
    table.finish()
    return settings

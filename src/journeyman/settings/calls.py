"""``[calls]``: the rules of all REST calls of a tenant."""

from __future__ import annotations

from journeyman.settings.limits import connections, response_limit_bytes, retries, seconds
from journeyman.settings.model import CONNECTIONS, CallLimits, CallSettings, OpenApis
from journeyman.settings.table import Table
from journeyman.settings.values import one_of


def read_calls(table: Table) -> CallSettings:
    """Read the table."""
    settings = CallSettings(
        limits=table.checked("limits", one_of(CallLimits)) or CallLimits.CURRENT,
        timeout_s=seconds(table, "timeout_s"),
        retries=retries(table),
        response_limit_bytes=response_limit_bytes(table),
        connections=connections(table) or CONNECTIONS,
        open_apis=table.checked("open_apis", one_of(OpenApis)) or OpenApis.DECLARED,
    )
    table.finish()
    return settings

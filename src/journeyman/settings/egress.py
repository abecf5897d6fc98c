"""``[egress]``: which addresses may be called, whom we believe to be there, and by which way calls go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from journeyman.settings.limits import connections
from journeyman.settings.model import EgressSettings, OriginSettings
from journeyman.settings.server import existing_files
from journeyman.settings.table import Table
from journeyman.settings.values import direct_host, egress_exception, map_origin, nat64_prefix, pin, proxy_origin


def read_egress(table: Table, folder: Path) -> EgressSettings:
    """Read the table; paths are relative to ``folder``."""
    settings = EgressSettings(
        trust=existing_files(table, "trust", folder),
        allow=table.all_checked("allow", egress_exception),
        nat64=table.all_checked("nat64", nat64_prefix),
        map=_map(table.table("map")),
        proxy=table.checked("proxy", proxy_origin),
        direct=table.all_checked("direct", direct_host),
        origins=_origins(table.table("origins"), folder),
    )
    if settings.direct and "proxy" not in table.values:
        table.problem("direct", "direct has no effect without a proxy; add proxy, or remove it")
    table.finish()
    return settings


def _map(table: Table) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key in table.values:
        target = table.checked(key, map_origin, called="the target")
        source = _origin(table, key, "[egress.map]", found)
        if source is not None and target is not None:
            found[source] = target
    return found


def _origins(table: Table, folder: Path) -> Mapping[str, OriginSettings]:
    found: dict[str, OriginSettings] = {}
    for key, one in table.subtables():
        origin = _origin(table, key, "[egress.origins]", found)
        settings = OriginSettings(
            trust=existing_files(one, "trust", folder),
            pins=one.all_checked("pins", pin),
            connections=connections(one),
        )
        if origin is not None and origin.startswith("http:") and (settings.trust or settings.pins):
            one.problem(
                "trust" if settings.trust else "pins", "an origin of plain http has no certificate; write https"
            )
        one.finish()
        if origin is not None:
            found[origin] = settings
    return found


def _origin(table: Table, key: str, called: str, found: Mapping[str, object]) -> str | None:
    try:
        origin = map_origin(key)
    except ValueError as error:
        table.problem(key, f"a key of {called} {error}")
        return None
    if origin in found:
        table.problem(key, f"an origin of {called} stands there twice, but for case or default port; keep one")
    return origin

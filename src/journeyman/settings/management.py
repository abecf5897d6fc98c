"""``[management]``: its table in, how the management API gives and takes its tokens out."""

from __future__ import annotations

from typing import Final

from journeyman.settings.model import ManagementSettings
from journeyman.settings.table import Table
from journeyman.settings.values import split_url

MIN_LIFETIME_S: Final = 2
MAX_LIFETIME_S: Final = 86_400
MAX_REQUESTS: Final = 1_000_000
MIN_POLICY_BYTES: Final = 1024
MAX_POLICY_BYTES: Final = 4 * 1024 * 1024  # what the parser takes


def read_management(table: Table) -> ManagementSettings:
    """Read ``[management]``; every key has a default."""
    usual = ManagementSettings()
    settings = ManagementSettings(
        token_lifetime_s=_whole(table, "token_lifetime_s", MIN_LIFETIME_S, MAX_LIFETIME_S) or usual.token_lifetime_s,
        audiences=table.all_checked("audiences", audience),
        requests_per_minute=_whole(table, "requests_per_minute", 1, MAX_REQUESTS) or usual.requests_per_minute,
        failures_per_minute=_whole(table, "failures_per_minute", 1, MAX_REQUESTS) or usual.failures_per_minute,
        policy_limit_bytes=_whole(table, "policy_limit_bytes", MIN_POLICY_BYTES, MAX_POLICY_BYTES)
        or usual.policy_limit_bytes,
    )
    table.finish()
    return settings


def audience(text: str) -> str:
    """Return an address that management tokens may be asked for. Raises ValueError when it is none."""
    parts = split_url(text)
    if parts.scheme not in {"https", "http", "api"} or not parts.netloc or any(mark in text for mark in "?#*@ "):
        raise ValueError("is not an audience; write one like https://graph.contoso.example")
    return text.rstrip("/")


def _whole(table: Table, key: str, at_least: int, at_most: int) -> int | None:
    value = table.number(key, at_least=at_least, at_most=at_most, whole=True)
    return None if value is None else int(value)

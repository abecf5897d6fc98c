"""Time, tries and sizes: the keys that several tables of calls share."""

from __future__ import annotations

from typing import Final

from journeyman.settings.table import Table

MAX_RESPONSE_BYTES: Final = 64 * 1024 * 1024
MAX_CONNECTIONS: Final = 10_000


def seconds(table: Table, key: str) -> float | None:
    """Return a time limit."""
    return table.number(key, at_least=0.001, at_most=600, whole=False)


def retries(table: Table) -> int | None:
    """Return how many tries may follow the first."""
    return _whole(table, "retries", at_least=0, at_most=10)


def response_limit_bytes(table: Table) -> int | None:
    """Return the size of the largest answer."""
    return _whole(table, "response_limit_bytes", at_least=1, at_most=MAX_RESPONSE_BYTES)


def connections(table: Table) -> int | None:
    """Return how many calls may run at a time."""
    return _whole(table, "connections", at_least=1, at_most=MAX_CONNECTIONS)


def _whole(table: Table, key: str, *, at_least: int, at_most: int) -> int | None:
    value = table.number(key, at_least=at_least, at_most=at_most, whole=True)
    return None if value is None else int(value)

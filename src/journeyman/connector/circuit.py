"""Leave an API alone for a while that did not answer several times in a row.

Source: rest-connectors.md §9.1, this project's decision: open for 30 s after 5 failures of transport
in a row per origin, then one probe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from journeyman.clock import Clock
from journeyman.connector.errors import CircuitOpenError

FAILURES: Final = 5
OPEN_S: Final = 30.0
ORIGINS_LIMIT: Final = 10_000


@dataclass(slots=True)
class _Origin:
    failures: int = 0
    closed_at_s: float = 0.0


@dataclass(slots=True)
class Circuit:
    """Count failures per origin; off in development mode."""

    clock: Clock
    enabled: bool = True
    _origins: dict[str, _Origin] = field(default_factory=dict)

    def check(self, origin: str) -> None:
        """Let a call pass. Raises CircuitOpenError while the origin is left alone."""
        state = self._origins.get(origin)
        if state is None or state.failures < FAILURES:
            return
        now_s = self.clock.monotonic_s()
        if now_s < state.closed_at_s:
            detail = (
                f"{origin} failed {state.failures} times in a row; the next try is in {state.closed_at_s - now_s:.0f} s"
            )
            raise CircuitOpenError(detail)
        # Only this call may probe; others wait until it has ended or the time has passed again.
        state.closed_at_s = now_s + OPEN_S

    def succeeded(self, origin: str) -> None:
        """Note that the origin answered, whatever it said."""
        if self._origins:
            self._origins.pop(origin, None)

    def failed(self, origin: str) -> None:
        """Note that no answer came."""
        if not self.enabled:
            return
        if origin not in self._origins and len(self._origins) >= ORIGINS_LIMIT:
            self._origins.clear()
        state = self._origins.setdefault(origin, _Origin())
        state.failures += 1
        if state.failures >= FAILURES:
            state.closed_at_s = self.clock.monotonic_s() + OPEN_S

"""Leave an API alone for a while that did not answer several times in a row.

Source: rest-connectors.md §9.1, this project's decision: open for 30 s after 5 failures of transport
in a row per host, then one probe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from journeyman.clock import Clock
from journeyman.connector.errors import CircuitOpenError

FAILURES: Final = 5
OPEN_S: Final = 30.0
HOSTS_LIMIT: Final = 10_000


@dataclass(slots=True)
class _Host:
    failures: int = 0
    closed_at_s: float = 0.0


@dataclass(slots=True)
class Circuit:
    """Count failures per host; off in development mode."""

    clock: Clock
    enabled: bool = True
    _hosts: dict[str, _Host] = field(default_factory=dict)

    def check(self, host: str) -> None:
        """Let a call pass. Raises CircuitOpenError while the host is left alone."""
        state = self._hosts.get(host)
        if state is None or state.failures < FAILURES:
            return
        now_s = self.clock.monotonic_s()
        if now_s < state.closed_at_s:
            detail = (
                f"{host} failed {state.failures} times in a row; the next try is in {state.closed_at_s - now_s:.0f} s"
            )
            raise CircuitOpenError(detail)
        # Only this call may probe; others wait until it has ended or the time has passed again.
        state.closed_at_s = now_s + OPEN_S

    def succeeded(self, host: str) -> None:
        """Note that the host answered, whatever it said."""
        if self._hosts:
            self._hosts.pop(host, None)

    def failed(self, host: str) -> None:
        """Note that no answer came."""
        if not self.enabled:
            return
        if host not in self._hosts and len(self._hosts) >= HOSTS_LIMIT:
            self._hosts.clear()
        state = self._hosts.setdefault(host, _Host())
        state.failures += 1
        if state.failures >= FAILURES:
            state.closed_at_s = self.clock.monotonic_s() + OPEN_S

"""Counts of what the guard decided, in the text format of Prometheus; no library is needed for that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_MAX_CAUSES: Final = 200
_OTHER: Final = "other"


@dataclass(slots=True)
class GuardMetrics:
    """Counters of one guard; they hold routes of the policy and fixed causes, nothing that a caller sent."""

    accepted: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    failed: int = 0

    def accept(self, route: str, methods: tuple[str, ...]) -> None:
        """Count a request that got in."""
        key = (route, methods)
        self.accepted[key] = self.accepted.get(key, 0) + 1

    def refuse(self, status: int, cause: str) -> None:
        """Count a request that did not get in."""
        key = (status, cause)
        if key not in self.refused and len(self.refused) >= _MAX_CAUSES:
            key = (status, _OTHER)
        self.refused[key] += 1

    def fail(self) -> None:
        """Count a request that got no decision, and so no entry."""
        self.failed += 1

    def text(self) -> str:
        """Return all counters as Prometheus reads them."""
        lines = [
            "# HELP journeyman_guard_accepted_total Requests that got in.",
            "# TYPE journeyman_guard_accepted_total counter",
        ]
        lines += [
            f'journeyman_guard_accepted_total{{route="{_escaped(route)}",methods="{_escaped("+".join(methods))}"}} {count}'
            for (route, methods), count in sorted(self.accepted.items())
        ]
        lines += [
            "# HELP journeyman_guard_refused_total Requests that did not get in, by exact cause.",
            "# TYPE journeyman_guard_refused_total counter",
        ]
        lines += [
            f'journeyman_guard_refused_total{{status="{status}",cause="{_escaped(cause)}"}} {count}'
            for (status, cause), count in sorted(self.refused.items())
        ]
        lines += [
            "# HELP journeyman_guard_failed_total Requests that ended in an error of a check and did not get in.",
            "# TYPE journeyman_guard_failed_total counter",
            f"journeyman_guard_failed_total {self.failed}",
        ]
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

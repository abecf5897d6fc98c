"""How far a call has come: filled while it runs, read for its record, also when it fails."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from journeyman.clock import Clock
from journeyman.trace.records import Phases


@dataclass(slots=True)
class Progress:
    """The tries of one call and the moments of the last of them, in seconds of the clock.

    Attributes:
        address: the address that was dialled; "" when an open connection was used again.
        name: the name that was looked up for it; "" when the URL holds the address.
        dialled: the origin that was dialled, when the egress map sent the call elsewhere or a proxy stands between.
        waits: whether the try waits until fewer calls run to its origin; ``turn_s`` is when it no longer did.
        tls: what was agreed on in the TLS handshake of the last try, "" when there was none.
    """

    clock: Clock
    started_s: float
    tries: int = 0
    address: str = ""
    name: str = ""
    dialled: str = ""
    tls: str = ""
    begun_s: float = 0.0
    turn_s: float | None = None
    waits: bool = False
    look_up_s: float | None = None
    found_s: float | None = None
    connect_s: float | None = None
    handshake_s: float | None = None
    secured_s: float | None = None
    connected_s: float | None = None
    answered_s: float | None = None
    read_s: float | None = None

    def begin_try(self) -> None:
        """Forget the moments of the try before."""
        self.tries += 1
        self.address = self.name = self.tls = ""
        self.begun_s = self.clock.monotonic_s()
        self.waits = True
        self.turn_s = self.look_up_s = self.found_s = self.connect_s = self.handshake_s = self.secured_s = None
        self.connected_s = self.answered_s = self.read_s = None

    def turn_comes(self) -> None:
        """Note that the try need not wait for other calls to its origin any more."""
        self.waits = False
        self.turn_s = self.clock.monotonic_s()

    def total_ms(self) -> float:
        """Return the milliseconds since the call began."""
        return (self.clock.monotonic_s() - self.started_s) * 1000

    def phases(self) -> Phases:
        """Return the milliseconds of each phase that the last try has finished."""
        connected = self.connected_s if self.handshake_s is None else self.handshake_s
        return Phases(
            dns_ms=_between(self.look_up_s, self.found_s),
            connect_ms=_between(self.connect_s, connected),
            tls_ms=_between(self.handshake_s, self.secured_s),
            first_byte_ms=_between(self._ready_s(), self.answered_s),
            read_ms=_between(self.answered_s, self.read_s),
        )

    def waiting_for(self) -> str:
        """Say what the last try was doing when it ended."""
        if self.waits:
            return "waiting for its turn among the calls to this origin"
        if self.look_up_s is not None and self.found_s is None:
            return "looking up the name"
        if self._ready_s() is None:
            return "in the TLS handshake" if self.handshake_s is not None else "connecting"
        return "waiting for the answer" if self.answered_s is None else "reading the answer"

    def _ready_s(self) -> float | None:
        """Return when the request could be written: at once on a connection that was open already."""
        if self.connect_s is None and self.look_up_s is None:
            return self.begun_s if self.turn_s is None else self.turn_s
        return self.connected_s if self.handshake_s is None else self.secured_s


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else (end - start) * 1000


CURRENT: Final[ContextVar[Progress | None]] = ContextVar("journeyman.connector.progress", default=None)
"""The call that the running task makes, so that the resolver and the TLS handshake can tell when they ran."""

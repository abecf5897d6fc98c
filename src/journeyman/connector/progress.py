"""How far a call has come: filled while it runs, read for its record, also when it fails."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from journeyman.clock import Clock
from journeyman.trace.records import Phase, Phases


@dataclass(slots=True)
class Progress:
    """The tries of one call and the moments of the last of them, in seconds of the clock.

    Attributes:
        address: the address that was dialled; "" when an open connection was used again.
        name: the name that was looked up for it; "" when the URL holds the address.
        dialled: the origin that was dialled, when the egress map sent the call elsewhere or a proxy stands between.
        waits: whether the try waits until fewer calls run to its origin; ``turn_s`` is when it no longer did.
        earlier: how the tries before the last one ended.
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
    earlier: list[str] = field(default_factory=list)

    def give_up_try(self, outcome: str) -> None:
        """Note how a try ended that another one follows: a verdict or a status, where it was and how long it took."""
        where = f" in {self.phase().value}" if self.answered_s is None else ""
        took_ms = (self.clock.monotonic_s() - self.begun_s) * 1000
        self.earlier.append(f"{outcome}{where} after {took_ms:.0f} ms")

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
        """Return the milliseconds of each phase of the last try; the one in which it ended counts until now."""
        ended = self.phase() if self.tries and self.read_s is None else None
        now_s = self.clock.monotonic_s()

        def took_ms(phase: Phase, start: float | None, end: float | None) -> float | None:
            return _between(start, now_s if end is None and phase is ended else end)

        connected = self.connected_s if self.handshake_s is None else self.handshake_s
        queue_ms = took_ms(Phase.QUEUE, self.begun_s if self.tries else None, self.turn_s)
        return Phases(
            queue_ms=None if queue_ms is None or queue_ms < _NOTABLE_MS else queue_ms,
            dns_ms=took_ms(Phase.DNS, self.look_up_s, self.found_s),
            connect_ms=took_ms(Phase.CONNECT, self.connect_s, connected),
            tls_ms=took_ms(Phase.TLS, self.handshake_s, self.secured_s),
            first_byte_ms=took_ms(Phase.FIRST_BYTE, self._ready_s(), self.answered_s),
            read_ms=took_ms(Phase.READ, self.answered_s, self.read_s),
        )

    def phase(self) -> Phase:
        """Return the phase in which the last try is, or was when it ended."""
        if self.waits:
            return Phase.QUEUE
        if self.look_up_s is not None and self.found_s is None:
            return Phase.DNS
        if self._ready_s() is None:
            return Phase.TLS if self.handshake_s is not None else Phase.CONNECT
        return Phase.FIRST_BYTE if self.answered_s is None else Phase.READ

    def waiting_for(self) -> str:
        """Say what the last try was doing when it ended."""
        return _DOING[self.phase()]

    def _ready_s(self) -> float | None:
        """Return when the request could be written: at once on a connection that was open already."""
        if self.connect_s is None and self.look_up_s is None:
            return self.begun_s if self.turn_s is None else self.turn_s
        return self.connected_s if self.handshake_s is None else self.secured_s


_NOTABLE_MS: Final = 1.0
"""A call that waited less for its turn did not wait."""

_DOING: Final = {
    Phase.QUEUE: "waiting for its turn among the calls to this origin",
    Phase.DNS: "looking up the name",
    Phase.CONNECT: "connecting",
    Phase.TLS: "in the TLS handshake",
    Phase.FIRST_BYTE: "waiting for the answer",
    Phase.READ: "reading the answer",
}


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else (end - start) * 1000


CURRENT: Final[ContextVar[Progress | None]] = ContextVar("journeyman.connector.progress", default=None)
"""The call that the running task makes, so that the resolver and the TLS handshake can tell when they ran."""

"""Requests by the million: each right, or wrong in a way that was drawn; whoever drew it knows which, not the guard."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from random import Random  # noqa: TID251  # a seed makes a failure repeatable

from journeyman_guard import GuardRequest

Draw = Callable[[Random], tuple[GuardRequest, bool]]
SPACES = (b" ", b"  ", b"   ")
BYTES = bytes(range(33, 127))


def mutated(draw: Random, value: bytes) -> bytes:
    """Return another text than ``value``, near to it or far from it."""
    while True:
        changed = _changed(draw, value)
        if changed != value:
            return changed


def _changed(draw: Random, value: bytes) -> bytes:
    at = draw.randrange(len(value))
    match draw.randrange(12):
        case 0:
            return value[:at] + bytes([value[at] ^ (1 << draw.randrange(7))]) + value[at + 1 :]
        case 1:
            return value[:at] + value[at + 1 :]
        case 2:
            return value[:at] + bytes([draw.choice(BYTES)]) + value[at:]
        case 3:
            return value[:at]
        case 4:
            return value[at:]
        case 5:
            return value + bytes([draw.choice(BYTES)])
        case 6:
            return value.swapcase()
        case 7:
            return value[::-1]
        case 8:
            return value + value
        case 9:
            return b""
        case 10:
            return bytes(draw.choice(BYTES) for _ in range(len(value)))
        case _:
            other = draw.randrange(len(value))
            chars = bytearray(value)
            chars[at], chars[other] = chars[other], chars[at]
            return bytes(chars)


@dataclass(frozen=True)
class Route:
    """One guarded path and the header that opens it."""

    path: str
    header: bytes
    scheme: bytes
    rights: tuple[bytes, ...]
    wrongs: tuple[bytes, ...] = ()

    def drawn(self, draw: Random) -> tuple[GuardRequest, bool]:
        kind = draw.randrange(10)
        if kind < 4:
            return self._request(draw, [self._right(draw)]), True
        if kind == 4:
            return self._request(draw, []), False
        if kind == 5:
            pair = [self._right(draw), mutated(draw, self._right(draw))]
            draw.shuffle(pair)
            return self._request(draw, pair), False
        if kind == 6 and self.wrongs:
            return self._request(draw, [self.scheme + b" " + draw.choice(self.wrongs)]), False
        if kind == 7:
            return self._elsewhere(draw)
        value = mutated(draw, self._right(draw))
        return self._request(draw, [value]), self.is_right(value)

    def is_right(self, value: bytes) -> bool:
        """Say by the letter of the RFC whether a header value is a right one: the case of the scheme does not count."""
        if not self.scheme:
            return value in self.rights
        scheme, space, rest = value.partition(b" ")
        return bool(space) and scheme.lower() == self.scheme.lower() and rest.lstrip(b" ") in self.rights

    def _right(self, draw: Random) -> bytes:
        value = draw.choice(self.rights)
        if not self.scheme:
            return value
        scheme = draw.choice((self.scheme, self.scheme.lower(), self.scheme.upper()))
        return scheme + draw.choice(SPACES) + value

    def _elsewhere(self, draw: Random) -> tuple[GuardRequest, bool]:
        path = mutated(draw, self.path.encode()).decode("latin-1")
        request = self._request(draw, [self._right(draw)], draw.choice(("GET", "POST", "HEAD", "get")), path)
        return request, False

    def _request(self, draw: Random, values: list[bytes], method: str = "GET", path: str | None = None) -> GuardRequest:
        names = (self.header, self.header.upper(), self.header.title())
        lines = [(draw.choice(names), value) for value in values]
        lines.insert(draw.randrange(len(lines) + 1), (b"accept", b"*/*"))
        target = self.path if path is None else path
        return GuardRequest(
            method,
            target,
            tuple(lines),
            source=f"192.0.2.{draw.randrange(256)}",
            raw_path=target.encode("latin-1", "replace"),
        )


def basic_pairs(pairs: dict[str, str]) -> tuple[bytes, ...]:
    return tuple(base64.b64encode(f"{user}:{password}".encode()) for user, password in pairs.items())

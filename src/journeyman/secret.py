"""A credential in memory: clear bytes in, an object that does not print them out."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, Protocol, final

_MASK: Final = "Secret(***)"


@final
class Secret:
    """Hold a credential so that no log, repr, format or comparison gives it away.

    Shapes: text is held as UTF-8. ``reveal`` stands only on the line where the
    value leaves the process.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | bytes) -> None:
        self._value = value.encode() if isinstance(value, str) else bytes(value)

    def reveal(self) -> str:
        """Return the credential as text. Raises UnicodeDecodeError when it is not UTF-8."""
        return self._value.decode()

    def reveal_bytes(self) -> bytes:
        """Return the credential as bytes."""
        return self._value

    def matches(self, other: str | bytes) -> bool:
        """Compare with ``other`` in constant time."""
        candidate = other.encode() if isinstance(other, str) else other
        return hmac.compare_digest(self._value, candidate)

    def fingerprint(self, key: bytes) -> str:
        """Return 12 hex digits of a keyed hash, so that two records can be compared."""
        return hmac.new(key, self._value, hashlib.sha256).hexdigest()[:12]

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]  # a hash of the value would be a way to guess it

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return _MASK

    def __reduce__(self) -> str:
        message = "a Secret is not pickled"
        raise TypeError(message)


class Sealer(Protocol):
    """Encrypt records at rest; every record is bound to its place by ``context``."""

    def seal(self, clear: bytes, *, context: str) -> bytes:
        """Encrypt ``clear`` so that it opens only under the same ``context``."""
        ...

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt a record. Raises SealError when it was damaged, moved or sealed by another key."""
        ...

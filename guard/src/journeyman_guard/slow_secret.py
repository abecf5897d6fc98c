"""Passwords that people choose, hashed with argon2id (RFC 9106).

One comparison takes some 20 ms and 19 MiB. What has matched once is kept as a keyed hash in the memory of the process, so
that a caller pays this once; a wrong password is never remembered and always pays. ``cryptography`` is imported only where
there is such a hash.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import ClassVar, Final

from journeyman_guard.credential import HashedSecret, Memory, StoredSecret
from journeyman_guard.errors import MisconfiguredError

MEMORY_KIB: Final = 19_456
_ITERATIONS: Final = 2
_PREFIX: Final = "$argon2id$"
_FORM: Final = re.compile(
    r"\$argon2id\$v=19\$m=([1-9][0-9]{0,6}),t=([1-9][0-9]{0,2}),p=([1-9][0-9]?)\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}"
)


@dataclass(frozen=True, slots=True)
class SlowSecret:
    """A secret as argon2id in its usual text form, ``$argon2id$v=19$m=…``."""

    slow: ClassVar[bool] = True

    encoded: str = field(repr=False)
    _memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    def __post_init__(self) -> None:
        from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        match = _FORM.fullmatch(self.encoded)
        # A hash that no library can read would match nothing, and that should be known at the start.
        if match is None or int(match[1]) < 8 * int(match[3]):
            raise MisconfiguredError("that is no argon2id hash; make one with `journeyman-guard hash --argon2`")
        try:
            Argon2id.verify_phc_encoded(b"", self.encoded)
        except InvalidKey:
            return
        except UnsupportedAlgorithm as error:
            raise MisconfiguredError("argon2id is not in the OpenSSL of this cryptography; use sha256") from error
        raise MisconfiguredError("an empty secret would let everyone in")

    def __str__(self) -> str:
        return self.encoded

    def matches(self, candidate: bytes) -> bool:
        """Compare in constant time; takes long."""
        from cryptography.exceptions import InvalidKey
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        try:
            Argon2id.verify_phc_encoded(candidate, self.encoded)
        except InvalidKey:
            return False
        self._memory.remember(candidate)
        return True

    def recalls(self, candidate: bytes) -> bool:
        """Return whether it is the candidate that has matched before."""
        return self._memory.recalls(candidate)


def hash_slowly(secret: str | bytes) -> SlowSecret:
    """Hash a clear secret with argon2id. Raises MisconfiguredError when it is empty."""
    data = secret.encode() if isinstance(secret, str) else secret
    if not data:
        raise MisconfiguredError("an empty secret would let everyone in")
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    salt = secrets.token_bytes(16)
    kdf = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=1, memory_cost=MEMORY_KIB)
    return SlowSecret(kdf.derive_phc_encoded(data))


def parse_secret(text: str) -> StoredSecret:
    """Read a hash of either kind. Raises MisconfiguredError, which does not show the text."""
    if text.startswith(_PREFIX):
        return SlowSecret(text)
    return HashedSecret.parse(text)

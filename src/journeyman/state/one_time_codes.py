"""One-time codes: an owner in, a code out; an owner and what was typed in, a verdict out.

An owner is whatever a code belongs to: a browser session and an identifier, or an address. A try is
counted before the code is looked at, so that parallel guesses are counted too, and the right code is
used up in one step, so that it works once.

Source: technical-profiles.md §8.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from journeyman.clock import Clock
from journeyman.state.store import Kind, StateStore

COUNTED_FOR: Final = timedelta(hours=1)
"""How long codes and tries are counted; our choice, the lifetime of a journey."""


@dataclass(frozen=True, slots=True)
class CodeRules:
    """What codes look like and how long they work.

    Attributes:
        characters: each may stand in a code; none twice.
        tries: failed checks after which the code is dead.
        issues: codes that one owner may get.
        reuse: whether a code that still works is given out again.
    """

    lifetime: timedelta = timedelta(minutes=10)
    length: int = 6
    characters: str = "0123456789"
    tries: int = 5
    issues: int = 10
    reuse: bool = False


class CodeVerdict(Enum):
    """What became of a check, or why no code was given out."""

    RIGHT = "right"
    WRONG = "wrong"
    NO_CODE = "no code, or it has expired"
    TOO_MANY_TRIES = "too many tries"
    TOO_MANY_CODES = "too many codes"
    CONFLICT = "another check used it up"


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """The codes of a tenant, in the state store."""

    state: StateStore
    clock: Clock

    async def issue(self, owner: tuple[str, ...], rules: CodeRules) -> str | CodeVerdict:
        """Return a code for ``owner``; an earlier one is void.

        The verdict says why there is none. Who has used up the tries of a code gets no other until it expires.
        """
        key, now = _key(owner), self.clock.now()
        kept = await self._kept(key)
        if kept is not None and kept.dead:
            return CodeVerdict.TOO_MANY_TRIES
        if await self.state.count(f"one-time-codes/{key}", expires_at=now + COUNTED_FOR) > rules.issues:
            return CodeVerdict.TOO_MANY_CODES
        fresh = _Kept(_new_code(rules), secrets.token_hex(8), rules.tries, now + rules.lifetime)
        issued = replace(kept, expires_at=fresh.expires_at) if rules.reuse and kept is not None else fresh
        await self._keep(key, issued)
        return issued.code

    async def check(self, owner: tuple[str, ...], typed: str) -> CodeVerdict:
        """Compare in constant time; the right code is used up, and the last wrong try ends it."""
        key = _key(owner)
        kept = await self._kept(key)
        if kept is None:
            return CodeVerdict.NO_CODE
        tries = await self.state.count(f"one-time-tries/{kept.round}", expires_at=self.clock.now() + COUNTED_FOR)
        if kept.dead or tries > kept.tries:
            return CodeVerdict.TOO_MANY_TRIES
        if not secrets.compare_digest(typed.strip().encode(), kept.code.encode()):
            if tries == kept.tries:
                await self._keep(key, replace(kept, dead=True))
            return CodeVerdict.WRONG
        taken = await self.state.take(Kind.ONE_TIME_CODE, key)
        return CodeVerdict.CONFLICT if taken is None else CodeVerdict.RIGHT

    async def _kept(self, key: str) -> _Kept | None:
        stored = await self.state.get(Kind.ONE_TIME_CODE, key)
        if stored is None:
            return None
        raw = json.loads(stored.value)
        return _Kept(**{**raw, "expires_at": datetime.fromisoformat(raw["expires_at"])})

    async def _keep(self, key: str, kept: _Kept) -> None:
        value = json.dumps({**asdict(kept), "expires_at": kept.expires_at.isoformat()}).encode()
        await self.state.put(Kind.ONE_TIME_CODE, key, value, expires_at=kept.expires_at)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A code as it is stored; ``round`` names the counter of its tries."""

    code: str = field(repr=False)
    round: str
    tries: int
    expires_at: datetime
    dead: bool = False


def _key(owner: tuple[str, ...]) -> str:
    # The parts are joined by their lengths: ("a", "bc") is not ("ab", "c").
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in owner).encode()).hexdigest()


def _new_code(rules: CodeRules) -> str:
    return "".join(secrets.choice(rules.characters) for _ in range(rules.length))

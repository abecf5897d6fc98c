"""A sign-in name and a password in, a user or the reason why not out.

Source: technical-profiles.md §7 for the reasons and for ten failures and 60 seconds; how the lock
grows is this project's decision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from journeyman.clock import Clock
from journeyman.directory.errors import SignInError, SignInFailure, UserChangedError
from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.store import UserStore
from journeyman.directory.user import User
from journeyman.errors import UserNotFoundError
from journeyman.secret import Secret

MAX_FAILURES: Final = 10
FIRST_LOCK: Final = timedelta(seconds=60)
_MAX_DOUBLINGS: Final = 6
_MEMORY: Final = timedelta(days=1)


class AttemptCounter(Protocol):
    """Count attempts; what one node counts, all nodes see. Every state store can."""

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter, made on first use to live until ``expires_at``; return its new value."""
        ...

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        ...


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """Check passwords against the directory and lock an account that is being guessed at."""

    store: UserStore
    passwords: PasswordHasher
    attempts: AttemptCounter
    clock: Clock

    async def check_password(self, name: str, password: Secret) -> User:
        """Return the user whose sign-in name or principal name is ``name`` when the password is theirs.

        Raises:
            SignInError: with the reason. That an account is disabled is told only to who knows its
                password; a name that nobody has locks like any other, so no answer gives a name away
                that the caller could not have learnt from the reason itself.
        """
        user = await self.store.find_by_sign_in_name(name) or await self.store.find_by_principal_name(name)
        account = user.object_id if user else await self.store.name_key(name)
        attempt = await self._begin(account)
        matches = await self.passwords.verify(user.password_hash if user else None, password)
        if user is None or not matches:
            if attempt == MAX_FAILURES:
                await self._lock(account, attempt)
            raise SignInError(SignInFailure.WRONG_PASSWORD if user else SignInFailure.UNKNOWN_USER)
        await self.attempts.clear(f"sign-in:{account}")
        await self.attempts.clear(f"sign-in-lock:{account}")
        if not user.account_enabled:
            raise SignInError(SignInFailure.DISABLED)
        return await self._rehashed(user, password)

    async def _begin(self, account: str) -> int:
        """Count the attempt before the password is looked at, so that parallel guesses are counted too."""
        attempt = await self.attempts.count(f"sign-in:{account}", expires_at=self.clock.now() + _MEMORY)
        # After the first lock one guess passes at a time, and that guess already starts the next lock.
        if attempt > MAX_FAILURES and await self._lock(account, attempt) > 1:
            raise SignInError(SignInFailure.LOCKED)
        return attempt

    async def _lock(self, account: str, attempt: int) -> int:
        """Lock the account unless it is locked; return 1 when it was not.

        A lock lasts 60 s after ten attempts and twice as long for every ten more, at most 64 minutes.
        """
        doublings = min((attempt - 1) // MAX_FAILURES, _MAX_DOUBLINGS)
        return await self.attempts.count(
            f"sign-in-lock:{account}", expires_at=self.clock.now() + FIRST_LOCK * 2**doublings
        )

    async def _rehashed(self, user: User, password: Secret) -> User:
        """Store the password under the parameters of today, when it was hashed under others."""
        if user.password_hash is None or not self.passwords.needs_rehash(user.password_hash):
            return user
        changed = replace(user, password_hash=await self.passwords.hash(password))
        try:
            return await self.store.update(changed)
        except (UserChangedError, UserNotFoundError):
            return user

"""The contract of every check."""

from __future__ import annotations

from typing import Protocol

from journeyman_guard.caller import Caller
from journeyman_guard.request import GuardRequest


class Check(Protocol):
    """Decide whether a request gets in."""

    async def check(self, request: GuardRequest) -> Caller:
        """Return who calls.

        Raises:
            Refused: the request does not get in. Any other exception keeps it out as well.
        """
        ...

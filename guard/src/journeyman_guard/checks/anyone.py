"""An open route, said aloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from journeyman_guard.caller import Caller
from journeyman_guard.request import GuardRequest


@dataclass(frozen=True, slots=True)
class AnyoneCheck:
    """Let everyone in; for routes such as ``GET /health``."""

    never_waits: ClassVar[bool] = True

    async def check(self, request: GuardRequest) -> Caller:
        """Return the anonymous caller."""
        return Caller("anonymous", ("anyone",))

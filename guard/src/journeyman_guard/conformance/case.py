"""One entry of the catalogue: what is sent, and what it means when it gets in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from journeyman_guard.conformance.wire import Probe


class Goal(Enum):
    """What an attacker wants from the request.

    CREDENTIAL: to get in at the right route with a wrong credential.
    ELSEWHERE: to reach what the route protects by another way, without a credential.
    """

    CREDENTIAL = "credential"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Case:
    """One wrong request.

    Attributes:
        id: stable; reports of two runs can be compared by it.
        title: what is sent.
        meaning: what is wrong with an API that lets it in.
    """

    id: str
    title: str
    meaning: str
    probe: Probe
    goal: Goal = Goal.CREDENTIAL

    @property
    def family(self) -> str:
        """The part of the id before the first slash."""
        return self.id.partition("/")[0]

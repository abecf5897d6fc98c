"""The ``state`` of an authorization request: a journey in, the text that finds it again when the browser is back.

It names the journey and holds a random secret, so that nobody can answer a request that was never made.
"""

from __future__ import annotations

import hmac
import uuid
from typing import NamedTuple
from urllib.parse import quote

from journeyman.journey.state import JourneyState, lost_state


class FederationState(NamedTuple):
    """The two parts of a ``state``."""

    journey_id: str
    secret: str


def with_state(url: str, journey_id: str, secret: str) -> str:
    """Return an authorization request with its ``state``."""
    separator = "&" if "?" in url else "?"
    return f"{url}{separator}state={quote(f'{journey_id}.{secret}', safe='')}"


def read_state(text: str) -> FederationState:
    """Read what ``with_state`` wrote. Raises ServiceError when it is something else."""
    journey_id, _, secret = text.partition(".")
    try:
        return FederationState(str(uuid.UUID(journey_id)), secret)
    except ValueError:
        raise lost_state() from None


def answers(state: JourneyState, secret: str) -> bool:
    """Whether ``secret`` is that of the request for which the journey waits, in constant time."""
    return state.away is not None and hmac.compare_digest(secret.encode(), state.away.secret.encode())

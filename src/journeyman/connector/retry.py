"""Whether and when a call is tried again: an answer or a failure in, seconds to wait out.

Source: rest-connectors.md §9.1. The random part of the wait is this project's decision: without it all
journeys that an API has failed at one moment come back at one moment.
"""

from __future__ import annotations

import secrets
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from journeyman.clock import Clock

RETRIED_STATUS: Final = frozenset({502, 503, 504})
TOO_MANY_REQUESTS: Final = 429
SHORTEST_S: Final = 0.05
LONGEST_S: Final = 0.25
_RANDOM: Final = secrets.SystemRandom()


def wait_after_failure_s(remaining_s: float) -> float:
    """Return how long to wait after a try that got no answer; a time limit that was used up needs no wait.

    Args:
        remaining_s: what is left of the time limit of that try.
    """
    return min(_RANDOM.uniform(SHORTEST_S, LONGEST_S), max(remaining_s, 0.0))


def wait_after_answer_s(status: int, retry_after: str | None, remaining_s: float, clock: Clock) -> float | None:
    """Return how long to wait before an answer is asked for again, None when it stands.

    Args:
        retry_after: the header of the answer: seconds, or a date (RFC 9110 §10.2.3).
        remaining_s: what is left of the time limit of the try that got it.
    """
    if status not in RETRIED_STATUS and status != TOO_MANY_REQUESTS:
        return None
    if retry_after is None:
        return None if status == TOO_MANY_REQUESTS else wait_after_failure_s(remaining_s)
    asked_s = _seconds(retry_after.strip(), clock)
    if asked_s is None or asked_s > remaining_s:
        return None
    return asked_s + wait_after_failure_s(remaining_s - asked_s)


def _seconds(text: str, clock: Clock) -> float | None:
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 6 else None
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((date.replace(tzinfo=date.tzinfo or UTC) - clock.now()).total_seconds(), 0.0)

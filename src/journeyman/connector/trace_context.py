"""The headers by which an API tells calls apart and together; opt-in per profile.

Source: W3C Trace Context §3.2; the draft on the Idempotency-Key header of the IETF HTTP API group. That the
trace id is the correlation id of the journey is this project's decision: it stands in every error a person
sees, so a log of the API can be searched for it.
"""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Final

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
TRACEPARENT: Final = "traceparent"
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")


def idempotency_key() -> str:
    """Return a key for one call; all its tries carry the same."""
    return str(uuid.uuid4())


def traceparent(correlation_id: str) -> str:
    """Return the header for one call of a journey."""
    plain = correlation_id.replace("-", "").lower()
    trace_id = plain if _TRACE_ID.fullmatch(plain) else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"

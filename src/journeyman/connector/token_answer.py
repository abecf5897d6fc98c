"""What a token endpoint answered: status and body in, a token and its life out.

No text of an answer reaches an error but the ``error`` code: a description may hold what was sent.
Source: RFC 6749 §5.1 and §5.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from journeyman.claims.values import Json
from journeyman.connector.client import Answer
from journeyman.connector.errors import TokenNotAcquiredError
from journeyman.connector.json_body import NotJsonError, parse_body
from journeyman.secret import Secret

DEFAULT_LIFE_S: Final = 300.0
"""How long a token counts whose endpoint does not say; this project's decision."""
LONGEST_LIFE_S: Final = 86_400.0

_ERROR: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class AcquiredToken:
    """A bearer token; ``life_s`` counts from the moment at which it was asked for."""

    token: Secret
    life_s: float


def read_token(answer: Answer) -> AcquiredToken:
    """Read an answer of a token endpoint.

    Raises:
        TokenNotAcquiredError: it is a refusal, or not a bearer token.
    """
    body = _object(answer)
    if answer.status != 200:
        code = body.get("error")
        named = f" {code}" if isinstance(code, str) and _ERROR.fullmatch(code) else ""
        raise TokenNotAcquiredError(f"the token endpoint answered {answer.status}{named}")
    token, kind = body.get("access_token"), body.get("token_type", "Bearer")
    if not isinstance(token, str) or not token:
        raise TokenNotAcquiredError("the answer of the token endpoint holds no access_token")
    if not isinstance(kind, str) or kind.casefold() != "bearer":
        raise TokenNotAcquiredError("the token endpoint gave a token that is not of type Bearer")
    return AcquiredToken(Secret(token), life_s(body))


def life_s(body: dict[str, Json]) -> float:
    """Return how many seconds a token lives, from ``expires_in`` of its answer; some send it as text."""
    value = body.get("expires_in")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return DEFAULT_LIFE_S
    return min(max(float(value), 0.0), LONGEST_LIFE_S)


def _object(answer: Answer) -> dict[str, Json]:
    try:
        body = parse_body(answer.body)
    except NotJsonError:
        body = None
    if isinstance(body, dict):
        return body
    if answer.status == 200:
        raise TokenNotAcquiredError("the answer of the token endpoint is not a JSON object")
    return {}

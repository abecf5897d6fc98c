"""Authorization codes and refresh tokens: opaque handles outside, sealed records in the state store inside.

What a client presents never names a record by itself: each kind of record has a prefix of its own.

Source: protocol.md §4-§6.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Final

from journeyman.claims.values import Json

CODE_LIFETIME: Final = timedelta(minutes=10)
EXPIRED_KEPT: Final = timedelta(hours=24)
"""How long an expired grant is kept, so that its client learns that it was good once; ours."""
ROTATION_GRACE_S: Final = 60
"""How long a refresh token still works after it was exchanged, so that a lost answer costs no session; ours."""

REVOCATION: Final = timedelta(days=400)
"""How long a revoked family is remembered: longer than the longest sliding window."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or a refresh token stands for.

    Times are seconds since 1970.

    Attributes:
        scopes: the granted scopes as they were asked for.
        claims: the token claims of the journey; replayed on refresh where no refresh journey runs.
        account: whether ``user_id`` was an account of the directory when the journey ended.
        user_id: the claim by which the issuer remembers the user.
        challenge: the PKCE challenge, "" for none.
        issued_at: when the journey ended; the sliding window counts from here.
        remembered: claim id -> value in its stored form, for a refresh journey.
        public: whether the client has no secret, so that only PKCE protects its code.
        token_issued_at: when this refresh token was given out.
        retired_at: when this refresh token was exchanged for a new one, 0 when it was not.
        family: shared by all refresh tokens that come from one sign-in.
    """

    client_id: str
    policy_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    claims: Mapping[str, Json]
    subject: str | None
    user_id: str | None
    auth_time: int
    issued_at: int
    family: str
    issuer_profile: str
    nonce: str = ""
    challenge: str = ""
    challenge_method: str = ""
    expires_at: int = 0
    public: bool = False
    account: bool = False
    token_issued_at: int = 0
    retired_at: int = 0
    remembered: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Serialise."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False).encode()


def load_grant(data: bytes) -> Grant:
    """Read what ``to_bytes`` wrote."""
    raw = json.loads(data)
    return Grant(**{**raw, "scopes": tuple(raw["scopes"])})


def code_id(code: str) -> str:
    """Return where an authorization code is kept."""
    return f"code/{code}"


def used_code_id(code: str) -> str:
    """Return where it is kept that a code was redeemed, and for which family."""
    return f"used/{code}"


def refresh_id(handle: str) -> str:
    """Return where a refresh token is kept."""
    return f"token/{handle}"


def revoked_id(family: str) -> str:
    """Return where it is kept that the tokens of a family are void."""
    return f"revoked/{family}"

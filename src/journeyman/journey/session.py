"""Sign-in sessions: which technical profiles a returning browser need not run again.

Source: technical-profiles.md §27.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ConversionError, Json, convert, decode_state, encode_state
from journeyman.compiler.compiled import SessionBehavior, SsoScope, TechnicalProfile
from journeyman.compiler.handlers import SESSION_DEFAULT, SESSION_EXTERNAL_LOGIN

DAY_S: Final = 86_400
PROVIDER: Final = "#profile"
"""The member of an external sign-in's entry that names its technical profile; no claim type id begins with #."""
SIGN_OUT: Final = "#signOut"
"""Likewise the address at which the browser ends its session there."""


@dataclass(slots=True)
class Session:
    """A sign-in session.

    Attributes:
        entries: session profile id -> claim id -> value in its stored form.
        auth_time: seconds since 1970 of the last proof of identity.
        clients: client ids that received tokens.
        persistent: the person ticked "keep me signed in".
    """

    id: str
    created_at: datetime
    expires_at: datetime
    auth_time: int
    entries: dict[str, dict[str, Json]] = field(default_factory=dict)
    clients: list[str] = field(default_factory=list)
    persistent: bool = False

    def to_bytes(self) -> bytes:
        """Serialise; the id is the caller's to keep."""
        data = {
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "auth_time": self.auth_time,
            "entries": self.entries,
            "clients": self.clients,
            "persistent": self.persistent,
        }
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def load_session(id: str, data: bytes) -> Session:
    """Read what ``to_bytes`` wrote."""
    raw = json.loads(data)
    created, expires = (datetime.fromisoformat(raw.pop(name)) for name in ("created_at", "expires_at"))
    return Session(id=id, created_at=created, expires_at=expires, **raw)


def scope_name(behavior: SessionBehavior, *, policy_id: str, client_id: str) -> str | None:
    """Return the name under which browsers of this scope share a session, None when sessions are off."""
    names = {
        SsoScope.SUPPRESSED: None,
        SsoScope.TENANT: "tenant",
        SsoScope.APPLICATION: f"application-{client_id}",
        SsoScope.POLICY: f"policy-{policy_id.casefold()}",
    }
    return names[behavior.scope]


def session_expiry(behavior: SessionBehavior, session: Session, now: datetime, *, persistent: bool) -> datetime:
    """Return when the session ends after a use at ``now``."""
    lifetime_s = behavior.keep_alive_days * DAY_S if persistent else behavior.lifetime_s
    start = now if behavior.rolling or persistent else session.created_at
    return start + timedelta(seconds=lifetime_s)


def participates(session: Session | None, manager: TechnicalProfile | None) -> bool:
    """Whether the session can stand in for a profile that is managed by ``manager``."""
    return (
        session is not None
        and manager is not None
        and manager.handler == SESSION_DEFAULT
        and manager.id in session.entries
    )


def restored_claims(
    session: Session, manager: TechnicalProfile, types: Mapping[str, ClaimType], resolution: Resolution
) -> ClaimsBag | None:
    """Return the claims of the journey with those of a session entry and the defaults of the manager over them.

    Returns:
        None when the entry does not fit the policy of today: the person then signs in again.
    """
    claims = ClaimsBag(resolution.claims)
    try:
        for name, value in session.entries[manager.id].items():
            if name in types:
                claims.set(name, decode_state(value, types[name].data_type))
        for mapping in manager.output_claims:
            if mapping.default is not None and (mapping.always_use_default or mapping.claim.id not in claims):
                text = mapping.default.resolve(resolution)
                claims.set(mapping.claim.id, None if text is None else convert(text, mapping.claim.data_type))
    except ConversionError:
        return None
    return claims


def entry_of(manager: TechnicalProfile, claims: ClaimsBag) -> dict[str, Json]:
    """Return what a session keeps after a profile managed by ``manager`` has run."""
    persisted = (mapping.claim.id for mapping in manager.persisted_claims)
    return {name: encode_state(value) for name in persisted if (value := claims.get(name)) is not None}


def external_entry_of(
    manager: TechnicalProfile, claims: ClaimsBag, profile_id: str, sign_out_url: str = ""
) -> dict[str, Json]:
    """Return what a session keeps of a sign-in at an identity provider: the claims and which provider it was."""
    own = {PROVIDER: profile_id, SIGN_OUT: sign_out_url} if sign_out_url else {PROVIDER: profile_id}
    return {**entry_of(manager, claims), **own}


def sign_out_urls(session: Session) -> tuple[str, ...]:
    """Return where the browser ends its sessions at the identity providers that were used."""
    found = (entry.get(SIGN_OUT) for entry in session.entries.values())
    return tuple(dict.fromkeys(url for url in found if isinstance(url, str)))


def used_provider(session: Session, manager: TechnicalProfile | None, profile_id: str) -> bool:
    """Whether the person of the session signed in with this very provider; its redirect still happens."""
    return (
        manager is not None
        and manager.handler == SESSION_EXTERNAL_LOGIN
        and session.entries.get(manager.id, {}).get(PROVIDER) == profile_id
    )


def fresh(session: Session, parameters: Mapping[str, str], now: datetime) -> bool:
    """Whether the request lets the session count: not with ``prompt=login``, not when older than ``max_age``."""
    if "login" in parameters.get("prompt", "").split():
        return False
    max_age = parameters.get("max_age", "")
    return not max_age or now.timestamp() - session.auth_time <= int(max_age)

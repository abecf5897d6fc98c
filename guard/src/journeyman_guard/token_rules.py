"""What the claims of a verified token must say: claims in, nothing or a refusal out (RFC 7519 §4.1, RFC 9068 §4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman_guard.errors import MisconfiguredError, TokenError, forbidden

SKEW_S: Final = 60
MAX_SKEW_S: Final = 600


@dataclass(frozen=True, slots=True)
class JwtRules:
    """What the claims of a verified token must say; an empty rule asks for nothing.

    Attributes:
        audiences: the token must be for at least one of them.
        scopes: names looked for in ``scp`` and ``scope``.
        roles: names looked for in ``roles``. Where scopes or roles are given, one of all of them must be there.
        authorized_parties: the application that asked for the token (``azp``, ``appid`` or ``client_id``) must be one.
        skew_s: how far the clocks of issuer and API may differ, in seconds.
    """

    issuer: str = ""
    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    authorized_parties: tuple[str, ...] = ()
    skew_s: int = SKEW_S

    def __post_init__(self) -> None:
        if not _is_tuple_of_names(self.audiences):
            raise MisconfiguredError("audiences are a tuple of names")
        if not (_is_tuple_of_names(self.scopes) and _is_tuple_of_names(self.roles)):
            raise MisconfiguredError("scopes and roles are tuples of names without spaces and quotes")
        if not _is_tuple_of_names(self.authorized_parties):
            raise MisconfiguredError("authorized parties are a tuple of application ids")
        if not 0 <= self.skew_s <= MAX_SKEW_S:
            raise MisconfiguredError(f"the clock skew is 0 to {MAX_SKEW_S} seconds")

    def require_ours(self, claims: Mapping[str, object]) -> None:
        """Raise TokenError for another issuer, audience or application."""
        if self.issuer and claims.get("iss") != self.issuer:
            raise TokenError("the token is of another issuer")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self.audiences and not any(ours in audiences for ours in self.audiences):
            raise TokenError("the token is for another audience")
        if self.authorized_parties and _party(claims) not in self.authorized_parties:
            raise TokenError("the token was made for an application that is not listed")

    def require_time(self, claims: Mapping[str, object], now_s: float, *, expiry_needed: bool = True) -> None:
        """Raise TokenError when the token is not valid now."""
        expiry_s = _number(claims, "exp")
        if expiry_s is None and expiry_needed:
            raise TokenError("the token has no expiry")
        if expiry_s is not None and now_s >= expiry_s + self.skew_s:
            raise TokenError("the token has expired")
        for name in ("nbf", "iat"):
            start_s = _number(claims, name)
            if start_s is not None and now_s < start_s - self.skew_s:
                raise TokenError(f"the token is not valid yet ({name})")

    def require_permitted(self, claims: Mapping[str, object], challenge: str) -> None:
        """Raise Refused when the token has none of the scopes and roles."""
        if not self.scopes and not self.roles:
            return
        scopes = _names(claims.get("scp")) | _names(claims.get("scope"))
        if scopes.isdisjoint(self.scopes) and _names(claims.get("roles")).isdisjoint(self.roles):
            needed = f', scope="{" ".join(self.scopes)}"' if self.scopes else ""
            raise forbidden(
                "the token has none of the scopes and roles", f'{challenge}, error="insufficient_scope"{needed}'
            )

    def subject(self, claims: Mapping[str, object]) -> str:
        """Return the subject, or the application where the token is of no person."""
        named = (claims.get(name) for name in ("sub", "azp", "appid", "client_id"))
        return next((value for value in named if isinstance(value, str) and value), "unnamed")


def _party(claims: Mapping[str, object]) -> object:
    return next((claims[name] for name in ("azp", "appid", "client_id") if name in claims), None)


def _number(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # A boolean is an int in Python and is no date; 1e999 is JSON and is infinite.
    if isinstance(value, bool) or not isinstance(value, int | float) or value in (math.inf, -math.inf):
        raise TokenError(f"the claim {name} is not a number")
    return value


def _names(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split(" "))
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()


def _is_tuple_of_names(names: object) -> bool:
    # One string where a tuple belongs would be read as many names of one letter.
    return isinstance(names, tuple) and all(isinstance(name, str) and _is_name(name) for name in names)


def _is_name(name: str) -> bool:
    return bool(name) and name.isascii() and name.isprintable() and not set(name) & set(' "\\')

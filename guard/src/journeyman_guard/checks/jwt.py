"""A bearer that is a signed JWT: issuer, audience, time, then scope or role (RFC 6750, RFC 7519, RFC 9068)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman_guard.authorization import read_authorization, require_realm
from journeyman_guard.caller import Caller
from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.errors import MisconfiguredError, forbidden, unauthorized
from journeyman_guard.json_web_token import KEY_TYPES, KeySource, TokenError, verified_claims
from journeyman_guard.request import GuardRequest

SKEW_S: Final = 60
MAX_SKEW_S: Final = 600


@dataclass(frozen=True, slots=True)
class JwtCheck:
    """Accept tokens of one issuer for one of our audiences.

    Attributes:
        keys: where the issuer publishes its keys, usually a ``JwksCache``.
        audiences: the token must be for at least one of them.
        scopes: names looked for in ``scp`` and ``scope``.
        roles: names looked for in ``roles``. Where scopes or roles are given, one of all of them must be there.
        authorized_parties: the application that asked for the token (``azp`` or ``appid``) must be one of them.
        algorithms: out of RS256, PS256 and ES256.
        skew_s: how far the clocks of issuer and API may differ, in seconds.
    """

    issuer: str
    audiences: tuple[str, ...]
    keys: KeySource
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ("RS256",)
    realm: str = "api"
    clock: Clock = field(default_factory=SystemClock)
    authorized_parties: tuple[str, ...] = ()
    skew_s: int = SKEW_S

    def __post_init__(self) -> None:
        require_realm(self.realm)
        if not self.issuer:
            raise MisconfiguredError("JwtCheck: give an issuer")
        if not _is_tuple_of_names(self.audiences) or not self.audiences:
            raise MisconfiguredError("JwtCheck: give a tuple of audiences")
        if not self.algorithms or not set(self.algorithms) <= KEY_TYPES.keys():
            raise MisconfiguredError(f"JwtCheck: the algorithms are some of {', '.join(KEY_TYPES)}")
        if not (_is_tuple_of_names(self.scopes) and _is_tuple_of_names(self.roles)):
            raise MisconfiguredError("JwtCheck: scopes and roles are tuples of names without spaces and quotes")
        if not _is_tuple_of_names(self.authorized_parties):
            raise MisconfiguredError("JwtCheck: authorized parties are a tuple of application ids")
        if not 0 <= self.skew_s <= MAX_SKEW_S:
            raise MisconfiguredError(f"JwtCheck: the clock skew is 0 to {MAX_SKEW_S} seconds")

    async def check(self, request: GuardRequest) -> Caller:
        """Return the subject and the claims of the token. Raises Refused."""
        missing = f'Bearer realm="{self.realm}"'
        invalid = f'{missing}, error="invalid_token"'
        token = read_authorization(request, "Bearer", missing=missing, invalid=invalid)
        try:
            claims = await verified_claims(token, self.keys, self.algorithms)
            self._require_ours(claims)
            _require_time(claims, self.clock.now().timestamp(), self.skew_s)
        except TokenError as error:
            raise unauthorized(str(error), invalid) from None
        if not self._is_permitted(claims):
            needed = f', scope="{" ".join(self.scopes)}"' if self.scopes else ""
            raise forbidden(
                "the token has none of the scopes and roles", f'{missing}, error="insufficient_scope"{needed}'
            )
        return Caller(_subject(claims), ("jwt",), claims)

    def _require_ours(self, claims: Mapping[str, object]) -> None:
        if claims.get("iss") != self.issuer:
            raise TokenError("the token is of another issuer")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if not any(ours in audiences for ours in self.audiences):
            raise TokenError("the token is for another audience")
        party = claims.get("azp", claims.get("appid"))
        if self.authorized_parties and party not in self.authorized_parties:
            raise TokenError("the token was made for an application that is not listed")

    def _is_permitted(self, claims: Mapping[str, object]) -> bool:
        if not self.scopes and not self.roles:
            return True
        scopes = _names(claims.get("scp")) | _names(claims.get("scope"))
        return not scopes.isdisjoint(self.scopes) or not _names(claims.get("roles")).isdisjoint(self.roles)


def _require_time(claims: Mapping[str, object], now_s: float, skew_s: int) -> None:
    expiry_s = _number(claims, "exp")
    if expiry_s is None:
        raise TokenError("the token has no expiry")
    if now_s >= expiry_s + skew_s:
        raise TokenError("the token has expired")
    for name in ("nbf", "iat"):
        start_s = _number(claims, name)
        if start_s is not None and now_s < start_s - skew_s:
            raise TokenError(f"the token is not valid yet ({name})")


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


def _subject(claims: Mapping[str, object]) -> str:
    named = (claims.get(name) for name in ("sub", "azp", "appid", "client_id"))
    return next((value for value in named if isinstance(value, str) and value), "unnamed")


def _is_tuple_of_names(names: object) -> bool:
    # One string where a tuple belongs would be read as many names of one letter.
    return isinstance(names, tuple) and all(isinstance(name, str) and _is_name(name) for name in names)


def _is_name(name: str) -> bool:
    return bool(name) and name.isascii() and name.isprintable() and not set(name) & set(' "\\')

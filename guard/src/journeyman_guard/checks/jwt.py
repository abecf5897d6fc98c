"""A bearer that is a signed JWT: issuer, audience, time, then scope or role (RFC 6750, RFC 7519, RFC 9068)."""

from __future__ import annotations

from dataclasses import dataclass, field

from journeyman_guard.authorization import read_authorization, require_realm
from journeyman_guard.caller import Caller
from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.errors import MisconfiguredError, TokenError, unauthorized
from journeyman_guard.json_web_token import KEY_TYPES, KeySource, VerifiedTokens
from journeyman_guard.request import GuardRequest
from journeyman_guard.token_rules import SKEW_S, JwtRules


@dataclass(frozen=True, slots=True)
class JwtCheck:
    """Accept tokens of one issuer for one of our audiences.

    Attributes:
        keys: where the issuer publishes its keys, usually a ``JwksCache``.
        algorithms: out of RS256, PS256 and ES256.
        audiences: as the rest, see ``JwtRules``.
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
    _rules: JwtRules = field(init=False, repr=False)
    _verified: VerifiedTokens = field(default_factory=VerifiedTokens, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_realm(self.realm)
        if not self.issuer:
            raise MisconfiguredError("JwtCheck: give an issuer")
        if not isinstance(self.audiences, tuple) or not self.audiences:
            raise MisconfiguredError("JwtCheck: give a tuple of audiences")
        if not self.algorithms or not set(self.algorithms) <= KEY_TYPES.keys():
            raise MisconfiguredError(f"JwtCheck: the algorithms are some of {', '.join(KEY_TYPES)}")
        rules = JwtRules(self.issuer, self.audiences, self.scopes, self.roles, self.authorized_parties, self.skew_s)
        object.__setattr__(self, "_rules", rules)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the subject and the claims of the token. Raises Refused."""
        missing = f'Bearer realm="{self.realm}"'
        invalid = f'{missing}, error="invalid_token"'
        token = read_authorization(request, "Bearer", missing=missing, invalid=invalid)
        try:
            claims = await self._verified.claims(token, self.keys, self.algorithms)
            self._rules.require_ours(claims)
            self._rules.require_time(claims, self.clock.now().timestamp())
        except TokenError as error:
            raise unauthorized(str(error), invalid) from None
        self._rules.require_permitted(claims, missing)
        return Caller(self._rules.subject(claims), ("jwt",), claims)

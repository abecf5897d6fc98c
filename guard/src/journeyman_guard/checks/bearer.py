"""A static bearer token (RFC 6750 §2.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from journeyman_guard.authorization import read_authorization, require_realm
from journeyman_guard.caller import Caller
from journeyman_guard.credential import Credential, matching_name, never_waits, require_credentials
from journeyman_guard.errors import unauthorized
from journeyman_guard.request import GuardRequest


@dataclass(frozen=True, slots=True)
class BearerCheck:
    """Accept any of several static tokens; they hold only ``A-Z a-z 0-9 - . _ ~ + / =``, as the RFC has it."""

    tokens: tuple[Credential, ...]
    realm: str = "api"

    _callers: dict[str, Caller] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_credentials(self.tokens, "BearerCheck")
        require_realm(self.realm)
        callers = {entry.name: Caller(entry.name, ("bearer",)) for entry in self.tokens}
        object.__setattr__(self, "_callers", callers)

    @property
    def never_waits(self) -> bool:
        """Whether it decides without input and output."""
        return never_waits(self.tokens)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the name of the token. Raises Refused."""
        missing = f'Bearer realm="{self.realm}"'
        invalid = f'{missing}, error="invalid_token"'
        token = read_authorization(request, "Bearer", missing=missing, invalid=invalid)
        name = await matching_name(self.tokens, token.encode("ascii"))
        if name is None:
            raise unauthorized("the bearer token is not known", invalid)
        return self._callers[name]

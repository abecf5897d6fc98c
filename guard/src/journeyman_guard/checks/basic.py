"""HTTP Basic (RFC 7617)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from journeyman_guard.authorization import read_authorization, require_realm
from journeyman_guard.caller import Caller
from journeyman_guard.credential import Credential, matches_pair, never_waits, require_credentials
from journeyman_guard.errors import MisconfiguredError, unauthorized
from journeyman_guard.request import GuardRequest


@dataclass(frozen=True, slots=True)
class BasicCheck:
    """Accept any of several user and password pairs.

    Attributes:
        credentials: the name of each is the user name. Two with one name are a rotation.
    """

    credentials: tuple[Credential, ...]
    realm: str = "api"

    def __post_init__(self) -> None:
        require_credentials(self.credentials, "BasicCheck")
        require_realm(self.realm)
        if any(":" in credential.name for credential in self.credentials):
            raise MisconfiguredError("BasicCheck: a user name has no colon")

    @property
    def never_waits(self) -> bool:
        """Whether it decides without input and output."""
        return never_waits(self.credentials)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the user. Raises Refused."""
        challenge = f'Basic realm="{self.realm}", charset="UTF-8"'
        encoded = read_authorization(request, "Basic", missing=challenge, invalid=challenge)
        user, colon, password = _decode(encoded, challenge).partition(b":")
        if not (user and colon and password):
            raise unauthorized("the user or the password is empty", challenge)
        if not await matches_pair(self.credentials, user, password):
            raise unauthorized("the user or the password is wrong", challenge)
        return Caller(user.decode(), ("basic",))


def _decode(encoded: str, challenge: str) -> bytes:
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        decoded = b""
    # Python takes too much padding and spare bits, which other readers do not.
    if base64.b64encode(decoded).decode("ascii") != encoded:
        raise unauthorized("the Basic credentials are not Base64", challenge)
    return decoded

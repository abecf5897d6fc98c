"""An API key in a header of its own, or in the query as Azure Functions have it (``?code=``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from journeyman_guard.authorization import LIMIT_BYTES, require_realm
from journeyman_guard.caller import Caller
from journeyman_guard.credential import Credential, matching_name, never_waits, require_credentials
from journeyman_guard.errors import MisconfiguredError, unauthorized
from journeyman_guard.request import GuardRequest

_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_\-]+")


@dataclass(frozen=True, slots=True)
class ApiKeyCheck:
    """Accept any of several keys in one header, for example ``x-functions-key``.

    No scheme for such keys is registered, but a 401 must carry a challenge (RFC 9110 §15.5.2); this
    project sends ``ApiKey``.

    Attributes:
        query: also accept the key in this parameter of the query. Queries are written into logs on the way; prefer
            the header.
    """

    header: str
    keys: tuple[Credential, ...]
    realm: str = "api"
    query: str | None = None

    _callers: dict[str, Caller] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_credentials(self.keys, "ApiKeyCheck")
        require_realm(self.realm)
        callers = {entry.name: Caller(entry.name, ("api_key",)) for entry in self.keys}
        object.__setattr__(self, "_callers", callers)
        if not _NAME.fullmatch(self.header) or self.header.lower() == "authorization":
            raise MisconfiguredError("ApiKeyCheck: that is not the name of a header that can hold a key")
        if self.query is not None and not _PARAMETER.fullmatch(self.query):
            raise MisconfiguredError("ApiKeyCheck: that is not the name of a parameter that can hold a key")

    @property
    def never_waits(self) -> bool:
        """Whether it decides without input and output."""
        return never_waits(self.keys)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the name of the key. Raises Refused."""
        challenge = f'ApiKey realm="{self.realm}"'
        values = request.header_values(self.header)
        if self.query is not None:
            values += _parameter(request.query, self.query.encode("ascii"))
        if not values:
            raise unauthorized(f"there is no header {self.header}", challenge, attempt=False)
        if len(values) > 1:
            raise unauthorized(f"there are several headers {self.header}", challenge)
        if not values[0] or len(values[0]) > LIMIT_BYTES:
            raise unauthorized(f"the header {self.header} is empty or too long", challenge)
        name = await matching_name(self.keys, values[0])
        if name is None:
            raise unauthorized("the API key is not known", challenge)
        return self._callers[name]


def _parameter(query: bytes, name: bytes) -> list[bytes]:
    """Return the values of one parameter, its name in any spelling that an application would read as the same."""
    pairs = (part.partition(b"=") for part in query.split(b"&"))
    return [
        unquote_to_bytes(value.replace(b"+", b" "))
        for key, _, value in pairs
        if unquote_to_bytes(key.replace(b"+", b" ")).lower() == name.lower()
    ]

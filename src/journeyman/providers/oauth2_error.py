"""The OAuth2Error issuer: an error code and a message of the policy in, an error for the application out.

Source: technical-profiles.md §24, protocol.md §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.claims.values import to_text
from journeyman.compiler.handlers import OAUTH2_ERROR
from journeyman.compiler.spec import HandlerSpec
from journeyman.technical_profile import Call, Refuse

CODE_LIMIT: Final = 100
"""The most characters of a code: the answer may travel in a header."""

OAUTH2_ERROR_SPEC: Final = HandlerSpec(
    handler=OAUTH2_ERROR, metadata=frozenset({"IncludeClaimResolvingInClaimsHandling"})
)


@dataclass(frozen=True, slots=True)
class OAuth2ErrorProvider:
    """Tell the application that the policy says no; no token is made and nobody is signed in."""

    async def execute(self, call: Call) -> Refuse:
        """Return the refusal ``AAD_Custom_{errorCode}: {errorMessage}``."""
        sent = {mapping.name.casefold(): to_text(value) for mapping, value in call.inputs}
        code = "".join(sent.get("errorcode", "").split())[:CODE_LIMIT]
        return Refuse(
            user_message=sent.get("errormessage", ""),
            service_code=f"AAD_Custom_{code}",
            detail=f"the policy answers with its own error {code!r}",
        )

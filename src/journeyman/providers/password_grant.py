"""The password check of local accounts: ``login-NonInteractive``, answered by the embedded directory.

The profile is written as a password grant at login.microsoftonline.com; no request leaves the engine.
Source: technical-profiles.md §7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.claims.values import to_text
from journeyman.compiler.handlers import PASSWORD_GRANT
from journeyman.compiler.spec import HandlerSpec
from journeyman.directory.errors import SignInError, SignInFailure
from journeyman.directory.read import read
from journeyman.directory.sign_in import PasswordSignIn
from journeyman.directory.user import User
from journeyman.secret import Secret
from journeyman.technical_profile import Call, Continue, Refuse
from journeyman.user_messages import message

_MESSAGES: Final = {
    SignInFailure.UNKNOWN_USER: ("UserMessageIfClaimsPrincipalDoesNotExist", "AADB2C90053"),
    SignInFailure.WRONG_PASSWORD: ("UserMessageIfInvalidPassword", "AADB2C90054"),
    SignInFailure.DISABLED: ("UserMessageIfUserAccountDisabled", "AADB2C90111"),
    SignInFailure.LOCKED: ("UserMessageIfUserAccountLocked", "AADB2C90114"),
}
_ATTRIBUTES: Final = {
    "oid": "objectId",
    "given_name": "givenName",
    "family_name": "surname",
    "name": "displayName",
    "upn": "userPrincipalName",
}

PASSWORD_GRANT_SPEC: Final = HandlerSpec(
    handler=PASSWORD_GRANT,
    metadata=frozenset(
        {
            "METADATA",
            "authorization_endpoint",
            "ProviderName",
            "response_types",
            "response_mode",
            "scope",
            "HttpBinding",
            "UsePolicyInRedirectUri",
            "client_id",
            "IdTokenAudience",
            "UserMessageIfClaimsPrincipalDoesNotExist",
            "UserMessageIfInvalidPassword",
            "UserMessageIfOldPasswordUsed",
            "UserMessageIfPasswordExpired",
            "UserMessageIfUserAccountDisabled",
            "UserMessageIfUserAccountLocked",
            "DefaultMessage",
        }
    ),
)


@dataclass(frozen=True, slots=True)
class PasswordGrantProvider:
    """Check a user name and a password."""

    sign_in: PasswordSignIn
    tenant_id: str

    async def execute(self, call: Call) -> Continue | Refuse:
        """Return the claims of the account, or refuse with the reason."""
        sent = {mapping.name.casefold(): to_text(value) for mapping, value in call.inputs}
        try:
            user = await self.sign_in.check_password(sent.get("username", ""), Secret(sent.get("password", "")))
        except SignInError as error:
            message_id, service_code = _MESSAGES[error.failure]
            return Refuse(message(call.texts, message_id), service_code, str(error), message_id)
        if user.must_change_password:
            return self._expired(call, sent)
        return Continue(self._claims(user))

    @staticmethod
    def _expired(call: Call, sent: dict[str, str]) -> Continue | Refuse:
        if sent.get("continueonpasswordexpiration", "").casefold() == "true":
            return Continue({"passwordExpired": True})
        message_id = "UserMessageIfPasswordExpired"
        return Refuse(message(call.texts, message_id), "AADB2C90037", "password expired", message_id)

    def _claims(self, user: User) -> dict[str, object]:
        claims = {name: read(user, attribute) for name, attribute in _ATTRIBUTES.items()}
        return {name: value for name, value in {**claims, "tid": self.tenant_id}.items() if value is not None}

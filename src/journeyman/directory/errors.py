"""The errors of the directory beside those of ``journeyman.errors``; no text names an account or a value."""

from __future__ import annotations

from enum import Enum

from journeyman.errors import DirectoryError


class UserChangedError(DirectoryError):
    """Somebody else has changed the account since it was read: read it again."""

    code = "JM5204"


class WeakPasswordError(DirectoryError):
    """The new password breaks a rule; ``user_message`` says which."""

    code = "JM5205"


class AttributeValueError(DirectoryError):
    """An attribute cannot take this value, cannot be written, or does not exist."""

    code = "JM5206"


class NotSearchableError(DirectoryError):
    """An account cannot be found by this claim."""

    code = "JM5207"


class SignInFailure(Enum):
    """Why a password did not open an account."""

    UNKNOWN_USER = "unknown user"
    WRONG_PASSWORD = "wrong password"  # noqa: S105  # a reason, not a password
    DISABLED = "account disabled"
    LOCKED = "locked after too many failures"


class SignInError(DirectoryError):
    """A password did not open an account; ``failure`` says why."""

    code = "JM5208"

    def __init__(self, failure: SignInFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure

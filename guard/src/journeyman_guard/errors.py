"""What the guard raises on purpose.

Exception
├── Refused              this request does not get in
├── TokenError           why a token is not one of ours; the checks turn it into Refused
└── MisconfiguredError   a check or a policy that could let the wrong ones in; raised when it is made
"""

from __future__ import annotations

from http import HTTPStatus


class Refused(Exception):  # noqa: N818  # the regular outcome of a check, not a fault of it
    """This request does not get in.

    Attributes:
        reason: the exact cause, for the owner's log; holds nothing that the caller sent.
        status: 401 where credentials could help, 403 where they could not.
        challenges: values of ``WWW-Authenticate``, in the order of preference.
        attempt: a credential was presented, so the refusal counts against its source.
        retry_after_s: when the same source is listened to again; only with status 429.
    """

    def __init__(
        self,
        reason: str,
        status: HTTPStatus,
        challenges: tuple[str, ...] = (),
        *,
        attempt: bool = True,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.challenges = challenges
        self.attempt = attempt
        self.retry_after_s = retry_after_s


class TokenError(Exception):
    """The token is not one of ours; the text says why and holds nothing of the token."""


class MisconfiguredError(Exception):
    """A check or a policy was made in a way that could let the wrong ones in."""


def unauthorized(reason: str, challenge: str, *, attempt: bool = True) -> Refused:
    """Return a refusal with status 401."""
    return Refused(reason, HTTPStatus.UNAUTHORIZED, (challenge,), attempt=attempt)


def forbidden(reason: str, *challenges: str, attempt: bool = True) -> Refused:
    """Return a refusal with status 403."""
    return Refused(reason, HTTPStatus.FORBIDDEN, challenges, attempt=attempt)

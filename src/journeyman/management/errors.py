"""Refusals of the management operations; ``service_code`` is what clients branch on. Source: graph-api.md §7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from journeyman.errors import JourneymanError


@dataclass(frozen=True, slots=True)
class Detail:
    """One of several things that are wrong; ``target`` says where."""

    code: str
    message: str
    target: str


class ManagementError(JourneymanError):
    """A management operation was refused.

    Attributes:
        status: the HTTP status of the API's answer.
        service_code: ``error.code`` of the API's answer.
        member: the member of the request that is wrong, as a path like ``authenticationConfiguration/password``.
        details: what else the answer says, each with a code, a message and a target.
    """

    code = "JM6001"
    status: ClassVar[int] = 400

    def __init__(
        self, detail: str, *, service_code: str = "", member: str = "", details: Sequence[Detail] = ()
    ) -> None:
        super().__init__(detail, user_message=detail)
        self.details = tuple(details)
        self.service_code = service_code or self.default_service_code
        self.member = member

    default_service_code: ClassVar[str] = "BadRequest"


class InvalidError(ManagementError):
    """A member of the request is missing or wrong."""

    code = "JM6002"


class ForbiddenError(ManagementError):
    """The caller lacks a right."""

    code = "JM6003"
    status = 403
    default_service_code = "Authorization_RequestDenied"


class NotFoundError(ManagementError):
    """There is no such object."""

    code = "JM6004"
    status = 404
    default_service_code = "AADB2C90073"


class ConflictingError(ManagementError):
    """The object exists already, is used by another one, or is declared in a file of the tenant folder."""

    code = "JM6005"
    status = 409
    default_service_code = "Conflict"


class ChangedError(ManagementError):
    """The object was changed by somebody else since the caller read it."""

    code = "JM6006"
    status = 412
    default_service_code = "PreconditionFailed"


class TooLargeError(ManagementError):
    """The body of a request is longer than the operation allows."""

    code = "JM6010"
    status = 413
    default_service_code = "RequestEntityTooLarge"


class UnauthenticatedError(ManagementError):
    """The request carries no management token of this tenant, or one that does not count any more."""

    code = "JM6011"
    status = 401
    default_service_code = "InvalidAuthenticationToken"


class ThrottledError(ManagementError):
    """The caller sends more requests than it may; ``retry_after_s`` says when to come back."""

    code = "JM6012"
    status = 429
    default_service_code = "TooManyRequests"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s

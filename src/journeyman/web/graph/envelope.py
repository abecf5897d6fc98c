"""What went wrong in, the error envelope of the service out. Source: graph-api.md §7."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from starlette.responses import JSONResponse, Response

from journeyman.applications.errors import ApplicationChangedError, ApplicationNotFoundError
from journeyman.configuration.errors import ConfigurationChangedError, ObjectExistsError, ObjectNotFoundError
from journeyman.directory.errors import UserChangedError
from journeyman.errors import (
    ConfigurationError,
    DirectoryError,
    JourneymanError,
    KeySetNotFoundError,
    KeyStoreError,
    ServiceError,
    SettingsError,
    StorageError,
    UserExistsError,
    UserNotFoundError,
)
from journeyman.management.errors import Detail, ManagementError, ThrottledError, UnauthenticatedError

NOT_FOUND: Final = "Request_ResourceNotFound"
_CODE: Final = re.compile(r"(AADB2C(?:[0-9]{5})?): (.+)", re.DOTALL)
_BUSY_S: Final = 1

_KINDS: Final[tuple[tuple[type[JourneymanError], int, str], ...]] = (
    (ObjectNotFoundError, 404, "AADB2C90073"),
    (ObjectExistsError, 409, "Conflict"),
    (ConfigurationChangedError, 412, "PreconditionFailed"),
    (ApplicationNotFoundError, 404, NOT_FOUND),
    (ApplicationChangedError, 412, "PreconditionFailed"),
    (ConfigurationError, 400, "BadRequest"),
    (UserNotFoundError, 404, NOT_FOUND),
    (UserExistsError, 409, "Request_MultipleObjectsWithSameKeyValue"),
    (UserChangedError, 412, "PreconditionFailed"),
    (DirectoryError, 400, "Request_BadRequest"),
    (KeySetNotFoundError, 404, "AADB2C90073"),
    (SettingsError, 400, "BadRequest"),
    (ServiceError, 400, "AADB2C"),
    (StorageError, 503, "ServiceUnavailable"),
)
"""Errors of the layers below -> status and code, the first that fits."""


@dataclass(frozen=True, slots=True)
class Marks:
    """By what one request is found again, in answers and logs."""

    request_id: str
    client_request_id: str
    at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of every answer."""
        return {"request-id": self.request_id, "client-request-id": self.client_request_id}


def error_answer(
    marks: Marks, status: int, code: str, message: str, *, target: str = "", details: Sequence[Detail] = ()
) -> Response:
    """Answer with an error; it is JSON on endpoints that speak XML, too, and never without a message."""
    inner = {
        "date": f"{marks.at:%Y-%m-%dT%H:%M:%S}",
        "request-id": marks.request_id,
        "client-request-id": marks.client_request_id,
    }
    error: dict[str, object] = {"code": code, "message": message or code, "innerError": inner}
    if target:
        error["target"] = target
    if details:
        error["details"] = [asdict(one) for one in details]
    return JSONResponse({"error": error}, status_code=status, headers=marks.headers)


def refusal(marks: Marks, error: JourneymanError) -> Response:
    """Answer for an error of ours."""
    if isinstance(error, ManagementError):
        answer = error_answer(
            marks, error.status, error.service_code, str(error), target=error.member, details=error.details
        )
        if isinstance(error, ThrottledError):
            answer.headers["Retry-After"] = str(error.retry_after_s)
        if isinstance(error, UnauthenticatedError):
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    status, code, message = _described(error)
    answer = error_answer(marks, status, code, message)
    if status == 503:
        answer.headers["Retry-After"] = str(_BUSY_S)
    return answer


def _described(error: JourneymanError) -> tuple[int, str, str]:
    status, code = next((found[1:] for found in _KINDS if isinstance(error, found[0])), (500, "InternalServerError"))
    coded = _CODE.fullmatch(str(error))
    if isinstance(error, ServiceError):
        return status, error.service_code, str(error)
    if coded is not None:
        return 400 if status == 500 and isinstance(error, KeyStoreError) else status, coded[1], coded[2]
    if status >= 500:
        # What happens inside is for the log; the request id leads there.
        return status, code, "The request cannot be carried out now. The log has more, under the request id."
    return status, code, str(error)

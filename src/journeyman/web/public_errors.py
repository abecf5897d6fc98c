"""What strangers may read of an error: the texts of the service always, our own words in development only."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from journeyman.errors import KeyStoreError, ServiceError
from journeyman.service_codes import SERVICE_CODES, service_error

NEUTRAL: Final = "An exception has occurred."

_CODE: Final = re.compile(r"AADB2C[0-9]{5}")


def public_text(error: ServiceError, *, development: bool) -> str:
    """Return the text of an error for the application and the person at the page.

    In production it is a text that was written for them: the policy's, the API's or the service's own.
    """
    if error.user_message:
        return error.user_message
    text = str(error)
    return text if development or _is_service_text(error.service_code, text) else NEUTRAL


def key_failure(error: KeyStoreError) -> ServiceError:
    """Return the error of the service for a policy key that cannot be used."""
    code, _, text = str(error).partition(": ")
    return ServiceError(text, service_code=code) if _CODE.fullmatch(code) else service_error(90037)


def _is_service_text(code: str, text: str) -> bool:
    pattern = _pattern(code)
    return pattern is not None and pattern.fullmatch(text) is not None


@cache
def _pattern(code: str) -> re.Pattern[str] | None:
    row = SERVICE_CODES.get(int(code.removeprefix("AADB2C"))) if _CODE.fullmatch(code) else None
    if row is None:
        return None
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\{[0-9]\}", row.text)), re.DOTALL)

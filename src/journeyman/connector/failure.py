"""What the application and the person learn of a failed call: the failure in, its published form out.

Source: rest-connectors.md §9.1, §11.1, §13. Which code a failure without an HTTP status carries is this
project's decision: AADB2C90162 when the tries are used up, AADB2C90028 when a certificate was refused
in TLS, else AADB2C90075 with the code ``Conflict``, as it has been observed.
"""

from __future__ import annotations

from dataclasses import dataclass

from journeyman.connector.answer import Place
from journeyman.connector.errors import (
    AnswerMappingError,
    ClientCertificateError,
    ConnectorError,
    CredentialMissingError,
    CredentialRefusedError,
    HttpStatusError,
    RequestRefusedError,
    RequiredClaimMissingError,
    UnparsableAnswerError,
)
from journeyman.connector.messages import MessageValues, Texts, configured_default, failure_message
from journeyman.service_codes import SERVICE_CODES


@dataclass(frozen=True, slots=True)
class Failed:
    """The call that failed."""

    profile_id: str
    place: Place
    tries: int
    values: MessageValues
    texts: Texts


def published(error: ConnectorError, failed: Failed) -> ConnectorError:
    """Return ``error`` with the texts that the application and the person see."""
    match error:
        case HttpStatusError() | CredentialRefusedError() | AnswerMappingError():
            return _with(error, str(error), error.service_code, failed)
        case UnparsableAnswerError():
            return _coded(error, 90261, (failed.place.exchange_id, failed.place.step), failed)
        case CredentialMissingError():
            return _credential_missing(error, failed)
        case RequestRefusedError() | RequiredClaimMissingError():
            return _coded(error, 90278, (), failed)
        case ClientCertificateError():
            return _coded(error, 90028, (failed.profile_id,), failed)
        case _:
            return _without_answer(error, failed)


def _without_answer(error: ConnectorError, failed: Failed) -> ConnectorError:
    message = failure_message(error, failed.texts, failed.values)
    if error.retryable:
        row = SERVICE_CODES[90162]
        text = f"{row.text.format(failed.profile_id, failed.tries)} {message}"
    else:
        row = SERVICE_CODES[90075]
        text = row.text.format(failed.place.exchange_id, failed.place.step, "Conflict", message)
    return error.published(text, service_code=row.code, user_message=message)


def _credential_missing(error: CredentialMissingError, failed: Failed) -> ConnectorError:
    if str(error) != error.operator or error.service_code != "AADB2C90075":
        return _with(error, str(error), error.service_code, failed)
    return _coded(error, 90027, (failed.profile_id,), failed)


def _coded(error: ConnectorError, number: int, values: tuple[str, ...], failed: Failed) -> ConnectorError:
    row = SERVICE_CODES[number]
    return _with(error, row.text.format(*values), row.code, failed)


def _with(error: ConnectorError, text: str, service_code: str, failed: Failed) -> ConnectorError:
    message = configured_default(failed.texts, failed.values) or text
    return error.published(text, service_code=service_code, user_message=message)

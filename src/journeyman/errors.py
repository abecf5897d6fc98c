"""Every exception that Journeyman raises on purpose.

    JourneymanError
    ├── SettingsError             journeyman.toml, an environment variable or an argument is wrong
    ├── PolicyError               a policy cannot be served (diagnostics.py, since it carries them)
    ├── StorageError              the database cannot be opened or is of another version
    │   ├── ConflictError         a row with this key exists already
    │   └── AuditBrokenError      the audit log is not what was written
    ├── KeyStoreError             a policy key cannot be created, read or used
    │   ├── KeySetNotFoundError
    │   ├── NoActiveKeyError
    │   ├── SealError             a stored record was damaged, moved or sealed under another master key
    │   └── KeyServiceError       the external key service cannot be used
    ├── DirectoryError            a user account cannot be read or written
    │   ├── UserNotFoundError
    │   └── UserExistsError
    ├── ConfigurationError        an object of the configuration cannot be read or changed (configuration/errors.py)
    └── ServiceError              a journey or a protocol request failed with a code of the real service
        ├── TooManyTriesError
        ├── ClaimsTransformationError
        └── ConnectorError        a REST call failed (connector/errors.py holds its kinds)

An error speaks to three audiences in three fields: ``code`` to programs, ``user_message`` to the
person at the page, ``str(error)`` to the log.
"""

from __future__ import annotations

from typing import ClassVar


class JourneymanError(Exception):
    """The root of all errors that Journeyman raises on purpose."""

    code: ClassVar[str] = "JM0001"

    def __init__(self, detail: str, *, user_message: str | None = None) -> None:
        super().__init__(detail)
        self.user_message = user_message


class SettingsError(JourneymanError):
    """``journeyman.toml``, an environment variable or an argument is wrong."""

    code = "JM0101"


class StorageError(JourneymanError):
    """The database cannot be opened, or its schema is of another version."""

    code = "JM5001"


class ConflictError(StorageError):
    """A row with this key exists already; nothing of the transaction was written."""

    code = "JM5002"


class AuditBrokenError(StorageError):
    """An entry of the audit log was changed, inserted, moved or removed.

    Attributes:
        sequence: the number of the first such entry.
    """

    code = "JM5080"

    def __init__(self, detail: str, *, sequence: int) -> None:
        super().__init__(detail)
        self.sequence = sequence


class KeyStoreError(JourneymanError):
    """A policy key cannot be created, read or used."""

    code = "JM5101"


class KeySetNotFoundError(KeyStoreError):
    """The store holds no key set of this id."""

    code = "JM5102"


class NoActiveKeyError(KeyStoreError):
    """The key set exists, but no key of it is active now."""

    code = "JM5103"


class SealError(KeyStoreError):
    """A sealed record was damaged, moved to another place, or sealed under another master key."""

    code = "JM5104"


class KeyServiceError(KeyStoreError):
    """The external key service cannot be reached, refuses, or answers with something else than it should."""

    code = "JM5180"


class DirectoryError(JourneymanError):
    """A user account cannot be read or written."""

    code = "JM5201"


class UserNotFoundError(DirectoryError):
    """No account has this key."""

    code = "JM5202"


class UserExistsError(DirectoryError):
    """An account with one of these identities exists already."""

    code = "JM5203"


class ConfigurationError(JourneymanError):
    """A user flow, an API connector or another object of the configuration cannot be read or changed."""

    code = "JM5301"


class ServiceError(JourneymanError):
    """A journey or a protocol request failed; carries a code of the real service.

    Attributes:
        service_code: ``AADB2C90075``; ``AADB2C`` alone where the service prints no number.
        oauth_error: the OAuth 2.0 ``error`` value that the application sees.
    """

    code = "JM2001"

    def __init__(
        self,
        detail: str,
        *,
        service_code: str = "AADB2C",
        oauth_error: str = "server_error",
        user_message: str | None = None,
    ) -> None:
        super().__init__(detail, user_message=user_message)
        self.service_code = service_code
        self.oauth_error = oauth_error


class TooManyTriesError(ServiceError):
    """Somebody tries too often; ``retry_after_s`` says when to come back."""

    code = "JM2002"

    def __init__(self, detail: str, *, service_code: str, retry_after_s: int) -> None:
        super().__init__(detail, service_code=service_code, oauth_error="temporarily_unavailable", user_message=detail)
        self.retry_after_s = retry_after_s


class ClaimsTransformationError(ServiceError):
    """A claims transformation asserted something that does not hold, or could not compute.

    Attributes:
        message_id: the id under which a policy may localize the text.
    """

    code = "JM3001"

    def __init__(self, message_id: str, default_message: str, *, for_person: bool = True) -> None:
        """Make the error; ``for_person`` is false when only the log is to read the default message."""
        super().__init__(f"{message_id}: {default_message}", user_message=default_message if for_person else None)
        self.message_id = message_id

"""What may go wrong with an application that is changed."""

from __future__ import annotations

from journeyman.errors import ConfigurationError


class ApplicationNotFoundError(ConfigurationError):
    """There is no such application, or no such client secret of it."""

    code = "JM6013"


class ApplicationChangedError(ConfigurationError):
    """Somebody else has changed the application in the meantime: read it again and repeat."""

    code = "JM6014"

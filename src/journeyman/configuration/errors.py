"""What may go wrong with an object of the configuration."""

from __future__ import annotations

from journeyman.errors import ConfigurationError


class ObjectNotFoundError(ConfigurationError):
    """There is no object of this kind and id."""

    code = "JM5302"


class ObjectExistsError(ConfigurationError):
    """There is an object of this kind and id already."""

    code = "JM5303"


class ConfigurationChangedError(ConfigurationError):
    """Somebody else has changed the object in the meantime: read it again and repeat."""

    code = "JM5304"


class DamagedObjectError(ConfigurationError):
    """A stored object is not as it was written; delete it and create it again."""

    code = "JM6030"

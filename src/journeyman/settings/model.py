"""Settings of a tenant folder, as dataclasses: what every other module takes as an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Mode(Enum):
    """How the engine runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ApplicationType(Enum):
    """The platform of an application."""

    WEB = "web"
    SPA = "spa"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``[server]``: where the engine listens and how the world sees it.

    ``public_url`` has no trailing slash. ``trusted_proxies`` are networks whose X-Forwarded-For counts.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    mode: Mode = Mode.DEVELOPMENT
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EgressSettings:
    """``[egress]``: which addresses the engine may call.

    Attributes:
        trust: PEM files with extra certificate authorities.
        allow: ``CIDR:port``; port ``*`` is not accepted.
        map: origin -> origin, both as ``scheme://host[:port]`` in lower case, default ports left out.
    """

    trust: tuple[Path, ...] = ()
    allow: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """``[profiles."REST-GetProfile"]``: what the XML of a profile cannot say."""

    timeout_s: float | None = None
    retries: int | None = None
    response_limit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ApplicationSettings:
    """``[[applications]]``: an application that may use the policies.

    ``roles`` are application roles (management API); ``logout_url`` is for front-channel logout.
    """

    client_id: str
    name: str
    type: ApplicationType | None = None
    redirect_uris: tuple[str, ...] = ()
    allow_implicit: bool = False
    identifier_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    logout_url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A tenant folder's settings, checked; paths are absolute.

    ``tenant_id`` is None when the file names none: the engine then makes one on first start and keeps it.
    """

    folder: Path
    tenant_name: str
    tenant_id: str | None
    server: ServerSettings = field(default_factory=ServerSettings)
    policy_paths: tuple[Path, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)  # [settings]: {Settings:Name} in the XML
    egress: EgressSettings = field(default_factory=EgressSettings)
    profiles: Mapping[str, ProfileSettings] = field(default_factory=dict)  # profile id in lower case
    applications: tuple[ApplicationSettings, ...] = ()

    @property
    def development(self) -> bool:
        """Whether the engine runs in development mode."""
        return self.server.mode is Mode.DEVELOPMENT

"""Settings of a tenant folder, as dataclasses: what every other module takes as an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from journeyman.settings.bearer_model import BearerSettings
from journeyman.settings.identity import IdentitySettings

CONNECTIONS: Final = 64


class Mode(Enum):
    """How the engine runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Audit(Enum):
    """Whether REST calls leave rows in the audit log.

    ``RECORDED`` writes them beside the journey; ``REQUIRED`` makes no call that cannot be recorded.
    """

    OFF = "off"
    RECORDED = "recorded"
    REQUIRED = "required"


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
    audit: Audit = Audit.RECORDED


@dataclass(frozen=True, slots=True)
class OriginSettings:
    """``[egress.origins."https://api.example"]``: whom we believe to be the API of one origin.

    Attributes:
        trust: PEM files; when there are any, only their authorities count for this origin.
        pins: SHA-256 of the public key of the API's certificate, as ``sha256/BASE64``; one must match.
        connections: the largest number of calls at a time, None for that of ``[calls]``.
    """

    trust: tuple[Path, ...] = ()
    pins: tuple[str, ...] = ()
    connections: int | None = None


@dataclass(frozen=True, slots=True)
class EgressSettings:
    """``[egress]``: which addresses the engine may call.

    Attributes:
        trust: PEM files with extra certificate authorities.
        allow: ``CIDR:port`` or ``host CIDR:port``; port ``*`` is not accepted.
        nat64: IPv6 prefixes by which the network translates to IPv4 (RFC 6052), besides the well-known one.
        map: origin -> origin, both as ``scheme://host[:port]`` in lower case, default ports left out.
        proxy: the origin of the HTTP proxy through which calls to ``https://`` go; None for no proxy.
        direct: hosts in lower case that are called without the proxy; one that begins with a dot stands
            for every name below it.
        origins: origin -> its settings.
    """

    trust: tuple[Path, ...] = ()
    allow: tuple[str, ...] = ()
    nat64: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    direct: tuple[str, ...] = ()
    origins: Mapping[str, OriginSettings] = field(default_factory=dict)


class CallLimits(Enum):
    """Which limits of the real service count where nothing else is set."""

    CURRENT = "current"
    B2C_2024 = "b2c-2024"


class OpenApis(Enum):
    """What becomes of a profile that proves itself by nothing (``AuthenticationType`` None)."""

    DECLARED = "declared"  # as the real service: in production only with AllowInsecureAuthInProduction
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class CallSettings:
    """``[calls]``: the rules of all REST calls of the tenant.

    Attributes:
        connections: the largest number of calls at a time to one origin.
    """

    limits: CallLimits = CallLimits.CURRENT
    timeout_s: float | None = None
    retries: int | None = None
    response_limit_bytes: int | None = None
    connections: int = CONNECTIONS
    open_apis: OpenApis = OpenApis.DECLARED


@dataclass(frozen=True, slots=True)
class RehearsalSettings:
    """How a new credential may be tried at an API before it is used; the methods change nothing (RFC 9110 §9.2.1).

    ``path`` takes the place of path and query of the ServiceUrl; "" keeps them.
    """

    method: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """``[profiles."REST-GetProfile"]``: what the XML of a profile cannot say.

    Attributes:
        total_timeout_s: the budget of all tries together; None for ``timeout_s`` for each of them.
        trust: PEM files; when there are any, only their authorities count for the API of this profile.
        pins: as those of an origin.
        idempotency_key: whether a header ``Idempotency-Key`` tells the API that two tries are one call.
        traceparent: whether a header ``traceparent`` ties the call to the trace of the journey.
        send_bearer_claim: whether the claim of ``UseClaimAsBearerToken`` is sent as a value, too.
        cache_token: whether the token that this profile acquires is kept until it ends.
        bearer: the managed bearer that replaces the ``AuthenticationType`` of the profile.
        rehearsal: how a rotation may try a new credential; None sends nothing.
    """

    timeout_s: float | None = None
    retries: int | None = None
    response_limit_bytes: int | None = None
    total_timeout_s: float | None = None
    trust: tuple[Path, ...] = ()
    pins: tuple[str, ...] = ()
    idempotency_key: bool = False
    traceparent: bool = False
    send_bearer_claim: bool = False
    cache_token: bool = False
    bearer: BearerSettings | None = None
    rehearsal: RehearsalSettings | None = None


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


class MasterKeySource(Enum):
    """Who holds the master key: this machine, in a file or an environment variable, or the vault."""

    LOCAL = "local"
    VAULT = "vault"


@dataclass(frozen=True, slots=True)
class MasterKeySettings:
    """``[master_key]``: where the master key comes from; ``file`` is None for the one in ``.journeyman``."""

    source: MasterKeySource = MasterKeySource.LOCAL
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """``[vault]``: a HashiCorp Vault or OpenBao server.

    Attributes:
        address: ``https://host[:port]``.
        trust: a PEM file with the authority of its certificate; None trusts those of the system.
        token_file: holds the token and is read again for every request; None takes ``VAULT_TOKEN``.
        transit: where the Transit engine is mounted.
        key: the name of the Transit key that is the master key.
    """

    address: str
    namespace: str = ""
    trust: Path | None = None
    token_file: Path | None = None
    transit: str = "transit"
    key: str = "journeyman"


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """``[telemetry]``: what is told of the engine while it runs; nothing by default.

    Attributes:
        metrics_from: networks that may read ``/metrics``; without any there is no such page.
        spans: whether REST calls leave OpenTelemetry spans.
    """

    metrics_from: tuple[str, ...] = ()
    spans: bool = False


@dataclass(frozen=True, slots=True)
class ManagementSettings:
    """``[management]``: the management API.

    Attributes:
        token_lifetime_s: how long a management token counts.
        audiences: for which addresses such tokens may be asked, besides the public one and that of the real service.
        requests_per_minute: how many requests one caller may send.
        failures_per_minute: how many bad tokens one address may send, and wrong secrets for one application.
        policy_limit_bytes: the size of the largest policy that may be uploaded.
    """

    token_lifetime_s: int = 3600
    audiences: tuple[str, ...] = ()
    requests_per_minute: int = 12_000
    failures_per_minute: int = 120
    policy_limit_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """``[portal]``: the web console.

    Attributes:
        allow_from: networks of the browsers that may see it; empty for all.
    """

    enabled: bool = True
    allow_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """A tenant folder's settings, checked; paths are absolute.

    ``tenant_id`` is None when the file names none: the engine then makes one on first start and keeps it.
    ``extensions_app`` is None when the file names none; ``extensions_app_of`` then knows the client id.
    """

    folder: Path
    tenant_name: str
    tenant_id: str | None
    server: ServerSettings = field(default_factory=ServerSettings)
    policy_paths: tuple[Path, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)  # [settings]: {Settings:Name} in the XML
    egress: EgressSettings = field(default_factory=EgressSettings)
    calls: CallSettings = field(default_factory=CallSettings)
    profiles: Mapping[str, ProfileSettings] = field(default_factory=dict)  # profile id in lower case
    applications: tuple[ApplicationSettings, ...] = ()
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    activate_sole_future_key: bool = False  # [keys]
    master_key: MasterKeySettings = field(default_factory=MasterKeySettings)
    vault: VaultSettings | None = None
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    extensions_app: str | None = None  # [tenant]
    management: ManagementSettings = field(default_factory=ManagementSettings)
    portal: PortalSettings = field(default_factory=PortalSettings)

    @property
    def development(self) -> bool:
        """Whether the engine runs in development mode."""
        return self.server.mode is Mode.DEVELOPMENT

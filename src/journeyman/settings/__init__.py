"""``journeyman.toml``: a tenant folder in, checked settings out.

See docs/reference/settings.md. Unknown keys are errors with a suggestion, a wrong value names file,
line and what to write instead.
"""

from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.identity import IdentitySettings
from journeyman.settings.load import FILE_NAME, find_tenant_folder, load_settings, settings_for_check
from journeyman.settings.model import (
    ApplicationSettings,
    ApplicationType,
    Audit,
    CallLimits,
    CallSettings,
    EgressSettings,
    ManagementSettings,
    MasterKeySettings,
    MasterKeySource,
    Mode,
    OpenApis,
    OriginSettings,
    PortalSettings,
    ProfileSettings,
    RehearsalSettings,
    ServerSettings,
    Settings,
    VaultSettings,
)

__all__ = [
    "FILE_NAME",
    "ApplicationSettings",
    "ApplicationType",
    "Audit",
    "BearerSettings",
    "CallLimits",
    "CallSettings",
    "ClientAuthentication",
    "EgressSettings",
    "IdentitySettings",
    "ManagementSettings",
    "MasterKeySettings",
    "MasterKeySource",
    "Mode",
    "OpenApis",
    "OriginSettings",
    "PortalSettings",
    "ProfileSettings",
    "RehearsalSettings",
    "ServerSettings",
    "Settings",
    "TelemetrySettings",
    "VaultSettings",
    "find_tenant_folder",
    "load_settings",
    "settings_for_check",
]

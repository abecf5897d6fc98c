"""Load ``journeyman.toml``: a folder in, settings or one error with all problems out.

Three environment variables win over the file: ``JOURNEYMAN_LISTEN``, ``JOURNEYMAN_PUBLIC_URL`` and
``JOURNEYMAN_MODE``; the ``--listen`` argument wins over both. This is this project's decision.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from journeyman.errors import SettingsError
from journeyman.settings.api_connectors import read_api_connectors
from journeyman.settings.applications import read_applications
from journeyman.settings.calls import read_calls
from journeyman.settings.egress import read_egress
from journeyman.settings.extensions_app import extensions_app_of_tenant
from journeyman.settings.identity import IdentitySettings
from journeyman.settings.identity_providers import read_identity_providers
from journeyman.settings.management import read_management
from journeyman.settings.model import EgressSettings, Mode, Settings
from journeyman.settings.portal import read_portal
from journeyman.settings.profiles import read_profiles
from journeyman.settings.server import read_server
from journeyman.settings.table import Problems, Table
from journeyman.settings.telemetry import read_telemetry
from journeyman.settings.user_attributes import read_user_attributes
from journeyman.settings.user_flows import read_user_flows
from journeyman.settings.values import guid, tenant_name
from journeyman.settings.vault import read_master_key, read_vault

FILE_NAME: Final = "journeyman.toml"
_MAX_BYTES = 1024 * 1024
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_settings(folder: Path, *, environment: Mapping[str, str], listen: str | None = None) -> Settings:
    """Load the settings of a tenant folder.

    Args:
        folder: where ``journeyman.toml`` stands; relative paths in it are relative to the folder.
        environment: the environment variables.
        listen: the ``--listen`` argument.

    Raises:
        SettingsError: one line per problem, ``journeyman.toml:LINE:COLUMN: what; what to do``.
    """
    folder = folder.resolve()
    text = _read_text(folder)
    problems = Problems(FILE_NAME, text)
    root = Table(_parse(text), (), problems)
    tenant = root.table("tenant")
    name = tenant.checked("name", tenant_name)
    if "name" not in tenant.values:
        tenant.problem("name", 'the tenant has no name; add name = "contoso.onmicrosoft.com" under [tenant]')
    policies = root.table("policies")
    vault = read_vault(root, folder)
    tenant_id, extensions_app = tenant.checked("id", guid), tenant.checked("extensions_app", guid)
    keys, egress = root.table("keys"), read_egress(root.table("egress"), folder)
    settings = Settings(
        folder=folder,
        tenant_name=name or "",
        tenant_id=tenant_id,
        extensions_app=extensions_app,
        server=read_server(root.table("server"), folder, environment, listen),
        policy_paths=_policy_paths(policies, folder),
        values=_values(root.table("settings")),
        egress=egress,
        calls=read_calls(root.table("calls")),
        profiles=read_profiles(root.table("profiles"), folder),
        applications=read_applications(root.tables("applications")),
        telemetry=read_telemetry(root.table("telemetry")),
        portal=read_portal(root.table("portal")),
        activate_sole_future_key=bool(keys.flag("activate_sole_future_key")),
        master_key=read_master_key(root.table("master_key"), folder, vault),
        vault=vault,
        management=read_management(root.table("management")),
        identity=_read_identity(
            root, egress, extensions_app or (extensions_app_of_tenant(tenant_id) if tenant_id else "")
        ),
    )
    for table in (tenant, policies, keys, root):
        table.finish()
    problems.raise_any()
    return settings


def settings_for_check(paths: Sequence[Path], *, mode: Mode = Mode.DEVELOPMENT) -> Settings:
    """Return the settings with which ``check`` works outside a tenant folder."""
    absolute = tuple(path.resolve() for path in paths)
    first = absolute[0] if absolute else Path.cwd()
    settings = Settings(
        folder=first if first.is_dir() else first.parent,
        tenant_name="yourtenant.onmicrosoft.com",
        tenant_id=None,
        policy_paths=absolute,
    )
    return replace(settings, server=replace(settings.server, mode=mode))


def find_tenant_folder(start: Path) -> Path | None:
    """Return the nearest folder at or above ``start`` that holds ``journeyman.toml``."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if (folder / FILE_NAME).is_file()), None)


def _read_text(folder: Path) -> str:
    path = folder / FILE_NAME
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise SettingsError(f"{folder} holds no {FILE_NAME}; run `journeyman init {folder}` to make one") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise SettingsError(f"{FILE_NAME}:1:1: the file is larger than 1 MiB; move what is not a setting elsewhere")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{FILE_NAME}:{line}:1: the file is not UTF-8; save it as UTF-8") from None


def _parse(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _PLACE.search(message)
        line = found.group(1) if found and found.group(1) else str(text.count("\n") + 1)
        column = found.group(2) if found and found.group(2) else "1"
        what = _PLACE.sub("", message)
        raise SettingsError(f"{FILE_NAME}:{line}:{column}: {what}; correct the TOML") from None
    except RecursionError:
        raise SettingsError(f"{FILE_NAME}:1:1: values are nested too deeply; correct the TOML") from None


def _read_identity(root: Table, egress: EgressSettings, extensions_app: str) -> IdentitySettings:
    """Read user flows and what they are made of."""
    api_connectors = read_api_connectors(root.tables("api_connectors"), egress.map)
    return IdentitySettings(
        api_connectors=api_connectors,
        identity_providers=read_identity_providers(root.tables("identity_providers")),
        user_attributes=read_user_attributes(root.tables("user_attributes"), extensions_app),
        user_flows=read_user_flows(root.tables("user_flows"), api_connectors),
    )


def _policy_paths(table: Table, folder: Path) -> tuple[Path, ...]:
    if "paths" not in table.values:
        table.texts("paths")
        return (folder / "policies",)
    return tuple((folder / text).resolve() for _, text in table.texts("paths"))


def _values(table: Table) -> Mapping[str, str]:
    """Read what ``{Settings:Name}`` stands for; numbers and booleans count as their text."""
    found: dict[str, str] = {}
    for name, value in table.values.items():
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, int):
            found[name] = str(value)
        else:
            table.problem(name, f"{name} has the wrong type; write a string in quotes")
    return found

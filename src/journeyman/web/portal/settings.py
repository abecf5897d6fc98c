"""The area of settings: what is in force, where it comes from and where to change it. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.settings import FILE_NAME, Settings
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit

_TABLES: Final[Mapping[str, str]] = {
    "server": "server",
    "calls": "calls",
    "egress": "egress",
    "telemetry": "telemetry",
    "management": "management",
    "portal": "portal",
    "master_key": "master_key",
    "vault": "vault",
}
"""Member of ``Settings`` -> table of ``journeyman.toml``."""

_VARIABLES: Final[Mapping[tuple[str, str], str]] = {
    ("server", "host"): "JOURNEYMAN_LISTEN, --listen",
    ("server", "port"): "JOURNEYMAN_LISTEN, --listen",
    ("server", "public_url"): "JOURNEYMAN_PUBLIC_URL",
    ("server", "mode"): "JOURNEYMAN_MODE",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting; ``changed`` is whether it differs from its default, ``variable`` is what wins over the file."""

    name: str
    text: str
    changed: bool
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of ``journeyman.toml``."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SettingsPages:
    """The page of settings."""

    engine: Engine

    async def index(self, visit: Visit) -> Response:
        """Show what is in force."""
        settings = self.engine.settings
        return await visit.page(
            "settings.html",
            "Settings",
            sections=tuple(sections(settings, self.engine.tenant.id)),
            file=str(settings.folder / FILE_NAME),
            origin=self.engine.origin,
        )


def settings_area(engine: Engine) -> Area:
    """Return the area of settings."""
    pages = SettingsPages(engine)
    return Area("settings", "Settings", Group.MANAGE, (Page("/portal/settings", pages.index, Right.READ_ORGANIZATION),))


def sections(settings: Settings, tenant_id: str) -> Iterator[Section]:
    """Yield what is in force, a table at a time. Of values that a policy author has chosen only the names are shown."""
    yield Section(
        "tenant",
        (
            Row("name", settings.tenant_name, changed=True),
            Row("id", tenant_id, changed=settings.tenant_id is not None),
        ),
    )
    paths = ", ".join(_text(path, settings.folder) for path in settings.policy_paths)
    yield Section("policies", (Row("paths", paths, changed=False),))
    for member, table in _TABLES.items():
        value = getattr(settings, member)
        if value is not None:
            yield Section(table, tuple(_rows(member, value, settings.folder)))
    if settings.values:
        named = (Row(name, "set, not shown", changed=True) for name in sorted(settings.values))
        yield Section("settings", tuple(named))
    for name, profile in sorted(settings.profiles.items()):
        rows = tuple(row for row in _rows("profiles", profile, settings.folder) if row.changed)
        yield Section(f'profiles."{name}"', rows)


def _rows(member: str, value: object, folder: Path) -> Iterator[Row]:
    for one in fields(value) if is_dataclass(value) else ():
        found = getattr(value, one.name)
        default = one.default_factory() if callable(one.default_factory) else one.default
        yield Row(one.name, _text(found, folder), found != default, _VARIABLES.get((member, one.name), ""))


def _text(value: object, folder: Path) -> str:
    """Return a value for reading; what has parts of its own is named by them."""
    match value:
        case None | () | "":
            return "not set"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case Path():
            return str(value.relative_to(folder)) if value.is_relative_to(folder) else str(value)
        case tuple() | list() | frozenset():
            return ", ".join(_text(one, folder) for one in value)
        case Mapping():
            shown = (f"{key} → {_text(one, folder)}" for key, one in value.items())
            return ", ".join(shown) or "not set"
        case _ if is_dataclass(value):
            parts = (f"{one.name} {_text(getattr(value, one.name), folder)}" for one in fields(value))
            return ", ".join(part for part in parts if not part.endswith("not set"))
        case _:
            return str(value)

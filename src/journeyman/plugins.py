"""Providers that other distributions bring: entry points in, checked plugins by handler out.

A distribution offers one under the group ``journeyman.providers``::

    [project.entry-points."journeyman.providers"]
    loyalty = "contoso_loyalty:plugin"

The object it names has ``handler``, the type name that stands before the first comma of the
``Handler`` attribute in the XML; ``spec``, a ``compiler.spec.HandlerSpec``; and ``create``, which
makes a ``technical_profile.Provider`` of a compiled profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Final, Protocol, cast

from journeyman.errors import SettingsError

GROUP: Final = "journeyman.providers"


class ProviderPlugin(Protocol):
    """What an entry point of the group must be."""

    handler: str
    spec: object
    create: Callable[..., object]


def find_providers(offered: Iterable[EntryPoint] | None = None) -> dict[str, ProviderPlugin]:
    """Return the plugins of the installed distributions, or of ``offered``, by handler.

    Raises:
        SettingsError: one cannot be imported, is of another shape, or two bring the same handler. A
            broken plugin ends the start: a policy might rely on what it checks.
    """
    found: dict[str, ProviderPlugin] = {}
    for entry_point in entry_points(group=GROUP) if offered is None else offered:
        plugin = _load(entry_point)
        if plugin.handler in found:
            raise SettingsError(f"{_name(entry_point)}: another plugin brings {plugin.handler!r} too; uninstall one")
        found[plugin.handler] = plugin
    return found


def _load(entry_point: EntryPoint) -> ProviderPlugin:
    try:
        plugin = entry_point.load()
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"{_name(entry_point)}: it cannot be imported ({error}); repair or uninstall it") from error
    missing = [name for name in ("handler", "spec", "create") if not hasattr(plugin, name)]
    if missing:
        raise SettingsError(f"{_name(entry_point)}: {entry_point.value} has no {' and no '.join(missing)}; add it")
    handler = plugin.handler
    if not isinstance(handler, str) or not handler.strip() or "," in handler or not callable(plugin.create):
        raise SettingsError(f"{_name(entry_point)}: handler is a type name without a comma, create a callable")
    return cast("ProviderPlugin", plugin)


def _name(entry_point: EntryPoint) -> str:
    distribution = entry_point.dist.name if entry_point.dist else "unknown distribution"
    return f"plugin {entry_point.name!r} of {distribution}"

"""Calls sent elsewhere without touching the XML: a URL in, the same or a mapped URL out.

Only the origin is replaced; path and query stay. See docs/how-to/map-hosts.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from yarl import URL

MICROSOFT_TOKEN_ORIGINS: Final = ("https://login.microsoftonline.com", "https://sts.windows.net")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes.

    Attributes:
        url: what is dialled.
        original_host: the host that the policy names, when the call was mapped; else None. The
            certificate may be valid for either host.
    """

    url: URL
    original_host: str | None = None


@dataclass(frozen=True, slots=True)
class EgressMap:
    """Origin -> origin, both as ``scheme://host[:port]`` in lower case, default ports left out."""

    origins: Mapping[str, str] = field(default_factory=dict)

    def target(self, url: URL) -> Target:
        """Return where a call to ``url`` goes."""
        if not self.origins:
            return Target(url)
        replacement = self.origins.get(origin_of(url))
        if replacement is None:
            return Target(url)
        return Target(URL(replacement + url.raw_path_qs, encoded=True), (url.raw_host or "").lower())


def egress_map_of(configured: Mapping[str, str], *, token_origin: str | None) -> EgressMap:
    """Make the map of the settings.

    Args:
        token_origin: where token requests to the Microsoft identity platform go unless the settings say
            otherwise: the own origin in development mode, None in production mode.
    """
    own = dict.fromkeys(MICROSOFT_TOKEN_ORIGINS, normal_origin(token_origin)) if token_origin else {}
    explicit = {normal_origin(origin): normal_origin(other) for origin, other in configured.items()}
    return EgressMap(own | explicit)


def origin_of(url: URL) -> str:
    """Return ``scheme://host[:port]`` in lower case; a default port is left out."""
    host = (url.raw_host or "").lower()
    literal = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{literal}" if url.is_default_port() else f"{url.scheme}://{literal}:{url.port}"


def normal_origin(text: str) -> str:
    """Return an origin in the form of ``origin_of``."""
    return origin_of(URL(text))

"""Where calls go: the URL of a request in, everything that is the same for all calls to its origin out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from yarl import URL

from journeyman.connector.believed import Believed, Origins
from journeyman.connector.egress import check_url
from journeyman.connector.egress_map import EgressMap, origin_of
from journeyman.connector.proxy import Proxy

ORIGINS_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one origin.

    Attributes:
        origin: what is dialled, as ``scheme://host[:port]``.
        mapped: whether the egress map has replaced the origin.
        original_host: the host that the policy names, when the call was mapped to it; else None.
        turn: bounds how many calls run at a time; all names of one dialled origin share it.
    """

    origin: str
    host: str
    port: int
    scheme: str
    original_host: str | None
    believed: Believed
    proxy: Proxy | None
    turn: asyncio.Semaphore

    @property
    def mapped(self) -> bool:
        """Whether the egress map sent the call elsewhere."""
        return self.original_host is not None

    @property
    def dialled(self) -> str:
        """What was dialled in place of the URL, "" when nothing stands in between."""
        if self.proxy is not None:
            return f"{self.origin} through {origin_of(self.proxy.url)}"
        return self.origin if self.mapped else ""

    def url(self, url: URL) -> URL:
        """Return what is dialled for a URL of the origin."""
        return URL(self.origin + url.raw_path_qs, encoded=True) if self.mapped else url


@dataclass(slots=True)
class Routes:
    """The ways to all origins that were called."""

    egress_map: EgressMap
    origins: Origins
    proxy: Proxy | None = None
    _routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    _turns: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def to(self, url: URL) -> Route:
        """Return the way to a URL.

        Raises:
            EgressRefusedError: the form of the URL alone is reason enough.
        """
        key = (url.scheme, url.raw_authority)
        route = self._routes.get(key)
        if route is None:
            route = self._new(url)
            if len(self._routes) >= ORIGINS_LIMIT:
                self._routes.clear()
                self._turns = {origin: turn for origin, turn in self._turns.items() if turn.locked()}
            self._routes[key] = route
        return route

    def _new(self, url: URL) -> Route:
        target = self.egress_map.target(url)
        check_url(target.url)
        origin = origin_of(target.url)
        rules = self.origins.of(origin_of(url), origin)
        turn = self._turns.setdefault(origin, asyncio.Semaphore(rules.connections or self.origins.connections))
        return Route(
            origin=origin,
            host=target.url.raw_host or "",
            port=target.url.port or 0,
            scheme=target.url.scheme,
            original_host=target.original_host,
            believed=rules.believed,
            proxy=self.proxy if self.proxy is not None and self.proxy.takes(target.url) else None,
            turn=turn,
        )

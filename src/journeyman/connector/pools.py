"""Connections that stay open between calls: one pool per origin and version of a credential.

When a policy key is rotated, the next call opens a new connection; the old ones are closed as soon as
the calls on them have ended.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver

from journeyman.connector.authenticator import Authenticator, Credential
from journeyman.connector.believed import ANYONE_TRUSTED, Believed
from journeyman.connector.dialling import CleanConnector, GuardedResolver, GuardedSockets, MakeSocket
from journeyman.connector.egress import Egress
from journeyman.connector.errors import ClientCertificateError, NameResolutionError
from journeyman.connector.progress import CURRENT
from journeyman.connector.proxy import Proxy, ProxyOnly
from journeyman.connector.routes import Route
from journeyman.connector.tls import Trust
from journeyman.errors import KeyStoreError

IDLE_S: Final = 60.0
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


class BrokenConnectionError(aiohttp.ClientError):
    """The connection broke after the request was written."""


@dataclass(slots=True)
class Pool:
    """The connections of one version of one credential; ``aiohttp`` keeps origins and TLS contexts in it apart.

    ``sessions`` has one per scheme, and one for the proxy.
    """

    versions: tuple[tuple[str, str], ...]
    contexts: dict[tuple[bool, Believed], ssl.SSLContext]
    sessions: dict[str, aiohttp.ClientSession] = field(default_factory=dict)
    calls: int = 0
    retired: bool = False

    async def close(self) -> None:
        """Close its connections."""
        for session in self.sessions.values():
            await session.close()


@dataclass(slots=True)
class Pools:
    """All pools of a client, by the ids of the policy keys that the credential is made of.

    The version that a rotation has just replaced has a pool of its own, so that falling back to it closes
    no connection of the new one.
    """

    egress: Egress
    trust: Trust
    resolver: AbstractResolver
    make_socket: MakeSocket = socket.socket
    proxy: Proxy | None = None
    _pools: dict[tuple[str, ...], Pool] = field(default_factory=dict)
    _contexts: dict[tuple[bool, Believed], ssl.SSLContext] = field(default_factory=dict)

    async def take(self, credential: Credential) -> Pool:
        """Return the pool of the current version of a credential; ``give_back`` must follow."""
        versions = credential.versions
        name = ("fallback" if credential.fallback else "", *[key_id for key_id, _ in versions])
        pool = self._pools.get(name)
        if pool is None or pool.versions != versions:
            old, pool = pool, Pool(versions, {} if credential.in_tls else self._contexts)
            self._pools[name] = pool
            pool.calls += 1
            if old is not None:
                await _retire(old)
            return pool
        pool.calls += 1
        return pool

    async def give_back(self, pool: Pool) -> None:
        """End the use of a pool by one call; a retired pool is closed with its last call."""
        pool.calls -= 1
        if pool.retired and not pool.calls:
            await pool.close()

    def session(self, pool: Pool, route: Route) -> aiohttp.ClientSession:
        """Return the session of a pool for a route."""
        name = route.scheme if route.proxy is None else "proxy"
        session = pool.sessions.get(name)
        if session is None:
            session = pool.sessions[name] = self._session(name)
        return session

    async def look_up(self, route: Route) -> None:
        """Look up the name of an API behind the proxy, and check its addresses as if they were dialled here.

        Raises:
            NameResolutionError: the name has no address here.
            EgressRefusedError: one of its addresses may not be called; the proxy might choose just that one.
        """
        try:
            guarded = GuardedResolver(self.resolver, self.egress, all_of_them=True)
            await guarded.resolve(route.host, route.port)
        except OSError:
            detail = f"{route.host}: the name has no address"
            raise NameResolutionError(detail) from None

    def context(
        self, pool: Pool, authenticator: Authenticator, believed: Believed = ANYONE_TRUSTED, *, verify: bool
    ) -> ssl.SSLContext:
        """Return the TLS context of a pool for those who are believed.

        Raises:
            ClientCertificateError: the certificate or its private key cannot be used.
        """
        key = verify, believed
        context = pool.contexts.get(key)
        if context is None:
            context = self.trust.context(believed, verify=verify)
            try:
                authenticator.configure_tls(context)
            except (KeyStoreError, ssl.SSLError) as error:
                detail = f"the client certificate cannot be used: {error}"
                raise ClientCertificateError(detail) from error
            pool.contexts[key] = context
        return context

    async def close(self) -> None:
        """Close all connections."""
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.close()
        await self.resolver.close()

    def _session(self, name: str) -> aiohttp.ClientSession:
        rules = ProxyOnly(self.proxy.url.port or 0) if name == "proxy" and self.proxy is not None else self.egress
        connector = CleanConnector(
            resolver=GuardedResolver(self.resolver, rules),
            socket_factory=GuardedSockets(rules, self.make_socket),
            use_dns_cache=False,
            limit=0,  # How many calls run at a time is bounded per origin, so that one API cannot hold up the others.
            keepalive_timeout=IDLE_S,
        )
        # With TLS the end of the handshake tells when a connection is ready, without the cost of a trace.
        traces = [_trace()] if name == "http" else []
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_NO_TIMEOUT,
            trace_configs=traces,
            trust_env=False,
            middlewares=(_never_again,),
        )


def _trace() -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_ready)
    return trace


async def _ready(*_: object) -> None:
    progress = CURRENT.get()
    if progress is not None:
        progress.connected_s = progress.clock.monotonic_s()


async def _never_again(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the library from sending a GET again by itself: the tries of a call are counted in one place."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenConnectionError from error


async def _retire(pool: Pool) -> None:
    pool.retired = True
    if not pool.calls:
        await pool.close()

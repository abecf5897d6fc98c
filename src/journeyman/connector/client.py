"""The only place that opens a connection to an API: a request and an authenticator in, an answer out.

Source: rest-connectors.md §6, §7, §9.1, §17.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from journeyman.clock import Clock
from journeyman.connector.authenticator import Authenticator
from journeyman.connector.believed import ANYONE_TRUSTED, Origins
from journeyman.connector.circuit import Circuit
from journeyman.connector.dialling import MakeSocket
from journeyman.connector.egress import Egress
from journeyman.connector.egress_map import EgressMap
from journeyman.connector.errors import (
    AnswerTooLargeError,
    ApiTimeoutError,
    ConnectorError,
    EgressRefusedError,
    NameMismatchError,
    UnparsableAnswerError,
)
from journeyman.connector.limits import CallRules, Limits
from journeyman.connector.look_up import SystemResolver
from journeyman.connector.pools import Pools
from journeyman.connector.progress import CURRENT, Progress
from journeyman.connector.proxy import Proxy
from journeyman.connector.request import ApiRequest
from journeyman.connector.retry import wait_after_answer_s, wait_after_failure_s
from journeyman.connector.routes import Route, Routes
from journeyman.connector.tls import Trust
from journeyman.connector.transport_errors import translated

ANSWERED: Final = (AnswerTooLargeError, UnparsableAnswerError)
"""Failures of an API that did answer: it is there, so they do not count for the circuit."""
SLACK_S: Final = 0.02
"""How much later than the budget a try may end, so that the last one has all of its time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API answered; ``body`` is decompressed."""

    status: int
    reason: str
    headers: CIMultiDictProxy[str]
    body: bytes


class ApiClient(Protocol):
    """What sends the requests of profiles: ``RestClient``, or one that only shows what would be sent."""

    @property
    def clock(self) -> Clock:
        """The clock that times the calls."""
        ...

    def begin(self) -> Progress:
        """Return the progress of a call that begins now."""
        ...

    async def send(
        self,
        request: ApiRequest,
        credentials: CIMultiDict[str],
        authenticator: Authenticator,
        rules: CallRules,
        progress: Progress,
    ) -> Answer:
        """Send a request. Raises ConnectorError when no answer came."""
        ...


@dataclass(slots=True)
class _Call:
    """What the tries of one call share."""

    request: ApiRequest
    url: URL
    headers: CIMultiDict[str]
    route: Route
    rules: CallRules
    progress: Progress
    pools: Pools
    session: aiohttp.ClientSession
    context: ssl.SSLContext
    certificate: bool

    @property
    def limits(self) -> Limits:
        return self.rules.limits

    @property
    def host(self) -> str:
        return self.route.host


@dataclass(slots=True)
class RestClient:
    """Send requests. One object serves all profiles of a process; close it at the end.

    Attributes:
        origins: whom to believe at which origin, and how many calls may run there at a time.
        proxy: the way that calls to https take, None for the direct one.
    """

    egress: Egress
    egress_map: EgressMap
    trust: Trust
    clock: Clock
    circuit: Circuit
    make_resolver: Callable[[], AbstractResolver] = SystemResolver
    make_socket: MakeSocket = socket.socket
    origins: Origins = field(default_factory=Origins)
    proxy: Proxy | None = None
    _pools: Pools | None = None
    _routes: Routes | None = None
    _proved_names: dict[str, str | None] = field(default_factory=dict)

    def begin(self) -> Progress:
        """Return the progress of a call that begins now."""
        return Progress(self.clock, self.clock.monotonic_s())

    async def send(
        self,
        request: ApiRequest,
        credentials: CIMultiDict[str],
        authenticator: Authenticator,
        rules: CallRules,
        progress: Progress,
    ) -> Answer:
        """Send a request; every try is held to the egress rules, all of them together to the time limit.

        Args:
            credentials: the headers that ``authenticator`` has set; they replace those of the request.

        Raises:
            ConnectorError: no answer came; a status of any kind is an answer.
        """
        route = self.route(request.url, rules)
        progress.dialled = route.dialled
        self.circuit.check(route.origin)
        headers = request.headers.copy()
        headers.update(credentials)
        token = CURRENT.set(progress)
        try:
            answer = await self._in_pool(request, headers, route, authenticator, rules, progress)
        except ConnectorError as error:
            if error.retryable:
                self.circuit.failed(route.origin)
            elif isinstance(error, ANSWERED):
                self.circuit.succeeded(route.origin)
            raise
        finally:
            CURRENT.reset(token)
        self.circuit.succeeded(route.origin)
        return answer

    async def close(self) -> None:
        """Close all connections."""
        if self._pools is not None:
            await self._pools.close()
            self._pools = None

    def route(self, url: URL, rules: CallRules) -> Route:
        """Return where a call to ``url`` goes. Raises EgressRefusedError when the URL alone shows that it may not."""
        if self._routes is None:
            self._routes = Routes(self.egress_map, self.origins, self.proxy)
        route = self._routes.to(url)
        if route.scheme == "http" and not route.mapped and not rules.plain_http:
            detail = f"{route.host}: http may be called only in development mode; use https"
            raise EgressRefusedError(detail)
        return route

    async def _in_pool(
        self,
        request: ApiRequest,
        headers: CIMultiDict[str],
        route: Route,
        authenticator: Authenticator,
        rules: CallRules,
        progress: Progress,
    ) -> Answer:
        if self._pools is None:
            self._pools = Pools(self.egress, self.trust, self.make_resolver(), self.make_socket, self.proxy)
        pools, credential = self._pools, authenticator.credential
        pool = await pools.take(credential)
        try:
            believed = route.believed if rules.believed is ANYONE_TRUSTED else rules.believed.or_else(route.believed)
            context = pools.context(pool, authenticator, believed, verify=rules.verify)
            session = pools.session(pool, route)
            url = route.url(request.url)
            return await self._tries(
                _Call(request, url, headers, route, rules, progress, pools, session, context, credential.in_tls)
            )
        finally:
            await pools.give_back(pool)

    async def _tries(self, call: _Call) -> Answer:
        limits, progress = call.limits, call.progress
        deadline_s = progress.started_s + limits.budget_s
        left = limits.retries
        while True:
            progress.begin_try()
            try_ends_s = progress.begun_s + limits.timeout_s
            if try_ends_s > deadline_s + SLACK_S:
                try_ends_s = deadline_s
            try:
                answer = await self._try(call, try_ends_s)
            except ConnectorError as error:
                if not left or not error.retryable or self.clock.monotonic_s() >= deadline_s:
                    raise
                progress.give_up_try(error.verdict.value)
                wait_s = wait_after_failure_s(try_ends_s - self.clock.monotonic_s())
            else:
                asked = answer.headers.get("Retry-After")
                remaining_s = try_ends_s - self.clock.monotonic_s()
                found_s = wait_after_answer_s(answer.status, asked, remaining_s, self.clock)
                if found_s is None or not left:
                    return answer
                progress.give_up_try(str(answer.status))
                wait_s = found_s
            left -= 1
            await asyncio.sleep(wait_s)

    async def _try(self, call: _Call, ends_s: float) -> Answer:
        limit_s = max(ends_s - call.progress.begun_s, 0.0)
        try:
            async with asyncio.timeout(limit_s):
                async with call.route.turn:
                    call.progress.turn_comes()
                    return await self._under_either_name(call)
        except TimeoutError as error:
            # A try that was cut short by a budget that somebody has set ran into that. Otherwise the budget is made
            # of the tries, and only a late event loop cuts the last one: the limit in force is that of a try.
            limits = call.limits
            whole = limits.total_timeout_s is None or limit_s >= limits.timeout_s
            reached_s = limits.timeout_s if whole else limits.budget_s
            detail = f"{call.host}: no answer within {reached_s:g} s ({call.progress.waiting_for()})"
            failure = ApiTimeoutError(detail)
            failure.limit_s = reached_s
            raise failure from error

    async def _under_either_name(self, call: _Call) -> Answer:
        """Exchange; a mapped call accepts a certificate for the mapped or for the original host."""
        original = call.route.original_host
        if original is None or call.route.scheme != "https":
            return await self._exchange(call, None)
        key = f"{call.route.origin} {original}"
        proved = self._proved_names.get(key)
        # Nothing of the request leaves before the certificate was accepted: a second name costs only a connection.
        try:
            return await self._exchange(call, proved)
        except NameMismatchError:
            other = original if proved is None else None
            answer = await self._exchange(call, other)
        self._proved_names[key] = other
        return answer

    async def _exchange(self, call: _Call, server_name: str | None) -> Answer:
        progress = call.progress
        proxy = call.route.proxy
        try:
            if proxy is not None:
                await call.pools.look_up(call.route)
            async with call.session.request(
                call.request.method,
                call.url,
                data=call.request.body,
                headers=call.headers,
                ssl=call.context,
                server_hostname=server_name,
                allow_redirects=False,
                proxy=None if proxy is None else proxy.url,
            ) as response:
                progress.answered_s = self.clock.monotonic_s()
                body = await _read(response, call.limits.response_limit_bytes, call.host)
        except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
            # The library's exceptions may hold the whole URL and the headers, so they are not chained.
            raise translated(error, call.host, progress, with_certificate=call.certificate) from None
        progress.read_s = self.clock.monotonic_s()
        return Answer(response.status, response.reason or "", response.headers, body)


async def _read(response: aiohttp.ClientResponse, limit_bytes: int, host: str) -> bytes:
    """Read an answer up to the limit, however much is announced, sent or packed."""
    if (response.content_length or 0) > limit_bytes:
        response.close()
        detail = f"{host}: the answer is larger than {limit_bytes} bytes"
        raise AnswerTooLargeError(detail)
    chunk = await response.content.readany()
    if response.content.at_eof() and len(chunk) <= limit_bytes:
        return chunk
    body = bytearray(chunk)
    while chunk and len(body) <= limit_bytes:
        chunk = await response.content.readany()
        body += chunk
    if len(body) > limit_bytes:
        response.close()
        detail = f"{host}: the answer is larger than {limit_bytes} bytes"
        raise AnswerTooLargeError(detail)
    return bytes(body)

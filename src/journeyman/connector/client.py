"""The only place that opens a connection to an API: a request and an authenticator in, an answer out.

Source: rest-connectors.md §6, §7, §9.1, §17.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict, CIMultiDictProxy

from journeyman.clock import Clock
from journeyman.connector.authenticator import Authenticator
from journeyman.connector.circuit import Circuit
from journeyman.connector.dialling import MakeSocket
from journeyman.connector.egress import Egress, check_url
from journeyman.connector.egress_map import EgressMap, Target, origin_of
from journeyman.connector.errors import (
    AnswerTooLargeError,
    ApiTimeoutError,
    ConnectorError,
    EgressRefusedError,
    NameMismatchError,
)
from journeyman.connector.limits import CallRules, Limits
from journeyman.connector.pools import Pools
from journeyman.connector.progress import CURRENT, Progress
from journeyman.connector.request import ApiRequest
from journeyman.connector.tls import Trust
from journeyman.connector.transport_errors import translated

RETRIED_STATUS: Final = frozenset({502, 503, 504})
TOO_MANY_REQUESTS: Final = 429
ORIGINS_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API answered; ``body`` is decompressed."""

    status: int
    reason: str
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(slots=True)
class _Call:
    """What the tries of one call share."""

    request: ApiRequest
    headers: CIMultiDict[str]
    target: Target
    rules: CallRules
    progress: Progress
    session: aiohttp.ClientSession
    context: ssl.SSLContext
    certificate: bool

    @property
    def limits(self) -> Limits:
        return self.rules.limits

    @property
    def host(self) -> str:
        return self.target.url.raw_host or ""


@dataclass(slots=True)
class RestClient:
    """Send requests. One object serves all profiles of a process; close it at the end."""

    egress: Egress
    egress_map: EgressMap
    trust: Trust
    clock: Clock
    circuit: Circuit
    make_resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver
    make_socket: MakeSocket = socket.socket
    _pools: Pools | None = None
    _proved_names: dict[str, str | None] = field(default_factory=dict)
    _checked: set[tuple[str, str]] = field(default_factory=set)

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
        """Send a request; every try is held to the egress rules and to the time limit.

        Args:
            credentials: the headers that ``authenticator`` has set; they replace those of the request.

        Raises:
            ConnectorError: no answer came; a status of any kind is an answer.
        """
        target = self.egress_map.target(request.url)
        if target.original_host is not None:
            progress.dialled = origin_of(target.url)
        host = target.url.raw_host or ""
        self._check_origin(target, rules)
        self.circuit.check(host)
        headers = request.headers.copy()
        headers.update(credentials)
        token = CURRENT.set(progress)
        try:
            answer = await self._in_pool(request, headers, target, authenticator, rules, progress)
        except ConnectorError as error:
            if error.retryable:
                self.circuit.failed(host)
            raise
        finally:
            CURRENT.reset(token)
        self.circuit.succeeded(host)
        return answer

    async def close(self) -> None:
        """Close all connections."""
        if self._pools is not None:
            await self._pools.close()
            self._pools = None

    async def _in_pool(
        self,
        request: ApiRequest,
        headers: CIMultiDict[str],
        target: Target,
        authenticator: Authenticator,
        rules: CallRules,
        progress: Progress,
    ) -> Answer:
        if self._pools is None:
            self._pools = Pools(self.egress, self.trust, self.make_resolver(), self.make_socket)
        pools, credential = self._pools, authenticator.credential
        pool = await pools.take(credential)
        try:
            context = pools.context(pool, authenticator, verify=rules.verify)
            session = pools.session(pool, target.url.scheme)
            return await self._tries(
                _Call(request, headers, target, rules, progress, session, context, credential.in_tls)
            )
        finally:
            await pools.give_back(pool)

    async def _tries(self, call: _Call) -> Answer:
        for left in range(call.limits.retries, -1, -1):
            call.progress.begin_try()
            try:
                answer = await self._try(call)
            except ConnectorError as error:
                if left and error.retryable:
                    continue
                raise
            remaining_s = call.limits.timeout_s - (self.clock.monotonic_s() - call.progress.begun_s)
            wait_s = _wait_s(answer, remaining_s)
            if wait_s is None or not left:
                return answer
            await asyncio.sleep(wait_s)
        message = "a call has at least one try"
        raise AssertionError(message)

    async def _try(self, call: _Call) -> Answer:
        try:
            async with asyncio.timeout(call.limits.timeout_s):
                return await self._under_either_name(call)
        except TimeoutError as error:
            detail = f"{call.host}: no answer within {call.limits.timeout_s:g} s ({call.progress.waiting_for()})"
            raise ApiTimeoutError(detail) from error

    async def _under_either_name(self, call: _Call) -> Answer:
        """Exchange; a mapped call accepts a certificate for the mapped or for the original host."""
        original = call.target.original_host
        if original is None or call.target.url.scheme != "https":
            return await self._exchange(call, None)
        key = f"{origin_of(call.target.url)} {original}"
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
        url = call.target.url
        progress = call.progress
        try:
            async with call.session.request(
                call.request.method,
                url,
                data=call.request.body,
                headers=call.headers,
                ssl=call.context,
                server_hostname=server_name,
                allow_redirects=False,
            ) as response:
                progress.answered_s = self.clock.monotonic_s()
                body = await _read(response, call.limits.response_limit_bytes, call.host)
        except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
            # The library's exceptions may hold the whole URL and the headers, so they are not chained.
            raise translated(error, call.host, progress, with_certificate=call.certificate) from None
        progress.read_s = self.clock.monotonic_s()
        return Answer(response.status, response.reason or "", response.headers, body)

    def _check_origin(self, target: Target, rules: CallRules) -> None:
        url = target.url
        origin = (url.scheme, url.raw_authority)
        if origin not in self._checked:
            check_url(url)
            if len(self._checked) >= ORIGINS_LIMIT:
                self._checked.clear()
            self._checked.add(origin)
        if url.scheme == "http" and target.original_host is None and not rules.plain_http:
            detail = f"{url.raw_host}: http may be called only in development mode; use https"
            raise EgressRefusedError(detail)


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


def _wait_s(answer: Answer, remaining_s: float) -> float | None:
    """Return how long to wait before the answer is asked for again, None when it stands."""
    if answer.status not in RETRIED_STATUS and answer.status != TOO_MANY_REQUESTS:
        return None
    text = answer.headers.get("Retry-After", "" if answer.status == TOO_MANY_REQUESTS else "0").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        return None
    return float(text) if int(text) <= remaining_s else None

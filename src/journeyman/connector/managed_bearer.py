"""A token that many calls share: acquired once, renewed before it ends, dropped when it is refused.

However many journeys wait, one request runs. A token is renewed at the first call after 80 % of its life,
beside the calls, which go on with the old one until it ends. An API that answers 401 makes the engine drop
the token and acquire a new one, once per call. When the policy key is rotated the next call acquires a token
with the new key.

Source: rest-connectors.md §14; all of this is this project's decision, for the service keeps no token.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from multidict import CIMultiDict
from yarl import URL

from journeyman.connector.authenticator import ActiveKeys, Authenticator, Credential
from journeyman.connector.authenticators.managed_bearer import ManagedBearer
from journeyman.connector.client import ApiClient
from journeyman.connector.credentials import FromPolicyKeys, Needs
from journeyman.connector.egress import parse_url
from journeyman.connector.errors import (
    ApiTimeoutError,
    ClientCertificateError,
    ConnectorError,
    HandshakeError,
    TokenNotAcquiredError,
)
from journeyman.connector.limits import CallRules
from journeyman.connector.token_answer import AcquiredToken, read_token
from journeyman.connector.token_request import TokenClient, token_client, token_request
from journeyman.keys.keyset import Key
from journeyman.settings import BearerSettings, ClientAuthentication

RENEWED_AT: Final = 0.8
PAUSE_S: Final = 10.0
"""How long after a renewal that failed, or that did not help, the token endpoint is left alone."""

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A token with the proof by which it was acquired; times are those of the clock."""

    authenticator: ManagedBearer
    client: TokenClient
    renew_at_s: float
    ends_at_s: float
    acquired_at_s: float
    after_refusal: bool


@dataclass(slots=True)
class TokenSource:
    """The token of one managed bearer.

    Attributes:
        proof: made of the policy key by which the engine proves itself to the token endpoint.
        rules: the rules of the request for a token.
    """

    settings: BearerSettings
    url: URL
    client: ApiClient
    proof: FromPolicyKeys[TokenClient]
    rules: CallRules
    _kept: _Kept | None = None
    _running: asyncio.Task[_Kept] | None = None
    _running_client: TokenClient | None = field(default=None, repr=False)
    _tasks: set[asyncio.Task[_Kept]] = field(default_factory=set)
    _pause_until_s: float = 0.0

    async def current(self, within_s: float) -> Authenticator:
        """Return the token, acquired first where there is none that is good.

        Raises:
            ConnectorError: it cannot be acquired.
        """
        kept, now_s = self._kept, self.client.clock.monotonic_s()
        proof = self.proof.made()
        if kept is None or kept.client is not proof or now_s >= kept.ends_at_s:
            return await self._acquired(proof, within_s)
        if now_s >= kept.renew_at_s and now_s >= self._pause_until_s and self._running is None:
            self._begin(proof)
        return kept.authenticator

    async def after_refusal(self, refused: Authenticator, status: int | None, within_s: float) -> Authenticator | None:
        """Return another token after a 401, None when a new one would not help.

        Raises:
            ConnectorError: it cannot be acquired.
        """
        kept = self._kept
        if status != 401:
            return None
        if kept is not None and kept.authenticator is not refused:
            return kept.authenticator
        now_s = self.client.clock.monotonic_s()
        if kept is not None and kept.after_refusal and now_s < kept.acquired_at_s + PAUSE_S:
            return None
        self._kept = None
        return await self._acquired(self.proof.made(), within_s, after_refusal=True)

    async def close(self) -> None:
        """End the requests that run."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _acquired(self, proof: TokenClient, within_s: float, *, after_refusal: bool = False) -> ManagedBearer:
        task = self._running
        if task is None or self._running_client is not proof:
            task = self._begin(proof, after_refusal=after_refusal)
        try:
            async with asyncio.timeout(max(within_s, 0.0)):
                # The others that wait need the token even if this call gives up.
                kept = await asyncio.shield(task)
        except TimeoutError as error:
            detail = f"{self.url.raw_host}: no token within the time of the call"
            raise ApiTimeoutError(detail) from error
        except ConnectorError as error:
            # One error for all that wait would collect their tracebacks: each gets one of its own.
            raise error.copied(f"managed bearer: {error.operator}") from error
        return kept.authenticator

    def _begin(self, proof: TokenClient, *, after_refusal: bool = False) -> asyncio.Task[_Kept]:
        task = asyncio.get_running_loop().create_task(
            self._acquire(proof, after_refusal=after_refusal), name="journeyman-token"
        )
        self._running, self._running_client = task, proof
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[_Kept]) -> None:
        self._tasks.discard(task)
        if self._running is task:
            self._running = self._running_client = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            if self._kept is None or self._kept.acquired_at_s <= task.result().acquired_at_s:
                self._kept = task.result()
            return
        self._pause_until_s = self.client.clock.monotonic_s() + PAUSE_S
        if self._kept is None:
            return  # The calls that wait for it say so themselves.
        cause = error.operator if isinstance(error, ConnectorError) else type(error).__name__
        _LOG.warning("no token from %s: %s", self.url.raw_host, cause)

    async def _acquire(self, proof: TokenClient, *, after_refusal: bool) -> _Kept:
        begun_s = self.client.clock.monotonic_s()
        used = proof
        try:
            acquired = await self._asked(proof)
        except (TokenNotAcquiredError, ClientCertificateError, HandshakeError) as error:
            previous = self.proof.fallback()
            if previous is None:
                raise
            used = previous
            labels = ", ".join(proof.credential.labels)
            _LOG.error("rotation: %s refused %s: %s; the previous version is tried", self.url.raw_host, labels, error)
            acquired = await self._asked(previous)
        return _Kept(
            ManagedBearer(acquired.token, used.credential),
            proof,
            renew_at_s=begun_s + RENEWED_AT * acquired.life_s,
            ends_at_s=begun_s + acquired.life_s,
            acquired_at_s=begun_s,
            after_refusal=after_refusal,
        )

    async def _asked(self, proof: TokenClient) -> AcquiredToken:
        headers: CIMultiDict[str] = CIMultiDict()
        proof.authenticate(headers, {})
        request = token_request(self.settings, self.url, proof)
        return read_token(await self.client.send(request, headers, proof, self.rules, self.client.begin()))


@dataclass(frozen=True, slots=True)
class TokenHolders:
    """With what the tokens of a policy are acquired."""

    client: ApiClient
    keys: ActiveKeys
    tenant_id: str
    rules: CallRules

    def source(self, profile_id: str, settings: BearerSettings) -> TokenSource:
        """Make the source of a token."""
        clock = self.client.clock

        def proof(keys: tuple[Key, ...], credential: Credential) -> TokenClient:
            return token_client(settings, keys[0], credential, clock)

        needs = _NEEDS.get(settings.client_authentication, Needs.SECRET)
        made = FromPolicyKeys(self.keys, (settings.key,), proof, self.tenant_id, profile_id, needs)
        return TokenSource(settings, parse_url(settings.token_url), self.client, made, self.rules)


_NEEDS: Final = {
    ClientAuthentication.PRIVATE_KEY_JWT: Needs.PRIVATE_KEY,
    ClientAuthentication.TLS_CLIENT_AUTH: Needs.CERTIFICATE,
}


@dataclass(slots=True)
class TokenSources:
    """The managed bearers of an engine: profiles with the same settings and rules share one token."""

    _sources: dict[tuple[BearerSettings, CallRules], TokenSource] = field(default_factory=dict)

    def of(self, profile_id: str, settings: BearerSettings, holders: TokenHolders) -> TokenSource:
        """Return the source for some settings.

        Raises:
            EgressRefusedError: the token URL may not be called.
        """
        found = self._sources.get((settings, holders.rules))
        if found is None:
            found = self._sources[settings, holders.rules] = holders.source(profile_id, settings)
        return found

    async def close(self) -> None:
        """End the requests that run."""
        for source in self._sources.values():
            await source.close()

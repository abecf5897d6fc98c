"""One call of an API by a technical profile: what the journey hands over in, an outcome and a record out.

A RESTful profile and an API connector differ in how a request is made and what an answer means; they are called
alike. Source: rest-connectors.md; the order of a call is its §9.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from multidict import CIMultiDict

from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue
from journeyman.connector.answer import Blocking, Place, Rejection, Result
from journeyman.connector.authenticator import Authenticator
from journeyman.connector.client import Answer, ApiClient
from journeyman.connector.credentials import REFUSED, Credentials
from journeyman.connector.errors import ClientCertificateError, ConnectorError, HandshakeError
from journeyman.connector.failure import Failed, published
from journeyman.connector.kept_token import KeptToken, KeptTokens
from journeyman.connector.limits import CallRules
from journeyman.connector.messages import MessageValues
from journeyman.connector.record import Happened, RecordPlan, call_record, entrusted_forms
from journeyman.connector.request import ApiRequest
from journeyman.connector.service_url import ServiceUrl
from journeyman.technical_profile import UNOBSERVED, Call, CallObserver, Continue, InputClaim, Refuse, ShowBlockPage
from journeyman.trace.concealment import concealed
from journeyman.trace.records import Verdict

SHOWN_WAIT_MS: Final = 1.0
"""From when on the record says that a call had to wait for its credential."""

Prepare = Callable[[Sequence[InputClaim], Resolution], ApiRequest]
"""Make the request of a call. Raises ConnectorError when the claims make no safe one."""

Read = Callable[[Answer, Place, Callable[[str], str]], Result]
"""Say what an answer means; the last argument takes out of texts for people what was entrusted to the API.

Raises ConnectorError when it means that the call failed.
"""

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The API of one technical profile; everything that is the same for each call was made when the policy was loaded.

    Attributes:
        prepare: makes the request of a call.
        read: says what an answer means.
        hidden: the keys in the query of its address, in the forms in which no text for people may repeat them.
        exchange_id: how texts name the exchange; "" for the claims exchange that the journey is in.
    """

    profile_id: str
    client: ApiClient
    url: ServiceUrl
    prepare: Prepare
    read: Read
    record: RecordPlan
    credentials: Credentials
    rules: CallRules
    shown_url: str
    observer: CallObserver = UNOBSERVED
    kept: KeptToken | None = None
    kept_tokens: KeptTokens = field(default_factory=KeptTokens)
    exchange_id: str = ""
    hidden: frozenset[str] = frozenset()

    async def execute(self, call: Call) -> Continue | Refuse | ShowBlockPage:
        """Call the API and say what the journey does next.

        Raises:
            ConnectorError: the call failed; the journey cannot go on.
        """
        happened = Happened(self.client.begin(), CIMultiDict(), secrets=call.secrets)
        try:
            result = await self._result(call, happened)
        except ConnectorError as error:
            await self._ended(call, happened, error.verdict, error.operator)
            # Ids, host and cause only: never claims, headers or the URL.
            _LOG.warning("%s %s: %s", self.profile_id, error.verdict.value, error.operator)
            raise published(error, self._failed(call, happened)) from error
        if isinstance(result, Rejection):
            await self._ended(call, happened, Verdict.REFUSED_BY_API, result.note)
            return Refuse(user_message=result.user_message, detail=result.user_message)
        if isinstance(result, Blocking):
            await self._ended(call, happened, Verdict.REFUSED_BY_API, result.note)
            return ShowBlockPage(result.user_message)
        happened.result = result
        await self._ended(call, happened, Verdict.OK, result.note)
        return Continue(result.values)

    async def _ended(self, call: Call, happened: Happened, verdict: Verdict, note: str) -> None:
        record = call_record(self.record, call.step, happened, verdict, note)
        call.record(record)
        if happened.request is not None or verdict is not Verdict.OK:
            await self.observer.end(call, record)

    async def _result(self, call: Call, happened: Happened) -> Result:
        authenticator = await self._authenticator(happened)
        if self.kept is None:
            return await self._called(call, authenticator, happened)
        versions = authenticator.credential.versions
        kept = self.kept.get(versions)
        if kept is not None:
            happened.note = "the token of an earlier call was kept; no request was made"
            return kept
        return await self.kept.acquired(
            versions, lambda: self._called(call, authenticator, happened), self._left_s(happened)
        )

    async def _called(self, call: Call, authenticator: Authenticator, happened: Happened) -> Result:
        request = happened.request = self.prepare(call.inputs, call.resolution)
        claims = {mapping.claim.id: value for mapping, value in call.inputs}
        await self.observer.begin(call)
        answer = happened.answer = await self._answer(authenticator, request, claims, happened)
        return self.read(
            answer, self._place(call), lambda text: concealed(text, entrusted_forms(happened) | self.hidden)
        )

    async def _authenticator(self, happened: Happened) -> Authenticator:
        authenticator = happened.authenticator = await self.credentials.current(self._left_s(happened))
        waited_ms = happened.progress.total_ms()
        if waited_ms >= SHOWN_WAIT_MS:
            happened.note = f"waited {waited_ms:.0f} ms for a token"
        return authenticator

    async def _answer(
        self, authenticator: Authenticator, request: ApiRequest, claims: Mapping[str, ClaimValue], happened: Happened
    ) -> Answer:
        """Send; when the credential is refused and there is another one that may be good, send once more with that."""
        answer: Answer | None = None
        failure: ConnectorError | None = None
        try:
            answer = await self._send(authenticator, request, claims, happened)
            if answer.status not in REFUSED:
                return answer
        except (ClientCertificateError, HandshakeError) as error:
            failure = error
        status = None if answer is None else answer.status
        other = await self.credentials.after_refusal(authenticator, status, self._left_s(happened))
        if other is not None:
            self._try_other(authenticator, other, str(status or failure), happened)
            return await self._send(other, request, claims, happened)
        if answer is None:
            raise failure or AssertionError
        if status == HTTPStatus.UNAUTHORIZED:
            self.kept_tokens.refused(happened.credentials.get("Authorization", ""))
        return answer

    async def _send(
        self, authenticator: Authenticator, request: ApiRequest, claims: Mapping[str, ClaimValue], happened: Happened
    ) -> Answer:
        authenticator.authenticate(happened.credentials, claims)
        return await self.client.send(request, happened.credentials, authenticator, self.rules, happened.progress)

    def _try_other(self, refused: Authenticator, other: Authenticator, refusal: str, happened: Happened) -> None:
        """Say aloud why a second credential is used: a rotation that is not finished, or a token that ended early."""
        labels = ", ".join(refused.credential.labels)
        happened.authenticator = other
        happened.credentials.clear()
        if other.credential.fallback:
            previous = ", ".join(other.credential.labels)
            happened.note = f"{labels} was refused ({refusal}); the previous version was used: {previous}"
            _LOG.error("rotation: %s: %s", self.profile_id, happened.note)
        else:
            happened.note = f"the token acquired with {labels} was refused ({refusal}); a new one was acquired"
            _LOG.warning("%s: %s", self.profile_id, happened.note)

    def _place(self, call: Call) -> Place:
        return Place(self.exchange_id or call.exchange_id, call.step)

    def _left_s(self, happened: Happened) -> float:
        return self.rules.limits.budget_s - happened.progress.total_ms() / 1000

    def _failed(self, call: Call, happened: Happened) -> Failed:
        return Failed(
            profile_id=self.profile_id,
            place=self._place(call),
            tries=happened.progress.tries,
            values=MessageValues(self.shown_url, self.rules.limits.timeout_s),
            texts=call.texts,
        )

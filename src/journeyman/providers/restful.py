"""The RESTful provider: input claims out to an API, its answer back as output claims or a refusal.

Source: rest-connectors.md; the order of a call is its §9.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.compiler.spec import HandlerSpec
from journeyman.connector.answer import AnswerPlan, Place, Rejection, Success, read_answer
from journeyman.connector.authenticator import ActiveKeys, Authenticator
from journeyman.connector.believed import believed_of
from journeyman.connector.check import check_profile
from journeyman.connector.check_own import constant_input
from journeyman.connector.client import Answer, ApiClient
from journeyman.connector.credentials import REFUSED, Credentials
from journeyman.connector.errors import ClientCertificateError, ConnectorError, HandshakeError
from journeyman.connector.extensions import EXTENSIONS, timeout_s
from journeyman.connector.failure import Failed, published
from journeyman.connector.kept_token import KeptToken, KeptTokens
from journeyman.connector.limits import CUSTOM_POLICY, CallRules, Limits, limits_of
from journeyman.connector.managed_bearer import TokenHolders, TokenSource, TokenSources
from journeyman.connector.messages import MessageValues, shown_url
from journeyman.connector.profile import (
    AuthenticationType,
    answer_plan,
    authentication_type,
    credentials_of,
    input_claim_id,
    request_plan,
)
from journeyman.connector.record import (
    Happened,
    RecordPlan,
    ShownCredentials,
    call_record,
    entrusted_forms,
    shown_paths,
)
from journeyman.connector.request import ApiRequest, RequestPlan, SendClaimsIn, base_headers, build_request
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import UNOBSERVED, Call, CallObserver, Continue, Refuse
from journeyman.trace.concealment import concealed
from journeyman.trace.records import Verdict
from journeyman.trace.redaction import Redactor

SHOWN_WAIT_MS: Final = 1.0
"""From when on the record says that a call had to wait for its credential."""

MANAGED: Final = "Bearer (managed)"
"""How records name the authentication by a managed bearer."""

_LOG: Final = logging.getLogger(__name__)

RESTFUL_SPEC: Final = HandlerSpec(
    handler=RESTFUL,
    metadata=frozenset(
        {
            "AllowInsecureAuthInProduction",
            "AuthenticationType",
            "ClaimResolverUrlFormatting",
            "ClaimUsedForRequestPayload",
            "ClaimsFormat",
            "DebugMode",
            "DefaultUserMessageIfRequestFailed",
            *EXTENSIONS,
            "IgnoreServerCertificateErrors",
            "IncludeClaimResolvingInClaimsHandling",
            "ResolveJsonPathsInJsonTokens",
            "SendClaimsIn",
            "ServiceUrl",
            "UseClaimAsBearerToken",
            "UserMessageIfCircuitOpen",
            "UserMessageIfDnsResolutionFailed",
            "UserMessageIfRequestTimeout",
        }
    ),
    check=check_profile,
)


@dataclass(frozen=True, slots=True)
class RestServices:
    """What the REST profiles of one policy share.

    Attributes:
        development: whether the rules of development mode apply to the policy: plain http, DebugMode,
            ``IgnoreServerCertificateErrors`` and URLs in messages. Loopback is a matter of the client.
        settings: what ``journeyman.toml`` says of profiles, by profile id in lower case.
        limits: the limits of a profile of which the settings say nothing.
        observer: is told of every call before it is made and when it has ended.
        tokens: the managed bearers of the engine.
        kept_tokens: the tokens of its profiles that acquire one.
    """

    client: ApiClient
    keys: ActiveKeys
    redactor: Redactor
    policy_id: str
    tenant_id: str
    development: bool
    settings: Mapping[str, ProfileSettings] = field(default_factory=dict)
    limits: Limits = CUSTOM_POLICY
    observer: CallObserver = UNOBSERVED
    tokens: TokenSources = field(default_factory=TokenSources)
    kept_tokens: KeptTokens = field(default_factory=KeptTokens)


@dataclass(frozen=True, slots=True)
class RestfulProvider:
    """One RESTful technical profile; everything that is the same for each call was made when the policy was loaded."""

    profile_id: str
    client: ApiClient
    request: RequestPlan
    answer: AnswerPlan
    record: RecordPlan
    credentials: Credentials
    rules: CallRules
    shown_url: str
    observer: CallObserver = UNOBSERVED
    kept: KeptToken | None = None
    kept_tokens: KeptTokens = field(default_factory=KeptTokens)

    async def execute(self, call: Call) -> Continue | Refuse:
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
        happened.result = result
        await self._ended(call, happened, Verdict.OK, result.note)
        return Continue(result.values)

    async def _ended(self, call: Call, happened: Happened, verdict: Verdict, note: str) -> None:
        record = call_record(self.record, call.step, happened, verdict, note)
        call.record(record)
        if happened.request is not None or verdict is not Verdict.OK:
            await self.observer.end(call, record)

    async def _result(self, call: Call, happened: Happened) -> Success | Rejection:
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

    async def _called(self, call: Call, authenticator: Authenticator, happened: Happened) -> Success | Rejection:
        request = happened.request = build_request(self.request, call.inputs, call.resolution)
        claims = {mapping.claim.id: value for mapping, value in call.inputs}
        await self.observer.begin(call)
        answer = happened.answer = await self._answer(authenticator, request, claims, happened)
        place = Place(call.exchange_id, call.step)
        if answer.status < 300:
            return read_answer(self.answer, answer, place)
        entrusted = entrusted_forms(happened)
        return read_answer(self.answer, answer, place, lambda text: concealed(text, entrusted))

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

    def _left_s(self, happened: Happened) -> float:
        return self.rules.limits.budget_s - happened.progress.total_ms() / 1000

    def _failed(self, call: Call, happened: Happened) -> Failed:
        return Failed(
            profile_id=self.profile_id,
            place=Place(call.exchange_id, call.step),
            tries=happened.progress.tries,
            values=MessageValues(self.shown_url, self.rules.limits.timeout_s),
            texts=call.texts,
        )


def build_restful(profile: TechnicalProfile, services: RestServices) -> RestfulProvider:
    """Make the provider of a profile.

    Raises:
        ServiceError: the profile cannot make a call that is as secure as it says; the compiler has reported it.
    """
    metadata, development = profile.metadata, services.development
    own = services.settings.get(profile.id.lower())
    request = request_plan(profile, own)
    mode = request.send_claims_in
    kind = authentication_type(metadata)
    managed = _token_source(profile.id, own, services)
    paths = metadata.flag("ResolveJsonPathsInJsonTokens")
    bearer = input_claim_id(profile, "UseClaimAsBearerToken") if kind is AuthenticationType.BEARER else None
    return RestfulProvider(
        profile_id=profile.id,
        client=services.client,
        request=request,
        answer=answer_plan(profile, own, development=development),
        record=RecordPlan(
            profile_id=profile.id,
            authentication=MANAGED if managed else kind.value if kind else "",
            host=request.url.sample.raw_host or "",
            send_claims_in=mode,
            url=None if mode is SendClaimsIn.QUERY_STRING else services.redactor.url(request.url.template),
            headers=services.redactor.headers(base_headers(mode).items()),
            bearer_claim=bearer,
            payload=request.payload_claim is not None,
            received=tuple(
                (mapping.claim.id, mapping.name, mapping.claim.sensitivity) for mapping in profile.output_claims
            ),
            paths=shown_paths(profile.output_claims, json_paths=paths),
            redactor=services.redactor,
            shown=ShownCredentials(),
            extended=request.extended,
        ),
        credentials=managed or credentials_of(profile, services.keys, services.tenant_id, services.policy_id),
        rules=CallRules(
            limits=limits_of(own, _with_timeout(metadata, services.limits)),
            verify=not (development and metadata.flag("IgnoreServerCertificateErrors")),
            plain_http=development,
            believed=believed_of(own),
        ),
        shown_url=shown_url(request.url.sample, development=development),
        observer=services.observer,
        kept=services.kept_tokens.new(services.client.clock) if _may_keep(profile, own, request) else None,
        kept_tokens=services.kept_tokens,
    )


def _may_keep(profile: TechnicalProfile, own: ProfileSettings | None, request: RequestPlan) -> bool:
    """Whether the token that a profile acquires is kept: it was asked for, and nothing of a person is sent."""
    wanted = own is not None and own.cache_token
    return wanted and request.url.fixed is not None and all(map(constant_input, profile.input_claims))


def _with_timeout(metadata: Metadata, limits: Limits) -> Limits:
    try:
        found_s = timeout_s(metadata)
    except ValueError:
        found_s = None  # The compiler has reported it.
    return limits if found_s is None else replace(limits, timeout_s=found_s)


def _token_source(profile_id: str, own: ProfileSettings | None, services: RestServices) -> TokenSource | None:
    if own is None or own.bearer is None:
        return None
    rules = CallRules(services.limits, plain_http=services.development)
    holders = TokenHolders(services.client, services.keys, services.tenant_id, rules)
    return services.tokens.of(profile_id, own.bearer, holders)

"""The RESTful provider: input claims out to an API, its answer back as output claims or a refusal.

Source: rest-connectors.md; the order of a call is its §9.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from multidict import CIMultiDict

from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.compiler.spec import HandlerSpec
from journeyman.connector.answer import AnswerPlan, Place, Rejection, Success, read_answer
from journeyman.connector.authenticator import ActiveKeys, Authenticator
from journeyman.connector.believed import believed_of
from journeyman.connector.check import check_profile
from journeyman.connector.client import Answer, ApiClient
from journeyman.connector.credentials import Credentials
from journeyman.connector.errors import ClientCertificateError, ConnectorError, HandshakeError
from journeyman.connector.failure import Failed, published
from journeyman.connector.limits import CUSTOM_POLICY, CallRules, Limits, limits_of
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

CREDENTIAL_REFUSED: Final = frozenset({401, 403})

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
        await self.observer.end(call, record)

    async def _result(self, call: Call, happened: Happened) -> Success | Rejection:
        authenticator = happened.authenticator = self.credentials.current()
        request = happened.request = build_request(self.request, call.inputs, call.resolution)
        claims = {mapping.claim.id: value for mapping, value in call.inputs}
        await self.observer.begin(call)
        answer = happened.answer = await self._answer(authenticator, request, claims, happened)
        place = Place(call.exchange_id, call.step)
        if answer.status < 300:
            return read_answer(self.answer, answer, place)
        entrusted = entrusted_forms(happened)
        return read_answer(self.answer, answer, place, lambda text: concealed(text, entrusted))

    async def _answer(
        self, authenticator: Authenticator, request: ApiRequest, claims: Mapping[str, ClaimValue], happened: Happened
    ) -> Answer:
        """Send; when the credential is refused during a rotation, send once more with the version before."""
        try:
            answer = await self._send(authenticator, request, claims, happened)
            if answer.status not in CREDENTIAL_REFUSED:
                return answer
            refusal = f"{answer.status}"
        except (ClientCertificateError, HandshakeError) as error:
            previous = self.credentials.fallback()
            if previous is None or not authenticator.credential.in_tls:
                raise
            refusal = error.operator
        else:
            previous = self.credentials.fallback()
            if previous is None:
                return answer
        self._fall_back(authenticator, previous, refusal, happened)
        return await self._send(previous, request, claims, happened)

    async def _send(
        self, authenticator: Authenticator, request: ApiRequest, claims: Mapping[str, ClaimValue], happened: Happened
    ) -> Answer:
        authenticator.authenticate(happened.credentials, claims)
        return await self.client.send(request, happened.credentials, authenticator, self.rules, happened.progress)

    def _fall_back(self, refused: Authenticator, previous: Authenticator, refusal: str, happened: Happened) -> None:
        """Say aloud that the API does not know the new version yet: the rotation is not finished."""
        labels = f"{', '.join(refused.credential.labels)} was refused ({refusal})"
        happened.note = f"{labels}; the previous version was used: {', '.join(previous.credential.labels)}"
        happened.authenticator = previous
        happened.credentials.clear()
        _LOG.error("rotation: %s: %s", self.profile_id, happened.note)

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
    request = request_plan(profile)
    mode = request.send_claims_in
    kind = authentication_type(metadata)
    paths = metadata.flag("ResolveJsonPathsInJsonTokens")
    bearer = input_claim_id(profile, "UseClaimAsBearerToken") if kind is AuthenticationType.BEARER else None
    return RestfulProvider(
        profile_id=profile.id,
        client=services.client,
        request=request,
        answer=answer_plan(profile, development=development),
        record=RecordPlan(
            profile_id=profile.id,
            authentication=kind.value if kind else "",
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
        ),
        credentials=credentials_of(profile, services.keys, services.tenant_id, services.policy_id),
        rules=CallRules(
            limits=limits_of(own, services.limits),
            verify=not (development and metadata.flag("IgnoreServerCertificateErrors")),
            plain_http=development,
            believed=believed_of(own),
        ),
        shown_url=shown_url(request.url.sample, development=development),
        observer=services.observer,
    )

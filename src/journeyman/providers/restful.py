"""The RESTful provider: input claims out to an API, its answer back as output claims or a refusal.

Source: rest-connectors.md; the order of a call is its §9.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from journeyman.api_call.call import ApiCaller
from journeyman.api_call.services import RestServices
from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.compiler.spec import HandlerSpec
from journeyman.connector.answer import read_answer
from journeyman.connector.check import check_profile
from journeyman.connector.check_own import constant_input
from journeyman.connector.extensions import EXTENSIONS, timeout_s
from journeyman.connector.limits import Limits
from journeyman.connector.messages import shown_url
from journeyman.connector.profile import (
    AuthenticationType,
    answer_plan,
    authentication_type,
    credentials_of,
    input_claim_id,
    request_plan,
)
from journeyman.connector.record import MANAGED, RecordPlan, ShownCredentials, shown_paths
from journeyman.connector.request import RequestPlan, SendClaimsIn, base_headers, build_request
from journeyman.settings import ProfileSettings

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


def build_restful(profile: TechnicalProfile, services: RestServices) -> ApiCaller:
    """Make the provider of a profile.

    Raises:
        ServiceError: the profile cannot make a call that is as secure as it says; the compiler has reported it.
    """
    metadata, development = profile.metadata, services.development
    own = services.own(profile)
    request = request_plan(profile, own)
    mode = request.send_claims_in
    kind = authentication_type(metadata)
    managed = services.token_source(profile.id, own.bearer, services.limits) if own and own.bearer else None
    paths = metadata.flag("ResolveJsonPathsInJsonTokens")
    bearer = input_claim_id(profile, "UseClaimAsBearerToken") if kind is AuthenticationType.BEARER else None
    return ApiCaller(
        profile_id=profile.id,
        client=services.client,
        url=request.url,
        prepare=partial(build_request, request),
        read=partial(read_answer, answer_plan(profile, own, development=development)),
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
        rules=services.rules(
            own,
            _with_timeout(metadata, services.limits),
            verify=not (development and metadata.flag("IgnoreServerCertificateErrors")),
            plain_http=development,
        ),
        shown_url=shown_url(request.url.sample, development=development),
        observer=services.observer,
        kept=services.kept_tokens.new(services.client.clock) if _may_keep(profile, own, request) else None,
        kept_tokens=services.kept_tokens,
        hidden=services.hidden(profile),
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

"""The provider of API connectors: attributes out to the API of a user flow, its decision back.

Source: rest-connectors.md §15; docs/reference/api-connectors.md says what stands in a profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from journeyman.api_call.call import ApiCaller
from journeyman.api_call.services import RestServices
from journeyman.claims.claim_type import ClaimType, Sensitivity, UserInputType
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.spec import HandlerSpec
from journeyman.connector.api_connector.answer import read_connector_answer
from journeyman.connector.api_connector.check import check_connector
from journeyman.connector.api_connector.names import short_name
from journeyman.connector.api_connector.profile import (
    Proof,
    bearer_of,
    connector_answer_plan,
    connector_credentials,
    connector_request_plan,
    proof_of,
)
from journeyman.connector.api_connector.request import HEADERS, NESTED, ConnectorRequestPlan, build_connector_request
from journeyman.connector.credentials import Credentials
from journeyman.connector.messages import shown_url
from journeyman.connector.record import MANAGED, RecordPlan, ShownCredentials
from journeyman.connector.request import SendClaimsIn
from journeyman.policy import connector_profile as items
from journeyman.settings import ProfileSettings

API_CONNECTOR_SPEC: Final = HandlerSpec(
    handler=items.HANDLER,
    metadata=frozenset(
        {
            items.AUDIENCE,
            items.AUTHENTICATION_TYPE,
            items.CLIENT_AUTHENTICATION,
            items.CLIENT_ID,
            items.CONNECTOR,
            items.CONNECTOR_ID,
            items.SCOPE,
            items.SERVICE_URL,
            items.STEP,
            items.TOKEN_URL,
            items.USERNAME,
            "DefaultUserMessageIfRequestFailed",
            "IncludeClaimResolvingInClaimsHandling",
            "UserMessageIfCircuitOpen",
            "UserMessageIfDnsResolutionFailed",
            "UserMessageIfRequestTimeout",
        }
    ),
    required_metadata=frozenset({items.SERVICE_URL, items.STEP, items.AUTHENTICATION_TYPE, items.CONNECTOR}),
    check=check_connector,
)


def build_api_connector(
    profile: TechnicalProfile, services: RestServices, claim_types: Mapping[str, ClaimType]
) -> ApiCaller:
    """Make the provider of a profile.

    Args:
        claim_types: those of the policy: they say which claims a person types as a password.

    Raises:
        ServiceError: the profile cannot make a call that is as secure as it says; the compiler has reported it.
    """
    own = services.own(profile)
    passwords = frozenset(
        name for name, claim in claim_types.items() if claim.user_input_type is UserInputType.PASSWORD
    )
    request = connector_request_plan(profile, own, local_issuer=services.tenant_id, passwords=passwords)
    answer = connector_answer_plan(profile)
    managed = proof_of(profile.metadata) is Proof.MANAGED_BEARER or (own is not None and own.bearer is not None)
    return ApiCaller(
        profile_id=profile.id,
        client=services.client,
        url=request.url,
        prepare=partial(build_connector_request, request),
        read=partial(read_connector_answer, answer),
        record=_record_plan(profile, services, request, managed=managed),
        credentials=_credentials(profile, own, services),
        # An API connector calls https only, whatever the mode is; the egress map may send the call elsewhere.
        rules=services.rules(own, services.connector_limits, plain_http=False),
        shown_url=shown_url(request.url.sample, development=services.development),
        observer=services.observer,
        kept_tokens=services.kept_tokens,
        exchange_id=request.step.exchange_id,
        hidden=services.hidden(profile),
    )


def _credentials(profile: TechnicalProfile, own: ProfileSettings | None, services: RestServices) -> Credentials:
    if own is not None and own.bearer is not None:
        return services.token_source(profile.id, own.bearer, services.connector_limits)
    if proof_of(profile.metadata) is Proof.MANAGED_BEARER:
        return services.token_source(profile.id, bearer_of(profile), services.connector_limits)
    return connector_credentials(profile, services.keys, services.tenant_id, services.policy_id, services.client.clock)


def _record_plan(
    profile: TechnicalProfile, services: RestServices, request: ConnectorRequestPlan, *, managed: bool
) -> RecordPlan:
    proof = proof_of(profile.metadata)
    paths: dict[str, Sensitivity] = {"version": Sensitivity.PLAIN, "action": Sensitivity.PLAIN}
    for mapping in profile.output_claims:
        paths[mapping.name] = mapping.claim.sensitivity
        short = short_name(mapping.name)
        if short is not None:
            paths[short] = mapping.claim.sensitivity
    return RecordPlan(
        profile_id=profile.id,
        authentication=MANAGED if managed else proof.value if proof else "",
        host=request.url.sample.raw_host or "",
        send_claims_in=SendClaimsIn.BODY,
        url=services.redactor.url(request.url.template),
        headers=services.redactor.headers(HEADERS.items()),
        bearer_claim=None,
        payload=False,
        received=tuple((one.claim.id, one.name, one.claim.sensitivity) for one in profile.output_claims),
        paths=paths,
        redactor=services.redactor,
        shown=ShownCredentials(),
        extended=request.extended,
        messages=True,
        nested=NESTED,
    )

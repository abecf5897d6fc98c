"""A RESTful technical profile: compiled metadata and claims in, everything that is the same for each call out.

Source: rest-connectors.md §2, §5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from journeyman.compiler.classify import SECRET_NAME
from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.connector.answer import AnswerPlan, Output
from journeyman.connector.authenticator import ActiveKeys, Authenticator
from journeyman.connector.authenticators.bearer_claim import BearerClaim
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.credentials import (
    Constant,
    Credentials,
    FromPolicyKeys,
    Make,
    Needs,
    api_key_header,
    basic,
    bearer,
    client_certificate,
)
from journeyman.connector.extensions import header_claim_ids, http_method
from journeyman.connector.json_path import JsonPath, compile_path
from journeyman.connector.request import RequestPlan, SendClaimsIn
from journeyman.connector.service_url import ServiceUrl, compile_service_url
from journeyman.service_codes import service_error
from journeyman.settings import ProfileSettings
from journeyman.trace.concealment import written_forms

SHORTEST_IN_URL: Final = 8
"""Shorter values of a query would hide words of a message."""

USERNAME_KEY: Final = "BasicAuthenticationUsername"
PASSWORD_KEY: Final = "BasicAuthenticationPassword"  # noqa: S105  the Id of a key, no password
BEARER_KEY: Final = "BearerAuthenticationToken"
CERTIFICATE_KEY: Final = "ClientCertificate"


class AuthenticationType(Enum):
    """The metadata item ``AuthenticationType``."""

    NONE = "None"
    BASIC = "Basic"
    BEARER = "Bearer"
    CLIENT_CERTIFICATE = "ClientCertificate"
    API_KEY_HEADER = "ApiKeyHeader"


def text_of(metadata: Metadata, name: str) -> str:
    """Return the trimmed text of an item, "" when it is not there."""
    return (metadata.get(name) or "").strip()


def authentication_type(metadata: Metadata) -> AuthenticationType | None:
    """Return how the profile proves itself, None when the item is missing or unknown; case does not count."""
    wanted = text_of(metadata, "AuthenticationType").casefold()
    return next((kind for kind in AuthenticationType if kind.value.casefold() == wanted), None)


def send_claims_in(metadata: Metadata) -> SendClaimsIn | None:
    """Return where the claims go, ``Body`` when the item is missing, None when it is unknown."""
    wanted = text_of(metadata, "SendClaimsIn").casefold()
    if not wanted and "SendClaimsIn" not in metadata:
        return SendClaimsIn.BODY
    return next((mode for mode in SendClaimsIn if mode.value.casefold() == wanted), None)


def input_claim_id(profile: TechnicalProfile, item: str) -> str | None:
    """Return the claim that a metadata item names, in its declared spelling when it is an input claim."""
    name = text_of(profile.metadata, item)
    declared = (mapping.claim.id for mapping in profile.input_claims if mapping.claim.id.casefold() == name.casefold())
    return next(declared, name) or None


def key_reference(profile: TechnicalProfile, key_id: str) -> str | None:
    """Return the policy key behind a key Id of the profile; case does not count."""
    return next((stored for name, stored in profile.keys.items() if name.casefold() == key_id.casefold()), None)


def request_plan(profile: TechnicalProfile, settings: ProfileSettings | None = None) -> RequestPlan:
    """Return how requests of the profile are made.

    Args:
        settings: what ``journeyman.toml`` says of the profile.

    Raises:
        ServiceError: ``SendClaimsIn`` or ``ServiceUrl`` is wrong; the compiler has reported it.
    """
    mode = send_claims_in(profile.metadata)
    kind = authentication_type(profile.metadata)
    if mode is None:
        raise service_error(90023, profile.id, "SendClaimsIn")
    in_url = mode is SendClaimsIn.URL
    url = called_url(profile)
    own = settings or ProfileSettings()
    from_claim = kind is AuthenticationType.BEARER and not in_url and not own.send_bearer_claim
    return RequestPlan(
        send_claims_in=mode,
        url=url,
        payload_claim=input_claim_id(profile, "ClaimUsedForRequestPayload") if mode is SendClaimsIn.BODY else None,
        unsent_claim=input_claim_id(profile, "UseClaimAsBearerToken") if from_claim else None,
        method=_method(profile.metadata, mode),
        header_claims=header_claim_ids(profile),
        idempotency_key=own.idempotency_key,
        traceparent=own.traceparent,
        own_authorization=own.bearer is not None or kind in {AuthenticationType.BASIC, AuthenticationType.BEARER},
    )


def called_url(profile: TechnicalProfile) -> ServiceUrl:
    """Return the address that a profile calls. Raises ServiceError when it is wrong."""
    in_url = send_claims_in(profile.metadata) is SendClaimsIn.URL
    return compile_service_url(
        text_of(profile.metadata, "ServiceUrl"),
        profile.input_claims,
        placeholders=in_url,
        resolvers=profile.metadata.flag("ClaimResolverUrlFormatting"),
    )


def secrets_in_url(profile: TechnicalProfile) -> frozenset[str]:
    """Return the forms of the keys in the query of ``ServiceUrl``, such as ``?code=…``."""
    query = urlsplit(text_of(profile.metadata, "ServiceUrl")).query
    keys = [value for name, value in parse_qsl(query) if SECRET_NAME.search(name)]
    return written_forms(keys, shortest=SHORTEST_IN_URL)


def _method(metadata: Metadata, mode: SendClaimsIn) -> str | None:
    try:
        return http_method(metadata, mode)
    except ValueError:
        return None  # The compiler has reported it, and a call with the usual method is one the service would make.


def answer_plan(profile: TechnicalProfile, settings: ProfileSettings | None = None, *, development: bool) -> AnswerPlan:
    """Return how answers to the profile are read."""
    managed = settings is not None and settings.bearer is not None
    names = Counter(mapping.name for mapping in profile.output_claims)
    paths = profile.metadata.flag("ResolveJsonPathsInJsonTokens")
    # A path that cannot be read stays without a value: an empty path would be the whole answer.
    unreadable = JsonPath((-1,))
    return AnswerPlan(
        profile_id=profile.id,
        outputs=tuple(
            Output(
                mapping.name,
                (compile_path(mapping.name) or unreadable) if paths else None,
                mapping.claim.data_type if names[mapping.name] == 1 else None,
            )
            for mapping in profile.output_claims
            if not mapping.always_use_default
        ),
        certificate=not managed and authentication_type(profile.metadata) is AuthenticationType.CLIENT_CERTIFICATE,
        debug=development and profile.metadata.flag("DebugMode"),
    )


def credentials_of(profile: TechnicalProfile, keys: ActiveKeys, tenant_id: str, policy_id: str) -> Credentials:
    """Return where the profile gets its authenticator from.

    Raises:
        ServiceError: the type or a key Id is missing; there is no way to call without the credential.
    """

    def stored(key_id: str) -> str:
        reference = key_reference(profile, key_id)
        if reference is None:
            raise service_error(90025, profile.id, policy_id, tenant_id, key_id)
        return reference

    def from_keys(make: Make[Authenticator], *key_ids: str, needs: Needs = Needs.SECRET) -> Credentials:
        references = tuple(map(stored, key_ids))
        return FromPolicyKeys(keys, references, make, tenant_id, profile.id, needs)

    match authentication_type(profile.metadata):
        case AuthenticationType.NONE:
            return Constant(NoAuthentication())
        case AuthenticationType.BASIC:
            return from_keys(basic, USERNAME_KEY, PASSWORD_KEY)
        case AuthenticationType.BEARER:
            return _bearer(profile, from_keys)
        case AuthenticationType.CLIENT_CERTIFICATE:
            return from_keys(client_certificate, CERTIFICATE_KEY, needs=Needs.CERTIFICATE)
        case AuthenticationType.API_KEY_HEADER:
            header = next(iter(profile.keys), "x-functions-key")
            return from_keys(api_key_header(header), header)
        case None:
            raise service_error(90024, profile.id, text_of(profile.metadata, "AuthenticationType"))


def _bearer(profile: TechnicalProfile, from_keys: Callable[..., Credentials]) -> Credentials:
    claim_id = input_claim_id(profile, "UseClaimAsBearerToken")
    if claim_id is not None:
        return Constant(BearerClaim(profile.id, claim_id))
    return from_keys(bearer(profile.id), BEARER_KEY)

"""From a compiled profile of an API connector to what its calls are made of: request, answer and credential.

The compiler has reported what is wrong; here it is refused once more, for there is no call without the credential.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import Final

from journeyman.clock import Clock
from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.connector.api_connector.answer import ConnectorAnswerPlan, ConnectorOutput
from journeyman.connector.api_connector.names import untakable
from journeyman.connector.api_connector.newest_upload import NewestUploads
from journeyman.connector.api_connector.request import ConnectorRequestPlan
from journeyman.connector.api_connector.step import Step, step_of
from journeyman.connector.authenticator import ActiveKeys, Authenticator
from journeyman.connector.authenticators.basic import Basic
from journeyman.connector.credentials import (
    Credentials,
    FromPolicyKeys,
    Make,
    Needs,
    api_key_header,
    bearer,
    client_certificate,
)
from journeyman.connector.profile import key_reference, text_of
from journeyman.connector.service_url import compile_service_url
from journeyman.policy import connector_profile as items
from journeyman.secret import Secret
from journeyman.service_codes import service_error
from journeyman.settings import BearerSettings, ClientAuthentication, ProfileSettings


class Proof(Enum):
    """The metadata item ``AuthenticationType`` of a connector."""

    BASIC = items.BASIC
    CERTIFICATE = items.CERTIFICATE
    BEARER = items.BEARER
    MANAGED_BEARER = items.MANAGED_BEARER
    API_KEY_HEADER = items.API_KEY_HEADER


KEY_IDS: Final[Mapping[Proof, str]] = {
    Proof.BASIC: items.PASSWORD_KEY,
    Proof.CERTIFICATE: items.CERTIFICATE_KEY,
    Proof.BEARER: items.TOKEN_KEY,
    Proof.MANAGED_BEARER: items.CLIENT_KEY,
}
"""The Id of the one key; of ApiKeyHeader it is the name of the header."""


def proof_of(metadata: Metadata) -> Proof | None:
    """Return how the connector proves itself, None when the item is missing or unknown; case does not count."""
    wanted = text_of(metadata, items.AUTHENTICATION_TYPE).casefold()
    return next((proof for proof in Proof if proof.value.casefold() == wanted), None)


def known_step(profile: TechnicalProfile) -> Step:
    """Return the step of a profile. Raises ServiceError when it has none."""
    step = step_of(profile.metadata)
    if step is None:
        raise service_error(90023, profile.id, items.STEP)
    return step


def connector_request_plan(
    profile: TechnicalProfile, own: ProfileSettings | None, *, local_issuer: str, passwords: frozenset[str]
) -> ConnectorRequestPlan:
    """Return how requests of the connector are made.

    Raises:
        ServiceError: ``Step`` or ``ServiceUrl`` is wrong.
    """
    text = text_of(profile.metadata, items.SERVICE_URL)
    return ConnectorRequestPlan(
        url=compile_service_url(text, (), placeholders=False, resolvers=False),
        step=known_step(profile),
        local_issuer=local_issuer,
        passwords=passwords,
        idempotency_key=own is not None and own.idempotency_key,
        traceparent=own is not None and own.traceparent,
    )


def connector_answer_plan(profile: TechnicalProfile) -> ConnectorAnswerPlan:
    """Return how answers to the connector are read. Raises ServiceError when ``Step`` is wrong."""
    step = known_step(profile)
    takable = [mapping for mapping in profile.output_claims if not untakable(mapping, step)]
    names = Counter(mapping.name for mapping in takable)
    return ConnectorAnswerPlan(
        profile_id=profile.id,
        step=step,
        outputs=tuple(
            ConnectorOutput(mapping.name, mapping.claim.data_type if names[mapping.name] == 1 else None)
            for mapping in takable
            if not mapping.always_use_default
        ),
        certificate=proof_of(profile.metadata) is Proof.CERTIFICATE,
    )


def bearer_of(profile: TechnicalProfile) -> BearerSettings:
    """Return the managed bearer of a profile. Raises ServiceError when something of it is missing."""
    metadata = profile.metadata
    key = key_reference(profile, items.CLIENT_KEY)
    for item in (items.TOKEN_URL, items.CLIENT_ID):
        if not text_of(metadata, item):
            raise service_error(90023, profile.id, item)
    if key is None:
        raise service_error(90025, profile.id, "", "", items.CLIENT_KEY)
    return BearerSettings(
        token_url=text_of(metadata, items.TOKEN_URL),
        client_id=text_of(metadata, items.CLIENT_ID),
        key=key,
        client_authentication=client_authentication(metadata) or ClientAuthentication.CLIENT_SECRET_BASIC,
        scope=text_of(metadata, items.SCOPE) or None,
        audience=text_of(metadata, items.AUDIENCE) or None,
    )


def client_authentication(metadata: Metadata) -> ClientAuthentication | None:
    """Return how the engine proves itself to the token endpoint, None when the item is missing or unknown."""
    wanted = text_of(metadata, items.CLIENT_AUTHENTICATION).casefold()
    return next((one for one in ClientAuthentication if one.value == wanted), None)


def connector_credentials(
    profile: TechnicalProfile, keys: ActiveKeys, tenant_id: str, policy_id: str, clock: Clock
) -> Credentials:
    """Return where the connector gets its authenticator from, but for a managed bearer.

    Raises:
        ServiceError: the type, the user name or the key is missing.
    """

    def from_key(key_id: str, make: Make[Authenticator], needs: Needs = Needs.SECRET) -> Credentials:
        reference = key_reference(profile, key_id)
        if reference is None:
            raise service_error(90025, profile.id, policy_id, tenant_id, key_id)
        known = NewestUploads(keys, clock) if needs is Needs.CERTIFICATE else keys
        return FromPolicyKeys(known, (reference,), make, tenant_id, profile.id, needs)

    match proof_of(profile.metadata):
        case Proof.BASIC:
            return from_key(items.PASSWORD_KEY, _basic(profile))
        case Proof.CERTIFICATE:
            return from_key(items.CERTIFICATE_KEY, client_certificate, Needs.CERTIFICATE)
        case Proof.BEARER:
            return from_key(items.TOKEN_KEY, bearer(profile.id))
        case Proof.API_KEY_HEADER:
            header = next(iter(profile.keys), "")
            return from_key(header, api_key_header(header))
        case _:
            raise service_error(90024, profile.id, text_of(profile.metadata, items.AUTHENTICATION_TYPE))


def _basic(profile: TechnicalProfile) -> Make[Authenticator]:
    username = text_of(profile.metadata, items.USERNAME)
    if not username:
        raise service_error(90023, profile.id, items.USERNAME)
    return lambda active, credential: Basic(Secret(username), active[0].secret or Secret(""), credential)

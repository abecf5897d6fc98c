"""A code in, the answer of the token endpoint out; with each way in which a client proves itself.

Source: RFC 6749 §2.3.1, §4.1.3; RFC 7523 §2.2; technical-profiles.md §17, §18.
"""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from journeyman.connector.authenticator import NO_CREDENTIAL, Credential
from journeyman.errors import ServiceError
from journeyman.keys.keyset import Key
from journeyman.providers.federation.configuration import (
    ASSERTION_KEY,
    CLIENT_SECRET,
    ClientAuthentication,
    Configuration,
    FederationServices,
)
from journeyman.providers.federation.exchange import RefusedByProviderError, fetch
from journeyman.providers.federation.exchange_record import SHOWN_OF_TOKENS, Asked
from journeyman.service_codes import service_error
from journeyman.technical_profile import Call

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_S: Final = 300
WHAT: Final = "token endpoint"

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves the client: parameters of the form, or a header, made of one version of a policy key."""

    form: Mapping[str, str] = field(repr=False)
    authorization: str | None = field(default=None, repr=False)
    credential: Credential = NO_CREDENTIAL
    secrets: tuple[str, ...] = field(default=(), repr=False)


async def redeem(
    services: FederationServices,
    configuration: Configuration,
    call: Call,
    endpoint: str,
    code: str,
    verifier: str | None,
) -> Mapping[str, Any]:
    """Redeem a code. Raises ServiceError when the provider refuses it or our own credential is missing.

    While a client secret is rotated, a provider that does not know the new one yet gets the one before.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": configuration.redirect_uri}
    if verifier is not None:
        form["code_verifier"] = verifier
    key_id = _key_id(services, configuration)
    active = None if key_id is None else services.keys.active(key_id)
    try:
        return await _ask(services, configuration, call, endpoint, form, active)
    except RefusedByProviderError as error:
        previous = None if key_id is None else services.keys.fallback(key_id)
        if previous is None or (error.document or {}).get("error") != "invalid_client":
            raise
        _LOG.error("rotation: %s: %s was refused; the previous version is used", call.profile.id, key_id)
        return await _ask(services, configuration, call, endpoint, form, previous)


async def _ask(
    services: FederationServices,
    configuration: Configuration,
    call: Call,
    endpoint: str,
    form: Mapping[str, str],
    key: Key | None,
) -> Mapping[str, Any]:
    proof = _proof(services, configuration, endpoint, key)
    sent = {**form, **proof.form}
    secret = tuple(value for name, value in sent.items() if name in {"code", "code_verifier", "client_assertion"})
    asked = Asked(
        endpoint,
        WHAT,
        form=None if configuration.token_by_get else sent,
        query=sent if configuration.token_by_get else None,
        authorization=proof.authorization,
        user_agent=configuration.user_agent,
        authentication=configuration.authentication.value,
        credential=proof.credential.labels,
        secrets=(*secret, *proof.secrets),
        shown=SHOWN_OF_TOKENS,
        error_member=configuration.error_member,
        form_answer=not configuration.json_tokens,
    )
    return await fetch(services, call, asked)


def _proof(services: FederationServices, configuration: Configuration, endpoint: str, key: Key | None) -> Proof:
    client = {configuration.client_id_name: configuration.client_id}
    if key is None:
        return Proof(client)
    used = Credential(((key_name(configuration) or "", key.kid),))
    match configuration.authentication:
        case ClientAuthentication.BASIC:
            # RFC 6749 §2.3.1 encodes both parts before they are joined.
            secret = _secret(configuration, key)
            pair = f"{quote(configuration.client_id, safe='')}:{quote(secret, safe='')}"
            encoded = base64.b64encode(pair.encode()).decode()
            return Proof({}, f"Basic {encoded}", used, (secret, encoded))
        case ClientAuthentication.PRIVATE_KEY:
            assertion = _assertion(services, configuration, endpoint, key)
            form = {**client, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
            return Proof(form, None, used)
        case ClientAuthentication.SIGNED_SECRET:
            secret = _signed_secret(services, configuration, key)
            return Proof({**client, configuration.client_secret_name: secret}, None, used, (secret,))
        case _:
            secret = _secret(configuration, key)
            return Proof({**client, configuration.client_secret_name: secret}, None, used, (secret,))


def key_name(configuration: Configuration) -> str | None:
    """Return the policy key with which the client proves itself, None for a client that cannot."""
    match configuration.authentication:
        case ClientAuthentication.NONE:
            return None
        case ClientAuthentication.PRIVATE_KEY:
            return configuration.assertion_key
        case _:
            return configuration.secret


def _key_id(services: FederationServices, configuration: Configuration) -> str | None:
    found = key_name(configuration)
    if found is None and configuration.authentication is not ClientAuthentication.NONE:
        by_key = configuration.authentication is ClientAuthentication.PRIVATE_KEY
        name = ASSERTION_KEY if by_key else CLIENT_SECRET
        raise service_error(90025, "identity provider", services.policy_id, services.tenant, name)
    return found


def _secret(configuration: Configuration, key: Key) -> str:
    if key.secret is None:
        detail = f"policy key {configuration.secret!r} holds no secret"
        raise ServiceError(detail, service_code="AADB2C90243")
    return key.secret.reveal()


def _signed_secret(services: FederationServices, configuration: Configuration, key: Key) -> str:
    """Return a client secret for this one request, signed with the EC key that the policy key holds as PEM."""
    now = int(services.clock.now().timestamp())
    claims = {
        "iss": configuration.secret_issuer,
        "sub": configuration.client_id,
        "aud": configuration.endpoints["issuer"],
        "iat": now,
        "exp": now + ASSERTION_LIFE_S,
    }
    try:
        signer = ECKey.import_key(_secret(configuration, key))
        header = {"alg": "ES256", "kid": configuration.secret_key_id}
        return jwt.encode(header, claims, signer, algorithms=["ES256"])
    except (JoseError, ValueError):
        # The library's error could hold the text of the key.
        detail = f"policy key {configuration.secret!r} holds no P-256 private key in PEM"
        raise ServiceError(detail, service_code="AADB2C90178") from None


def _assertion(services: FederationServices, configuration: Configuration, endpoint: str, key: Key) -> str:
    if key.private_key is None:
        raise ServiceError(f"policy key {configuration.assertion_key!r} cannot sign", service_code="AADB2C90178")
    now = int(services.clock.now().timestamp())
    claims = {
        "iss": configuration.client_id,
        "sub": configuration.client_id,
        "aud": endpoint,
        "jti": secrets.token_urlsafe(24),
        "iat": now,
        "exp": now + ASSERTION_LIFE_S,
    }
    algorithm = configuration.assertion_algorithm
    header = {"alg": algorithm, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims, RSAKey.import_key(key.private_key), algorithms=[algorithm])

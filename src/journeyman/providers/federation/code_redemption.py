"""A code in, the answer of the token endpoint out; with each way in which a client proves itself.

Source: RFC 6749 §2.3.1, §4.1.3; RFC 7523 §2.2; technical-profiles.md §17, §18.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from joserfc import jwt
from joserfc.jwk import RSAKey

from journeyman.errors import ServiceError
from journeyman.providers.federation.configuration import ClientAuthentication, Configuration, FederationServices
from journeyman.providers.federation.exchange import Asked, fetch
from journeyman.service_codes import service_error

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_S: Final = 300
WHAT: Final = "token endpoint"


async def redeem(
    services: FederationServices,
    configuration: Configuration,
    endpoint: str,
    code: str,
    verifier: str | None,
) -> Mapping[str, Any]:
    """Redeem a code. Raises ServiceError when the provider refuses it or our own credential is missing."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": configuration.redirect_uri}
    if verifier is not None:
        form["code_verifier"] = verifier
    proof, authorization = _proof(services, configuration, endpoint)
    form |= proof
    if configuration.token_by_get:
        asked = Asked(endpoint, query=form, authorization=authorization, user_agent=configuration.user_agent)
    else:
        asked = Asked(endpoint, form=form, authorization=authorization, user_agent=configuration.user_agent)
    return await fetch(services, asked, what=WHAT)


def _proof(
    services: FederationServices, configuration: Configuration, endpoint: str
) -> tuple[dict[str, str], str | None]:
    """Return what proves the client: parameters, and the Authorization header."""
    client = {"client_id": configuration.client_id}
    match configuration.authentication:
        case ClientAuthentication.POST:
            return {**client, "client_secret": _secret(services, configuration)}, None
        case ClientAuthentication.BASIC:
            # RFC 6749 §2.3.1 encodes both parts before they are joined.
            name, secret = quote(configuration.client_id, safe=""), quote(_secret(services, configuration), safe="")
            return {}, f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"
        case ClientAuthentication.PRIVATE_KEY:
            assertion = _assertion(services, configuration, endpoint)
            return {**client, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}, None
        case ClientAuthentication.NONE:
            return client, None


def _secret(services: FederationServices, configuration: Configuration) -> str:
    if configuration.secret is None:
        raise service_error(90025, "identity provider", services.policy_id, services.tenant, "client_secret")
    secret = services.keys.active(configuration.secret).secret
    if secret is None:
        detail = f"policy key {configuration.secret!r} holds no secret"
        raise ServiceError(detail, service_code="AADB2C90243")
    return secret.reveal()


def _assertion(services: FederationServices, configuration: Configuration, endpoint: str) -> str:
    if configuration.assertion_key is None:
        raise service_error(90025, "identity provider", services.policy_id, services.tenant, "assertion_signing_key")
    key = services.keys.active(configuration.assertion_key)
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

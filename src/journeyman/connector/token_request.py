"""A token by client credentials: the settings of a managed bearer and a policy key in, a request out.

Source: RFC 6749 §2.3.1 and §4.4, RFC 7523 §2.2, RFC 8705 §2.1.
"""

from __future__ import annotations

import base64
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote_plus, urlencode

from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from multidict import CIMultiDict
from yarl import URL

from journeyman.claims.values import ClaimValue
from journeyman.clock import Clock
from journeyman.connector.authenticator import Authenticator, Credential
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.connector.request import BASE_HEADERS, FORM_TYPE, ApiRequest
from journeyman.keys.creation import base64url
from journeyman.keys.jose import sign_jwt
from journeyman.keys.keyset import Key
from journeyman.secret import Secret
from journeyman.settings import BearerSettings, ClientAuthentication

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_S: Final = 300


class TokenClient(Authenticator, Protocol):
    """Prove who we are to a token endpoint: in TLS, in a header or in the form."""

    def form(self) -> Mapping[str, str | bytes]:
        """Return the members of the form that name and prove the client."""
        ...


@dataclass(frozen=True, slots=True)
class SecretBasic:
    """``client_secret_basic``: both parts are form-encoded before they are joined."""

    client_id: str
    secret: Secret
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the secret travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Set the header, encoded so that no line break can be in it."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret.reveal_bytes())}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"

    def form(self) -> Mapping[str, str | bytes]:
        """Return nothing: the header says it all."""
        return {}


@dataclass(frozen=True, slots=True)
class SecretPost:
    """``client_secret_post``: for token endpoints that do not read the header."""

    client_id: str
    secret: Secret
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the secret travels in the request."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Do nothing: the secret travels in the form."""

    def form(self) -> Mapping[str, str | bytes]:
        """Return id and secret."""
        return {"client_id": self.client_id, "client_secret": self.secret.reveal_bytes()}


@dataclass(frozen=True, slots=True)
class PrivateKeyJwt:
    """``private_key_jwt``: a short-lived JWT that only the holder of the private key can sign."""

    client_id: str
    token_url: str
    key: Key
    clock: Clock
    credential: Credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Do nothing: the proof travels in the form."""

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Do nothing: the proof travels in the form."""

    def form(self) -> Mapping[str, str | bytes]:
        """Return id and a new assertion; each is used once."""
        now_s = int(self.clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url,
            "jti": secrets.token_urlsafe(16),
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + ASSERTION_LIFE_S,
        }
        assertion = sign_jwt(self.key, claims, self._thumbprints())
        return {
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }

    def _thumbprints(self) -> Mapping[str, str]:
        """Return how servers that were given a certificate find it again, Microsoft's among them."""
        if not self.key.certificates:
            return {}
        certificate = self.key.certificates[0]
        return {
            "x5t": base64url(certificate.fingerprint(SHA1())),  # noqa: S303  RFC 7515 §4.1.7 names the hash; it proves nothing
            "x5t#S256": base64url(certificate.fingerprint(SHA256())),
        }


@dataclass(frozen=True, slots=True)
class TlsClient:
    """``tls_client_auth``: the certificate of the TLS handshake proves the client that the form names."""

    client_id: str
    certificate: ClientCertificate

    @property
    def credential(self) -> Credential:
        """The version of the certificate."""
        return self.certificate.credential

    def configure_tls(self, context: ssl.SSLContext) -> None:
        """Load the chain and the private key."""
        self.certificate.configure_tls(context)

    def authenticate(self, headers: CIMultiDict[str], claims: Mapping[str, ClaimValue]) -> None:
        """Do nothing: TLS has proved who we are."""

    def form(self) -> Mapping[str, str | bytes]:
        """Return the id."""
        return {"client_id": self.client_id}


def token_client(settings: BearerSettings, key: Key, credential: Credential, clock: Clock) -> TokenClient:
    """Return how the engine proves itself to the token endpoint."""
    method = settings.client_authentication
    if method is ClientAuthentication.TLS_CLIENT_AUTH:
        return TlsClient(settings.client_id, ClientCertificate(key, credential))
    if method is ClientAuthentication.PRIVATE_KEY_JWT:
        return PrivateKeyJwt(settings.client_id, settings.token_url, key, clock, credential)
    make = SecretPost if method is ClientAuthentication.CLIENT_SECRET_POST else SecretBasic
    return make(settings.client_id, key.secret or Secret(""), credential)


def token_request(settings: BearerSettings, url: URL, client: TokenClient) -> ApiRequest:
    """Return the request for a token."""
    named = {"scope": settings.scope, "audience": settings.audience}
    form = {"grant_type": "client_credentials", **{name: text for name, text in named.items() if text}, **client.form()}
    headers = CIMultiDict({**BASE_HEADERS, "Content-Type": FORM_TYPE})
    return ApiRequest("POST", url, headers, urlencode(form).encode(), {})

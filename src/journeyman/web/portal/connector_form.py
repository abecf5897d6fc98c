"""The form of an API connector: its fields in, credentials for the management operations out.

Fields are named by the members of the management API, so its refusals point at them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from journeyman.management.new_credentials import (
    NewApiKey,
    NewBasic,
    NewCertificate,
    NewCredentials,
    NewManagedBearer,
    NewStaticBearer,
)
from journeyman.secret import Secret
from journeyman.settings.bearer_model import ClientAuthentication
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorCredentials,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)
from journeyman.web.portal.form import Form

_CERTIFIED: Final = frozenset({ClientAuthentication.PRIVATE_KEY_JWT, ClientAuthentication.TLS_CLIENT_AUTH})


class Proof(Enum):
    """How a connector proves itself to its API; the value stands in addresses."""

    BASIC = "basic"
    CERTIFICATE = "certificate"
    MANAGED_BEARER = "managed-bearer"
    BEARER = "bearer"
    API_KEY = "api-key"


TITLES: Final = {
    Proof.BASIC: "Basic",
    Proof.CERTIFICATE: "Certificate",
    Proof.MANAGED_BEARER: "OAuth 2.0, acquired",
    Proof.BEARER: "OAuth 2.0, static",
    Proof.API_KEY: "API key",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person has typed in; secrets and files are not drawn again.

    Attributes:
        keep: whether a stored secret stays when its field is empty.
    """

    proof: Proof = Proof.BASIC
    display_name: str = ""
    target_url: str = ""
    username: str = ""
    header: str = ""
    token_url: str = ""
    client_id: str = ""
    client_authentication: str = ClientAuthentication.CLIENT_SECRET_BASIC.value
    scope: str = ""
    audience: str = ""
    keep: bool = False


def proof_of(credentials: ConnectorCredentials) -> Proof:
    """Return how credentials prove themselves."""
    match credentials:
        case BasicCredentials():
            return Proof.BASIC
        case CertificateCredentials():
            return Proof.CERTIFICATE
        case StaticBearerCredentials():
            return Proof.BEARER
        case ManagedBearerCredentials():
            return Proof.MANAGED_BEARER
        case ApiKeyCredentials():
            return Proof.API_KEY


def entered_of_connector(connector: ApiConnector, proof: Proof | None = None) -> Entered:
    """Return the form of a stored connector; with another ``proof`` its credentials are to be typed in anew."""
    stored = proof_of(connector.credentials)
    shown = Entered(proof or stored, connector.display_name, connector.target_url, keep=proof in {None, stored})
    if shown.proof is not stored:
        return shown
    match connector.credentials:
        case BasicCredentials(username=username):
            return Entered(shown.proof, shown.display_name, shown.target_url, username, keep=True)
        case ApiKeyCredentials(header=header):
            return Entered(shown.proof, shown.display_name, shown.target_url, header=header, keep=True)
        case ManagedBearerCredentials(bearer=bearer):
            return Entered(
                shown.proof,
                shown.display_name,
                shown.target_url,
                token_url=bearer.token_url,
                client_id=bearer.client_id,
                client_authentication=bearer.client_authentication.value,
                scope=bearer.scope or "",
                audience=bearer.audience or "",
                keep=True,
            )
        case _:
            return shown


def entered_of_form(form: Form, *, keep: bool) -> Entered:
    """Return what a form says."""
    return Entered(
        proof=next((one for one in Proof if one.value == form.text("proof")), Proof.BASIC),
        display_name=form.text("displayName"),
        target_url=form.text("targetUrl"),
        username=form.text("username"),
        header=form.text("header"),
        token_url=form.text("tokenUrl"),
        client_id=form.text("clientId"),
        client_authentication=form.text("clientAuthentication"),
        scope=form.text("scope"),
        audience=form.text("audience"),
        keep=keep,
    )


def new_credentials(form: Form, entered: Entered) -> NewCredentials | None:
    """Return the credentials of a form; None when a certificate is to stay as it is."""
    match entered.proof:
        case Proof.BASIC:
            return NewBasic(entered.username, _secret(form, "password", entered))
        case Proof.BEARER:
            return NewStaticBearer(_secret(form, "token", entered))
        case Proof.API_KEY:
            return NewApiKey(entered.header, _secret(form, "key", entered))
        case Proof.CERTIFICATE:
            _, pfx = form.file("pkcs12Value")
            return None if entered.keep and not pfx else NewCertificate(pfx, form.secret("password"))
        case Proof.MANAGED_BEARER:
            return _managed_bearer(form, entered)


def _managed_bearer(form: Form, entered: Entered) -> NewManagedBearer:
    known = {one.value: one for one in ClientAuthentication}
    method = known.get(entered.client_authentication, ClientAuthentication.CLIENT_SECRET_BASIC)
    _, pfx = form.file("pkcs12Value")
    credential: Secret | NewCertificate | None = _secret(form, "clientSecret", entered)
    if method in _CERTIFIED:
        credential = NewCertificate(pfx, form.secret("password")) if pfx or not entered.keep else None
    scope, audience = entered.scope or None, entered.audience or None
    return NewManagedBearer(entered.token_url, entered.client_id, credential, method, scope, audience)


def _secret(form: Form, name: str, entered: Entered) -> Secret | None:
    """Return a secret byte for byte; None to keep the stored one."""
    secret = form.secret(name)
    return None if entered.keep and not len(secret) else secret

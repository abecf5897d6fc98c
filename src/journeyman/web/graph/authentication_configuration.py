"""The member ``authenticationConfiguration`` of API connectors: JSON in, new credentials out; and the other way round.

Three types are those of Graph. The others, ``#journeyman.…``, are this project's, for what the real service cannot do.
Source: graph-api.md §3.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from journeyman.keys.creation import PASSWORD_LIMIT_BYTES, SECRET_LIMIT_BYTES, UPLOAD_LIMIT_BYTES
from journeyman.management.api_connectors import UploadedCertificate
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
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorCredentials,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)
from journeyman.web.graph.members import Members
from journeyman.web.graph.route import Schema
from journeyman.web.graph.schema import FLAG, INTEGER, TEXT, array, entity, or_null

MASK: Final = "******"
"""Stands in answers where a secret is; sent back, it keeps the stored one."""

PFX_BODY_LIMIT_BYTES: Final = 2 * UPLOAD_LIMIT_BYTES

_TYPE: Final = "@odata.type"
_BAD_SCHEME: Final = "AADB2C99019"
_CERTIFICATE_MEMBERS: Final = entity((), thumbprint=TEXT, notAfter=INTEGER, notBefore=INTEGER, isActive=FLAG)
CONFIGURATION: Final[Schema] = entity(
    (),
    **{_TYPE: TEXT},
    username=TEXT,
    password=TEXT,
    pkcs12Value=TEXT,
    certificateList=array(_CERTIFICATE_MEMBERS),
    token=TEXT,
    header=TEXT,
    key=TEXT,
    tokenUrl=TEXT,
    clientId=TEXT,
    clientSecret=TEXT,
    clientAuthentication=TEXT,
    scope=or_null(TEXT),
    audience=or_null(TEXT),
)


def read_configuration(members: Members) -> NewCredentials:
    """Return the credentials of a request. Raises InvalidError that names the member."""
    named = members.odata_type()
    if not named:
        raise members.wrong(_TYPE, "is missing; write one of " + ", ".join(_SHOWN), service_code=_BAD_SCHEME)
    reader = _READERS.get(named.lower())
    if reader is None:
        raise members.wrong(_TYPE, "is not one of " + ", ".join(_SHOWN), service_code=_BAD_SCHEME)
    return reader(members)


def read_certificate(members: Members) -> NewCertificate:
    """Return a PFX file and its password."""
    text = members.text("pkcs12Value", max_length=PFX_BODY_LIMIT_BYTES)
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise members.wrong("pkcs12Value", "is not base64") from None
    return NewCertificate(data, Secret(members.text("password", max_length=PASSWORD_LIMIT_BYTES, blank=True)))


def configuration_of(
    credentials: ConnectorCredentials, certificates: Sequence[UploadedCertificate]
) -> Mapping[str, object]:
    """Return what an answer says of credentials: nothing of a secret."""
    match credentials:
        case BasicCredentials(username):
            return {_TYPE: "#microsoft.graph.basicAuthentication", "username": username, "password": MASK}
        case CertificateCredentials():
            shown = [_certificate(each) for each in certificates]
            return {_TYPE: "#microsoft.graph.clientCertificateAuthentication", "certificateList": shown}
        case StaticBearerCredentials():
            return {_TYPE: "#journeyman.bearerToken", "token": MASK}
        case ApiKeyCredentials(header):
            return {_TYPE: "#journeyman.apiKeyHeader", "header": header, "key": MASK}
        case ManagedBearerCredentials(bearer):
            secret = "pkcs12Value" if bearer.client_authentication in _CERTIFIED else "clientSecret"
            return {
                _TYPE: "#journeyman.managedBearer",
                "tokenUrl": bearer.token_url,
                "clientId": bearer.client_id,
                secret: MASK,
                "clientAuthentication": bearer.client_authentication.value,
                "scope": bearer.scope,
                "audience": bearer.audience,
            }


def numeric_date(at: datetime) -> int:
    """Return a time as answers write it: seconds since 1970 (RFC 7519 §2), the type that the SDKs read."""
    return int(at.timestamp())


def kept_or_secret(members: Members, name: str) -> Secret | None:
    """Return a secret; None for the mask, which keeps the stored one."""
    text = members.text(name, max_length=SECRET_LIMIT_BYTES, blank=True)
    return None if text == MASK else Secret(text)


def _basic(members: Members) -> NewBasic:
    return NewBasic(members.text("username", blank=True), kept_or_secret(members, "password"))


def _static_bearer(members: Members) -> NewStaticBearer:
    return NewStaticBearer(kept_or_secret(members, "token"))


def _api_key(members: Members) -> NewApiKey:
    return NewApiKey(members.text("header"), kept_or_secret(members, "key"))


def _managed_bearer(members: Members) -> NewManagedBearer:
    method = members.one_of("clientAuthentication", ClientAuthentication) or ClientAuthentication.CLIENT_SECRET_BASIC
    return NewManagedBearer(
        token_url=members.text("tokenUrl"),
        client_id=members.text("clientId"),
        credential=_client_credential(members, method),
        client_authentication=method,
        scope=members.optional_text("scope") or None,
        audience=members.optional_text("audience") or None,
    )


def _client_credential(members: Members, method: ClientAuthentication) -> Secret | NewCertificate | None:
    if method not in _CERTIFIED:
        return kept_or_secret(members, "clientSecret")
    return (
        None
        if members.optional_text("pkcs12Value", max_length=PFX_BODY_LIMIT_BYTES) == MASK
        else read_certificate(members)
    )


def _read_only(members: Members) -> NewCredentials:
    detail = "is what answers say; send #microsoft.graph.pkcs12Certificate, or leave authenticationConfiguration out"
    raise members.wrong(_TYPE, detail, service_code=_BAD_SCHEME)


def _certificate(found: UploadedCertificate) -> Mapping[str, object]:
    return {
        "thumbprint": found.thumbprint,
        "notAfter": numeric_date(found.not_after),
        "notBefore": numeric_date(found.not_before),
        "isActive": found.active,
    }


_CERTIFIED: Final = frozenset({ClientAuthentication.PRIVATE_KEY_JWT, ClientAuthentication.TLS_CLIENT_AUTH})
_READERS: Final[Mapping[str, Callable[[Members], NewCredentials]]] = {
    "basicauthentication": _basic,
    "pkcs12certificate": read_certificate,
    "clientcertificateauthentication": _read_only,
    "journeyman.bearertoken": _static_bearer,
    "journeyman.managedbearer": _managed_bearer,
    "journeyman.apikeyheader": _api_key,
}
_SHOWN: Final = (
    "#microsoft.graph.basicAuthentication",
    "#microsoft.graph.pkcs12Certificate",
    "#journeyman.bearerToken",
    "#journeyman.managedBearer",
    "#journeyman.apiKeyHeader",
)

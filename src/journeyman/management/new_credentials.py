"""Credentials as a caller brings them: secrets in, policy keys and what an API connector says of them out.

The keys of an API connector stand in key sets of its own. Credentials that replace others get new sets, and the connector
is switched from one to the other in one step. The old sets are deleted by the engine's upkeep (``engine/replaced_keys.py``)
when no process uses them any more.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from journeyman.connector.request import forbidden_header
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.creation import PASSWORD_LIMIT_BYTES, pfx_key, secret_key
from journeyman.keys.keyset import Key
from journeyman.keys.names import API_CONNECTOR_PREFIX
from journeyman.keys.store import KeyStore
from journeyman.management.errors import InvalidError
from journeyman.management.key_errors import refused_key
from journeyman.management.texts import https_url, one_line
from journeyman.secret import Secret
from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.identity import (
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorCredentials,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)

MEMBER: Final = "authenticationConfiguration"


@dataclass(frozen=True, slots=True)
class NewBasic:
    """A user name and a password; None keeps the stored password."""

    username: str
    password: Secret | None


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """A PFX file and its password, which may be empty."""

    pfx: bytes
    password: Secret


@dataclass(frozen=True, slots=True)
class NewStaticBearer:
    """A token; None keeps the stored one."""

    token: Secret | None


@dataclass(frozen=True, slots=True)
class NewManagedBearer:
    """How to acquire a token.

    Attributes:
        credential: the client secret, or the certificate; None keeps the stored one.
    """

    token_url: str
    client_id: str
    credential: Secret | NewCertificate | None
    client_authentication: ClientAuthentication = ClientAuthentication.CLIENT_SECRET_BASIC
    scope: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A header and the key that stands in it; None keeps the stored key."""

    header: str
    key: Secret | None


NewCredentials = NewBasic | NewCertificate | NewStaticBearer | NewManagedBearer | NewApiKey


@dataclass(frozen=True, slots=True)
class Prepared:
    """Credentials that were checked.

    Attributes:
        suffix: the end of the id of the key set; "" when no key is made.
        key: what goes into the set; None keeps the stored one.
        credentials: id of the key set -> the credentials that name it.
    """

    suffix: str
    key: Key | None
    credentials: Callable[[str], ConnectorCredentials]


async def prepare(
    new: NewCredentials, old: ConnectorCredentials | None, now: datetime, plain_http: Callable[[str], bool]
) -> Prepared:
    """Check credentials and parse their secret. Raises InvalidError, which names the member.

    Args:
        old: the credentials that they replace.
    """
    match new:
        case NewBasic():
            key = _secret(new.password, "password", now, old, BasicCredentials)
            name = _user_name(new.username)
            return Prepared("password", key, lambda key_id: BasicCredentials(name, key_id))
        case NewCertificate():
            return Prepared("certificate", await certificate_of(new, now, MEMBER), CertificateCredentials)
        case NewStaticBearer():
            key = _secret(new.token, "token", now, old, StaticBearerCredentials)
            return Prepared("token", key, StaticBearerCredentials)
        case NewApiKey():
            key = _secret(new.key, "key", now, old, ApiKeyCredentials)
            header = _header(new.header)
            return Prepared("key", key, lambda key_id: ApiKeyCredentials(header, key_id))
        case NewManagedBearer():
            return await _managed_bearer(new, old, now, plain_http)


async def certificate_of(new: NewCertificate, now: datetime, member: str) -> Key:
    """Open a PFX file in a process of its own, because that may take seconds. Raises InvalidError."""
    try:
        return await asyncio.to_thread(pfx_key, new.pfx, new.password, now=now, use="sig", apart=True)
    except KeyStoreError as error:
        wrong = "password" if "AADB2C90213" in str(error) else "pkcs12Value"
        raise refused_key(error, f"{member}/{wrong}".removeprefix("/")) from None


async def store_key(keys: KeyStore, connector_id: str, prepared: Prepared, *, first: bool) -> str:
    """Put a key into a new set and return its id; ``first`` says that the connector has no other."""
    name = key_set_id(connector_id, prepared.suffix) + ("" if first else f"-{secrets.token_hex(3)}")
    return await keys.create(name, [] if prepared.key is None else [prepared.key])


def key_set_id(connector_id: str, suffix: str) -> str:
    """Return the id of a key set of an API connector."""
    return f"{API_CONNECTOR_PREFIX}{connector_id.replace('-', '')}-{suffix}"


async def erase(keys: KeyStore, ids: Sequence[str]) -> None:
    """Delete key sets without a backup; those that are gone already are passed over."""
    for key_id in ids:
        try:
            backup = await keys.delete(key_id)
            if backup is not None:
                await keys.delete(backup)
        except KeySetNotFoundError:
            continue


async def _managed_bearer(
    new: NewManagedBearer, old: ConnectorCredentials | None, now: datetime, plain_http: Callable[[str], bool]
) -> Prepared:
    method = new.client_authentication
    wants_certificate = method in {ClientAuthentication.PRIVATE_KEY_JWT, ClientAuthentication.TLS_CLIENT_AUTH}
    settings = BearerSettings(
        token_url=https_url(new.token_url, f"{MEMBER}/tokenUrl", plain_http=plain_http),
        client_id=one_line(new.client_id, f"{MEMBER}/clientId"),
        key="",
        client_authentication=method,
        scope=None if new.scope is None else one_line(new.scope, f"{MEMBER}/scope", limit=2048),
        audience=None if new.audience is None else one_line(new.audience, f"{MEMBER}/audience", limit=2048),
    )
    _refuse_unfit(new, old, wants_certificate=wants_certificate)
    if isinstance(new.credential, NewCertificate):
        key: Key | None = await certificate_of(new.credential, now, MEMBER)
    else:
        key = _secret(new.credential, "clientSecret", now, old, ManagedBearerCredentials)
    suffix = "certificate" if wants_certificate else "secret"
    return Prepared(suffix, key, lambda key_id: ManagedBearerCredentials(replace(settings, key=key_id)))


def _refuse_unfit(new: NewManagedBearer, old: ConnectorCredentials | None, *, wants_certificate: bool) -> None:
    """Refuse a secret where the client authentication needs a certificate, and the other way round."""
    kept = old.bearer.client_authentication if isinstance(old, ManagedBearerCredentials) else None
    certified = {ClientAuthentication.PRIVATE_KEY_JWT, ClientAuthentication.TLS_CLIENT_AUTH}
    given = (kept in certified) if new.credential is None else isinstance(new.credential, NewCertificate)
    if kept is None and new.credential is None:
        return
    if given != wants_certificate:
        wanted = "pkcs12Value" if wants_certificate else "clientSecret"
        detail = f"{MEMBER}/{wanted} is missing: clientAuthentication {new.client_authentication.value} needs it"
        raise InvalidError(detail, member=f"{MEMBER}/{wanted}")


def _secret(
    secret: Secret | None, name: str, now: datetime, old: ConnectorCredentials | None, kind: type
) -> Key | None:
    member = f"{MEMBER}/{name}"
    if secret is None:
        if isinstance(old, kind):
            return None
        raise InvalidError(f"{member} is missing: there is no stored one to keep", member=member)
    if not len(secret):
        raise InvalidError(f"{member} is empty", service_code="AADB2C90253", member=member)
    try:
        return secret_key(secret.reveal_bytes(), use="sig", now=now)
    except KeyStoreError as error:
        raise refused_key(error, member) from None


def _user_name(text: str) -> str:
    member = f"{MEMBER}/username"
    if ":" in text:
        # RFC 7617 §2: the first colon ends the user name.
        raise InvalidError(f"{member} holds a colon, which Basic authentication cannot carry", member=member)
    return one_line(text, member, limit=PASSWORD_LIMIT_BYTES)


def _header(text: str) -> str:
    member = f"{MEMBER}/header"
    reason = forbidden_header(text, own_authorization=False)
    if reason:
        raise InvalidError(f"{member} cannot be used: {reason}", member=member)
    return text

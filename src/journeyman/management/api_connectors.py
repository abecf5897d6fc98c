"""API connectors: list, read, create, change, delete, and upload certificates.

Source: graph-api.md §3, rest-connectors.md §7 and §15.1. No answer holds a secret.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from journeyman.configuration.identity import key_of
from journeyman.connector.api_connector.newest_upload import newest_upload
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.certificate import describe
from journeyman.keys.keyset import Key, KeySet
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ConflictingError, InvalidError, ManagementError
from journeyman.management.held import Held, HeldObjects
from journeyman.management.identity_context import IdentityContext
from journeyman.management.key_errors import refused_key
from journeyman.management.new_credentials import (
    MEMBER,
    NewCertificate,
    NewCredentials,
    Prepared,
    certificate_of,
    erase,
    key_set_id,
    prepare,
    store_key,
)
from journeyman.management.texts import https_url, one_line
from journeyman.settings.identity import ApiConnector, CertificateCredentials, ConnectorCredentials

CERTIFICATE_LIMIT: Final = 20


@dataclass(frozen=True, slots=True)
class ConnectorChange:
    """What is changed of an API connector; None leaves it as it is."""

    display_name: str | None = None
    target_url: str | None = None
    credentials: NewCredentials | None = None


@dataclass(frozen=True, slots=True)
class UploadedCertificate:
    """A client certificate; ``thumbprint`` is its SHA-1 in upper-case hexadecimal, ``active`` whether it is used now."""

    thumbprint: str
    not_before: datetime
    not_after: datetime
    active: bool


@dataclass(frozen=True, slots=True)
class ApiConnectors:
    """The API connectors of a tenant."""

    context: IdentityContext

    @property
    def held(self) -> HeldObjects[ApiConnector]:
        """The objects as they are stored."""
        return HeldObjects(
            self.context,
            ApiConnector,
            "API connector",
            Right.READ_CONNECTORS,
            Right.WRITE_CONNECTORS,
            self.context.declared.api_connectors,
        )

    async def list(self, caller: Caller) -> tuple[Held[ApiConnector], ...]:
        """Return all API connectors."""
        return await self.held.all(caller)

    async def get(self, caller: Caller, id: str) -> Held[ApiConnector]:
        """Return one. Raises NotFoundError."""
        return await self.held.get(caller, id)

    async def create(
        self, caller: Caller, *, display_name: str, target_url: str, credentials: NewCredentials
    ) -> Held[ApiConnector]:
        """Store a new API connector and its secret. Raises InvalidError."""
        caller.require(Right.WRITE_CONNECTORS)
        name, url = one_line(display_name, "displayName"), self._url(target_url)
        prepared = await self._prepared(credentials, None)
        connector_id = str(uuid.uuid4())
        key_id = await self._stored_key(caller, connector_id, prepared, first=True)
        try:
            return await self.held.create(caller, ApiConnector(connector_id, name, url, prepared.credentials(key_id)))
        except ManagementError:
            await self._erase(caller, [key_id])
            raise

    async def update(
        self, caller: Caller, id: str, change: ConnectorChange, *, if_match: str | None = None
    ) -> Held[ApiConnector]:
        """Change an API connector; new credentials replace the old ones, whose keys are deleted soon.

        Raises:
            NotFoundError, InvalidError, ConflictingError (declared), ChangedError (``if_match``).
        """
        old = (await self.held.changeable(caller, id, if_match)).value
        if change.display_name is not None:
            one_line(change.display_name, "displayName")
        if change.target_url is not None:
            self._url(change.target_url)
        if change.credentials is None:
            return await self._replace(caller, old, change, None, if_match)
        prepared = await self._prepared(change.credentials, old.credentials)
        if prepared.key is None:
            kept = prepared.credentials(key_of(old.credentials))
            return await self._replace(caller, old, change, kept, if_match)
        key_id = await self._stored_key(caller, old.id, prepared, first=False)
        try:
            return await self._replace(caller, old, change, prepared.credentials(key_id), if_match)
        except ManagementError:
            await self._erase(caller, [key_id])
            raise

    async def upload_certificate(
        self, caller: Caller, id: str, new: NewCertificate, *, if_match: str | None = None
    ) -> Held[ApiConnector]:
        """Add a client certificate to those that the API connector has.

        Raises:
            InvalidError: the file or its password is wrong, or the connector proves itself by something else.
        """
        connector = (await self.held.changeable(caller, id, if_match)).value
        if not isinstance(connector.credentials, CertificateCredentials):
            detail = (
                f"the API connector {connector.id!r} proves itself by no client certificate; set one with PATCH first"
            )
            raise InvalidError(detail, member=MEMBER)
        key = await certificate_of(new, self.context.clock.now(), "")
        await self._add(caller, connector.credentials.key, key)
        return await self.held.touch(caller, id, changed="uploadClientCertificate")

    async def certificates(self, connector: ApiConnector) -> tuple[UploadedCertificate, ...]:
        """Return the client certificates of an API connector in the order in which they were uploaded."""
        if not isinstance(connector.credentials, CertificateCredentials):
            return ()
        try:
            found = await self.context.keys.get(connector.credentials.key)
        except KeySetNotFoundError:
            return ()
        return _described(found, self.context.clock.now())

    async def delete(self, caller: Caller, id: str, *, if_match: str | None = None) -> None:
        """Delete an API connector and its keys. Raises ConflictingError when a user flow calls it."""

        async def refuse_bound() -> None:
            flows = (await self.context.snapshot()).user_flows
            bound = [flow.id for flow in flows if any(each.lower() == id.lower() for each in flow.connectors.values())]
            if bound:
                detail = f"the API connector {id!r} is called by {', '.join(bound)}; unbind it there first"
                raise ConflictingError(detail)

        entry = await self.held.delete(caller, id, if_match=if_match, check=refuse_bound)
        # By their prefix, so that what an interrupted change has left goes as well.
        prefix = key_set_id(entry.id, "").lower()
        stored = await self.context.keys.stored()
        await self._erase(caller, [each.id for each in stored if each.id.lower().startswith(prefix)])

    def _url(self, text: str) -> str:
        return https_url(text, "targetUrl", plain_http=self.context.plain_http)

    async def _prepared(self, new: NewCredentials, old: ConnectorCredentials | None) -> Prepared:
        return await prepare(new, old, self.context.clock.now(), self.context.plain_http)

    async def _replace(
        self,
        caller: Caller,
        old: ApiConnector,
        change: ConnectorChange,
        credentials: ConnectorCredentials | None,
        if_match: str | None,
    ) -> Held[ApiConnector]:
        async def edit(present: ApiConnector) -> ApiConnector:
            if credentials is not None and present.credentials != old.credentials:
                # Somebody else has replaced the credentials, and with them the keys that were read.
                raise _credentials_changed(old.id)
            return replace(
                present,
                display_name=change.display_name or present.display_name,
                target_url=change.target_url or present.target_url,
                credentials=credentials or present.credentials,
            )

        return await self.held.change(caller, old.id, edit, changed=_changed(change), if_match=if_match)

    async def _stored_key(self, caller: Caller, connector_id: str, prepared: Prepared, *, first: bool) -> str:
        try:
            return await store_key(self.context.keys.by(caller.actor), connector_id, prepared, first=first)
        except KeyStoreError as error:
            raise refused_key(error, MEMBER) from None

    async def _add(self, caller: Caller, key_id: str, key: Key) -> None:
        keys = self.context.keys.by(caller.actor)
        try:
            if len((await keys.get(key_id)).keys) >= CERTIFICATE_LIMIT:
                detail = f"an API connector has at most {CERTIFICATE_LIMIT} certificates; replace them with PATCH"
                raise ConflictingError(detail)
            await keys.add(key_id, key)
        except KeySetNotFoundError:
            raise _credentials_changed("") from None
        except KeyStoreError as error:
            raise refused_key(error, "pkcs12Value") from None

    async def _erase(self, caller: Caller, ids: Sequence[str]) -> None:
        await erase(self.context.keys.by(caller.actor), ids)


def _described(found: KeySet, now: datetime) -> tuple[UploadedCertificate, ...]:
    active = newest_upload(found, now)
    described = [(describe(key.certificates[0]), key is active) for key in found.keys if key.certificates]
    return tuple(
        UploadedCertificate(each.sha1_thumbprint, each.not_before, each.not_after, used) for each, used in described
    )


def _changed(change: ConnectorChange) -> str:
    named = {
        "displayName": change.display_name,
        "targetUrl": change.target_url,
        MEMBER: change.credentials,
    }
    return ", ".join(name for name, value in named.items() if value is not None)


def _credentials_changed(id: str) -> ManagementError:
    return ConflictingError(f"the credentials of the API connector {id!r} were replaced at the same time; try again")

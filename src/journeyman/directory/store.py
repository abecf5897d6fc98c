"""User accounts in the SQL database: a key in, a user out.

A record is sealed, bound to its tenant and object id. What a user can be found by stands in
``user_identities`` as a keyed hash, so neither the file nor a backup lists e-mail addresses; its
primary key makes an identity unique. A renamed tenant keeps its users: rows name the tenant's id.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from dataclasses import replace

from journeyman.clock import Clock
from journeyman.database import Database, Row, Statement, blob, integer, text, to_milliseconds
from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP, own_name
from journeyman.directory.errors import UserChangedError
from journeyman.directory.record import decode_user, encode_user
from journeyman.directory.tenant_key import tenant_key
from journeyman.directory.user import FEDERATED, Identity, User, normalised_name
from journeyman.errors import ConflictError, UserExistsError, UserNotFoundError
from journeyman.secret import Sealer, Secret
from journeyman.storage.audit import AuditEvent, AuditLog
from journeyman.storage.audited import Told, run_audited

_MAX_NAME = 1024
_FIND = "SELECT object_id, record, version FROM users WHERE tenant = ? AND object_id = ?"
_PAGE = "SELECT object_id, record, version FROM users WHERE tenant = ? AND object_id > ? ORDER BY object_id LIMIT ?"
_FIND_BY_IDENTITY = (
    "SELECT u.object_id, u.record, u.version FROM user_identities i JOIN users u"
    " ON u.tenant = i.tenant AND u.object_id = i.object_id"
    " WHERE i.tenant = ? AND i.issuer_key = ? AND i.id_hash = ?"
)
_INSERT = "INSERT INTO users (tenant, object_id, record, created_at, updated_at, version) VALUES (?, ?, ?, ?, ?, 1)"
_INSERT_IDENTITY = "INSERT INTO user_identities (tenant, issuer_key, id_hash, object_id) VALUES (?, ?, ?, ?)"
_TOUCH = "UPDATE users SET updated_at = ? WHERE tenant = ? AND object_id = ? AND version = ?"
_WRITE = "UPDATE users SET record = ?, version = version + 1 WHERE tenant = ? AND object_id = ? AND version = ?"
_ADD_IDENTITY = (
    "INSERT INTO user_identities (tenant, issuer_key, id_hash, object_id)"
    " SELECT tenant, ?, ?, object_id FROM users WHERE tenant = ? AND object_id = ? AND version = ?"
)
_REMOVE_IDENTITY = (
    "DELETE FROM user_identities WHERE tenant = ? AND issuer_key = ? AND id_hash = ? AND object_id = ?"
    " AND EXISTS (SELECT 1 FROM users WHERE tenant = ? AND object_id = ? AND version = ?)"
)
_DELETE = "DELETE FROM users WHERE tenant = ? AND object_id = ?"
_DELETE_IDENTITIES = "DELETE FROM user_identities WHERE tenant = ? AND object_id = ?"
_COUNT = "SELECT count(*) FROM users WHERE tenant = ?"
_EXISTS = "EXISTS (SELECT 1 FROM users WHERE tenant = ? AND object_id = ?)"
_IS_OF_VERSION = "EXISTS (SELECT 1 FROM users WHERE tenant = ? AND object_id = ? AND version = ?)"

_LookupRow = tuple[str, bytes]


class UserStore:
    """The accounts of one tenant; ``extensions_app`` is the client id of its extensions application."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        *,
        tenant_id: str,
        tenant_name: str,
        extensions_app: str = DEFAULT_EXTENSIONS_APP,
        audit: AuditLog | None = None,
    ) -> None:
        self.tenant_id = tenant_id
        self.tenant_name = tenant_name
        self.extensions_app = extensions_app
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._audit = audit
        self._lookup_key: Secret | None = None

    async def find(self, object_id: str) -> User | None:
        """Return the user of an object id."""
        return self._user(await self._database.fetch_one(_FIND, (self.tenant_id, object_id.lower())))

    async def find_by_identity(self, identity: Identity) -> User | None:
        """Return the user who holds an identity of this kind, issuer and value."""
        user = await self._find_by_key(*identity.key)
        if user is None or not identity.local:
            return user
        return user if any(held.key == identity.key for held in user.identities_of(identity.kind)) else None

    async def find_by_sign_in_name(self, name: str) -> User | None:
        """Return the user who holds this sign-in name, whatever its kind."""
        return await self._find_by_key("local", normalised_name(name))

    async def find_by_principal_name(self, name: str) -> User | None:
        """Return the user of this userPrincipalName."""
        return await self._find_by_key("upn", normalised_name(name))

    async def find_federated(self, issuer: str, issuer_user_id: str) -> User | None:
        """Return the user whom ``issuer`` knows under this base64 id."""
        return await self.find_by_identity(Identity(FEDERATED, issuer, issuer_user_id))

    async def create(self, user: User, *, actor: str = "") -> User:
        """Add a user under an object id of its own and return what was stored.

        ``actor`` is who does it, for the audit trail; journeys are no change of an administrator and name none.

        Raises:
            UserExistsError: another user holds one of the identities or the principal name.
        """
        now = self._clock.now()
        stored = replace(user, object_id=str(uuid.uuid4()), created_at=now, version=1)
        at = to_milliseconds(now)
        statements: list[Statement] = [(_INSERT, (self.tenant_id, stored.object_id, self._seal(stored), at, at))]
        statements += [self._insert_lookup(stored, row) for row in await self._lookup_rows(stored)]
        told = Told(AuditEvent("Add user", actor, stored.object_id)) if actor else None
        await self._run(statements, told)
        return stored

    async def update(self, user: User, *, actor: str = "", changed: str = "") -> User:
        """Write a user who was read from this store and return what was stored.

        Raises:
            UserChangedError: somebody has written the user since; read again and repeat.
            UserNotFoundError: the user was deleted.
            UserExistsError: another user holds one of the new identities.
        """
        before = await self.find(user.object_id)
        if before is None:
            raise UserNotFoundError("the account does not exist any more")
        if before.version != user.version:
            raise UserChangedError("the account was changed by somebody else")
        old, new = set(await self._lookup_rows(before)), set(await self._lookup_rows(user))
        stored = replace(user, created_at=before.created_at, version=user.version + 1)
        event = AuditEvent("Update user", actor, user.object_id, {"changed": changed} if changed else {})
        told = Told(event, _IS_OF_VERSION, (self.tenant_id, user.object_id, stored.version)) if actor else None
        statements = self._update_statements(stored, user.version, removed=old - new, added=new - old)
        counts = await self._run(statements, told)
        if counts[-1] != 1:
            raise UserChangedError("the account was changed by somebody else")
        return stored

    async def delete(self, object_id: str, *, actor: str = "") -> bool:
        """Delete a user; say whether there was one."""
        place = (self.tenant_id, object_id.lower())
        event = AuditEvent("Delete user", actor, object_id.lower())
        told = Told(event, _EXISTS, place, before=True) if actor else None
        counts = await self._run([(_DELETE_IDENTITIES, place), (_DELETE, place)], told)
        return counts[1] == 1

    async def count(self) -> int:
        """Return how many users there are."""
        row = await self._database.fetch_one(_COUNT, (self.tenant_id,))
        return integer(row[0]) if row else 0

    async def page(self, *, after: str = "", limit: int = 100) -> list[User]:
        """Return users in the order of their object ids, those after ``after``."""
        rows = await self._database.fetch_all(_PAGE, (self.tenant_id, after, min(max(limit, 1), 1000)))
        return [self._opened(row) for row in rows]

    async def name_key(self, name: str) -> str:
        """Return a keyed hash of a sign-in name, under which failures of unknown names are counted."""
        return (await self._hash("name", normalised_name(name))).hex()

    def _update_statements(
        self, stored: User, version: int, *, removed: Iterable[_LookupRow], added: Iterable[_LookupRow]
    ) -> list[Statement]:
        """Every statement names the version that was read, so all of them or none take effect."""
        same = (self.tenant_id, stored.object_id, version)
        at = to_milliseconds(self._clock.now())
        # The first one locks the row, so that on a database with many writers the version stays what it is.
        statements: list[Statement] = [(_TOUCH, (at, *same))]
        statements += [(_REMOVE_IDENTITY, (self.tenant_id, *row, stored.object_id, *same)) for row in sorted(removed)]
        statements += [(_ADD_IDENTITY, (*row, *same)) for row in sorted(added)]
        return [*statements, (_WRITE, (self._seal(stored), *same))]

    def _insert_lookup(self, user: User, row: _LookupRow) -> Statement:
        return _INSERT_IDENTITY, (self.tenant_id, *row, user.object_id)

    async def _run(self, statements: list[Statement], told: Told | None) -> list[int]:
        try:
            if told is None or self._audit is None:
                return await self._database.execute_many(statements)
            return await run_audited(self._database, self._audit, told, statements, tenant=self.tenant_id)
        except ConflictError:
            # The text of the cause names the row, so it is left out of the chain.
            raise UserExistsError("another account holds one of these identities") from None

    async def _find_by_key(self, issuer_key: str, name: str) -> User | None:
        if not 0 < len(name) <= _MAX_NAME:
            return None
        hashed = await self._hash(issuer_key, name)
        return self._user(await self._database.fetch_one(_FIND_BY_IDENTITY, (self.tenant_id, issuer_key, hashed)))

    async def _lookup_rows(self, user: User) -> list[_LookupRow]:
        """Return what the user can be found by; sorted, so that concurrent writers take locks in one order."""
        keys = {identity.key for identity in user.identities}
        if user.principal_name:
            keys.add(("upn", normalised_name(user.principal_name)))
        return sorted([(issuer_key, await self._hash(issuer_key, name)) for issuer_key, name in keys])

    async def _hash(self, issuer_key: str, name: str) -> bytes:
        if self._lookup_key is None:
            self._lookup_key = await tenant_key(self._database, self._sealer, self.tenant_id, "directory.lookup")
        message = f"{issuer_key}\0{name}".encode(errors="surrogatepass")
        return hmac.new(self._lookup_key.reveal_bytes(), message, hashlib.sha256).digest()

    def _seal(self, user: User) -> bytes:
        return self._sealer.seal(encode_user(user), context=self._context(user.object_id))

    def _context(self, object_id: str) -> str:
        return user_context(self.tenant_id, object_id)

    def _user(self, row: Row | None) -> User | None:
        return None if row is None else self._opened(row)

    def _opened(self, row: Row) -> User:
        object_id = text(row[0])
        data = self._sealer.open(blob(row[1]), context=self._context(object_id))
        user = decode_user(data, object_id=object_id, version=integer(row[2]))
        # Written before the settings named this application as the tenant's own.
        foreign = {name for name in user.attributes if own_name(name, self.extensions_app) != name}
        if not foreign:
            return user
        renamed = {own_name(name, self.extensions_app): user.attributes[name] for name in foreign}
        kept = {name: value for name, value in user.attributes.items() if name not in foreign}
        return replace(user, attributes={**renamed, **kept})


def user_context(tenant_id: str, object_id: str) -> str:
    """Return the place to which the record of an account is bound."""
    return f"users/{tenant_id}/{object_id}"

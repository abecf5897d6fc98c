"""The tables of the SQL database, for SQLite and PostgreSQL alike.

The migrations make the same tables; a test keeps the two equal. This module imports SQLAlchemy, so
nothing on a request path or on a normal start imports it. Times are milliseconds since 1970 UTC.
Small rows live in the index of their key (``WITHOUT ROWID``), which saves SQLite one lookup; rows
with larger values do not, because they would make that index deep.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text

METADATA: Final = MetaData()

Table(
    "key_sets",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("id_key", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "id_key"),
)

Table(
    "keys",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("set_key", Text, nullable=False),
    Column("kid", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "set_key", "kid"),
)

Table(
    "versions",
    METADATA,
    Column("name", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("name"),
    sqlite_with_rowid=False,
)

Table(
    "state",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("id_hash", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "id_hash"),
    Index("state_expires_at", "expires_at"),
)

Table(
    "counters",
    METADATA,
    Column("id_hash", LargeBinary, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("id_hash"),
    Index("counters_expires_at", "expires_at"),
    sqlite_with_rowid=False,
)

Table(
    "users",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "object_id"),
)

Table(
    "user_identities",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("issuer_key", Text, nullable=False),
    Column("id_hash", LargeBinary, nullable=False),
    Column("object_id", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "issuer_key", "id_hash"),
    Index("user_identities_object_id", "object_id"),
    sqlite_with_rowid=False,
)

Table(
    "applications",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "client_id"),
)

Table(
    "application_secrets",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("hint", Text, nullable=False),
    Column("display_name", Text, nullable=True),
    Column("starts_at", BigInteger, nullable=True),
    Column("ends_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("tenant", "client_id", "key_id"),
)

Table(
    "tenant_values",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "name"),
)

Table(
    "trace_journeys",
    METADATA,
    Column("journey_id", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("policy_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("failed_calls", BigInteger, nullable=False),
    Column("profiles", Text, nullable=False),
    PrimaryKeyConstraint("journey_id"),
    Index("trace_journeys_last_at", "last_at", "journey_id"),
)

Table(
    "trace_entries",
    METADATA,
    Column("journey_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("journey_id", "sequence"),
)

Table(
    "mailbox",
    METADATA,
    # SQLite numbers rows by itself only in a column declared exactly INTEGER.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("code", Text, nullable=True),
)

Table(
    "audit",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("activity", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

Table(
    "configuration",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id_key", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "kind", "id_key"),
)

Table(
    "policy_texts",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("text", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "hash"),
)

Table(
    "policy_releases",
    METADATA,
    Column("tenant", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    # A JSON object: policy id -> the hash of its text in hexadecimal. The release with the highest number is in force.
    Column("manifest", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "number"),
)

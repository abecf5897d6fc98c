"""The first schema: keys, state, users, applications, traces, mailbox, audit."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    _create_keys()
    _create_state()
    _create_directory()
    _create_records()


def _create_keys() -> None:
    op.create_table(
        "key_sets",
        Column("tenant", Text, nullable=False),
        Column("id", Text, nullable=False),
        Column("id_key", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant", "id_key"),
    )
    op.create_table(
        "keys",
        Column("tenant", Text, nullable=False),
        Column("set_key", Text, nullable=False),
        Column("kid", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("record", LargeBinary, nullable=False),
        PrimaryKeyConstraint("tenant", "set_key", "kid"),
    )
    op.create_table(
        "versions",
        Column("name", Text, nullable=False),
        Column("value", BigInteger, nullable=False),
        PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )


def _create_state() -> None:
    op.create_table(
        "state",
        Column("kind", Text, nullable=False),
        Column("id_hash", LargeBinary, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("kind", "id_hash"),
    )
    op.create_index("state_expires_at", "state", ["expires_at"])
    op.create_table(
        "counters",
        Column("id_hash", LargeBinary, nullable=False),
        Column("value", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("counters_expires_at", "counters", ["expires_at"])


def _create_directory() -> None:
    op.create_table(
        "users",
        Column("tenant", Text, nullable=False),
        Column("object_id", Text, nullable=False),
        Column("record", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("version", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant", "object_id"),
    )
    op.create_table(
        "user_identities",
        Column("tenant", Text, nullable=False),
        Column("issuer_key", Text, nullable=False),
        Column("id_hash", LargeBinary, nullable=False),
        Column("object_id", Text, nullable=False),
        PrimaryKeyConstraint("tenant", "issuer_key", "id_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("user_identities_object_id", "user_identities", ["object_id"])
    op.create_table(
        "applications",
        Column("tenant", Text, nullable=False),
        Column("client_id", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant", "client_id"),
    )
    op.create_table(
        "application_secrets",
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
    op.create_table(
        "tenant_values",
        Column("tenant", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("value", Text, nullable=False),
        PrimaryKeyConstraint("tenant", "name"),
    )


def _create_records() -> None:
    op.create_table(
        "trace_journeys",
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
    )
    op.create_index("trace_journeys_last_at", "trace_journeys", ["last_at", "journey_id"])
    op.create_table(
        "trace_entries",
        Column("journey_id", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("record", Text, nullable=False),
        PrimaryKeyConstraint("journey_id", "sequence"),
    )
    op.create_table(
        "mailbox",
        # SQLite numbers rows by itself only in a column declared exactly INTEGER.
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("at", BigInteger, nullable=False),
        Column("recipient", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("code", Text, nullable=True),
    )
    op.create_table(
        "audit",
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

"""User flows and what they are made of, and the releases of uploaded policies."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "configuration",
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
    op.create_table(
        "policy_texts",
        Column("tenant", Text, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("text", LargeBinary, nullable=False),
        PrimaryKeyConstraint("tenant", "hash"),
    )
    op.create_table(
        "policy_releases",
        Column("tenant", Text, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("actor", Text, nullable=False),
        Column("note", Text, nullable=False),
        Column("manifest", Text, nullable=False),
        PrimaryKeyConstraint("tenant", "number"),
    )

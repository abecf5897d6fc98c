"""Alembic runs this file for every command; the caller hands over the open connection."""

from __future__ import annotations

from alembic import context

from journeyman.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's environment: one file per revision in ``versions``, oldest first."""

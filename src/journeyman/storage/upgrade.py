"""A SQLite file of an older schema in, the same file of the newest out: the only importer of Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from journeyman.errors import StorageError
from journeyman.storage.sqlite_errors import explain

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_LOCK_TIMEOUT_S: Final = 30.0


def alembic_config() -> Config:
    """Return the configuration of Alembic for the migrations of this package."""
    config = Config()
    # Alembic's options use % for interpolation, and a path may hold one.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def upgrade_sqlite(path: Path) -> None:
    """Bring the file to the newest revision in one transaction.

    Of several processes that start at once one does the work and the others wait for it: the
    transaction takes the write lock before Alembic reads the revision.

    Raises:
        StorageError: a migration failed, or the revision is unknown.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"isolation_level": None, "timeout": _LOCK_TIMEOUT_S},
    )
    event.listen(engine, "begin", _begin_immediate)
    config = alembic_config()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"{path}: {error}") from error
    except DBAPIError as error:
        raise explain(error.orig or error, path) from error


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

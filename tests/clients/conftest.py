"""Clients of the management API as their users run them: the real command, a token by client credentials, HTTP.

* ``server``: a tenant in production mode, one for all tests; each test makes its own objects in it.
* ``master``: an application with every role on it.
* ``front``: another tenant behind nginx, which ends TLS, with ``public_url = "https://…"``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))

from acceptance_folder import Folder
from clients_caller import ALL_ROLES, Caller, hire
from clients_front import Front, nginx_front


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A tenant folder of one test; what was started from it ends with the test."""
    found = Folder(tmp_path / "tenant")
    yield found
    found.end_all()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """The folder of ``server``."""
    found = Folder(tmp_path_factory.mktemp("clients") / "tenant")
    found.write(mode="production")
    found.up()
    yield found
    found.end_all()


@pytest.fixture(scope="session")
def master(home: Folder) -> Caller:
    """Whoever may do everything."""
    return hire(home, *ALL_ROLES)


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A tenant behind a TLS front."""
    with nginx_front(tmp_path_factory.mktemp("front")) as found:
        yield found

"""Clients of the management API as their users run them: the real command, a token by client credentials, HTTP.

* ``home``: a tenant in production mode that runs, one for all tests; each test makes its own objects in it.
* ``master``: an application with every role on it; ``nobody``: one that may do nothing of interest.
* ``front``: another tenant behind nginx, which ends TLS, with ``public_url = "https://…"``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))
sys.path.insert(0, str(Path(__file__).parents[1] / "canary"))

from acceptance_api import Api
from acceptance_folder import Folder
from clients_caller import ALL_ROLES, API, Caller, hire
from clients_front import Front, nginx_front


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A tenant folder of one test; what was started from it ends with the test."""
    found = Folder(tmp_path / "tenant")
    yield found
    found.end_all()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, api: Api) -> Iterator[Folder]:
    """A tenant in production mode that runs, one for all tests: each makes its own objects in it."""
    found = Folder(tmp_path_factory.mktemp("clients") / "tenant")
    egress = f'[egress]\nallow = ["127.0.0.1/32:{api.port}"]\n[egress.map]\n"{API}" = "{api.origin}"\n'
    found.write(egress, mode="production").token_keys()
    found.up()
    yield found
    found.end_all()


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """What policies call."""
    with Api() as found:
        yield found


@pytest.fixture(scope="session")
def nobody(home: Folder) -> Caller:
    """Whoever may do nothing but read the audit trail."""
    return hire(home, "AuditLog.Read.All", name="Nobody")


@pytest.fixture(scope="session")
def master(home: Folder) -> Caller:
    """Whoever may do everything."""
    return hire(home, *ALL_ROLES)


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A tenant behind a TLS front."""
    with nginx_front(tmp_path_factory.mktemp("front")) as found:
        yield found

"""A stranger with the documents only: runs the real command on own tenant folders and talks HTTP to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from acceptance_api import Api
from acceptance_folder import Folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """The tenant folder of a module; what was started from it ends with the module."""
    folder = Folder(tmp_path_factory.mktemp("acceptance") / "tenant")
    yield folder
    folder.end_all()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A tenant folder of one test."""
    found = Folder(tmp_path / "tenant")
    yield found
    found.end_all()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A plain HTTP API."""
    with Api() as found:
        yield found

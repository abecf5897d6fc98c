"""One tenant is driven through every failure once; the tests then look for its secrets wherever it left something."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory):
    """All that is left behind by one run in development and one in production mode."""
    from canary_drive import drive

    return asyncio.run(drive(tmp_path_factory.mktemp("canary") / "tenant"))


@pytest.fixture(scope="session")
def mass(tmp_path_factory: pytest.TempPathFactory, xml):
    """What many journeys full of canaries have left; the long form is longer, not another one."""
    from canary_mass import drive
    from test_mass import WANTED

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_TRACES_EXPORTER", "console")
        return asyncio.run(drive(tmp_path_factory.mktemp("mass") / "tenant", xml, at_least=WANTED))

"""The guard stays small: what it imports, and when."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import journeyman_guard

SOURCE = Path(journeyman_guard.__file__).parent
BASE = {"cryptography", "joserfc", "journeyman_guard"}
EXTRAS = {
    "azure_functions.py": {"azure"},
    "dependency.py": {"starlette"},
    "fastapi_contract.py": {"pydantic", "starlette"},
    "uvicorn_tls.py": {"uvicorn"},
    "proxy/forward.py": {"aiohttp", "multidict", "yarl"},
    "proxy/server.py": {"uvicorn"},
}


IMPORT = re.compile(r"^ *(?:from ([\w.]+) import |import ([\w.]+)(?: as \w+)?$)", re.MULTILINE)


def imported(path):
    found = IMPORT.findall(path.read_text(encoding="utf-8"))
    return [(first or second).partition(".")[0] for first, second in found]


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_needs_what_its_extra_says_and_never_the_engine(path):
    others = {name for name in imported(path) if name not in sys.stdlib_module_names} - BASE

    assert others == EXTRAS.get(str(path.relative_to(SOURCE)), set())


def test_the_package_alone_imports_next_to_nothing():
    code = "import sys, json, journeyman_guard; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}

    assert loaded.isdisjoint({"cryptography", "joserfc", "asyncio", "starlette", "uvicorn", "aiohttp", "ssl"})


def test_checks_of_fixed_secrets_need_no_cryptography():
    names = "load_guard, GuardMiddleware, BasicCheck, ApiKeyCheck, BearerCheck, GuardWsgiMiddleware"
    code = f"import sys, json; from journeyman_guard import {names}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}

    assert loaded.isdisjoint({"cryptography", "joserfc", "starlette", "uvicorn", "aiohttp"})


def test_every_public_name_can_be_had_and_no_other():
    assert [name for name in journeyman_guard.__all__ if getattr(journeyman_guard, name, None) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = journeyman_guard.nothing


def test_the_names_for_type_checkers_are_those_that_are_imported():
    text = (
        (SOURCE / "__init__.py")
        .read_text(encoding="utf-8")
        .partition("if TYPE_CHECKING:")[2]
        .partition("__version__")[0]
    )
    lines = re.findall(r"import (.+)$", text, re.MULTILINE)
    typed = {name for line in lines for name in line.split(", ")}

    assert typed == set(journeyman_guard.__all__)

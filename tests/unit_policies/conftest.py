"""The unit-test policies of the public collection, all served by one engine in a thread of its own.

``unit_policies`` is the running tenant: the starter pack SocialAndLocalAccounts and every unit-test policy that extends
it, unchanged. ``run_policy`` walks through one as a person would (policy_walk.py).
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pytest

from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.user import User, local_identity
from journeyman.engine import Engine, open_engine
from journeyman.secret import Secret
from journeyman.settings import load_settings
from journeyman.web.app import build_app
from journeyman.web.server import bind, server_of, start

sys.path.insert(0, str(Path(__file__).parent))

from outside_world import ORIGINS, OutsideWorld
from policy_walk import CLIENT_ID, EMAIL, PASSWORD, REDIRECT_URI, Walk, walk

PACK = "SocialAndLocalAccounts"
SETTINGS = f"""
[tenant]
name = "contoso.onmicrosoft.com"

[[applications]]
client_id = "{CLIENT_ID}"
name = "Unit tests"
redirect_uris = ["{REDIRECT_URI}"]
allow_implicit = true

[egress.map]
"""

HASH_SECRET = "unit-test-secret"
"""The content of every policy key: of the one that CT_Hash names, and of those of the identity providers."""

TWICE = "technical-profiles/self-asserted/TP_SA_metadata_setting_showSignupLink.xml"
"""Its policy id is that of another file, so it is served under an id of its own."""


class Serving:
    """A tenant folder behind HTTP, in a thread with its own event loop."""

    def __init__(self, folder: Path) -> None:
        self.origin = ""
        self.engine: Engine | None = None
        self.world = OutsideWorld()
        self.problems: list[str] = []
        self._folder = folder
        self._ready = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(60)
        assert self.origin, "the engine did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._thread.join(30)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine of the engine in its own loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _serve(self) -> None:
        self._loop, over = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: self._loop.call_soon_threadsafe(over.set)
        api = await asyncio.start_server(self.world.serve, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{api.sockets[0].getsockname()[1]}"
        mapped = "".join(f'"{origin}" = "{address}"\n' for origin in ORIGINS)
        (self._folder / "journeyman.toml").write_text(SETTINGS + mapped, encoding="utf-8")
        listener = bind("127.0.0.1", 0)
        number = listener.getsockname()[1]
        try:
            hasher = PasswordHasher(memory_kib=64, time_cost=1)
            engine = await open_engine(
                load_settings(self._folder, environment={}, listen=f"127.0.0.1:{number}"),
                warn=self.problems.append,
                passwords=hasher,
            )
            await engine.users.create(
                User(
                    "44444444-2222-3333-4444-555555555555",
                    datetime.now(UTC),
                    attributes={"displayname": "Ann", "givenname": "Ann", "surname": "Lee"},
                    identities=(local_identity("emailAddress", EMAIL),),
                    password_hash=await hasher.hash(Secret(PASSWORD)),
                )
            )
            self.engine = engine
            server = server_of(build_app(engine), engine.settings.server)
            task = await start(server, listener)
            self.origin = f"http://127.0.0.1:{number}"
        finally:
            self._ready.set()
        await over.wait()
        server.should_exit = True
        await asyncio.wait([task])
        await engine.close()
        api.close()


def policy_files(corpus: Path) -> dict[str, str]:
    """Return path below ``policies/`` -> text: the pack and the unit tests that extend it."""
    index = json.loads((corpus / "index.json").read_text(encoding="utf-8"))["policies"]
    ours = [one["path"] for one in index if one["path"].startswith("unit-tests/") and one["pack"] == PACK]
    pack = ["TrustFrameworkBase.xml", "TrustFrameworkLocalization.xml", "TrustFrameworkExtensions.xml"]
    paths = [f"starterpack/{PACK}/{name}" for name in pack] + ours
    texts = {path: (corpus / path).read_text(encoding="utf-8-sig") for path in paths}
    twice = f"unit-tests/{TWICE}"
    texts[twice] = texts[twice].replace("setting_operatingMode", "setting_showSignupLink")
    return {path.rpartition("/")[2]: text for path, text in texts.items()}


def key_ids(corpus: Path) -> set[str]:
    """Return the policy keys that the files name, without those of tokens, which the engine makes."""
    index = json.loads((corpus / "index.json").read_text(encoding="utf-8"))["policies"]
    folders = ("unit-tests/", f"starterpack/{PACK}/")
    named = {name for one in index if one["path"].startswith(folders) for name in one["policy_keys"]}
    return {"B2C_1A_12345Secret"} | {name for name in named if "Token" not in name and "Cert" not in name}


@pytest.fixture(scope="session")
def unit_policies(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("unit-policies") / "tenant"
    for name in ("policies", "keys"):
        (folder / name).mkdir(parents=True)
    for name in key_ids(corpus):
        (folder / "keys" / f"{name}.txt").write_text(HASH_SECRET, encoding="utf-8")
    for name, text in policy_files(corpus).items():
        (folder / "policies" / name).write_text(text, encoding="utf-8")
    with Serving(folder) as serving:
        yield serving


@pytest.fixture
def run_policy(unit_policies: Serving) -> Callable[..., Awaitable[Walk]]:
    """``await run_policy("CT_AndClaims", {"boolean1": "true"}, {}, ui_locales="es")``."""

    async def run(name: str, *entered: dict[str, str], **request: str) -> Walk:
        return await walk(unit_policies.origin, f"B2C_1A_{name}", entered, request)

    return run

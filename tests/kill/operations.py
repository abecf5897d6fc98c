"""What is killed, and what is asked afterwards; each function runs in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from journeyman.cli import deploy, keys_apply, keys_delete, keys_rewrap, keys_rotate
from journeyman.cli.release_target import Place
from journeyman.clock import SystemClock
from journeyman.configuration.releases import ReleaseStore
from journeyman.engine.tenant_store import TenantStore, open_tenant_store
from journeyman.errors import KeySetNotFoundError
from journeyman.keys.creation import secret_key
from journeyman.keys.rotation import rotation_of
from journeyman.settings import load_settings

CLOCK = SystemClock()
TENANT = '[tenant]\nname = "contoso.onmicrosoft.com"\n'
BEFORE = "".join(f'[keys.Rest{n}]\nsecret = {{ env = "VALUE{n}" }}\n' for n in range(4))
AFTER = "".join(f'[keys.Rest{n}]\nsecret = {{ env = "VALUE{n}" }}\n' for n in range(1, 6))


def make(folder: Path, keys: int) -> None:
    """Make a tenant folder with policy keys of one secret each."""
    (folder / "journeyman.toml").write_text(TENANT, encoding="utf-8")

    async def fill(store: TenantStore) -> None:
        for number in range(keys):
            await store.keys.create(f"Rest{number}", [secret_key(f"old-{number}", use="sig", now=CLOCK.now())])

    _in_store(folder, fill)


def make_by_apply(folder: Path) -> None:
    """Make a tenant folder whose policy keys are those of a ``keys.toml``."""
    (folder / "journeyman.toml").write_text(TENANT, encoding="utf-8")
    apply(folder, BEFORE, "old")


def apply(folder: Path, text: str, version: str) -> None:
    """Run ``journeyman keys apply`` with values of one version."""
    (folder / "keys.toml").write_text(text, encoding="utf-8")
    os.environ.update({f"VALUE{number}": f"{version}-{number}" for number in range(6)})
    _quietly(lambda: keys_apply.apply(folder, folder / "keys.toml", check=False, yes=True, as_json=False))


def rewrap(folder: Path) -> None:
    """Run ``journeyman keys rewrap``."""
    new_key = keys_rewrap.NewKey()
    _quietly(lambda: keys_rewrap.rewrap(folder, new_key, wait_s=0, as_json=False))


def delete_and_restore(folder: Path) -> None:
    """Run ``journeyman keys delete`` and ``restore``."""
    _quietly(lambda: keys_delete.delete_key(folder, "Rest0", yes=True, as_json=False))
    _quietly(lambda: keys_delete.restore_key(folder, "Rest0", as_json=False))


def publish(folder: Path, source: str) -> None:
    """Run ``journeyman deploy`` with a folder of policies."""
    try:
        _quietly(lambda: deploy.deploy(deploy.Wish(folder / source, Place(folder), yes=True)))
    except SystemExit as ended:
        if ended.code:
            raise AssertionError(f"deploy ended with {ended.code}") from ended


def uploaded(folder: Path) -> tuple[list[str], int]:
    """Return what is uploaded, every text of it read, and how many releases the audit trail tells of."""

    async def look(store: TenantStore) -> tuple[list[str], int]:
        assert store.audit is not None
        await store.audit.verify()
        releases = ReleaseStore(store.database, CLOCK, store.audit, store.tenant_id)
        current = await releases.current()
        texts = await releases.texts(current)
        told = [one for one in await store.audit.list(10_000) if one.activity == "Publish policies"]
        assert len(told) == current.number
        return [f"{name} {data.count(b'second')}" for name, data in texts.items()], current.number

    return _in_store(folder, look)


def rotate_step(folder: Path, *steps: str) -> None:
    """Run ``journeyman keys rotate`` once for each step; ``stage`` takes the secret of the file ``new``."""
    for step in steps:
        new = folder / "new" if step == "stage" else None
        wish = keys_rotate.Wish(folder, "Rest0", ((step, True),), None, dry_run=False, force=False, as_json=False)
        _quietly(lambda wish=wish, new=new: keys_rotate.rotate(wish, keys_rotate.Source(secret_file=new)))


def make_rotatable(folder: Path) -> None:
    """Make a tenant folder whose next secret waits in the file ``new``."""
    make(folder, 2)
    (folder / "new").write_text("new-0", encoding="utf-8")


def rotation(folder: Path) -> str:
    """Return how far the rotation has come."""

    async def look(store: TenantStore) -> str:
        return rotation_of(await store.keys.get("Rest0")).state.value

    return _in_store(folder, look)


def secrets(folder: Path) -> dict[str, str]:
    """Open the store as a start does, prove its audit trail, and return the secret in use of each policy key."""

    async def look(store: TenantStore) -> dict[str, str]:
        assert store.audit is not None
        await store.audit.verify()
        found = {}
        for entry in await store.keys.stored():
            key_set = await store.keys.get(entry.id)
            secret = key_set.active(CLOCK.now()).secret
            assert secret is not None
            found[entry.id] = secret.reveal()
        return found

    return _in_store(folder, look)


def entries(folder: Path) -> list[tuple[str, str]]:
    """Return activity and target of the audit trail, oldest first."""

    async def look(store: TenantStore) -> list[tuple[str, str]]:
        assert store.audit is not None
        return [(entry.activity, entry.target) for entry in reversed(await store.audit.list(10_000))]

    return _in_store(folder, look)


def has(folder: Path, name: str) -> bool:
    """Whether there is a policy key, or a backup, of this name."""

    async def look(store: TenantStore) -> bool:
        try:
            await store.keys.get(name)
        except KeySetNotFoundError:
            return False
        return True

    return _in_store(folder, look)


def _in_store(folder: Path, work: Callable[[TenantStore], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        settings = load_settings(folder, environment={})
        async with open_tenant_store(settings, CLOCK, actor="test") as store:
            return await work(store)

    return asyncio.run(run())


def _quietly(command: Callable[[], None]) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        command()

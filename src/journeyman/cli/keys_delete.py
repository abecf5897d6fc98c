"""``journeyman keys delete`` and ``restore``: a policy key in, its backup out, and back.

Source: policy-keys.md §7: the name is asked for, the set is kept as ``.bak``, deleting that is final.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from journeyman.cli.keys import checked_name, in_store
from journeyman.cli.terminal import errors_in_words, note, say, say_json
from journeyman.engine.key_uses import key_uses, uses_of
from journeyman.engine.stored import stored_of
from journeyman.engine.tenant_store import TenantStore, database_path
from journeyman.errors import KeySetNotFoundError, SettingsError
from journeyman.keys.folder import read_key_files
from journeyman.keys.names import backup_id, is_backup
from journeyman.settings import Settings, load_settings


def delete_key(folder: Path, name: str, *, yes: bool, as_json: bool, damaged: bool = False) -> None:
    """Delete a key set once its name was typed in, and say who needs it; of a damaged one no backup can be kept."""
    with errors_in_words():
        key_id = checked_name(name)
        settings = load_settings(folder, environment=os.environ)
        _refuse_without_store(settings, key_id)
        if not yes:
            _ask(key_id)
        backup = in_store(settings, lambda store: _deleted(store, key_id, damaged=damaged))
        for warning in _warnings(settings, key_id):
            note(f"warning: {warning}")
        if as_json:
            say_json({"id": key_id, "backup": backup})
        elif backup is None:
            say(f"{key_id} is deleted for good")
        else:
            say(f"{key_id} is deleted and kept as {backup}; `journeyman keys restore {backup}` brings it back")


async def _deleted(store: TenantStore, id: str, *, damaged: bool) -> str | None:
    """Delete a key set and return the id of its backup, None when there is none."""
    if not damaged:
        return await store.keys.delete(id)
    await store.keys.discard(id)
    return None


def restore_key(folder: Path, name: str, *, as_json: bool) -> None:
    """Give a deleted key set its name back."""
    with errors_in_words():
        key_id = checked_name(name)
        backup = key_id if is_backup(key_id) else backup_id(key_id)
        settings = load_settings(folder, environment=os.environ)
        _refuse_without_store(settings, backup)
        restored = in_store(settings, lambda store: store.keys.restore(backup))
        if as_json:
            say_json({"id": restored, "backup": backup})
        else:
            say(f"{restored} is restored")


def _refuse_without_store(settings: Settings, id: str) -> None:
    """Refuse before a store is made only to find that the key is not in it."""
    if not database_path(settings).exists():
        detail = (
            f"AADB2C90073: KeyContainer with 'id': '{id}' cannot be found in the directory '{settings.tenant_name}'"
        )
        raise KeySetNotFoundError(f"{detail}: it has no store yet; `journeyman keys list` shows what is in keys/")


def _ask(id: str) -> None:
    if not sys.stdin.isatty():
        raise SettingsError(f"deleting {id} asks for its name on a terminal; add --yes to delete it without")
    sys.stderr.write(f"Type {id} to delete it: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != id.lower():
        raise SettingsError(f"that is not {id}; nothing was deleted")


def _warnings(settings: Settings, id: str) -> Iterator[str]:
    for use in uses_of(key_uses(settings, asyncio.run(stored_of(settings))), id):
        place = f"{use.location.path}: " if use.location else ""
        yield f"{place}{use.kind.value} {use.user} needs {id}"
    files, _ = read_key_files(settings.folder / "keys", os.environ)
    for file in files:
        if file.id.lower() == id.lower():
            yield f"{file.path}: the next start takes {id} over from this file again; move it out of keys/"

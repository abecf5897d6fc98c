"""``journeyman keys rewrap``: a new master key in, a store that it opens out; may be killed at any time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeyman.cli.keys import actor
from journeyman.cli.terminal import WRONG, end, errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.engine.rewrap import Change, Resealed, change_under_way, finish, reseal_under
from journeyman.engine.tenant_store import (
    TenantStore,
    database_path,
    master_key_path,
    open_tenant_store,
    vault_client,
)
from journeyman.errors import KeyStoreError, SettingsError
from journeyman.keys.master_key import (
    MASTER_KEY_VARIABLE,
    exchange_master_key_file,
    master_key_from_environment,
    master_key_from_file,
)
from journeyman.keys.sealing import MasterKey
from journeyman.keys.vault import VaultMasterKey
from journeyman.settings import MasterKeySource, Settings, load_settings
from journeyman.storage.sqlite import checkpoint

_NEW_SUFFIX: Final = ".new"


@dataclass(frozen=True, slots=True)
class NewKey:
    """Where the new master key is: at most one is given."""

    file: Path | None = None
    variable: str | None = None
    vault: bool = False
    finish: bool = False

    @property
    def in_place(self) -> bool:
        """Whether none is given."""
        return self.file is None and self.variable is None and not self.vault and not self.finish


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was done; ``old_file`` is where the old master key is kept."""

    master_id: str
    resealed: Resealed
    finished: bool
    old_file: Path | None = None


def rewrap(folder: Path, new_key: NewKey, *, wait_s: float, as_json: bool) -> None:
    """Change the master key; exit code 1 when records do not open."""
    with errors_in_words():
        _refuse_several(new_key)
        settings = load_settings(folder, environment=os.environ)
        if not database_path(settings).exists():
            raise KeyStoreError(f"{settings.folder} has no store yet; the first start makes it with its master key")
        outcome = asyncio.run(_run(settings, new_key, wait_s))
        _report(outcome, new_key, as_json=as_json)
        if outcome.resealed.damaged:
            end(WRONG)


def _refuse_several(new_key: NewKey) -> None:
    given = {
        "--new-key-file": new_key.file is not None,
        "--new-key-env": new_key.variable is not None,
        "--to-vault": new_key.vault,
        "--finish": new_key.finish,
    }
    names = [name for name, is_given in given.items() if is_given]
    if len(names) > 1:
        raise SettingsError(f"{' and '.join(names)} exclude each other; name one of them")


async def _run(settings: Settings, new_key: NewKey, wait_s: float) -> _Outcome:
    async with open_tenant_store(settings, SystemClock(), actor=actor()) as store:
        under_way = await change_under_way(store)
        present = store.sealer.master
        # Once the settings name the new master key, all that is left is to go on and to finish.
        resumed = under_way is not None and under_way.master_id == present.key_id.hex()
        if new_key.finish and not resumed:
            raise KeyStoreError(_nothing_to_finish(under_way, present))
        target = present if resumed else _target(settings, new_key, present)
        resealed = await reseal_under(
            store,
            target,
            wait_s=wait_s,
            actor=actor(),
            tell=note,
            progress=_progress if sys.stderr.isatty() else _silent,
        )
        change = await change_under_way(store)
        if resealed.damaged or change is None or not (resumed or new_key.in_place):
            return _Outcome(target.key_id.hex(), resealed, finished=False)
        return await _finished(settings, store, change, resealed, exchange=not resumed and target is not present)


def _progress(number: int) -> None:
    """Show on a terminal how far it is; the line is written over."""
    sys.stderr.write(f"\r{number} records sealed anew\r")
    sys.stderr.flush()


def _silent(_number: int) -> None:
    """Show nothing in a pipe."""


async def _finished(
    settings: Settings, store: TenantStore, change: Change, resealed: Resealed, *, exchange: bool
) -> _Outcome:
    kept = None
    if exchange:
        # What the new file opens must be on the disk before it takes the place of the old one.
        await asyncio.to_thread(checkpoint, database_path(settings))
        path = master_key_path(settings)
        kept = exchange_master_key_file(path, path.with_name(path.name + _NEW_SUFFIX))
    await finish(store, change, actor=actor())
    await asyncio.to_thread(checkpoint, database_path(settings))
    return _Outcome(change.master_id, resealed, finished=True, old_file=kept)


def _target(settings: Settings, new_key: NewKey, present: MasterKey) -> MasterKey:
    if new_key.vault:
        return VaultMasterKey(vault_client(settings))
    if new_key.variable is not None:
        found = master_key_from_environment(os.environ, new_key.variable)
        if found is None:
            raise SettingsError(f"--new-key-env {new_key.variable[:100]!r}: there is no such environment variable")
        return found
    if new_key.file is not None:
        return master_key_from_file(new_key.file)
    if settings.master_key.source is MasterKeySource.VAULT:
        return present
    path = master_key_path(settings)
    if settings.master_key.file is not None or MASTER_KEY_VARIABLE in os.environ:
        place = f"[master_key] file, {path}" if settings.master_key.file else MASTER_KEY_VARIABLE
        detail = f"the master key comes from {place}, which this command does not change"
        raise SettingsError(f"{detail}; name the new one with --new-key-file or --new-key-env")
    return master_key_from_file(path.with_name(path.name + _NEW_SUFFIX))


def _nothing_to_finish(under_way: Change | None, present: MasterKey) -> str:
    if under_way is None:
        return "no change of the master key is under way; `journeyman keys rewrap` begins one"
    return (
        f"the settings still name the old master key {present.key_id.hex()}; let them name the new one, "
        f"{under_way.master_id}, restart the engines, and run this command again"
    )


def _report(outcome: _Outcome, new_key: NewKey, *, as_json: bool) -> None:
    resealed = outcome.resealed
    for problem in resealed.damaged.values():
        note(f"error JM5104: {problem}")
    if as_json:
        say_json(
            {
                "master_key": outcome.master_id,
                "resealed": resealed.records,
                "damaged": sorted(resealed.damaged),
                "finished": outcome.finished,
                "old_key_file": None if outcome.old_file is None else str(outcome.old_file),
            }
        )
        return
    for line in _lines(outcome, new_key):
        say(line)


def _lines(outcome: _Outcome, new_key: NewKey) -> Sequence[str]:
    records = outcome.resealed.records
    lines = [f"{number} records of {table} sealed anew" for table, number in records.items() if number]
    if outcome.resealed.damaged:
        number = len(outcome.resealed.damaged)
        return [
            *lines,
            f"{number} do not open: restore them from a backup, and run this command again; both keys still open the store",
        ]
    if not outcome.finished:
        return [*lines, f"both master keys open the store; {_next_step(outcome, new_key)}"]
    lines.append(f"only the master key {outcome.master_id} opens the store now")
    if outcome.old_file is not None:
        lines.append(f"{outcome.old_file} opens the backups from before; delete it when none is needed any more")
    return lines


def _next_step(outcome: _Outcome, new_key: NewKey) -> str:
    then = "restart the engines, then run `journeyman keys rewrap --finish`"
    if new_key.vault:
        return f'write source = "vault" under [master_key] in journeyman.toml, {then}'
    if new_key.variable is not None:
        return f"set {MASTER_KEY_VARIABLE} to the new key {outcome.master_id} wherever an engine runs, {then}"
    return f"let [master_key] file name {new_key.file} wherever an engine runs, {then}"

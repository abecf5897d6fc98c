"""``journeyman keys apply`` and ``export``: a ``keys.toml`` in, a plan and a store that follows it out; and back."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from journeyman.cli.keys import actor, refuse_waiting_file
from journeyman.cli.terminal import WRONG, end, errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.engine.key_files import known_key_sets
from journeyman.engine.key_uses import KeyUse, key_uses, uses_of
from journeyman.engine.stored import stored_of
from journeyman.engine.tenant_store import TenantStore, open_tenant_store, read_tenant_store, vault_client
from journeyman.errors import SettingsError
from journeyman.keys.declared import DeclaredKeySet, read_declared, read_text
from journeyman.keys.development import PLATFORM_SIGNING
from journeyman.keys.export import keys_toml, public_key_set
from journeyman.keys.keyset import KeySet
from journeyman.keys.names import is_backup
from journeyman.keys.plan import Action, Plan, Planned, WantedKeySet, carry_out, plan, wanted_key_set
from journeyman.keys.values import ValueReader
from journeyman.settings import Settings, load_settings

_MARKS: Final = {Action.ADD: "+", Action.ROTATE: "~", Action.DELETE: "-"}
_CLOCK: Final = SystemClock()


def apply(folder: Path, file: Path, *, check: bool, yes: bool, as_json: bool) -> None:
    """Show what has to be done so that the store is as the file says, and do it."""
    with errors_in_words():
        settings = load_settings(folder, environment=os.environ)
        declared = read_declared(read_text(file), file.name)
        reader = ValueReader(file.absolute().parent, os.environ, lambda: vault_client(settings))
        if check:
            asyncio.run(_check(settings, declared, reader, as_json=as_json))
            return
        if not yes and not sys.stdin.isatty():
            raise SettingsError(
                "apply asks on a terminal before it changes anything; add --yes, or --check to only look"
            )
        asyncio.run(_apply(settings, declared, reader, yes=yes, as_json=as_json))


def export(folder: Path, *, public: bool, as_json: bool) -> None:
    """Print the public part of all key sets."""
    with errors_in_words():
        if not public:
            raise SettingsError("secrets and private keys do not leave the store; add --public for the rest")
        settings = load_settings(folder, environment=os.environ)
        known = asyncio.run(known_key_sets(settings, _CLOCK))
        sets = [one.key_set for one in known if not is_backup(one.key_set.id)]
        if as_json:
            say_json({"keySets": [public_key_set(one) for one in sets]})
            return
        own = PLATFORM_SIGNING.id.lower()
        say(keys_toml(one for one in sets if one.id.lower() != own).rstrip("\n"))


async def _check(settings: Settings, declared: Sequence[DeclaredKeySet], reader: ValueReader, *, as_json: bool) -> None:
    async with read_tenant_store(settings, _CLOCK) as store:
        found = await _plan(store, declared, reader)
    _show(found, await _uses(settings, found), as_json=as_json, applied=False)
    if found.actions:
        end(WRONG)


async def _apply(
    settings: Settings, declared: Sequence[DeclaredKeySet], reader: ValueReader, *, yes: bool, as_json: bool
) -> None:
    async with open_tenant_store(settings, _CLOCK, actor=actor()) as store:
        found = await _plan(store, declared, reader)
        for action in found.actions:
            await refuse_waiting_file(settings, store, action.id)
        if not as_json:
            _show(found, await _uses(settings, found), as_json=False, applied=False)
        if found.actions and not yes and not _agreed():
            raise SettingsError("nothing was changed")
        for action in found.actions:
            await carry_out(action, store.keys, _CLOCK.now())
    if as_json:
        _show(found, (), as_json=True, applied=True)
    elif found.actions:
        say("applied")


async def _plan(store: TenantStore | None, declared: Sequence[DeclaredKeySet], reader: ValueReader) -> Plan:
    now = _CLOCK.now()
    wanted: list[WantedKeySet] = await asyncio.to_thread(lambda: [wanted_key_set(one, reader, now) for one in declared])
    return plan(wanted, () if store is None else await _present(store), now)


async def _present(store: TenantStore) -> tuple[KeySet, ...]:
    return tuple(
        KeySet(entry.id, tuple(map(store.keys.unseal, entry.keys)))
        for entry in await store.keys.stored()
        if entry.id.lower() != PLATFORM_SIGNING.id.lower()
    )


def _agreed() -> bool:
    sys.stderr.write("Type yes to apply: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "yes"


async def _uses(settings: Settings, found: Plan) -> tuple[KeyUse, ...]:
    """Return who uses policy keys, when some are to be deleted."""
    if not any(action.action is Action.DELETE for action in found.actions):
        return ()
    return key_uses(settings, await stored_of(settings))


def _show(found: Plan, uses: tuple[KeyUse, ...], *, as_json: bool, applied: bool) -> None:
    if as_json:
        say_json(
            {
                "actions": [_json(action) for action in found.actions],
                "unchanged": list(found.unchanged),
                "unmanaged": list(found.unmanaged),
                "applied": applied,
            }
        )
        return
    for action in found.actions:
        say(f"{_MARKS[action.action]} {action.action.value:<7} {action.id}  {action.reason}{_consequence(action)}")
        for use in uses_of(uses, action.id) if action.action is Action.DELETE else ():
            note(f"warning: {use.kind.value} {use.user} needs {action.id}")
    for set_id in found.unmanaged:
        say(f"  left    {set_id}  is not in the file and was not made by it")
    if not found.actions:
        say(f"nothing to do: {len(found.unchanged)} policy keys are as declared")


def _consequence(action: Planned) -> str:
    if action.action is Action.DELETE:
        return f"; kept as {action.id}.bak"
    return f"; disables {', '.join(action.disabled)}" if action.disabled else ""


def _json(action: Planned) -> dict[str, Any]:
    return {
        "action": action.action.value,
        "id": action.id,
        "reason": action.reason,
        "added": [key.kid for key in action.keys],
        "disabled": list(action.disabled),
    }

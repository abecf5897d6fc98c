"""``journeyman guard``: write the guard's side of technical profiles, and see whether policy and guard agree."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeyman.cli.new_files import NewFile, refuse_existing, write_new
from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.diagnostics import PolicyError
from journeyman.engine.alone.find import find_policy, find_profile, load_folder
from journeyman.engine.alone.guard_check import Agreed, Agreement, KeysNow, agreements
from journeyman.engine.alone.guard_side import guard_file, guard_side
from journeyman.engine.alone.keys import KnownKeys
from journeyman.engine.key_files import known_key_sets
from journeyman.engine.stored import stored_of
from journeyman.errors import SettingsError
from journeyman.keys.names import is_backup
from journeyman.settings import Settings, find_tenant_folder, load_settings
from journeyman_guard import Guard, MisconfiguredError, load_guard

STDOUT: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Order:
    """What was written on the command line."""

    folder: Path
    profiles: tuple[str, ...]
    policy: str | None = None
    as_json: bool = False


def init(order: Order, output: Path, *, force: bool) -> None:
    """Write a ``guard.toml`` for some profiles."""
    with errors_in_words():
        if not order.profiles:
            raise SettingsError("for which technical profile? Name it with --for; it can be repeated")
        settings = _settings(order.folder)
        policy = _policy(order, settings)
        keys = asyncio.run(_keys(settings))
        sides = [guard_side(policy, find_profile(policy, name), keys, settings) for name in order.profiles]
        text = guard_file(sides)
        if output == STDOUT:
            say(text.removesuffix("\n"))
            end(DONE)
        _write(output, text, force=force)
        routes = [route for side in sides for route in side.routes]
        notes = list(dict.fromkeys(one for side in sides for one in side.notes))
        if order.as_json:
            say_json({"file": str(output), "routes": routes, "notes": notes})
            end(DONE)
        for one in notes:
            note(f"note: {one}")
        say(f"wrote {output}: {', '.join(routes)}")
        say(f"next: journeyman-guard check {output}; then give it to the API, see journeyman-guard --help")


def check(order: Order, config: Path) -> None:
    """Print which profiles get in and which do not; 1 when one does not."""
    # What the guard would log is printed as a result.
    logging.getLogger("journeyman_guard").addHandler(logging.NullHandler())
    with errors_in_words():
        settings = _settings(order.folder)
        guard = _guard(config)
        policy = _policy(order, settings)
        for name in order.profiles:
            find_profile(policy, name)
        found = asyncio.run(_agreements(policy, order, guard, settings))
        if order.as_json:
            say_json([_shown(one) for one in found])
        else:
            for one in found:
                say(_line(one))
        if not any(one.agreement is not Agreement.ELSEWHERE for one in found):
            raise SettingsError(f"{config} guards no route that {policy.policy_id} calls")
        wrong = [one for one in found if one.agreement is Agreement.REFUSED]
        missed = [one for one in found if order.profiles and one.agreement is Agreement.ELSEWHERE]
        end(WRONG if wrong or missed else DONE)


async def _agreements(policy: CompiledPolicy, order: Order, guard: Guard, settings: Settings) -> list[Agreed]:
    keys = KeysNow(await _keys(settings), SystemClock())
    return await agreements(policy, order.profiles, keys, guard, settings)


async def _keys(settings: Settings) -> KnownKeys:
    clock = SystemClock()
    sets = [known.key_set for known in await known_key_sets(settings, clock) if not is_backup(known.key_set.id)]
    return KnownKeys(sets, clock)


def _settings(folder: Path) -> Settings:
    found = find_tenant_folder(folder) if folder.exists() else None
    if found is None:
        raise SettingsError(f"{folder} is not in a tenant folder; name one with --dir")
    return load_settings(found, environment=os.environ)


def _policy(order: Order, settings: Settings) -> CompiledPolicy:
    loaded = load_folder(settings, tenant=True, stored=asyncio.run(stored_of(settings)))
    profile = order.profiles[0] if order.profiles else ""
    try:
        return find_policy(loaded, order.policy, profile, settings)
    except PolicyError as error:
        for diagnostic in error.diagnostics:
            note(str(diagnostic))
        raise


def _guard(config: Path) -> Guard:
    try:
        return load_guard(config)
    except MisconfiguredError as error:
        raise SettingsError(str(error)) from error


def _write(output: Path, text: str, *, force: bool) -> None:
    if not force:
        refuse_existing([output])
        write_new([NewFile(output, text.encode("utf-8"))])
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}") from error


def _line(one: Agreed) -> str:
    detail = f": {one.detail}" if one.detail else ""
    return f"{one.profile_id}  {one.route}  {one.agreement.value}{detail}"


def _shown(one: Agreed) -> dict[str, str]:
    return {"profile": one.profile_id, "route": one.route, "result": one.agreement.value, "detail": one.detail}

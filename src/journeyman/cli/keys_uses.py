"""``journeyman keys uses``: a policy key in; the technical profiles, issuers and endpoints that need it out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from journeyman.cli.keys import checked_name
from journeyman.cli.terminal import errors_in_words, say, say_json
from journeyman.clock import SystemClock
from journeyman.engine.key_files import known_key_sets
from journeyman.engine.key_uses import KeyUse, key_uses, uses_of
from journeyman.engine.stored import stored_of
from journeyman.errors import KeySetNotFoundError
from journeyman.keys.names import is_backup
from journeyman.settings import load_settings


def show_uses(folder: Path, name: str | None, *, as_json: bool) -> None:
    """Print who uses one key set, or every one."""
    with errors_in_words():
        wanted = None if name is None else checked_name(name)
        settings = load_settings(folder, environment=os.environ)
        known = asyncio.run(known_key_sets(settings, SystemClock()))
        present = [one.key_set.id for one in known if not is_backup(one.key_set.id)]
        uses = key_uses(settings, asyncio.run(stored_of(settings)))
        if wanted is not None:
            _refuse_unknown(wanted, present, uses, settings.tenant_name)
        sets = _set_ids(present, uses) if wanted is None else [wanted]
        there = {set_id.lower(): set_id for set_id in present}
        found = [(there.get(set_id.lower(), set_id), set_id.lower() in there, uses_of(uses, set_id)) for set_id in sets]
        if as_json:
            rows = [
                {"id": set_id, "exists": exists, "uses": [_json(use) for use in of_set]}
                for set_id, exists, of_set in found
            ]
            say_json(rows if wanted is None else rows[0])
            return
        for set_id, exists, of_set in found:
            _say_set(set_id, exists=exists, uses=of_set)
        if not found:
            say("no policy key yet, and no policy names one")


def _refuse_unknown(wanted: str, present: Iterable[str], uses: tuple[KeyUse, ...], tenant: str) -> None:
    if wanted.lower() in {set_id.lower() for set_id in present} or uses_of(uses, wanted):
        return
    detail = f"AADB2C90073: KeyContainer with 'id': '{wanted}' cannot be found in the directory '{tenant}'"
    raise KeySetNotFoundError(f"{detail}, and no policy names it; `journeyman keys list` shows those there are")


def _set_ids(present: Iterable[str], uses: Iterable[KeyUse]) -> list[str]:
    """Return the ids of the key sets there are, then those that are only asked for, by name."""
    ids = {set_id.lower(): set_id for set_id in (*(use.set_id for use in uses), *present)}
    return [ids[name] for name in sorted(ids)]


def _say_set(id: str, *, exists: bool, uses: tuple[KeyUse, ...]) -> None:
    missing = "" if exists else "  (there is no such policy key yet)"
    say(f"{id}{missing}" if uses else f"{id}  used by nothing{missing}")
    for use in uses:
        place = f"  {use.location.path}:{use.location.line}" if use.location else ""
        target = f"  {use.authentication_type or 'None'} {use.service_url}" if use.service_url else ""
        policies = f"  in {', '.join(use.policies)}" if use.policies else ""
        say(f"  {use.kind.value} {use.user}  {use.key_name}{target}{policies}{place}")


def _json(use: KeyUse) -> dict[str, Any]:
    return {
        "kind": use.kind.value,
        "user": use.user,
        "key": use.key_name,
        "handler": use.handler or None,
        "policies": list(use.policies),
        "authentication_type": use.authentication_type or None,
        "service_url": use.service_url or None,
        "path": use.location.path if use.location else None,
        "line": use.location.line if use.location else None,
    }

"""``journeyman keys expiry``: days left of every certificate, dated key and client secret, with who uses it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from journeyman.cli.terminal import WRONG, end, errors_in_words, say, say_json, utc_text
from journeyman.clock import Clock, SystemClock
from journeyman.engine.expiry import Expiring, expiring, expiring_of
from journeyman.engine.key_files import known_key_sets
from journeyman.engine.key_uses import KeyUse, key_uses
from journeyman.engine.stored import stored_of
from journeyman.engine.tenant_store import read_tenant_store, registry_of
from journeyman.keys.keyset import KeySet
from journeyman.keys.names import is_backup
from journeyman.settings import Settings, load_settings

_BAR: Final = 20


def show_expiry(folder: Path, within_days: int, *, as_json: bool) -> None:
    """Print what ends; end with 1 when something has ended, or ends within so many days."""
    with errors_in_words():
        clock = SystemClock()
        settings = load_settings(folder, environment=os.environ)
        found, now = asyncio.run(_found(settings, clock)), clock.now()
        if as_json:
            say_json([_json(one, now) for one in found])
        else:
            _say(found, now)
        if any(not one.covered and one.ends - now <= timedelta(days=within_days) for one in found):
            end(WRONG)


async def _found(settings: Settings, clock: Clock) -> tuple[Expiring, ...]:
    known = await known_key_sets(settings, clock)
    key_sets = [one.key_set for one in known if not is_backup(one.key_set.id)]
    return await _with_client_secrets(key_sets, key_uses(settings, await stored_of(settings, clock)), settings, clock)


async def _with_client_secrets(
    key_sets: Sequence[KeySet], uses: tuple[KeyUse, ...], settings: Settings, clock: Clock
) -> tuple[Expiring, ...]:
    async with read_tenant_store(settings, clock) as store:
        if store is None or not await store.has_application_secrets():
            return expiring(key_sets, uses, (), settings)
        return await expiring_of(key_sets, uses, await registry_of(settings, store, clock), settings)


def _say(found: Sequence[Expiring], now: datetime) -> None:
    width = max((len(one.id) for one in found), default=0)
    for one in found:
        say(_line(one, now, width))
    if not found:
        say("nothing ends: no certificate, no key with an expiration date, no client secret with an end")


def _line(one: Expiring, now: datetime, width: int) -> str:
    left, days = round(one.share_left(now) * _BAR), one.days_left(now)
    bar = "#" * left + "." * (_BAR - left)
    when = f"{days:>5} days" if days >= 0 else f"ended {-days} d"
    parts = [f"{one.id:<{width}}", f"[{bar}]", f"{when:<10}", f"until {utc_text(one.ends)}", one.kind.value]
    parts += [one.subject] if one.subject else []
    if one.covered:
        parts.append("another version takes over")
    parts.append(f"used by {', '.join(one.users)}" if one.users else "used by nothing")
    return "  ".join(parts)


def _json(one: Expiring, now: datetime) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "id": one.id,
        "version": one.version,
        "subject": one.subject or None,
        "not_after": utc_text(one.ends),
        "days_left": one.days_left(now),
        "warning_days": one.level(now),
        "covered": one.covered,
        "used_by": list(one.users),
    }

"""``journeyman audit``: the audit trail in; its entries, or the first broken one, out."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from journeyman.cli.terminal import WRONG, end, errors_in_words, note, say, say_json, utc_text
from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import read_tenant_store
from journeyman.errors import AuditBrokenError, SettingsError
from journeyman.settings import load_settings
from journeyman.storage.audit import AuditEntry, AuditLog

_HEAD: Final = re.compile(r"([0-9]{1,18}):([0-9a-fA-F]{64})")
_T = TypeVar("_T")


def list_entries(folder: Path, *, limit: int, target: str | None, as_json: bool) -> None:
    """Print the last entries, newest first."""

    async def work(log: AuditLog | None) -> tuple[AuditEntry, ...]:
        return () if log is None else await log.list(limit, target=target)

    with errors_in_words():
        entries = _with_log(folder, work)
        if as_json:
            say_json([_json(entry) for entry in entries])
            return
        for entry in entries:
            say(_line(entry))
        if not entries:
            say("no entry yet" if target is None else f"no entry of {target}")


def verify_entries(folder: Path, head: str | None, *, as_json: bool) -> None:
    """Check the chain; end with exit code 1 and the first broken entry when it is not what was written."""

    async def work(log: AuditLog | None) -> tuple[int, str]:
        if kept is not None:
            await _refuse_other_head(log, *kept)
        if log is None:
            return 0, "0" * 64
        # The head is read first: what is written in the meantime is checked too, and not in the head.
        found = await log.head()
        await log.verify()
        return found

    with errors_in_words():
        kept = None if head is None else _kept(head)
        try:
            sequence, last_hash = _with_log(folder, work)
        except AuditBrokenError as error:
            if as_json:
                say_json({"ok": False, "broken": error.sequence, "problem": str(error)})
            else:
                note(f"error {error.code}: {error}; entries before it are as they were written")
            end(WRONG)
        head = f"{sequence}:{last_hash}"
        if as_json:
            say_json({"ok": True, "entries": sequence, "head": head})
            return
        say(f"{sequence} {'entry is' if sequence == 1 else 'entries are'} as written")
        say(f"head {head}")


async def _refuse_other_head(log: AuditLog | None, sequence: int, last_hash: str) -> None:
    if sequence == 0:
        return
    if log is None:
        raise AuditBrokenError(f"the audit log is broken: entry {sequence} is missing", sequence=sequence)
    await log.refuse_other_head(sequence, last_hash)


def _kept(head: str) -> tuple[int, str]:
    found = _HEAD.fullmatch(head)
    if found is None:
        raise SettingsError(f"--head {head[:100]!r} is not NUMBER:HASH; write what `journeyman audit verify` printed")
    return int(found[1]), found[2]


def _with_log(folder: Path, work: Callable[[AuditLog | None], Awaitable[_T]]) -> _T:
    async def run() -> _T:
        settings = load_settings(folder, environment=os.environ)
        async with read_tenant_store(settings, SystemClock()) as store:
            return await work(None if store is None else store.audit)

    return asyncio.run(run())


def _line(entry: AuditEntry) -> str:
    detail = "  ".join(f"{name}={value}" for name, value in entry.detail.items() if value)
    return f"{entry.sequence}  {utc_text(entry.at)}  {entry.activity}  {entry.target}  by {entry.actor or '-'}  {detail}".rstrip()


def _json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "tenant": entry.tenant,
        "at": utc_text(entry.at),
        "activity": entry.activity,
        "actor": entry.actor,
        "target": entry.target,
        "detail": dict(entry.detail),
    }

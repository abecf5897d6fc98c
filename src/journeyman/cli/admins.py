"""``journeyman admins``: an e-mail address in; a one-time link, a list or a removal out. It works beside a running engine."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from journeyman.cli.keys import actor
from journeyman.cli.terminal import argument, errors_in_words, note, say, say_json
from journeyman.clock import Clock, SystemClock
from journeyman.directory.store import UserStore
from journeyman.engine.console import CONSOLE, console_tenant
from journeyman.engine.tenant_store import TenantStore, audit_log, database_path, open_tenant_store
from journeyman.errors import SettingsError
from journeyman.management.administrators import (
    ALL_ROLES,
    Administrator,
    Administrators,
    checked_email,
    checked_name,
    checked_roles,
)
from journeyman.management.errors import InvalidError
from journeyman.management.links import LIFETIME, Invitation, OneTimeLinks, Purpose, welcome_link
from journeyman.secret import Secret
from journeyman.settings import Settings, load_settings
from journeyman.state.sql import SqlStateStore

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a command works with."""

    settings: Settings
    administrators: Administrators
    links: OneTimeLinks


def add(folder: Path, email: str, name: str, roles: tuple[str, ...], *, as_json: bool) -> None:
    """Print the link by which a new administrator sets their password."""
    with errors_in_words():
        address = argument("EMAIL", _checked(checked_email), email)
        label = argument("--name", _checked(checked_name), name) if name else ""
        for role in roles:
            argument("--role", _checked(_role), role)
        granted = sorted(roles) or sorted(ALL_ROLES)

        async def work(opened: _Opened) -> Secret:
            if await opened.administrators.of_email(address) is not None:
                raise SettingsError(
                    f"{address} is an administrator already; `journeyman admins reset` sets a new password"
                )
            return await opened.links.issue(Invitation(Purpose.ADD, address, label, tuple(granted), by=actor()))

        _print_link(folder, address, _run(folder, work), as_json=as_json)


def reset(folder: Path, email: str, *, as_json: bool) -> None:
    """Print the link by which an administrator sets a new password."""
    with errors_in_words():

        async def work(opened: _Opened) -> Secret:
            found = await _existing(opened, email)
            return await opened.links.issue(
                Invitation(Purpose.RESET, found.email, found.name, administrator=found.id, by=actor())
            )

        _print_link(folder, email, _run(folder, work), as_json=as_json)


def list_(folder: Path, *, as_json: bool) -> None:
    """Print the administrators."""
    with errors_in_words():
        settings = load_settings(folder, environment=os.environ)
        found = _run(folder, lambda opened: opened.administrators.all()) if database_path(settings).exists() else ()
        if as_json:
            say_json([_json(one) for one in found])
            return
        for one in found:
            say(f"{one.email}  {one.name}  {'all roles' if one.roles == ALL_ROLES else ', '.join(sorted(one.roles))}")
        if not found:
            say("no administrator yet; `journeyman admins add EMAIL` makes one")


def roles(folder: Path, email: str, added: tuple[str, ...], removed: tuple[str, ...], *, as_json: bool) -> None:
    """Print the roles of an administrator, after changing them as ``added`` and ``removed`` say."""
    with errors_in_words():
        for option, names in (("--add", added), ("--remove", removed)):
            for name in names:
                argument(option, _checked(_role), name)

        async def work(opened: _Opened) -> Administrator:
            found = await _existing(opened, email)
            wanted = (found.roles | set(added)) - set(removed)
            if not wanted:
                raise SettingsError("an administrator needs a role; `journeyman admins remove` removes one")
            if wanted == found.roles:
                return found
            return await opened.administrators.set_roles(found, wanted, actor=actor())

        found = _run(folder, work)
        if as_json:
            say_json(_json(found))
            return
        for role in sorted(found.roles):
            say(role)


def remove(folder: Path, email: str, *, yes: bool, as_json: bool) -> None:
    """Remove an administrator; ``yes`` does it without asking."""
    with errors_in_words():

        async def work(opened: _Opened) -> Administrator:
            found = await _existing(opened, email)
            if not yes:
                _ask(found.email)
            await opened.administrators.remove(found, actor=actor())
            return found

        removed = _run(folder, work)
        if as_json:
            say_json(_json(removed))
        else:
            say(f"{removed.email} is no administrator any more")


def _ask(email: str) -> None:
    """Have the address typed in. Raises SettingsError when it is another one, or nobody can type."""
    if not sys.stdin.isatty():
        raise SettingsError("removing an administrator asks for their address on a terminal; add --yes to do without")
    note(f"type {email} to remove this administrator:")
    if sys.stdin.readline().strip() != email:
        raise SettingsError("that is another address; nothing was removed")


async def _existing(opened: _Opened, email: str) -> Administrator:
    found = await opened.administrators.of_email(email)
    if found is None:
        raise SettingsError(f"there is no administrator {email[:60]!r}; `journeyman admins list` shows them")
    return found


def _run(folder: Path, work: Callable[[_Opened], Awaitable[_T]]) -> _T:
    settings = load_settings(folder, environment=os.environ)

    async def run() -> _T:
        clock = SystemClock()
        async with open_tenant_store(settings, clock, actor=actor()) as store:
            return await work(await _opened(settings, store, clock))

    return asyncio.run(run())


async def _opened(settings: Settings, store: TenantStore, clock: Clock) -> _Opened:
    users = UserStore(
        store.database, store.sealer, clock, tenant_id=console_tenant(store.tenant_id), tenant_name=CONSOLE
    )
    audit = store.audit or await audit_log(store.database, store.sealer, clock)
    links = OneTimeLinks(SqlStateStore(store.database, store.sealer, clock), clock)
    return _Opened(settings, Administrators(users, audit, store.tenant_id), links)


def _print_link(folder: Path, email: str, token: Secret, *, as_json: bool) -> None:
    settings = load_settings(folder, environment=os.environ)
    link = welcome_link(settings.server.public_url, token)
    minutes = int(LIFETIME.total_seconds() // 60)
    if as_json:
        say_json({"email": email, "link": link, "minutes": minutes})
    else:
        say(link)
    note(f"the link works once, for {minutes} minutes; give it to {email} and to nobody else")


def _json(one: Administrator) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "roles": sorted(one.roles),
        "created_at": one.created_at.isoformat(),
    }


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        try:
            return check(text)
        except InvalidError as error:
            raise ValueError(str(error).removeprefix(f"{text[:60]!r} ")) from None

    return checked


def _role(name: str) -> str:
    checked_roles([name])
    return name

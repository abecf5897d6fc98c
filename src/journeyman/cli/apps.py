"""``journeyman apps``: a name in; an application with its client id and, shown once, its secret out."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from journeyman.applications.application import Application, from_settings
from journeyman.applications.registry import ApplicationRegistry
from journeyman.cli.moment import moment
from journeyman.cli.terminal import argument, errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import database_path, open_tenant_store, registry_of
from journeyman.errors import SettingsError
from journeyman.management.caller import ROLES
from journeyman.settings import ApplicationType, Settings, load_settings
from journeyman.settings.applications import application_role, application_type, redirect_uri
from journeyman.settings.values import guid

_T = TypeVar("_T")
ACTOR: Final = "command line"


def add_application(
    folder: Path,
    name: str,
    type: str,
    roles: tuple[str, ...],
    redirect_uris: tuple[str, ...],
    *,
    own_roles: tuple[str, ...] = (),
    as_json: bool,
) -> None:
    """Store an application and print its credentials; only a web application is given a secret."""
    with errors_in_words():
        kind = argument("--type", application_type, type)
        for role in own_roles:
            argument("--own-role", application_role, role)
        for uri in redirect_uris:
            argument("--redirect-uri", partial(redirect_uri, kind=kind), uri)
        label = argument("NAME", _name, name)
        settings = load_settings(folder, environment=os.environ)
        checked = tuple(argument("--role", partial(known_role, settings), role) for role in roles)
        added = Application(
            str(uuid.uuid4()), label, kind, redirect_uris, roles=tuple(dict.fromkeys((*checked, *own_roles)))
        )
        shown = _with_registry(settings, lambda registry: _stored(registry, added))
        _print_credentials(shown, as_json=as_json)


async def _stored(registry: ApplicationRegistry, application: Application) -> dict[str, Any]:
    changes, shown = registry.changes(ACTOR), application_json(application)
    if application.type is not ApplicationType.WEB:
        await changes.create(application)
        return shown
    made = changes.new_secret()
    await changes.create(application, secret=made)
    return {**shown, "client_secret": made[1].reveal()}


def list_applications(folder: Path, *, as_json: bool) -> None:
    """Print the applications of the settings and of the store."""
    with errors_in_words():
        settings = load_settings(folder, environment=os.environ)
        found = _all(settings)
        if as_json:
            say_json([application_json(application) for application in found])
            return
        for application in found:
            kind = application.type.value if application.type else "-"
            say("  ".join((application.client_id, kind, application.name, *application.redirect_uris)))
        if not found:
            say("no application yet; `journeyman apps add NAME` makes one")


def show_application(folder: Path, client_id: str, *, as_json: bool) -> None:
    """Print one application with its roles and what may be shown of its secrets."""
    with errors_in_words():
        checked = argument("CLIENT_ID", guid, client_id)
        settings = load_settings(folder, environment=os.environ)
        shown = _with_registry(settings, lambda registry: _shown(registry, checked))
        if as_json:
            say_json(shown)
            return
        for key in ("client_id", "name", "type", "declared"):
            say(f"{key:<16}{shown[key] if shown[key] is not None else '-'}")
        for key in ("redirect_uris", "identifier_uris", "scopes", "permissions", "roles"):
            say(f"{key:<16}{'  '.join(shown[key]) or '-'}")
        for secret in shown["secrets"]:
            end = f"until {secret['ends_at']}" if secret["ends_at"] else "without an end"
            say(f"secret          {secret['key_id']}  {secret['hint']}…  {end}  {secret['name'] or ''}".rstrip())


async def _shown(registry: ApplicationRegistry, client_id: str) -> dict[str, Any]:
    application = await _existing(registry, client_id)
    secrets = [
        {
            "key_id": secret.key_id,
            "name": secret.display_name,
            "hint": secret.hint,
            "starts_at": secret.starts_at.isoformat(),
            "ends_at": secret.ends_at.isoformat() if secret.ends_at else None,
        }
        for secret in await registry.secrets(client_id)
    ]
    declared = "journeyman.toml" if registry.is_declared(application) else None
    return {
        **application_json(application),
        "identifier_uris": list(application.identifier_uris),
        "declared": declared,
        "secrets": secrets,
    }


def remove_application(folder: Path, client_id: str, *, yes: bool, as_json: bool) -> None:
    """Delete an application with its secrets, once its client id was typed in."""
    with errors_in_words():
        checked = argument("CLIENT_ID", guid, client_id)
        settings = load_settings(folder, environment=os.environ)
        application = _with_registry(settings, lambda registry: _stored_one(registry, checked))
        if not yes:
            _ask(application)
        _with_registry(settings, lambda registry: registry.changes(ACTOR).delete(application))
        if as_json:
            say_json({"client_id": checked, "removed": True})
        else:
            say(f"{application.name} is removed; its tokens open nothing any more")


def add_secret(folder: Path, client_id: str, expire: str | None, *, as_json: bool) -> None:
    """Give an application one more secret and print it."""
    with errors_in_words():
        checked, ends_at = argument("CLIENT_ID", guid, client_id), moment("--expire", expire)
        settings = load_settings(folder, environment=os.environ)
        secret = _with_registry(settings, lambda registry: registry.add_secret(checked, ends_at=ends_at, actor=ACTOR))
        _print_credentials({"client_id": checked, "client_secret": secret.reveal()}, as_json=as_json)


def remove_secret(folder: Path, client_id: str, key_id: str, *, as_json: bool) -> None:
    """Delete one secret of an application; it is refused from then on."""
    with errors_in_words():
        checked, key = argument("CLIENT_ID", guid, client_id), argument("KEY_ID", guid, key_id)
        settings = load_settings(folder, environment=os.environ)
        _with_registry(settings, lambda registry: registry.changes(ACTOR).remove_secret(checked, key))
        if as_json:
            say_json({"client_id": checked, "key_id": key, "removed": True})
        else:
            say(f"the secret {key} is removed; it is refused from now on")


def change_roles(
    folder: Path, client_id: str | None, added: tuple[str, ...], removed: tuple[str, ...], *, as_json: bool
) -> None:
    """Print the roles there are, or those of an application after they were changed."""
    with errors_in_words():
        if client_id is None:
            if added or removed:
                raise SettingsError("--add and --remove need a CLIENT_ID; `journeyman apps list` shows them")
            _print_known_roles(as_json=as_json)
            return
        checked = argument("CLIENT_ID", guid, client_id)
        settings = load_settings(folder, environment=os.environ)
        more = tuple(argument("--add", partial(known_role, settings), role) for role in added)
        roles = _with_registry(settings, lambda registry: _changed_roles(registry, checked, more, removed))
        if as_json:
            say_json({"client_id": checked, "roles": list(roles)})
            return
        for role in roles:
            say(role)
        if not roles:
            say("no role; its management tokens are answered 403")


async def _changed_roles(
    registry: ApplicationRegistry, client_id: str, added: tuple[str, ...], removed: tuple[str, ...]
) -> tuple[str, ...]:
    if not added and not removed:
        return (await _existing(registry, client_id)).roles
    before = await _stored_one(registry, client_id)
    unwanted = {role.lower() for role in removed}
    roles = tuple(role for role in dict.fromkeys((*before.roles, *added)) if role.lower() not in unwanted)
    missing = unwanted - {role.lower() for role in before.roles}
    if missing:
        raise SettingsError(f"--remove {min(missing)}: the application does not have this role")
    after = replace(before, roles=roles)
    return (await registry.changes(ACTOR).replace(before, after, changed=f"roles: {' '.join(roles)}")).roles


def application_json(application: Application) -> dict[str, Any]:
    """Return an application as ``--json`` prints it; it has no secret."""
    return {
        "client_id": application.client_id,
        "name": application.name,
        "type": application.type.value if application.type else None,
        "redirect_uris": list(application.redirect_uris),
        "roles": list(application.roles),
        "scopes": list(application.scopes),
        "permissions": list(application.permissions),
    }


def known_role(settings: Settings, text: str) -> str:
    """Return a role of the management API, or one that an application of the settings has. Raises ValueError."""
    names = {name.lower(): name for name in (*_declared_roles(settings), *ROLES)}
    if text.lower() not in names:
        raise ValueError(f"is not a role that the tenant knows; known are {', '.join(sorted(names.values()))}")
    return names[text.lower()]


def _declared_roles(settings: Settings) -> Iterable[str]:
    return (role for application in settings.applications for role in application.roles)


def _print_known_roles(*, as_json: bool) -> None:
    known = {name: sorted(right.value for right in rights) for name, rights in ROLES.items()}
    if as_json:
        say_json(known)
        return
    width = max(map(len, known))
    for name, rights in known.items():
        say(f"{name:<{width}}  {', '.join(rights)}")


def _name(text: str) -> str:
    if not 1 <= len(text) <= 256 or not text.isprintable() or not text.strip():
        raise ValueError("is not a name; write 1 to 256 letters that can be printed")
    return text


async def _existing(registry: ApplicationRegistry, client_id: str) -> Application:
    application = await registry.get(client_id)
    if application is None:
        raise SettingsError(f"the tenant has no application {client_id}; `journeyman apps list` shows them")
    return application


async def _stored_one(registry: ApplicationRegistry, client_id: str) -> Application:
    application = await _existing(registry, client_id)
    if registry.is_declared(application):
        raise SettingsError(f"{application.name} stands in [[applications]] of journeyman.toml; change it there")
    return application


def _ask(application: Application) -> None:
    if not sys.stdin.isatty():
        raise SettingsError("removing an application asks for its client id on a terminal; add --yes to do without")
    sys.stderr.write(f"Type {application.client_id} to remove {application.name}: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != application.client_id:
        raise SettingsError(f"that is not {application.client_id}; nothing was removed")


def _all(settings: Settings) -> tuple[Application, ...]:
    # Before the first start there are only those of the settings, and listing them makes no store.
    if not database_path(settings).exists():
        return tuple(map(from_settings, settings.applications))
    return _with_registry(settings, lambda registry: registry.all())


def _with_registry(settings: Settings, work: Callable[[ApplicationRegistry], Awaitable[_T]]) -> _T:
    async def run() -> _T:
        clock = SystemClock()
        async with open_tenant_store(settings, clock) as store:
            return await work(await registry_of(settings, store, clock))

    return asyncio.run(run())


def _print_credentials(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(shown)
    else:
        say(f"client_id      {shown['client_id']}")
        if "client_secret" in shown:
            say(f"client_secret  {shown['client_secret']}")
    if "client_secret" in shown:
        note("the client secret is shown now and never again")

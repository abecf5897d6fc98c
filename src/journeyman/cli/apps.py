"""``journeyman apps``: a name in; an application with its client id and, shown once, its secret out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from journeyman.applications.application import Application, from_settings
from journeyman.applications.registry import ApplicationRegistry
from journeyman.cli.moment import moment
from journeyman.cli.terminal import argument, errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import database_path, open_tenant_store, registry_of
from journeyman.settings import ApplicationType, Settings, load_settings
from journeyman.settings.applications import application_role, application_type, redirect_uri
from journeyman.settings.values import guid

_T = TypeVar("_T")


def add_application(
    folder: Path, name: str, type: str, roles: tuple[str, ...], redirect_uris: tuple[str, ...], *, as_json: bool
) -> None:
    """Store an application and print its credentials; only a web application is given a secret."""
    with errors_in_words():
        kind = argument("--type", application_type, type)
        for role in roles:
            argument("--role", application_role, role)
        for uri in redirect_uris:
            argument("--redirect-uri", partial(redirect_uri, kind=kind), uri)
        label = argument("NAME", _name, name)
        settings = load_settings(folder, environment=os.environ)
        added, secret = _with_registry(
            settings, lambda registry: registry.add(label, type=kind, roles=roles, redirect_uris=redirect_uris)
        )
        shown = application_json(added)
        if kind is ApplicationType.WEB:
            shown["client_secret"] = secret.reveal()
        _print_credentials(shown, as_json=as_json)


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


def add_secret(folder: Path, client_id: str, expire: str | None, *, as_json: bool) -> None:
    """Give an application one more secret and print it."""
    with errors_in_words():
        checked, ends_at = argument("CLIENT_ID", guid, client_id), moment("--expire", expire)
        settings = load_settings(folder, environment=os.environ)
        secret = _with_registry(settings, lambda registry: registry.add_secret(checked, ends_at=ends_at))
        _print_credentials({"client_id": checked, "client_secret": secret.reveal()}, as_json=as_json)


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


def _name(text: str) -> str:
    if not 1 <= len(text) <= 256 or not text.isprintable() or not text.strip():
        raise ValueError("is not a name; write 1 to 256 letters that can be printed")
    return text


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

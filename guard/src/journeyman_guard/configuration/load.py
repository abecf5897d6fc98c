"""Read ``guard.toml``. Everything that is wrong with it is found here, before the first request."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeyman_guard.check import Check
from journeyman_guard.configuration.checks import named_check, read_checks
from journeyman_guard.configuration.server import AuthzSettings, ServeSettings, read_authz, read_serve
from journeyman_guard.configuration.table import Table
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.failure_limit import PER_MINUTE, FailureLimit
from journeyman_guard.guard import Guard
from journeyman_guard.proxies import TrustedProxies, read_networks

LIMIT_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class GuardFile:
    """What ``guard.toml`` says.

    Attributes:
        checks: by their names, for the dependency form.
    """

    guard: Guard
    checks: Mapping[str, Check]
    serve: ServeSettings
    authz: AuthzSettings


def load_guard(path: str | os.PathLike[str], environment: Mapping[str, str] | None = None) -> Guard:
    """Return the guard of a ``guard.toml``. Raises MisconfiguredError, which names file and setting."""
    return load_file(path, environment).guard


def load_file(path: str | os.PathLike[str], environment: Mapping[str, str] | None = None) -> GuardFile:
    """Read all of a ``guard.toml``. Raises MisconfiguredError, which names file and setting."""
    file = Path(path)
    variables = os.environ if environment is None else environment
    try:
        return _read(Table(_parse(file), "", file.parent), variables)
    except MisconfiguredError as error:
        raise MisconfiguredError(f"{file}: {error}") from error


def _parse(file: Path) -> dict[str, object]:
    try:
        data = file.read_bytes()
        if len(data) > LIMIT_BYTES:
            raise MisconfiguredError("the file is larger than 1 MiB")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise MisconfiguredError(f"cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise MisconfiguredError("is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise MisconfiguredError(f"is not TOML: {error}") from error


def _read(top: Table, environment: Mapping[str, str]) -> GuardFile:
    settings = top.table("guard")
    realm = settings.text("realm", "api")
    per_minute = settings.number("failures_per_minute", PER_MINUTE)
    settings.require_nothing_else()
    proxies = _proxies(top.table("proxies"))
    checks = read_checks(top.table("checks"), environment, realm)
    policy = _policy(top.table("routes"), checks)
    found = GuardFile(
        guard=Guard(policy, proxies=proxies, limit=FailureLimit(per_minute)),
        checks=checks,
        serve=read_serve(top.table("serve")),
        authz=read_authz(top.table("authz")),
    )
    top.require_nothing_else()
    return found


def _proxies(table: Table) -> TrustedProxies:
    networks = read_networks(table.texts("addresses"))
    found = TrustedProxies(
        networks, table.optional_text("certificate_header"), table.flag("forwarded_for", default=True)
    )
    table.require_nothing_else()
    return found


def _policy(table: Table, checks: Mapping[str, Check]) -> dict[str, Check]:
    policy = {route: named_check(checks, table.text(route), table, route) for route in table.names()}
    if not policy:
        raise MisconfiguredError('routes: give at least one, for example "POST /api/members" = "journeys"')
    return policy

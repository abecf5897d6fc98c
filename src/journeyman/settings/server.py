"""``[server]``: its table, the environment and the ``--listen`` argument in, checked settings out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from journeyman.settings.model import Audit, Mode, ServerSettings
from journeyman.settings.table import Table
from journeyman.settings.values import Address, is_loopback, listen_address, network, origin

T = TypeVar("T")

_DEFAULT_ADDRESS: Final = Address("127.0.0.1", 8080)


def read_server(table: Table, folder: Path, environment: Mapping[str, str], listen: str | None) -> ServerSettings:
    """Read ``[server]``; the argument wins over the environment, the environment over the file."""
    address = _override(
        table, "listen", listen_address, {"--listen": listen, **_variable("JOURNEYMAN_LISTEN", environment)}
    )
    mode = _override(table, "mode", run_mode, _variable("JOURNEYMAN_MODE", environment)) or Mode.DEVELOPMENT
    public_url = _override(table, "public_url", origin, _variable("JOURNEYMAN_PUBLIC_URL", environment))
    certificate = existing_file(table, "tls_certificate", folder)
    key = existing_file(table, "tls_key", folder)
    address = address or _DEFAULT_ADDRESS
    settings = ServerSettings(
        host=address.host,
        port=address.port,
        public_url=public_url or address.origin("https" if certificate else "http"),
        mode=mode,
        tls_certificate=certificate,
        tls_key=key,
        trusted_proxies=table.all_checked("trusted_proxies", network),
        audit=table.checked("audit", audit_of_calls) or Audit.RECORDED,
    )
    _check_together(table, settings, address, named=public_url is not None)
    table.finish()
    return settings


def run_mode(text: str) -> Mode:
    """Return the mode that ``text`` names. Raises ValueError when there is none."""
    try:
        return Mode(text)
    except ValueError:
        raise ValueError(f'{text!r} is not known; write "development" or "production"') from None


def audit_of_calls(text: str) -> Audit:
    """Return whether calls are recorded. Raises ValueError when the word is not known."""
    try:
        return Audit(text)
    except ValueError:
        raise ValueError(f'{text[:40]!r} is not known; write "off", "recorded" or "required"') from None


def existing_file(table: Table, key: str, folder: Path) -> Path | None:
    """Return the path of a file that exists, relative to the folder."""
    return table.checked(key, lambda text: _file(folder, text))


def existing_files(table: Table, key: str, folder: Path) -> tuple[Path, ...]:
    """Return the paths of files that exist, relative to the folder."""
    return table.all_checked(key, lambda text: _file(folder, text))


def _file(folder: Path, text: str) -> Path:
    if "\0" not in text and (folder / text).is_file():
        return (folder / text).resolve()
    raise ValueError(f"names no file: {text!r}; the path is relative to the tenant folder")


def _variable(name: str, environment: Mapping[str, str]) -> dict[str, str | None]:
    return {name: environment.get(name) or None}


def _override(table: Table, key: str, check: Callable[[str], T], outside: Mapping[str, str | None]) -> T | None:
    """Return the first value given outside the file, else the value of the file."""
    inside = table.checked(key, check)
    for place, text in outside.items():
        if text is None:
            continue
        try:
            return check(text)
        except ValueError as error:
            table.problems.add_outside(place, f"the value {error}")
            return None
    return inside


def _check_together(table: Table, settings: ServerSettings, address: Address, *, named: bool) -> None:
    if ("tls_certificate" in table.values) != ("tls_key" in table.values):
        table.problem("tls_certificate", "tls_certificate and tls_key belong together; add the other one")
    if settings.mode is not Mode.PRODUCTION:
        return
    tls = settings.tls_certificate is not None and settings.tls_key is not None
    if not address.loopback and not tls and "tls_certificate" not in table.values and not settings.trusted_proxies:
        remedy = "add tls_certificate and tls_key, or trusted_proxies when something in front ends TLS"
        table.problem("listen", f"production mode does not serve plain HTTP on {address.host}; {remedy}")
    if address.unspecified and not named:
        table.problem("listen", f'{address.host} has no name of its own; add public_url = "https://…"')
    public = urlsplit(settings.public_url)
    if named and public.scheme == "http" and not is_loopback(public.hostname or ""):
        table.problem("public_url", "public_url is http in production mode; write the https address that people open")

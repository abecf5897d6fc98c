"""``[[applications]]``: its tables in, checked applications out.

Source: protocol.md §14; which redirect URIs are matched at run time is decided in ``applications/``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from journeyman.settings.model import ApplicationSettings, ApplicationType
from journeyman.settings.table import Table
from journeyman.settings.values import guid, split_url

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_URI = 256
_OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
_SCOPE: Final = re.compile(r"(?!\.)[!#-.0-\[\]-~]{1,128}")
_ROLE: Final = re.compile(r"[!#-\[\]-~]{1,128}")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f<>]{1,256}")
_SCRIPT_SCHEMES: Final = frozenset(
    {"javascript", "data", "vbscript", "file", "about", "blob", "view-source", "filesystem"}
)


def read_applications(tables: Iterator[Table]) -> tuple[ApplicationSettings, ...]:
    """Read the applications; two with one client id or one identifier URI are a problem."""
    found: list[ApplicationSettings] = []
    seen: set[str] = set()
    for table in tables:
        application = _read(table)
        table.finish()
        if application is None:
            continue
        for key, value in [
            ("client_id", application.client_id),
            *(("identifier_uris", u) for u in application.identifier_uris),
        ]:
            if value.lower() in seen:
                table.problem(key, f"{key} {value} is used twice; every application has its own")
            seen.add(value.lower())
        found.append(application)
    return tuple(found)


def _read(table: Table) -> ApplicationSettings | None:
    client_id = table.checked("client_id", guid)
    name = table.checked("name", partial(_matching, _NAME, "a text of 1 to 256 characters without < and >"))
    for key in ("client_id", "name"):
        if key not in table.values:
            table.problem(key, f'an application has no {key}; add {key} = "…"')
    kind = table.checked("type", application_type)
    application = ApplicationSettings(
        client_id=client_id or "",
        name=name or "",
        type=kind,
        redirect_uris=table.all_checked("redirect_uris", partial(redirect_uri, kind=kind)),
        allow_implicit=bool(table.flag("allow_implicit")),
        identifier_uris=table.all_checked("identifier_uris", identifier_uri),
        scopes=table.all_checked("scopes", scope_name),
        permissions=table.all_checked("permissions", _permission),
        roles=table.all_checked("roles", application_role),
        logout_url=table.checked("logout_url", partial(redirect_uri, kind=ApplicationType.WEB)),
    )
    return application if client_id and name else None


def application_type(text: str) -> ApplicationType:
    """Return the type that ``text`` names. Raises ValueError when there is none."""
    try:
        return ApplicationType(text)
    except ValueError:
        raise ValueError(f'{text!r} is not known; write "web", "spa" or "native"') from None


def application_role(text: str) -> str:
    """Return an application role. Raises ValueError when it could not stand in a token's list of roles."""
    return _matching(_ROLE, "a role without blanks", text)


def scope_name(text: str) -> str:
    """Return the name of a scope that an API exposes. Raises ValueError when it could not stand in a token."""
    return _matching(_SCOPE, "a scope name like read", text)


def redirect_uri(text: str, *, kind: ApplicationType | None) -> str:
    """Return a redirect URI that an application of ``kind`` may register. Raises ValueError otherwise."""
    parts = split_url(text)
    for forbidden, what in (("*", "a wildcard"), ("#", "a fragment")):
        if forbidden in text:
            raise ValueError(f"has {what}; write out every redirect URI in full")
    if len(text) > _MAX_URI:
        raise ValueError(f"is longer than {_MAX_URI} characters; register a shorter one")
    match parts.scheme:
        case "https" | "http" if not parts.hostname or "@" in parts.netloc:
            raise ValueError("names no host or a user; write one like https://app.example/callback")
        case "https":
            return text
        case "http":
            if parts.hostname in LOOPBACK_HOSTS:
                return text
            raise ValueError("is http on another host; use https, or http on localhost, 127.0.0.1 or [::1]")
        case _:
            return _custom_scheme(text, parts.scheme, kind)


def _custom_scheme(text: str, scheme: str, kind: ApplicationType | None) -> str:
    if kind is not ApplicationType.NATIVE:
        raise ValueError('is not https; a scheme of its own needs type = "native"')
    if not scheme or scheme in _SCRIPT_SCHEMES or (scheme == "urn" and text != _OUT_OF_BAND):
        raise ValueError("has a scheme that cannot take an answer; write one like com.example.app://callback")
    return text


def identifier_uri(text: str) -> str:
    """Return an identifier URI: what stands before the scope name. Raises ValueError when it is none."""
    parts = split_url(text)
    if parts.scheme not in {"https", "api"} or not parts.netloc or any(mark in text for mark in '?#*"@'):
        raise ValueError(
            "is not an identifier URI; write one like https://contoso.onmicrosoft.com/api or api://<client id>"
        )
    if text.endswith("/"):
        raise ValueError("ends in a slash; leave it out")
    return text


def _permission(text: str) -> str:
    uri, _, scope = text.rpartition("/")
    try:
        identifier_uri(uri)
        return f"{uri}/{_matching(_SCOPE, 'a scope name', scope)}"
    except ValueError:
        remedy = "is not a permission; write identifier URI/scope, like https://contoso.onmicrosoft.com/api/read"
        raise ValueError(remedy) from None


def _matching(pattern: re.Pattern[str], description: str, text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"is not valid; write {description}")
    return text

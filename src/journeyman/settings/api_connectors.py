"""``[[api_connectors]]``: its tables in, checked API connectors of user flows out.

Source: rest-connectors.md §15.1 and §7. An id that is not written is made from the name, so that it stays the same.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterator
from enum import Enum
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from journeyman.settings.bearer import read_bearer
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorCredentials,
    ManagedBearerCredentials,
    StaticBearerCredentials,
)
from journeyman.settings.table import Table
from journeyman.settings.values import guid, map_origin, one_of, policy_key, split_url

AUTHENTICATION: Final = "authentication"

_NAMESPACE: Final = uuid.UUID("5b0a1c9e-5a0f-5e6b-9d3c-1f7c2a4e8d60")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f<>]{1,128}")
_USERNAME: Final = re.compile(r"[^\x00-\x1f\x7f:]{1,256}")
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")  # RFC 9110 §5.6.2


class _Kind(Enum):
    BASIC = "basic"
    CERTIFICATE = "certificate"
    BEARER = "bearer"
    MANAGED = "managed"
    API_KEY = "api_key"


def read_api_connectors(tables: Iterator[Table], mapped: Collection[str] = ()) -> tuple[ApiConnector, ...]:
    """Read the API connectors; two of one id or one name are a problem.

    Args:
        mapped: the origins that the egress map sends elsewhere: only such a one may be plain http.
    """
    found: list[ApiConnector] = []
    for table in tables:
        connector = _read(table, mapped)
        table.finish()
        if connector is None:
            continue
        for key, known in (("name", [each.display_name for each in found]), ("id", [each.id for each in found])):
            value = connector.display_name if key == "name" else connector.id
            if value.casefold() in {each.casefold() for each in known}:
                table.problem(key, f"two API connectors have the {key} {value!r}; give one another {key}")
        found.append(connector)
    return tuple(found)


def connector_id(name: str) -> str:
    """Return the id of a connector of which only the name is written."""
    return str(uuid.uuid5(_NAMESPACE, name.strip().casefold()))


def _read(table: Table, mapped: Collection[str]) -> ApiConnector | None:
    name = table.checked("name", _matching(_NAME, "a text of 1 to 128 characters without < and >"))
    url = table.checked("url", partial(_url, mapped))
    identifier = table.checked("id", guid)
    credentials = _credentials(table.table(AUTHENTICATION)) if AUTHENTICATION in table.values else None
    for key, remedy in _NEEDED.items():
        if key not in table.values:
            table.problem(key, f"an API connector has no {key}; add {remedy}")
    if name is None or url is None or credentials is None:
        return None
    return ApiConnector(identifier or connector_id(name), name, url, credentials)


def _credentials(table: Table) -> ConnectorCredentials | None:
    kind = table.checked("type", one_of(_Kind))
    if "type" not in table.values:
        table.problem("type", f'{AUTHENTICATION} has no type; add type = "basic", or another of {_kinds()}')
    found = _READERS[kind](table) if kind is not None else None
    if kind is not None and kind is not _Kind.MANAGED:
        table.finish()
    return found


def _basic(table: Table) -> ConnectorCredentials | None:
    username = _needed(table, "username", _matching(_USERNAME, "a text of 1 to 256 characters without a colon"))
    password_key = _needed(table, "password_key", policy_key)
    return BasicCredentials(username, password_key) if username and password_key else None


def _certificate(table: Table) -> ConnectorCredentials | None:
    key = _needed(table, "key", policy_key)
    return CertificateCredentials(key) if key else None


def _bearer(table: Table) -> ConnectorCredentials | None:
    key = _needed(table, "key", policy_key)
    return StaticBearerCredentials(key) if key else None


def _api_key(table: Table) -> ConnectorCredentials | None:
    header = _needed(table, "header", _matching(_HEADER, "the name of a header, x-api-key for one"))
    key = _needed(table, "key", policy_key)
    return ApiKeyCredentials(header, key) if header and key else None


def _managed(table: Table) -> ConnectorCredentials | None:
    bearer = read_bearer(table)
    return None if bearer is None else ManagedBearerCredentials(bearer)


_READERS: Final[dict[_Kind, Callable[[Table], ConnectorCredentials | None]]] = {
    _Kind.BASIC: _basic,
    _Kind.CERTIFICATE: _certificate,
    _Kind.BEARER: _bearer,
    _Kind.MANAGED: _managed,
    _Kind.API_KEY: _api_key,
}
_NEEDED: Final = {
    "name": 'name = "Check the invitation"',
    "url": 'url = "https://api.contoso.example/signup"',
    AUTHENTICATION: 'authentication = { type = "basic", username = "…", password_key = "B2C_1A_…" }',
}


def _needed(table: Table, key: str, check: Callable[[str], str]) -> str | None:
    if key not in table.values:
        remedy = 'the name of a policy key, "B2C_1A_…"' if key.endswith("key") else "it"
        table.problem(key, f"{AUTHENTICATION} has no {key}; add {remedy}")
    return table.checked(key, check)


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text.strip() or not pattern.fullmatch(text):
            raise ValueError(f"is not valid; write {what}")
        return text.strip()

    return read


def _url(mapped: Collection[str], text: str) -> str:
    parts = split_url(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not a URL that can be called; write one like https://api.contoso.example/signup")
    if "@" in parts.netloc:
        raise ValueError("holds a user name or password; write them into authentication")
    if "#" in text:
        raise ValueError("holds a fragment, which no server ever gets; leave out # and the rest")
    if "{" in text or "}" in text:
        raise ValueError("holds a brace; write it as %7B or %7D")
    origin = urlsplit(text)
    if parts.scheme == "http" and map_origin(f"http://{origin.netloc}") not in mapped:
        raise ValueError("is not https; to try an API on this machine, map an https origin to it in [egress.map]")
    return text


def _kinds() -> str:
    return ", ".join(f'"{kind.value}"' for kind in _Kind)

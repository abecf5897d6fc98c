"""An application and its redirect URIs: settings or a stored record in, a checked application out.

Source: protocol.md §14; the rule for http redirect URIs is ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from journeyman.settings import ApplicationSettings, ApplicationType

_LOOPBACK: Final = re.compile(
    r"http://(?P<host>localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?P<rest>[/?].*)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Application:
    """An application that may use the policies.

    Attributes:
        type: None when none was given; it is then a public client unless it holds a secret.
        identifier_uris: what stands before a scope name when the application is an API.
        scopes: what it exposes as an API.
        permissions: ``{identifier URI}/{scope}`` or ``{client id}/{scope}`` granted to it.
        roles: application roles granted to it.
        spa_redirect_uris, native_redirect_uris: those of ``redirect_uris`` that belong to these platforms, where
            the application has no single type.
        details: what the management API was told of it and only gives back.
    """

    client_id: str
    name: str
    type: ApplicationType | None = None
    redirect_uris: tuple[str, ...] = ()
    allow_implicit: bool = False
    identifier_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    logout_url: str | None = None
    spa_redirect_uris: tuple[str, ...] = ()
    native_redirect_uris: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)


def from_settings(settings: ApplicationSettings) -> Application:
    """Return the application of an ``[[applications]]`` entry."""
    return Application(
        client_id=settings.client_id,
        name=settings.name,
        type=settings.type,
        redirect_uris=settings.redirect_uris,
        allow_implicit=settings.allow_implicit,
        identifier_uris=settings.identifier_uris,
        scopes=settings.scopes,
        permissions=settings.permissions,
        roles=settings.roles,
        logout_url=settings.logout_url,
    )


def encode_application(application: Application) -> str:
    """Return the record of an application as JSON; the client id has a column of its own."""
    record = {
        "name": application.name,
        "type": application.type.value if application.type else None,
        "redirect_uris": application.redirect_uris,
        "roles": application.roles,
        "allow_implicit": application.allow_implicit,
        "identifier_uris": application.identifier_uris,
        "scopes": application.scopes,
        "permissions": application.permissions,
        "logout_url": application.logout_url,
        "spa_redirect_uris": application.spa_redirect_uris,
        "native_redirect_uris": application.native_redirect_uris,
        "details": application.details,
    }
    return json.dumps(record, separators=(",", ":"))


def decode_application(client_id: str, record: str) -> Application:
    """Return the application that ``encode_application`` wrote."""
    fields: dict[str, Any] = json.loads(record)
    return Application(
        client_id=client_id,
        name=fields["name"],
        type=ApplicationType(fields["type"]) if fields["type"] else None,
        redirect_uris=tuple(fields["redirect_uris"]),
        roles=tuple(fields["roles"]),
        # Records of older versions end here.
        allow_implicit=fields.get("allow_implicit", False),
        identifier_uris=tuple(fields.get("identifier_uris", ())),
        scopes=tuple(fields.get("scopes", ())),
        permissions=tuple(fields.get("permissions", ())),
        logout_url=fields.get("logout_url"),
        spa_redirect_uris=tuple(fields.get("spa_redirect_uris", ())),
        native_redirect_uris=tuple(fields.get("native_redirect_uris", ())),
        details=fields.get("details", {}),
    )


def matches_redirect_uri(application: Application, uri: str, *, development: bool) -> bool:
    """Say whether answers may go to ``uri``.

    A URI matches a registered one character by character. An http URI on ``localhost``, ``127.0.0.1``
    or ``[::1]`` matches at any port in development mode; in production mode it needs a native
    application (RFC 8252 §7.3, any port), or one without a type, which is public too (then at the
    registered port: this project's decision).
    """
    if application.type is ApplicationType.NATIVE or development:
        return any(
            uri == registered or _differ_in_port_only(uri, registered) for registered in application.redirect_uris
        )
    if uri.lower().startswith("http:") and application.type is not None:
        return False
    return uri in application.redirect_uris


def _differ_in_port_only(uri: str, registered: str) -> bool:
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(uri)
    return ours is not None and theirs is not None and ours.group("host", "rest") == theirs.group("host", "rest")

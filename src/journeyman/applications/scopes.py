"""A scope parameter and the applications in, the resource and what was granted of it out.

Source: protocol.md §7, §11; codes as in errors.md. Decided here: a bare word that some API exposes as
a scope lacks its resource (90055), any other word is unknown (90117); a scope that the API does not
expose counts as not granted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from journeyman.applications.application import Application
from journeyman.service_codes import service_error

DEFAULT_SCOPE: Final = ".default"
_IGNORED: Final = frozenset({"profile", "email", "address", "phone"})
_WORDS: Final = frozenset({"openid", "offline_access"}) | _IGNORED
_ILLEGAL: Final = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")


@dataclass(frozen=True, slots=True)
class GrantedScopes:
    """What a request may have.

    Attributes:
        resource: the application that the access token is for; None when none was asked for.
        scope_names: the names granted at the resource, the content of ``scp``; empty when the
            resource is the client itself.
        granted: the words of the request that were granted, as written there, without those that mean
            nothing here (``profile``, ``email``).
    """

    openid: bool
    offline_access: bool
    resource: Application | None
    scope_names: tuple[str, ...]
    granted: tuple[str, ...]


def resolve_scopes(scope: str, client: Application, applications: Iterable[Application]) -> GrantedScopes:
    """Say what a scope parameter of an authorize or token request asks for and which of it ``client`` may have.

    Raises:
        ServiceError: AADB2C90010 nothing asked, 99005 an illegal character, 90055 a scope without
            its resource, 90117 an unknown scope, 90146 two resources, 90205 nothing of it granted.
    """
    known = tuple(applications)
    words = _words(scope)
    asked = [(word, *_resource_of(word, client, known)) for word in words if word not in _WORDS]
    resources = {resource.client_id: resource for _, resource, _ in asked}
    if len(resources) > 1:
        raise service_error(90146, scope)
    granted = [(word, name) for word, resource, name in asked if not name or _may(client, resource, name)]
    if asked and not granted:
        raise service_error(90205)
    plain = tuple(word for word in words if word in _WORDS - _IGNORED)
    return GrantedScopes(
        openid="openid" in words,
        offline_access="offline_access" in words,
        resource=next(iter(resources.values()), None),
        scope_names=tuple(name for _, name in granted if name),
        granted=plain + tuple(word for word, _ in granted),
    )


def resolve_default_scope(scope: str, client: Application, applications: Iterable[Application]) -> GrantedScopes:
    """Say which resource a client-credentials request asks for: one scope that ends in ``/.default``.

    The resource is the client itself, by ``{client_id}/.default``, where it has its application roles, or an
    API at which it has a permission.

    Raises:
        ServiceError: AADB2C90010 nothing asked, 99005 an illegal character, 90146 two scopes, 90117
            an unknown resource or a scope that is not ``/.default``, 90205 no permission there.
    """
    words = _words(scope)
    if len(words) != 1:
        raise service_error(90146, scope)
    uri, slash, name = words[0].rpartition("/")
    if not slash or name != DEFAULT_SCOPE:
        raise service_error(90117, words[0])
    if uri.lower() == client.client_id:
        # Nobody but the application itself names this audience, so its own roles are what it holds there.
        return GrantedScopes(
            openid=False, offline_access=False, resource=client, scope_names=client.roles, granted=words
        )
    resource = _exposing(uri, tuple(applications))
    if resource is None:
        raise service_error(90117, words[0])
    permitted = _permitted_at(client, resource)
    if not permitted and resource.client_id != client.client_id:
        raise service_error(90205)
    names = tuple(name for name in permitted if name in resource.scopes + resource.roles)
    return GrantedScopes(openid=False, offline_access=False, resource=resource, scope_names=names, granted=words)


def _words(scope: str) -> tuple[str, ...]:
    illegal = _ILLEGAL.search(scope)
    if illegal is not None:
        raise service_error(99005, illegal.group())
    words = tuple(dict.fromkeys(scope.split(" ")))
    words = tuple(word for word in words if word)
    if not words:
        raise service_error(90010)
    return words


def _resource_of(word: str, client: Application, applications: tuple[Application, ...]) -> tuple[Application, str]:
    """Return the resource of a scope and the scope's name there, "" for the client itself."""
    if word.lower() == client.client_id:
        return client, ""
    uri, slash, name = word.rpartition("/")
    if not slash:
        exposed = any(word in application.scopes for application in applications)
        raise service_error(90055 if exposed else 90117, word)
    resource = _exposing(uri, applications)
    if resource is None or name in ("", DEFAULT_SCOPE):
        raise service_error(90117, word)
    return resource, name


def _exposing(uri: str, applications: tuple[Application, ...]) -> Application | None:
    """Return the API of an identifier URI; like the service, without regard to case."""
    return next((one for one in applications if uri.lower() in (known.lower() for known in one.identifier_uris)), None)


def _may(client: Application, resource: Application, name: str) -> bool:
    return name in resource.scopes and name in _permitted_at(client, resource)


def _permitted_at(client: Application, resource: Application) -> tuple[str, ...]:
    uris = {resource.client_id, *(uri.lower() for uri in resource.identifier_uris)}
    split = (permission.rpartition("/") for permission in client.permissions)
    return tuple(dict.fromkeys(name for uri, _, name in split if uri.lower() in uris))

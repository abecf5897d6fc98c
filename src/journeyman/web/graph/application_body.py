"""The body of an application request in, the change that it asks for out. Source: graph-api.md §8."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from journeyman.applications.application import Application
from journeyman.management.applications import ApplicationChange
from journeyman.settings import ApplicationType
from journeyman.settings.applications import identifier_uri, redirect_uri, scope_name
from journeyman.web.graph.members import Members

MAX_URIS: Final = 256
MAX_SCOPES: Final = 200
PLATFORMS: Final = {"web": ApplicationType.WEB, "spa": ApplicationType.SPA, "publicClient": ApplicationType.NATIVE}
KEPT: Final = (
    "signInAudience", "requiredResourceAccess", "appRoles", "tags", "notes", "description", "optionalClaims",
    "groupMembershipClaims", "info", "isFallbackPublicClient", "isDeviceOnlyAuthSupported", "parentalControlSettings",
    "serviceManagementReference", "verifiedPublisher", "tokenEncryptionKeyId", "defaultRedirectUri",
)  # fmt: skip
"""Members that mean nothing to the engine: they are kept and given back."""


def application_change(body: Members, before: Application | None) -> ApplicationChange:
    """Return the change of a body; ``before`` is the application that it changes, None for a new one.

    Raises:
        InvalidError: a member is wrong.
    """
    web, api = body.inner("web"), body.inner("api")
    implicit = web.inner("implicitGrantSettings") if web else None
    logout = web.optional_text("logoutUrl") if web else None
    if web and logout:
        logout = _checked(web, "logoutUrl", partial(redirect_uri, kind=ApplicationType.WEB), logout)
    return ApplicationChange(
        name=_name(body, before),
        redirect_uris=dict(_redirect_uris(body)),
        allow_implicit=_implicit(implicit),
        identifier_uris=_uris(body, "identifierUris", identifier_uri),
        scopes=_scopes(api) if api else None,
        logout_url="" if web and web.is_null("logoutUrl") else logout,
        details=_details(body, web, api, before),
        described=" ".join(sorted(name for name in body.values if not name.startswith("@")))[:256],
    )


def _name(body: Members, before: Application | None) -> str | None:
    if before is not None and not body.has("displayName"):
        return None
    name = body.text("displayName", max_length=256)
    if "<" in name or ">" in name or not name.isprintable():
        raise body.wrong("displayName", "holds <, > or a letter that cannot be printed")
    return name


def _redirect_uris(body: Members) -> Iterator[tuple[ApplicationType, tuple[str, ...]]]:
    for member, kind in PLATFORMS.items():
        platform = body.inner(member)
        uris = _uris(platform, "redirectUris", partial(redirect_uri, kind=kind)) if platform else None
        if uris is not None:
            yield kind, uris
        elif body.is_null(member):
            yield kind, ()


def _uris(place: Members, name: str, check: Callable[[str], str]) -> tuple[str, ...] | None:
    if place.is_null(name):
        return ()
    uris = place.texts(name, max_items=MAX_URIS)
    if uris is None:
        return None
    return tuple(dict.fromkeys(_checked(place, f"{name}/{index}", check, uri) for index, uri in enumerate(uris)))


def _checked(place: Members, name: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise place.wrong(name, str(error)) from None


def _implicit(settings: Members | None) -> bool | None:
    if settings is None:
        return None
    flags = [settings.flag("enableIdTokenIssuance"), settings.flag("enableAccessTokenIssuance")]
    return None if flags == [None, None] else any(flags)


def _scopes(api: Members) -> tuple[str, ...] | None:
    """Return the scopes that are switched on; each has a name of its own."""
    items = api.inners("oauth2PermissionScopes", max_items=MAX_SCOPES)
    if items is None:
        return () if api.is_null("oauth2PermissionScopes") else None
    found: dict[str, bool] = {}
    for item in items:
        name = _checked(item, "value", scope_name, item.text("value", max_length=128))
        if name in found:
            raise item.wrong("value", f"{name!r} is used twice")
        scope_id = item.optional_text("id", max_length=64)
        if scope_id is not None and not _is_guid(scope_id):
            raise item.wrong("id", "is not a GUID")
        found[name] = item.flag("isEnabled") is not False
    return tuple(name for name, enabled in found.items() if enabled)


def _details(
    body: Members, web: Members | None, api: Members | None, before: Application | None
) -> Mapping[str, object]:
    kept: dict[str, object] = {name: body.value(name) for name in KEPT if body.has(name)}
    old = before.details if before else {}
    if web is not None:
        shown = {name: web.value(name) for name in ("homePageUrl", "implicitGrantSettings") if web.has(name)}
        kept["web"] = {**_inner(old, "web"), **shown}
    if api is not None:
        kept["api"] = {**_inner(old, "api"), **_without_marks(api.values)}
        _give_ids(_inner(kept, "api").get("oauth2PermissionScopes"))
    return kept


def _inner(details: Mapping[str, object], name: str) -> dict[str, object]:
    inner = details.get(name)
    return dict(inner) if isinstance(inner, Mapping) else {}


def _without_marks(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if not name.startswith("@")}


def _give_ids(scopes: object) -> None:
    """Give an id to every scope that was sent without one."""
    for scope in scopes if isinstance(scopes, list) else ():
        if isinstance(scope, dict) and not scope.get("id"):
            scope["id"] = str(uuid.uuid4())


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False

"""An application in, its JSON out; it never has a secret. Source: graph-api.md §8."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from journeyman.applications.application import Application
from journeyman.applications.client_secret import ClientSecret
from journeyman.applications.platforms import platforms_of
from journeyman.management.user_members import moment
from journeyman.settings import ApplicationType
from journeyman.web.graph.answers import Entity


def application_json(application: Application, object_id: str, tenant: str, secrets: Iterable[ClientSecret]) -> Entity:
    """Return an application; ``secrets`` are shown by their first three characters."""
    details, platforms = application.details, platforms_of(application)
    web = _inner(details, "web")
    implicit = {
        "enableAccessTokenIssuance": application.allow_implicit,
        "enableIdTokenIssuance": application.allow_implicit,
        **_inner(web, "implicitGrantSettings"),
    }
    return {
        "id": object_id,
        "appId": application.client_id,
        "displayName": application.name,
        "publisherDomain": tenant,
        "signInAudience": "AzureADandPersonalMicrosoftAccount",
        "identifierUris": [*application.identifier_uris],
        "isFallbackPublicClient": None,
        "requiredResourceAccess": [],
        "appRoles": [],
        "tags": [],
        "keyCredentials": [],
        **{name: value for name, value in details.items() if name not in {"web", "api", "grants"}},
        "passwordCredentials": [secret_json(secret) for secret in secrets],
        "web": {
            "homePageUrl": web.get("homePageUrl"),
            "logoutUrl": application.logout_url,
            "redirectUris": [*platforms[ApplicationType.WEB]],
            "implicitGrantSettings": implicit,
        },
        "spa": {"redirectUris": [*platforms[ApplicationType.SPA]]},
        "publicClient": {"redirectUris": [*platforms[ApplicationType.NATIVE]]},
        "api": {
            "requestedAccessTokenVersion": 2,
            "knownClientApplications": [],
            "preAuthorizedApplications": [],
            "oauth2PermissionScopes": [scope_json(application, name) for name in application.scopes],
            **_inner(details, "api"),
        },
    }


def scope_json(application: Application, name: str) -> Entity:
    """Return a scope of an application that says nothing more of it than its name."""
    return {
        "id": str(uuid.uuid5(uuid.UUID(application.client_id), name)),
        "value": name,
        "type": "User",
        "isEnabled": True,
        "adminConsentDisplayName": name,
        "adminConsentDescription": name,
    }


def secret_json(secret: ClientSecret) -> Entity:
    """Return what may be shown of a client secret."""
    return {
        "customKeyIdentifier": None,
        "displayName": secret.display_name,
        "endDateTime": _moment(secret.ends_at),
        "hint": secret.hint,
        "keyId": secret.key_id,
        "secretText": None,
        "startDateTime": _moment(secret.starts_at),
    }


def _inner(details: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = details.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)

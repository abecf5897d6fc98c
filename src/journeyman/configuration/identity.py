"""The user flows of a tenant and what they are made of: declared and stored objects in, one snapshot out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from journeyman.configuration.codec import KIND_OF, IdentityObject, decode
from journeyman.configuration.errors import DamagedObjectError
from journeyman.configuration.store import ConfigurationStore
from journeyman.settings.identity import (
    ApiConnector,
    BasicCredentials,
    ConnectorCredentials,
    IdentityProvider,
    IdentitySettings,
    ManagedBearerCredentials,
    UserAttribute,
    UserFlow,
)

_Object = TypeVar("_Object", bound=IdentityObject)

_NAMES: Final = {
    ApiConnector: "API connector",
    UserFlow: "user flow",
    UserAttribute: "user attribute",
    IdentityProvider: "identity provider",
}


@dataclass(frozen=True, slots=True)
class IdentitySnapshot:
    """What is served; ``problems`` are sentences about objects that are not."""

    settings: IdentitySettings = field(default_factory=IdentitySettings)
    problems: tuple[str, ...] = ()


async def stored_identity(store: ConfigurationStore) -> IdentitySnapshot:
    """Return what the store holds; a damaged object is left out and named, so that the others stay served."""
    problems: list[str] = []
    settings = IdentitySettings(
        api_connectors=await _stored(store, ApiConnector, problems),
        user_flows=await _stored(store, UserFlow, problems),
        user_attributes=await _stored(store, UserAttribute, problems),
        identity_providers=await _stored(store, IdentityProvider, problems),
    )
    return IdentitySnapshot(settings, tuple(problems))


def merged_identity(declared: IdentitySettings, stored: IdentitySnapshot) -> IdentitySnapshot:
    """Return declared objects together with stored ones; where both have one id, the declared one counts."""
    problems = list(stored.problems)
    found = stored.settings
    settings = IdentitySettings(
        api_connectors=_merged(declared.api_connectors, found.api_connectors, problems),
        user_flows=_merged(declared.user_flows, found.user_flows, problems),
        user_attributes=_merged(declared.user_attributes, found.user_attributes, problems),
        identity_providers=_merged(declared.identity_providers, found.identity_providers, problems),
    )
    return IdentitySnapshot(settings, tuple(problems))


def find(objects: Iterable[_Object], id: str) -> _Object | None:
    """Return the object of this id, in any case; None when there is none."""
    return next((each for each in objects if each.id.casefold() == id.casefold()), None)


def key_of(credentials: ConnectorCredentials) -> str:
    """Return the id of the key set that credentials name."""
    match credentials:
        case BasicCredentials():
            return credentials.password_key
        case ManagedBearerCredentials():
            return credentials.bearer.key
        case _:
            return credentials.key


def named_keys(settings: IdentitySettings) -> frozenset[str]:
    """Return the ids of all key sets that API connectors and identity providers name, in lower case."""
    connectors = (key_of(each.credentials) for each in settings.api_connectors)
    providers = (each.secret_key for each in settings.identity_providers if each.secret_key is not None)
    return frozenset(each.lower() for each in (*connectors, *providers))


async def _stored(store: ConfigurationStore, known: type[_Object], problems: list[str]) -> tuple[_Object, ...]:
    found: list[_Object] = []
    for entry in await store.all(KIND_OF[known]):
        try:
            found.append(decode(entry, known))
        except DamagedObjectError as error:
            problems.append(str(error))
    return tuple(found)


def _merged(declared: tuple[_Object, ...], stored: tuple[_Object, ...], problems: list[str]) -> tuple[_Object, ...]:
    kept: list[_Object] = []
    for each in stored:
        if find(declared, each.id) is None:
            kept.append(each)
        else:
            problems.append(
                f"the {_NAMES[type(each)]} {each.id!r} is declared in journeyman.toml and stored as well; the declared "
                "one counts: take it out of journeyman.toml to use the stored one"
            )
    return (*declared, *kept)

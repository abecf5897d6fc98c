"""Find an API connector in the policies of a tenant: its name in, the policy and the profile that call it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.compiler.handlers import API_CONNECTOR, handler_of
from journeyman.errors import SettingsError
from journeyman.policy.connector_profile import CONNECTOR, CONNECTOR_ID, STEP, STEPS
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import TechnicalProfile, key

_STEPS: Final = {step.value.casefold(): name for step, name in STEPS.items()}


@dataclass(frozen=True, slots=True)
class ConnectorPlace:
    """Where a connector is called."""

    policy_id: str
    profile_id: str
    step: str


def find_connector(loaded: LoadedPolicies, name: str, policy_id: str | None, step: str | None) -> ConnectorPlace:
    """Return the one place that calls a connector.

    Args:
        name: the display name or the id of the connector.
        policy_id: of which policy; None when only one calls it.
        step: at which step; None when it is called at one only.

    Raises:
        SettingsError: nobody calls it there, or several do.
    """
    every = list(_connectors(loaded))
    named = [place for place, names in every if key(name.strip()) in names]
    if not named:
        known = sorted({profile_name for _, (profile_name, *_) in every})
        shown = f"there is {', '.join(known)}" if known else "no user flow calls any"
        raise SettingsError(f"no policy calls an API connector {name[:100]!r}; {shown}")
    wanted = None if step is None else _step(step)
    here = [
        place
        for place in named
        if (policy_id is None or key(place.policy_id) == key(policy_id))
        and (wanted is None or key(place.step) == key(wanted))
    ]
    places = {(place.policy_id, place.step): place for place in reversed(here)}
    if len(places) == 1:
        return next(iter(places.values()))
    found = _listed(named if not places else list(places.values()))
    if not places:
        raise SettingsError(f"the API connector {name[:100]!r} is not called there; it is called by {found}")
    raise SettingsError(f"the API connector {name[:100]!r} is called by {found}; say which with --policy and --step")


def names_connector(loaded: LoadedPolicies, name: str) -> bool:
    """Whether a name is that of an API connector, and of no technical profile."""
    merged = (loaded.merged(policy_id)[0] or policy for policy_id, policy in loaded.policies.items())
    if any(key(name) in policy.technical_profiles for policy in merged):
        return False
    return any(key(name.strip()) in names for _, names in _connectors(loaded))


def _connectors(loaded: LoadedPolicies) -> Iterator[tuple[ConnectorPlace, tuple[str, str]]]:
    """Yield the places of all connectors, each with the name and the id of its connector as they are compared."""
    for name, policy in loaded.policies.items():
        merged = loaded.merged(name)[0]
        for profile in (merged or policy).technical_profiles.values():
            if handler_of(profile).casefold() == API_CONNECTOR.casefold():
                place = ConnectorPlace(policy.policy_id, profile.id, _item(profile, STEP))
                yield place, (key(_item(profile, CONNECTOR)), key(_item(profile, CONNECTOR_ID)))


def _item(profile: TechnicalProfile, name: str) -> str:
    return next((item.value.strip() for item in profile.metadata.values() if key(item.key) == key(name)), "")


def _step(text: str) -> str:
    found = _STEPS.get(text.strip().casefold())
    if found is None:
        raise SettingsError(f"--step {text[:60]!r} is none; write one of {', '.join(step.value for step in STEPS)}")
    return found


def _listed(places: Sequence[ConnectorPlace]) -> str:
    return " and ".join(sorted({f"{place.policy_id} at {place.step}" for place in places}))

"""The choices of a selection step: which providers it offers, and which one is clear without a page.

Source: policy-language.md §5.2 and §5.4, technical-profiles.md §27.1.
"""

from __future__ import annotations

from journeyman.compiler.compiled import CompiledPolicy, Exchange, Step, TechnicalProfile
from journeyman.journey.preconditions import enabled
from journeyman.journey.state import JourneyState
from journeyman.journey.steps import same_id, target_profile, validation_exchange

Options = tuple[tuple[str, TechnicalProfile], ...]
"""(exchange id, profile) of each provider button, in the order of the policy."""


def options_of(policy: CompiledPolicy, step: Step, state: JourneyState) -> Options:
    """Return what a person may choose from: the target exchanges whose profiles take part."""
    found: list[tuple[str, TechnicalProfile]] = []
    for selection in step.selections:
        if selection.target_exchange is None:
            continue
        profile_id = target_profile(policy, state, selection.target_exchange)
        profile = policy.technical_profiles.get(profile_id or "")
        if profile is not None and enabled(profile.enablement, state.claims):
            found.append((selection.target_exchange, profile))
    return tuple(found)


def local_exchange(policy: CompiledPolicy, step: Step, state: JourneyState) -> Exchange | None:
    """Return the exchange whose form the page shows, None when there is none or its profile is disabled."""
    exchange = validation_exchange(step)
    if exchange is None:
        return None
    profile = policy.technical_profiles[exchange.profile_id]
    return exchange if enabled(profile.enablement, state.claims) else None


def chosen_without_page(step: Step, local: Exchange | None, options: Options, state: JourneyState) -> str | None:
    """Return the exchange that ``domain_hint`` names, or the only one there is; None when a person must choose."""
    hint = state.parameters.get("domain_hint", "").casefold()
    if hint:
        for exchange_id, profile in options:
            if hint in {domain.casefold() for domain in profile.domains}:
                return exchange_id
    if local is None and len(options) == 1 and not step.show_single_provider:
        return options[0][0]
    return None


def offered(options: Options, exchange_id: str) -> str | None:
    """Return the id of an option in its declared spelling, None when it is not offered."""
    return next((name for name, _ in options if same_id(name, exchange_id)), None)

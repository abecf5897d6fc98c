"""What happens in the journeys of a policy: a merged policy in; steps, exchanges and technical profiles out.

Only what a relying party can reach is told: its journey, those of its endpoints, and their sub journeys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.compiler import handlers
from journeyman.compiler.handlers import handler_of
from journeyman.diagnostics import Location
from journeyman.policy import model
from journeyman.policy.model import key

API_CONNECTOR: Final = "Journeyman.ApiConnector"

_KINDS: Final[Mapping[str, str]] = {
    handlers.RESTFUL: "rest",
    API_CONNECTOR: "rest",
    handlers.SELF_ASSERTED: "page",
    handlers.CLAIMS_TRANSFORMATION: "transformation",
    handlers.DIRECTORY: "directory",
    handlers.PASSWORD_GRANT: "password check",
    handlers.OPENID_CONNECT: "identity provider",
    handlers.OAUTH2: "identity provider",
    handlers.OAUTH1: "identity provider",
    handlers.SAML2: "identity provider",
    handlers.ONE_TIME_PASSWORD: "one-time password",
    handlers.AAD_SSPR: "one-time password",
    handlers.JWT_ISSUER: "issuer",
    handlers.SAML_ISSUER: "issuer",
    handlers.USER_INFO_ISSUER: "issuer",
    handlers.OAUTH2_ERROR: "issuer",
    handlers.NONE: "claims of the grant",
}
_BY_HANDLER: Final = {handler.casefold(): kind for handler, kind in _KINDS.items()}
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class GraphExchange:
    """An exchange of a step and the profile that it runs."""

    id: str
    profile: str


@dataclass(frozen=True, slots=True)
class GraphStep:
    """One orchestration step.

    Attributes:
        page: the content definition that the step names; "" for none.
        conditions: when the step is left out, in words.
        choices: exchanges of the next step that a person may choose here.
        invokes: sub journeys.
    """

    order: int
    type: str
    page: str
    conditions: tuple[str, ...]
    choices: tuple[str, ...]
    exchanges: tuple[GraphExchange, ...]
    issuer: str
    invokes: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class GraphJourney:
    """A journey; ``entry`` is what begins it: ``authorize``, the id of an endpoint, or "" for a sub journey."""

    id: str
    entry: str
    steps: tuple[GraphStep, ...]


@dataclass(frozen=True, slots=True)
class GraphProfile:
    """A technical profile that a journey runs.

    Attributes:
        kind: ``rest``, ``page``, ``directory``, ``identity provider``, …; ``other`` for any other handler.
        target: of a REST call its address without the query, which may hold a key; "" for others.
        detail: of a REST call how it proves itself, of a directory profile its operation.
        validations: profiles that run when its page is sent, with the exchange or action that names them.
    """

    id: str
    kind: str
    name: str
    target: str
    detail: str
    keys: tuple[str, ...]
    validations: tuple[tuple[str, str], ...]
    location: Location


@dataclass(frozen=True, slots=True)
class JourneyGraph:
    """The journeys of a policy and the profiles they run, each profile once."""

    policy_id: str
    journeys: tuple[GraphJourney, ...]
    profiles: tuple[GraphProfile, ...]


def journey_graph(policy: model.Policy) -> JourneyGraph:
    """Return what a merged policy does; a reference to something that is missing leads nowhere."""
    journeys = tuple(_journeys(policy))
    wanted = [each.profile for journey in journeys for step in journey.steps for each in step.exchanges]
    wanted += [step.issuer for journey in journeys for step in journey.steps if step.issuer]
    return JourneyGraph(policy.policy_id, journeys, tuple(_profiles(policy, wanted)))


def _journeys(policy: model.Policy) -> Iterator[GraphJourney]:
    party = policy.relying_party
    if party is None:
        return
    entries = [("authorize", party.default_user_journey)] if party.default_user_journey else []
    entries += [(endpoint.id, endpoint.journey) for endpoint in party.endpoints.values()]
    pending = [(entry, policy.user_journeys.get(key(reference.id))) for entry, reference in entries if reference]
    seen: set[Location] = set()
    while pending:
        entry, journey = pending.pop(0)
        if journey is None or journey.location in seen:
            continue
        seen.add(journey.location)
        steps = tuple(_step(step) for step in journey.steps.values())
        yield GraphJourney(journey.id, entry, steps)
        pending += [("", policy.sub_journeys.get(key(name))) for step in steps for name in step.invokes]


def _step(step: model.OrchestrationStep) -> GraphStep:
    return GraphStep(
        order=step.order,
        type=step.type or "",
        page=step.content_definition.id if step.content_definition else "",
        conditions=tuple(_condition(each) for each in step.preconditions or ()),
        choices=tuple(
            each.target_claims_exchange for each in step.claims_provider_selections if each.target_claims_exchange
        ),
        exchanges=tuple(GraphExchange(each.id, each.profile.id) for each in step.claims_exchanges.values()),
        issuer=step.issuer_technical_profile.id if step.issuer_technical_profile else "",
        invokes=tuple(each.id for each in step.journey_list or ()),
        location=step.location,
    )


def _condition(precondition: model.Precondition) -> str:
    claim, *rest = precondition.values or ("",)
    if rest:
        return f"{claim} {'is' if precondition.execute_actions_if else 'is not'} {rest[0]}"
    return f"{claim} {'has a value' if precondition.execute_actions_if else 'has no value'}"


def _profiles(policy: model.Policy, wanted: Iterable[str]) -> Iterator[GraphProfile]:
    """Yield profiles in the order in which they are met, and those that they run in turn."""
    pending, seen = list(wanted), set[str]()
    while pending:
        name = pending.pop(0)
        profile = policy.technical_profiles.get(key(name))
        if profile is None or key(name) in seen:
            continue
        seen.add(key(name))
        validations = tuple(_validations(policy, profile))
        yield _profile(profile, validations)
        pending += [target for _, target in validations]


def _profile(profile: model.TechnicalProfile, validations: tuple[tuple[str, str], ...]) -> GraphProfile:
    kind = _BY_HANDLER.get(handler_of(profile).casefold(), OTHER)
    address = _item(profile, "ServiceUrl") if kind == "rest" else ""
    details = {"rest": "AuthenticationType", "directory": "Operation"}
    return GraphProfile(
        id=profile.id,
        kind=kind,
        name=profile.display_name or "",
        target=address.partition("?")[0],
        detail=_item(profile, details[kind]) if kind in details else "",
        keys=tuple(each.storage_reference_id for each in profile.cryptographic_keys.values()),
        validations=validations,
        location=profile.location,
    )


def _item(profile: model.TechnicalProfile, name: str) -> str:
    item = profile.metadata.get(key(name))
    return item.value.strip() if item else ""


def _validations(policy: model.Policy, profile: model.TechnicalProfile) -> Iterator[tuple[str, str]]:
    for validation in profile.validation_technical_profiles:
        yield "validation", validation.profile.id
    for display in profile.display_claims:
        control = policy.display_controls.get(key(display.display_control or ""))
        for action in control.actions.values() if control else ():
            for called in action.profiles:
                yield action.id, called.profile.id

"""Rules that look at a journey as a whole: order, selections, exchanges, issuers, sub journeys.

Source: policy-language.md §5, errors.md §3 (V04 to V06, V19) and §5.4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from journeyman.compiler import rules
from journeyman.compiler.compiled import Journey, JourneyKind, Step, StepType
from journeyman.compiler.draft import Draft
from journeyman.compiler.reach import journeys_of, sub_journeys, with_sub_journeys
from journeyman.diagnostics import Location, Rule, Severity
from journeyman.policy import model
from journeyman.policy.model import key

_SELECTIONS: Final = frozenset({StepType.COMBINED_SIGN_IN_AND_SIGN_UP, StepType.CLAIMS_PROVIDER_SELECTION})
_MAX_NAMED: Final = 10
_AFTER_SELECTION: Final = frozenset({StepType.CLAIMS_EXCHANGE, StepType.INVOKE_SUB_JOURNEY})


def check_journeys(draft: Draft) -> None:
    """Check every user journey and sub journey."""
    after_selection, sending, circles = _after_selection(draft), _sending(draft), _circles(draft)
    for journey, written in _journeys(draft):
        _check_order(draft, written)
        _check_successors(draft, journey, written)
        _check_exchanges(draft, journey, written, selected=journey.id in after_selection)
        _check_selections(draft, journey, written)
        _check_pages(draft, journey, written)
        if journey.kind is not JourneyKind.CALL and (journey.kind, journey.id) not in sending:
            _report(draft, rules.NO_SEND_CLAIMS, written.location, journey.id)
        _check_nesting(draft, journey, written, circles)
    _check_issuers(draft)


def _journeys(draft: Draft) -> Iterator[tuple[Journey, model.UserJourney]]:
    for name, journey in draft.journeys.items():
        yield journey, draft.policy.user_journeys[name]
    for name, journey in draft.sub_journeys.items():
        yield journey, draft.policy.sub_journeys[name]


def _report(
    draft: Draft, rule: Rule, location: Location, journey: str, *, severity: Severity | None = None, **values: object
) -> None:
    severity = severity or (draft.whole if rule.severity is Severity.ERROR else rule.severity)
    draft.report(rule.at(location, element=journey, severity=severity, journey=journey, **values))


def _check_order(draft: Draft, written: model.UserJourney) -> None:
    orders = set(written.steps)
    expected = next(order for order in range(1, len(orders) + 2) if order not in orders)
    if orders and expected <= max(orders):
        _report(draft, rules.STEP_GAP, written.location, written.id, step=expected)


# --- selections and exchanges ------------------------------------------------------------------


def _working(journey: Journey) -> tuple[Step, ...]:
    return tuple(step for step in journey.steps if step.type is not StepType.NOOP)


def _check_successors(draft: Draft, journey: Journey, written: model.UserJourney) -> None:
    for step, successor in pairwise(_working(journey)):
        if step.type in _SELECTIONS and successor.type not in _AFTER_SELECTION:
            place = written.steps[successor.order].location
            _report(
                draft, rules.SELECTION_SUCCESSOR, place, journey.id, step=successor.order, type=successor.type.value
            )


def _check_exchanges(draft: Draft, journey: Journey, written: model.UserJourney, *, selected: bool) -> None:
    previous: Step | None = None
    for step in _working(journey):
        count, place = len(written.steps[step.order].claims_exchanges), written.steps[step.order].location
        if step.type is StepType.CLAIMS_EXCHANGE and count == 0:
            _report(draft, rules.NO_EXCHANGE, place, journey.id, step=step.order)
        if (
            step.type is StepType.CLAIMS_EXCHANGE
            and count > 1
            and not (previous.type in _SELECTIONS if previous else selected)
        ):
            _report(draft, rules.MULTIPLE_EXCHANGES, place, journey.id, step=step.order, count=count)
        previous = step


def _after_selection(draft: Draft) -> frozenset[str]:
    """Return the sub journeys that are invoked right after a selection: their first step may choose."""
    return frozenset(
        invoked
        for caller, _ in _journeys(draft)
        for step, successor in pairwise(_working(caller))
        if step.type in _SELECTIONS
        for invoked in successor.sub_journeys
    )


def _check_selections(draft: Draft, journey: Journey, written: model.UserJourney) -> None:
    steps = _working(journey)
    for step, successor in zip(steps, (*steps[1:], None), strict=False):
        if step.type not in _SELECTIONS:
            continue
        here = _exchange_keys(written, step)
        following = _offered(draft, written, successor)
        for selection in written.steps[step.order].claims_provider_selections:
            target, validation = selection.target_claims_exchange, selection.validation_claims_exchange
            if target and key(target) not in following:
                _report(draft, rules.SELECTION_TARGET, selection.location, journey.id, step=step.order, id=target)
            if validation and key(validation) not in here:
                _report(
                    draft, rules.VALIDATION_EXCHANGE, selection.location, journey.id, step=step.order, id=validation
                )
        _check_links(draft, journey, step, following)


def _exchange_keys(written: model.UserJourney, step: Step) -> frozenset[str]:
    return frozenset(key(exchange.id) for exchange in written.steps[step.order].claims_exchanges.values())


def _offered(draft: Draft, written: model.UserJourney, successor: Step | None) -> frozenset[str]:
    """Return the exchanges among which the step after a selection chooses; those of a sub journey count."""
    if successor is None:
        return frozenset()
    found = _exchange_keys(written, successor)
    for sub_journey in sub_journeys(draft, successor.sub_journeys):
        first = next(iter(_working(sub_journey)), None)
        if first is not None:
            found |= _exchange_keys(draft.policy.sub_journeys[key(sub_journey.id)], first)
    return found


def _check_links(draft: Draft, journey: Journey, step: Step, following: frozenset[str]) -> None:
    for exchange in step.exchanges:
        profile = draft.technical_profiles[key(exchange.profile_id)]
        items = draft.policy.technical_profiles[key(exchange.profile_id)].metadata
        names = ["setting.forgotPasswordLinkOverride"]
        if profile.metadata.flag("setting.showSignupLink", default=True):
            names.append("SignUpTarget")
        for name in names:
            target = profile.metadata.get(name)
            if target and key(target) not in following:
                place = items[key(name)].location if key(name) in items else profile.location
                _report(
                    draft,
                    rules.EXCHANGE_OF_PAGE,
                    place,
                    journey.id,
                    item=name,
                    profile=profile.id,
                    id=target,
                    step=step.order,
                )


def _check_pages(draft: Draft, journey: Journey, written: model.UserJourney) -> None:
    for step in journey.steps:
        source = written.steps[step.order]
        if step.type in _SELECTIONS and source.content_definition is None:
            _report(draft, rules.NO_CONTENT_DEFINITION, source.location, journey.id, step=step.order)


# --- the end of a journey ----------------------------------------------------------------------


def _sending(draft: Draft) -> set[tuple[JourneyKind, str]]:
    """Return the journeys that reach a SendClaims step, themselves or through a sub journey."""
    callers: dict[str, list[Journey]] = {}
    waiting: list[Journey] = []
    for journey, _ in _journeys(draft):
        if any(step.type is StepType.SEND_CLAIMS for step in journey.steps):
            waiting.append(journey)
        for invoked in {name for step in journey.steps for name in step.sub_journeys}:
            callers.setdefault(invoked, []).append(journey)
    found: set[tuple[JourneyKind, str]] = set()
    while waiting:
        journey = waiting.pop()
        if (journey.kind, journey.id) not in found:
            found.add((journey.kind, journey.id))
            waiting += callers.get(journey.id, ()) if journey.kind is not JourneyKind.USER else ()
    return found


def _check_issuers(draft: Draft) -> None:
    party = draft.relying_party
    reached = {journey.id for journey in journeys_of(draft)}
    for journey in draft.journeys.values():
        if journey.default_issuer_profile is not None:
            continue
        needed = journey.id in reached and party is not None and party.protocol != "None"
        for each in with_sub_journeys(draft, journey):
            table = draft.policy.user_journeys if each.kind is JourneyKind.USER else draft.policy.sub_journeys
            for step in each.steps:
                written = table[key(each.id)].steps[step.order]
                # An issuer that does not exist has been reported once already.
                if step.type is StepType.SEND_CLAIMS and written.issuer_technical_profile is None:
                    severity = Severity.ERROR if needed else Severity.WARNING
                    _report(draft, rules.NO_ISSUER, written.location, each.id, severity=severity, step=step.order)


def _check_nesting(
    draft: Draft, journey: Journey, written: model.UserJourney, circles: Mapping[str, tuple[str, ...]]
) -> None:
    if journey.kind is JourneyKind.USER:
        return
    for step in journey.steps:
        if step.sub_journeys:
            _report(draft, rules.NESTED_SUB_JOURNEY, written.steps[step.order].location, journey.id)
    circle = circles.get(journey.id)
    if circle is not None:
        path = " → ".join(circle if len(circle) <= _MAX_NAMED else (*circle[:_MAX_NAMED], "…"))
        _report(draft, rules.SUB_JOURNEY_CYCLE, written.location, journey.id, path=path, severity=Severity.ERROR)


def _circles(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return a sub journey of each circle, with the way from it back to itself."""
    calls = {
        each.id: {name for step in each.steps for name in step.sub_journeys} for each in draft.sub_journeys.values()
    }
    # What invokes nothing that is left is on no circle, and neither is what nothing that is left invokes.
    calls = _turned(_without_ends(_turned(_without_ends(calls))))
    found: dict[str, tuple[str, ...]] = {}
    for name in list(calls):
        way = _way_back(calls, name) if name in calls else ()
        if way:
            found[name] = way
            calls = {other: invoked for other, invoked in calls.items() if other not in way}
    return found


def _turned(calls: Mapping[str, set[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {name: set() for name in calls}
    for name, invoked in calls.items():
        for each in invoked & calls.keys():
            turned[each].add(name)
    return turned


def _without_ends(calls: Mapping[str, set[str]]) -> dict[str, set[str]]:
    left = {name: invoked & calls.keys() for name, invoked in calls.items()}
    callers = _turned(left)
    waiting = [name for name, invoked in left.items() if not invoked]
    while waiting:
        done = waiting.pop()
        del left[done]
        for caller in callers[done]:
            left[caller].discard(done)
            if not left[caller]:
                waiting.append(caller)
    return left


def _way_back(calls: Mapping[str, set[str]], start: str) -> tuple[str, ...]:
    """Return the shortest way from ``start`` back to itself; empty when there is none."""
    ways: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for invoked in sorted(calls.get(name, ())):
            if invoked == start:
                way = [start, name] if name != start else [start]
                while name != start and ways[name] != start:
                    name = ways[name]
                    way.append(name)
                return (start, *reversed(way[1:]), start)
            if invoked not in ways:
                ways[invoked] = name
                waiting.append(invoked)
    return ()

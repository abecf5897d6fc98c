"""Regular expressions that a person at a page could use to slow a node are known when the policy is loaded.

A search has a time limit in any case (docs/decisions/0002-regular-expressions.md); this says where it will be reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Final

from journeyman.claims.dotnet_regex import slow_probe
from journeyman.claims.dotnet_syntax import DotnetRegexError
from journeyman.compiler.draft import Draft
from journeyman.diagnostics import Location, Rule, Severity
from journeyman.policy.model import key

REGEX_SLOW: Final = Rule(
    code="JM1190",
    severity=Severity.WARNING,
    message='A regular expression of "{id}" can run out of time: many "{letter}" in a row keep it busy; it then counts '
    "as not found.",
    help="avoid a repetition inside of a repetition, such as (a+)+ or (a|aa)+",
    source="policy-language.md §3.1.3; the time limit is this project's decision",
)

TOO_MANY: Final = Rule(
    code="JM1195",
    severity=Severity.ERROR,
    message="The policy and its bases hold {count} regular expressions with {repetitions} repetitions: at most {most} "
    "with {most_repetitions} are compiled.",
    help="share patterns and predicates between claim types, and lower the numbers in braces",
    source="the limits are this project's decision: each expression costs memory and time when the policy is loaded",
)
MOST_EXPRESSIONS: Final = 1_000
MOST_REPETITIONS: Final = 200_000
MOST_SLOW: Final = 10
"""Each slow expression costs its time limit here, so a policy full of them could not be loaded."""

_COUNTED: Final = re.compile(r"\{([0-9]{1,9})[,}]")
_Expression = tuple[str, Location, str]
"""Id of its element, place, expression."""


def expressions_fit(draft: Draft) -> bool:
    """Whether the regular expressions of a policy can be compiled; reports when they are too many."""
    found = {expression for _, _, expression in _all(draft)}
    repetitions = sum(prod(min(int(number), MOST_REPETITIONS) for number in _COUNTED.findall(each)) for each in found)
    if len(found) <= MOST_EXPRESSIONS and repetitions <= MOST_REPETITIONS:
        return True
    draft.report(
        TOO_MANY.at(
            draft.policy.location,
            element=draft.policy.policy_id,
            count=len(found),
            repetitions=repetitions,
            most=MOST_EXPRESSIONS,
            most_repetitions=MOST_REPETITIONS,
        )
    )
    return False


def check_expressions(draft: Draft) -> None:
    """Try the regular expressions of the policy on short hostile texts, until several were slow."""
    slow = 0
    for element, place, expression in _all(draft):
        letter = _slow(expression) if slow < MOST_SLOW else None
        if letter is not None:
            slow += 1
            draft.report(REGEX_SLOW.at(place, element=element, id=element, letter=letter))


def _all(draft: Draft) -> Iterator[_Expression]:
    yield from _of_claim_types(draft)
    yield from _of_predicates(draft)
    yield from _of_transformations(draft)


def _slow(expression: str) -> str | None:
    try:
        return slow_probe(expression)
    except DotnetRegexError:
        # What is wrong with it has been reported where it was compiled.
        return None


def _of_claim_types(draft: Draft) -> Iterator[_Expression]:
    for claim in draft.policy.claim_types.values():
        if claim.restriction is not None and claim.restriction.pattern is not None:
            pattern = claim.restriction.pattern
            yield claim.id, pattern.location, pattern.regular_expression
        if claim.mask is not None and claim.mask.regex is not None:
            yield claim.id, claim.location, claim.mask.regex


def _of_predicates(draft: Draft) -> Iterator[_Expression]:
    for predicate in draft.policy.predicates.values():
        for name, value in predicate.parameters.items():
            if key(name) == "regularexpression":
                yield predicate.id, predicate.location, value


def _of_transformations(draft: Draft) -> Iterator[_Expression]:
    for transformation in draft.policy.claims_transformations.values():
        if key(transformation.method or "") == "setclaimsifregexmatch":
            for parameter in transformation.input_parameters or ():
                if key(parameter.id) == "matchto":
                    yield transformation.id, parameter.location, parameter.value

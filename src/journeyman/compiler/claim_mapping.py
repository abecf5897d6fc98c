"""Claim references: the wire name, the default value and its resolvers.

Source: policy-language.md §4.2, claims.md §A.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.resolvers import Resolver, Template, compile_template, unknown_resolvers
from journeyman.claims.values import convert
from journeyman.compiler import rules
from journeyman.compiler.compiled import ClaimMapping
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import claim_type
from journeyman.policy.model import ClaimReference, key

_POLICY: Final = re.compile(r"\{policy\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where claim references stand.

    Attributes:
        element: id of the technical profile or display control, for diagnostics.
        protocol: name of the protocol, for the wire names.
        resolve: whether claim resolvers in defaults are expanded.
    """

    element: str
    protocol: str
    resolve: bool


def mappings(draft: Draft, references: Iterable[ClaimReference], place: Place) -> tuple[ClaimMapping, ...]:
    """Compile claim references in document order; those to undeclared claim types are reported and left out."""
    found = (_mapping(draft, reference, place) for reference in references)
    return tuple(mapping for mapping in found if mapping is not None)


def _mapping(draft: Draft, reference: ClaimReference, place: Place) -> ClaimMapping | None:
    claim = claim_type(draft, reference.claim_type, reference.location, element=place.element)
    if claim is None:
        return None
    partner = (reference.partner_claim_type or "").strip() or None
    return ClaimMapping(
        claim=claim,
        name=partner or claim.partner_names.get(key(place.protocol)) or claim.id,
        default=_default(draft, reference, claim, place),
        always_use_default=reference.always_use_default_value,
        required=reference.required,
        overwrite_if_exists=reference.overwrite_if_exists,
        partner_claim_type=partner,
    )


def _default(draft: Draft, reference: ClaimReference, claim: ClaimType, place: Place) -> Template | None:
    if reference.default_value is None:
        return None
    text, names = _POLICY.subn(lambda _: draft.policy.policy_id, reference.default_value)
    draft.names_policy |= names > 0
    template = compile_template(text, resolve=place.resolve)
    if all(isinstance(part, str) for part in template.parts):
        _check_literal(draft, reference, claim, text, element=place.element)
    _check_resolvers(draft, reference, text, place)
    return template


def _check_literal(draft: Draft, reference: ClaimReference, claim: ClaimType, text: str, *, element: str) -> None:
    try:
        convert(text, claim.data_type)
    except ValueError:
        rule = rules.DEFAULT_NOT_CONVERTIBLE
        draft.report(
            rule.at(reference.location, element=element, value=text, claim=claim.id, data_type=claim.data_type.value)
        )


def _check_resolvers(draft: Draft, reference: ClaimReference, text: str, place: Place) -> None:
    if "{" not in text:
        return
    template = compile_template(text, resolve=True)
    for unknown in unknown_resolvers(template) if place.resolve else ():
        draft.report(rules.RESOLVER_UNKNOWN.at(reference.location, element=place.element, resolver=unknown))
    known = [part.text for part in template.parts if isinstance(part, Resolver) and part.known]
    if known and not place.resolve:
        rule = rules.RESOLVER_DISABLED
        draft.report(rule.at(reference.location, element=place.element, claim=reference.claim_type, resolver=known[0]))

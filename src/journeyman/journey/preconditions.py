"""Preconditions: claims in, skip or run out (policy-language.md §5.3) and the same for enablement (§4.5)."""

from __future__ import annotations

from collections.abc import Mapping

from journeyman.claims.preconditions import equals_test
from journeyman.claims.values import ClaimValue, to_text
from journeyman.compiler.compiled import Enablement, EnablementKind, Precondition


def skips(preconditions: tuple[Precondition, ...], claims: Mapping[str, ClaimValue]) -> bool:
    """Whether one of the preconditions is satisfied, which skips the step or profile."""
    return any(_satisfied(precondition, claims) for precondition in preconditions)


def _satisfied(precondition: Precondition, claims: Mapping[str, ClaimValue]) -> bool:
    if precondition.equals is None:
        exist = all(name in claims for name in precondition.claim_ids)
        return exist is precondition.skip_when
    result = equals_test(claims.get(precondition.claim_ids[0]), precondition.equals)
    return result is not None and result is precondition.skip_when


def enabled(enablement: Enablement, claims: Mapping[str, ClaimValue]) -> bool:
    """Whether a technical profile takes part in the journey now."""
    kind = enablement.kind
    if kind in {EnablementKind.ALWAYS, EnablementKind.NEVER}:
        return kind is EnablementKind.ALWAYS
    value = claims.get(enablement.claim_id) if enablement.claim_id else None
    if kind is EnablementKind.ON_CLAIMS_EXISTENCE:
        return value is not None and (enablement.value is None or to_text(value) == enablement.value)
    return _contains(value, enablement.value) is (kind is EnablementKind.ON_ITEM_EXISTENCE)


def _contains(value: ClaimValue | None, item: str | None) -> bool:
    return isinstance(value, tuple) and item in value

"""Secrets that come back: an API may repeat in its message what it was sent, and records show messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import ClaimValue, to_text
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.technical_profile import InputClaim
from journeyman.trace.concealment import concealed, written_forms
from journeyman.trace.records import CallRecord, StepRecord, Verdict

_SHORTEST_TAINT = 8
"""A shorter secret hides no other claim: it may stand in there by chance."""


def secret_texts(
    policy: CompiledPolicy, claims: Mapping[str, ClaimValue], tainted: Collection[str] = ()
) -> frozenset[str]:
    """Return the texts of the secret claims that are long enough to be looked for, as records may write them.

    Args:
        tainted: claims that are no secrets by themselves but hold one that came back from an API.
    """
    return written_forms(
        to_text(value)
        for name, value in claims.items()
        if name in tainted or policy.sensitivity(name) is Sensitivity.SECRET
    )


def tainted_claims(
    policy: CompiledPolicy, claims: Mapping[str, ClaimValue], tainted: Collection[str], sent: Iterable[str] = ()
) -> list[str]:
    """Return the claims that hold a secret without being classified as one.

    Args:
        tainted: those that are known already.
        sent: secrets that were sent and are no claims.
    """
    secrets = secret_texts(policy, claims, tainted) | written_forms(sent)
    return [
        name
        for name, value in claims.items()
        if name in tainted or (policy.sensitivity(name) is not Sensitivity.SECRET and _holds(to_text(value), secrets))
    ]


def unheld_secrets(inputs: Iterable[InputClaim], claims: Mapping[str, ClaimValue]) -> Iterator[str]:
    """Yield the secrets among the input claims of a profile that the journey itself does not hold: defaults."""
    for mapping, value in inputs:
        if mapping.claim.sensitivity is Sensitivity.SECRET and claims.get(mapping.claim.id) != value:
            yield to_text(value)


def _holds(text: str, secrets: frozenset[str]) -> bool:
    return any(len(secret) >= _SHORTEST_TAINT and secret in text for secret in secrets)


def concealed_record(
    record: StepRecord | CallRecord, policy: CompiledPolicy, claims: Mapping[str, ClaimValue]
) -> StepRecord | CallRecord:
    """Return the record of a call whose message is shown without the secret claims in it; any other as it is."""
    if not isinstance(record, CallRecord) or record.verdict is not Verdict.REFUSED_BY_API:
        return record
    secrets = secret_texts(policy, claims)
    exchange = replace(record.exchange, response_body=concealed(record.exchange.response_body, secrets))
    return replace(record, exchange=exchange, detail=concealed(record.detail, secrets))

"""Secrets that come back: an API may repeat in its message what it was sent, and records show messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import ClaimValue, to_text
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.trace.records import CallRecord, StepRecord, Verdict

SHORTEST: Final = 4
"""A secret of fewer characters is not looked for: it would be found in any text."""
PLACEHOLDER: Final = "(secret)"


def secret_texts(policy: CompiledPolicy, claims: Mapping[str, ClaimValue]) -> frozenset[str]:
    """Return the texts of the secret claims that are long enough to be looked for, also as JSON writes them."""
    texts = (to_text(value) for name, value in claims.items() if policy.sensitivity(name) is Sensitivity.SECRET)
    plain = [text for text in texts if len(text) >= SHORTEST]
    escaped = (json.dumps(text, ensure_ascii=escape)[1:-1] for text in plain for escape in (True, False))
    return frozenset((*plain, *escaped))


def concealed(text: str, secrets: frozenset[str]) -> str:
    """Return a text without the secrets in it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, PLACEHOLDER)
    return text


def concealed_record(
    record: StepRecord | CallRecord, policy: CompiledPolicy, claims: Mapping[str, ClaimValue]
) -> StepRecord | CallRecord:
    """Return the record of a call whose message is shown without the secret claims in it; any other as it is."""
    if not isinstance(record, CallRecord) or record.verdict is not Verdict.REFUSED_BY_API:
        return record
    secrets = secret_texts(policy, claims)
    exchange = replace(record.exchange, response_body=concealed(record.exchange.response_body, secrets))
    return replace(record, exchange=exchange, detail=concealed(record.detail, secrets))

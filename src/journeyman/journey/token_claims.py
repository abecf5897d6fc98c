"""What goes into a token: the claims bag and the relying party in, names and JSON values out.

Source: policy-language.md §6.4-§6.5, protocol.md §8.2.
"""

from __future__ import annotations

from datetime import datetime

from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue, ConversionError, Json, convert, encode_state, to_json, to_text
from journeyman.compiler.compiled import ClaimMapping, CompiledPolicy, RelyingParty, Step
from journeyman.errors import ServiceError
from journeyman.journey.outcome import IssueTokens
from journeyman.journey.state import JourneyState
from journeyman.journey.steps import journey_of, same_id
from journeyman.service_codes import service_error


def issue(policy: CompiledPolicy, step: Step, state: JourneyState, resolution: Resolution) -> IssueTokens:
    """Collect the output claims of the relying party. Raises ServiceError when a required one has no value."""
    relying_party = policy.relying_party
    if relying_party is None:
        raise service_error(90031, policy.policy_id)
    issuer = step.issuer_profile or journey_of(policy, state.frames[0]).default_issuer_profile
    if issuer is None:
        detail = f"orchestration step {step.order} names no issuer"
        raise ServiceError(detail, service_code="AADB2C90108")
    claims: dict[str, Json] = {}
    remembered: dict[str, Json] = {}
    for mapping in relying_party.output_claims:
        value = _value(mapping, state, resolution)
        if value is None or value in ("", ()):
            if mapping.required:
                detail = f"the required output claim {mapping.claim.id!r} of the relying party has no value"
                raise ServiceError(detail)
            continue
        claims[mapping.name] = _token_value(value)
        remembered[mapping.claim.id] = encode_state(value)
    identity = policy.technical_profiles[issuer].metadata.get("issuer_refresh_token_user_identity_claim_type")
    return IssueTokens(
        issuer, claims, _subject(relying_party, state, resolution), _user_id(state, identity or "objectId"), remembered
    )


def _subject(relying_party: RelyingParty, state: JourneyState, resolution: Resolution) -> str | None:
    """Return the value of ``sub``: of the output claim with this wire name, else with this claim type id."""
    name = relying_party.subject_name
    if name is None:
        return None
    mappings = relying_party.output_claims
    named = [mapping for mapping in mappings if mapping.name == name]
    named += [mapping for mapping in mappings if same_id(mapping.claim.id, name)]
    for mapping in named:
        value = _value(mapping, state, resolution)
        if value is not None and value not in ("", ()):
            return to_text(value)
    detail = f"invalid subject: the output claim {name!r} that SubjectNamingInfo names has no value"
    raise ServiceError(detail, service_code="AADB2C90037")


def _value(mapping: ClaimMapping, state: JourneyState, resolution: Resolution) -> ClaimValue | None:
    value = None if mapping.always_use_default else state.claims.get(mapping.claim.id)
    if mapping.default is None or (value is not None and value != ""):
        return value
    text = mapping.default.resolve(resolution)
    if text is None:
        return None
    try:
        return convert(text, mapping.claim.data_type)
    except ConversionError as error:
        detail = f"the default of output claim {mapping.claim.id!r} is not a {mapping.claim.data_type.value}"
        raise ServiceError(detail) from error


def _token_value(value: ClaimValue) -> Json:
    return int(value.timestamp()) if isinstance(value, datetime) else to_json(value)


def _user_id(state: JourneyState, claim_id: str) -> str | None:
    for name, value in state.claims.items():
        if name.casefold() == claim_id.strip().casefold():
            return to_text(value)
    return None

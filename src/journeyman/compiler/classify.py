"""How careful a record must be with each claim: a merged policy in, a sensitivity per claim type out.

A claim is secret when a person types it into a password field, when it is or carries a token, when a
profile sends it as a password, or when its name says so; it is personal when it tells who the person
is. What is made of a claim is as sensitive as the claim: sensitivity flows through claims
transformations, through ``{Claim:…}`` defaults and through profiles that hand a value back under
the name with which it went in. A truth value tells too little to take part.

Source: errors.md §5 (token-bearing and secret claims, the pattern of secret-like names). That one-time
codes and names such as ``bearerToken`` count as secret too is this project's decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from journeyman.claims.claim_type import Sensitivity
from journeyman.policy.model import ClaimReference, ClaimType, Policy, TechnicalProfile, key

SECRET_NAME: Final = re.compile(
    r"(^|[_\-.])(code|key|api[_-]?key|subscription[_-]?key|sig|signature|token|secret|password|pwd|auth"
    r"|client[_-]?secret)$",
    re.IGNORECASE,
)
"""Names that say that what they name is a secret."""

_SECRET_WORD = re.compile(r"(Token|Secret|SecretKey|ApiKey|Password|Pwd|[vV]erificationCode)$|^otp([A-Z]|$)")
_SECRET_OUTPUTS = frozenset({"access_token", "id_token", "refresh_token", "otpgenerated"})
_SECRET_INPUTS = frozenset({"otptoverify"})
_TOKEN_RESOLVER = re.compile(r"\{oauth2:[a-z_]*token\}", re.IGNORECASE)
_CLAIM_RESOLVER = re.compile(r"\{claim:([^{}\"\s]+)\}", re.IGNORECASE)
_PASSWORD_RESOLVER = re.compile(r"\{oidc:password\}", re.IGNORECASE)
_PERSONAL_NAME = re.compile(
    r"e-?mail|phone|mobile|surname|birth|principal_?name|upn|user_?id(?!ent)|user_?identit|object_?id|security_?id"
    r"|(given|first|last|middle|nick|full|display|user|family|sign-?in|logon|login|preferred)[_-]?name"
    r"|logon_?identifier|address|postal_?code|zip_?code|login_?hint"
    r"|^(extension_)?(name|city|state|country|sub|oid|mail|othermails|birthdate|nationalnumber)$|^signinnames\.",
    re.IGNORECASE,
)
_PERSONAL_TYPES = frozenset(
    {"phonenumber", "useridentity", "useridentitycollection", "alternativesecurityidcollection", "objectidentity"}
)
_RANK = {Sensitivity.PLAIN: 0, Sensitivity.PERSONAL: 1, Sensitivity.SECRET: 2}


def classify(policy: Policy) -> dict[str, Sensitivity]:
    """Return the sensitivity of every declared claim type by ``key(id)``."""
    known = {name: _of_claim_type(claim) for name, claim in policy.claim_types.items()}
    for profile in policy.technical_profiles.values():
        for name in _secrets_of_profile(profile):
            known[name] = Sensitivity.SECRET
    _spread(known, tuple(_flows(policy)), booleans=_booleans(policy.claim_types))
    return {name: known[name] for name in policy.claim_types}


def _of_claim_type(claim: ClaimType) -> Sensitivity:
    if key(claim.user_input_type or "") == "password" or SECRET_NAME.search(claim.id):
        return Sensitivity.SECRET
    data_type = key(claim.data_type or "string")
    if data_type == "boolean":
        return Sensitivity.PLAIN
    if _SECRET_WORD.search(claim.id):
        return Sensitivity.SECRET
    names = [claim.id, *(row.partner_claim_type or "" for row in claim.default_partner_claim_types.values())]
    told = any(_PERSONAL_NAME.search(name) for name in names)
    if told or data_type in _PERSONAL_TYPES or key(claim.user_input_type or "") == "emailbox":
        return Sensitivity.PERSONAL
    return Sensitivity.PLAIN


def _secrets_of_profile(profile: TechnicalProfile) -> Iterator[str]:
    bearer = profile.metadata.get("useclaimasbearertoken")
    if bearer:
        yield key(bearer.value)
    for claim in profile.output_claims:
        partner = key(claim.partner_claim_type or "")
        if partner in _SECRET_OUTPUTS or _TOKEN_RESOLVER.search(partner) or _holds_secret(claim):
            yield key(claim.claim_type)
    for claim in (*profile.input_claims, *profile.persisted_claims):
        partner = claim.partner_claim_type or ""
        if SECRET_NAME.search(partner) or key(partner) in _SECRET_INPUTS or _holds_secret(claim):
            yield key(claim.claim_type)


def _holds_secret(claim: ClaimReference) -> bool:
    default = claim.default_value or ""
    return bool(_TOKEN_RESOLVER.search(default) or _PASSWORD_RESOLVER.search(default))


def _flows(policy: Policy) -> Iterator[tuple[str, str]]:
    for transformation in policy.claims_transformations.values():
        for source in transformation.input_claims or ():
            for target in transformation.output_claims or ():
                yield key(source.claim_type), key(target.claim_type)
    for profile in policy.technical_profiles.values():
        yield from _flows_of_profile(profile)


def _flows_of_profile(profile: TechnicalProfile) -> Iterator[tuple[str, str]]:
    for claim in (*profile.input_claims, *profile.persisted_claims, *profile.output_claims):
        for name in _CLAIM_RESOLVER.findall(claim.default_value or ""):
            yield key(name), key(claim.claim_type)
    sent: dict[str, list[str]] = {}
    for claim in (*profile.input_claims, *profile.persisted_claims):
        sent.setdefault(key(claim.partner_claim_type or claim.claim_type), []).append(key(claim.claim_type))
    for claim in profile.output_claims:
        for source in sent.get(key(claim.partner_claim_type or claim.claim_type), ()):
            yield source, key(claim.claim_type)


def _booleans(claim_types: Mapping[str, ClaimType]) -> frozenset[str]:
    return frozenset(name for name, claim in claim_types.items() if key(claim.data_type or "") == "boolean")


def _spread(known: dict[str, Sensitivity], flows: tuple[tuple[str, str], ...], *, booleans: frozenset[str]) -> None:
    targets: dict[str, list[str]] = {}
    for source, target in flows:
        if target not in booleans:
            targets.setdefault(source, []).append(target)
    waiting = list(targets)
    while waiting:
        source = waiting.pop()
        level = known.get(source, Sensitivity.PLAIN)
        for target in targets.get(source, ()):
            if _RANK[level] > _RANK[known.get(target, Sensitivity.PLAIN)]:
                known[target] = level
                waiting.append(target)

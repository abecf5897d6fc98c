"""Claim types and the predicates that check what a person enters.

Source: policy-language.md §3.1, §3.2.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeVar

from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.predicates import Predicate, PredicateGroup, PredicateValidation, compile_predicate
from journeyman.claims.restriction import Mask, Option, Pattern, compile_pattern
from journeyman.claims.values import DataType
from journeyman.compiler import rules
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import resolve
from journeyman.diagnostics import Rule
from journeyman.policy import model
from journeyman.policy.model import key

DATA_TYPES: Final = {key(data_type.value): data_type for data_type in DataType}
_INPUT_TYPES: Final = {key(input_type.value): input_type for input_type in UserInputType}

Member = TypeVar("Member", bound=Enum)


def compile_predicates(draft: Draft) -> None:
    """Compile the predicates, then the validations that group them; the older InputValidations too."""
    predicates: dict[str, Predicate] = {}
    for name, predicate in draft.policy.predicates.items():
        compiled = _predicate(draft, predicate)
        if compiled is not None:
            predicates[name] = compiled
    for table in (draft.policy.input_validations, draft.policy.predicate_validations):
        for name, validation in table.items():
            groups = tuple(_group(draft, group, predicates) for group in validation.groups)
            draft.predicate_validations[name] = PredicateValidation(validation.id, groups)


def _predicate(draft: Draft, predicate: model.Predicate) -> Predicate | None:
    help_text = predicate.user_help_text or predicate.help_text or ""
    try:
        return compile_predicate(predicate.id, predicate.method, predicate.parameters, help_text)
    except ValueError as error:
        draft.report(rules.PREDICATE.at(predicate.location, element=predicate.id, id=predicate.id, reason=error))
        return None


def _group(draft: Draft, group: model.PredicateGroup, predicates: dict[str, Predicate]) -> PredicateGroup:
    for reference in group.predicates:
        resolve(draft, draft.policy.predicates, reference, kind="Predicate", element=group.id)
    held = tuple(predicates[name] for name in map(_reference_key, group.predicates) if name in predicates)
    wanted = len(group.predicates) if group.match_at_least is None else group.match_at_least
    if wanted > len(group.predicates):
        rule = rules.MATCH_AT_LEAST
        draft.report(rule.at(group.location, element=group.id, id=group.id, wanted=wanted, held=len(held)))
    return PredicateGroup(group.id, group.user_help_text or "", wanted, held, group.reject)


def _reference_key(reference: model.Reference) -> str:
    return key(reference.id)


def compile_claim_types(draft: Draft) -> None:
    """Compile every declared claim type."""
    for name, claim in draft.policy.claim_types.items():
        restriction = claim.restriction
        draft.claim_types[name] = ClaimType(
            id=claim.id,
            data_type=_member(draft, claim, claim.data_type, DATA_TYPES, rules.DATA_TYPE) or DataType.STRING,
            display_name=claim.display_name if claim.display_name is not None else claim.id,
            user_help_text=claim.user_help_text or "",
            user_input_type=_member(draft, claim, claim.user_input_type, _INPUT_TYPES, rules.USER_INPUT_TYPE),
            options=_options(restriction),
            pattern=_pattern(draft, claim, restriction.pattern) if restriction else None,
            predicate_validation=_validation(draft, claim),
            mask=_mask(draft, claim),
            partner_names=_partner_names(claim),
            sensitivity=draft.sensitivities[name],
        )


def _member(
    draft: Draft, claim: model.ClaimType, text: str | None, known: dict[str, Member], rule: Rule
) -> Member | None:
    if text is None or not text.strip():
        return None
    found = known.get(key(text))
    if found is None:
        names = ", ".join(str(member.value) for member in known.values())
        draft.report(rule.at(claim.location, element=claim.id, value=text, known=names))
    return found


def _options(restriction: model.Restriction | None) -> tuple[Option, ...]:
    if restriction is None:
        return ()
    return tuple(Option(item.text, item.value, item.select_by_default) for item in restriction.enumerations)


def _pattern(draft: Draft, claim: model.ClaimType, pattern: model.Pattern | None) -> Pattern | None:
    if pattern is None:
        return None
    try:
        return compile_pattern(pattern.regular_expression, pattern.help_text or "")
    except ValueError as error:
        draft.report(rules.PATTERN.at(pattern.location, element=claim.id, reason=error))
        return None


def _validation(draft: Draft, claim: model.ClaimType) -> PredicateValidation | None:
    reference, kind = claim.predicate_validation, "PredicateValidation"
    table: dict[str, model.PredicateValidation] = dict(draft.policy.predicate_validations)
    if reference is None:
        reference, kind, table = claim.input_validation, "InputValidation", dict(draft.policy.input_validations)
    if reference is None:
        return None
    found = resolve(draft, table, reference, kind=kind, element=claim.id)
    return draft.predicate_validations[key(found.id)] if found else None


def _mask(draft: Draft, claim: model.ClaimType) -> Mask | None:
    mask = claim.mask
    if mask is None:
        return None
    if key(mask.type) == "simple":
        return Mask(mask.text)
    reason: object = "Type is neither Simple nor Regex"
    if key(mask.type) == "regex" and mask.regex is not None:
        try:
            compile_pattern(mask.regex)
            return Mask(mask.text, mask.regex)
        except ValueError as error:
            reason = error
    elif key(mask.type) == "regex":
        reason = "the attribute Regex is missing"
    draft.report(rules.MASK.at(claim.location, element=claim.id, reason=reason))
    return None


def _partner_names(claim: model.ClaimType) -> dict[str, str]:
    rows = claim.default_partner_claim_types.items()
    return {protocol: row.partner_claim_type for protocol, row in rows if row.partner_claim_type}

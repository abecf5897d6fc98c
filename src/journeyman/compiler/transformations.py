"""Claims transformations: the method found, claims and parameters resolved.

Source: policy-language.md §3.3, claims.md part B.
"""

from __future__ import annotations

from difflib import get_close_matches

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.transformations import METHODS, Method
from journeyman.claims.values import DataType
from journeyman.compiler import rules
from journeyman.compiler.claim_types import DATA_TYPES
from journeyman.compiler.compiled import Transformation
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import claim_type, resolve
from journeyman.policy import model
from journeyman.policy.model import Reference, key

_MappedClaim = tuple[str, ClaimType]
_HELPED = 100


def compile_transformations(draft: Draft) -> None:
    """Compile every claims transformation whose method exists."""
    for name, transformation in draft.policy.claims_transformations.items():
        method = METHODS.get(key(transformation.method or ""))
        inputs = _claims(draft, transformation, transformation.input_claims or ())
        outputs = _claims(draft, transformation, transformation.output_claims or ())
        if method is None:
            _report_unknown(draft, transformation)
            draft.lost_outputs |= {claim.id for _, claim in outputs}
            continue
        _check_claims(draft, transformation, method)
        _check_parameters(draft, transformation, method)
        draft.transformations[name] = _compiled(transformation, method, inputs, outputs)


def _report_unknown(draft: Draft, transformation: model.ClaimsTransformation) -> None:
    """Report a method that does not exist, with the one that is spelled most like it."""
    written, rule = transformation.method or "", rules.METHOD
    # Looking for a name is slow, so a policy full of wrong ones gets no more help than this.
    helped = len(draft.diagnostics) < _HELPED and len(written) < _HELPED
    found = get_close_matches(key(written), METHODS, n=1) if helped else []
    similar = f"; did you mean {METHODS[found[0]].name}?" if found else ""
    draft.report(rule.at(transformation.location, element=transformation.id, method=written, similar=similar))


def _compiled(
    transformation: model.ClaimsTransformation,
    method: Method,
    inputs: tuple[_MappedClaim, ...],
    outputs: tuple[_MappedClaim, ...],
) -> Transformation:
    parameters = transformation.input_parameters or ()
    return Transformation(
        id=transformation.id,
        method=method,
        inputs=inputs,
        parameters={key(parameter.id): parameter.value for parameter in parameters},
        outputs=outputs,
        parameter_types={
            key(parameter.id): DATA_TYPES.get(key(parameter.data_type), DataType.STRING) for parameter in parameters
        },
        input_ids=tuple(_name(claim) for claim in transformation.input_claims or ()),
        parameter_ids=tuple(parameter.id for parameter in parameters),
    )


def transformations_of(draft: Draft, references: tuple[Reference, ...], *, element: str) -> tuple[Transformation, ...]:
    """Return the transformations that a technical profile refers to, in order."""
    table = draft.policy.claims_transformations
    found = [resolve(draft, table, reference, kind="ClaimsTransformation", element=element) for reference in references]
    names = [key(transformation.id) for transformation in found if transformation is not None]
    return tuple(draft.transformations[name] for name in names if name in draft.transformations)


def _name(claim: model.TransformationClaim) -> str:
    return claim.transformation_claim_type or claim.claim_type


def _claims(
    draft: Draft, transformation: model.ClaimsTransformation, claims: tuple[model.TransformationClaim, ...]
) -> tuple[_MappedClaim, ...]:
    found = [
        (claim, claim_type(draft, claim.claim_type, claim.location, element=transformation.id)) for claim in claims
    ]
    return tuple((key(_name(claim)), resolved) for claim, resolved in found if resolved is not None)


def _check_claims(draft: Draft, transformation: model.ClaimsTransformation, method: Method) -> None:
    sides = (
        ("input", method.inputs, transformation.input_claims or ()),
        ("output", method.outputs, transformation.output_claims or ()),
    )
    for direction, documented, claims in sides:
        for claim in claims:
            if documented is not None and key(_name(claim)) not in documented:
                draft.report(
                    rules.TRANSFORMATION_CLAIM_UNKNOWN.at(
                        claim.location,
                        element=transformation.id,
                        method=method.name,
                        direction=direction,
                        id=_name(claim),
                    )
                )


def _check_parameters(draft: Draft, transformation: model.ClaimsTransformation, method: Method) -> None:
    given = transformation.input_parameters or ()
    for parameter in given:
        _check_parameter(draft, transformation, method, parameter)
    present = {key(parameter.id) for parameter in given}
    for missing in sorted(name for name in method.required_parameters if key(name) not in present):
        rule = rules.PARAMETER_MISSING
        draft.report(rule.at(transformation.location, element=transformation.id, method=method.name, id=missing))


def _check_parameter(
    draft: Draft, transformation: model.ClaimsTransformation, method: Method, parameter: model.InputParameter
) -> None:
    place, element = parameter.location, transformation.id
    if method.parameters is not None and key(parameter.id) not in method.parameters:
        draft.report(rules.PARAMETER_UNKNOWN.at(place, element=element, method=method.name, id=parameter.id))
        return
    read = method.checks.get(key(parameter.id))
    try:
        if read is not None:
            read(parameter.value)
    except ValueError as error:
        rule = rules.PARAMETER_WRONG
        draft.report(rule.at(place, element=element, id=parameter.id, method=method.name, reason=error))

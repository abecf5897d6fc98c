"""What is wrong with a policy that was to be uploaded: diagnostics in, the refusal of the real service out.

Source: rest-connectors.md §8 for the envelope; graph-api.md §6.2 and §7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from journeyman.diagnostics import Diagnostic
from journeyman.keys.names import is_reserved
from journeyman.management.errors import Detail, InvalidError
from journeyman.policy import rules
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import key

_CODE: Final = "AADB2C"
_SHOWN: Final = 50


class PolicyRefusedError(InvalidError):
    """A policy has errors; ``diagnostics`` are all of them."""

    code = "JM6020"

    def __init__(self, detail: str, diagnostics: Sequence[Diagnostic]) -> None:
        shown = diagnostics[:_SHOWN]
        super().__init__(detail, service_code=_CODE, details=[_detail(one) for one in shown])
        self.diagnostics = tuple(diagnostics)


def refused(policy_id: str, tenant: str, tenant_id: str, errors: Sequence[Diagnostic]) -> PolicyRefusedError:
    """Return the refusal, with the texts of the real service one after the other, without a blank between them."""
    texts = [_text(error, tenant_id) for error in errors[:_SHOWN]]
    left_out = [f"There are {len(errors) - _SHOWN} more errors."] if len(errors) > _SHOWN else []
    head = (
        f"Validation failed: {len(errors)} validation error(s) found in "
        f'policy "{policy_id.upper()}" of tenant "{tenant}".'
    )
    return PolicyRefusedError(head + "".join([*texts, *left_out]), errors)


def refuse_reserved_keys(loaded: LoadedPolicies, policy_id: str) -> None:
    """Raise InvalidError when an uploaded policy uses a key of the engine, an API connector or an identity provider.

    It could sign tokens of the engine, or send such a secret elsewhere; inherited from a user flow, too.
    """
    merged, _ = loaded.merged(policy_id)
    policy = merged or loaded.policies[key(policy_id)]
    for profile in policy.technical_profiles.values():
        for entry in profile.cryptographic_keys.values():
            if is_reserved(entry.storage_reference_id):
                _refuse_reserved(profile.id, entry.storage_reference_id)
    for transformation in policy.claims_transformations.values():
        for parameter in transformation.input_parameters or ():
            if is_reserved(parameter.value):
                _refuse_reserved(transformation.id, parameter.value)


def _refuse_reserved(element: str, id: str) -> NoReturn:
    detail = f"{element} uses the policy key {id}, which Journeyman keeps for itself; make a key set of your own"
    raise InvalidError(detail, service_code=_CODE, member="StorageReferenceId")


def _text(error: Diagnostic, tenant_id: str) -> str:
    if error.rule is rules.MISSING_BASE:
        return f"{error.message.partition(' cannot be found')[0]} cannot be found in the directory '{tenant_id}'."
    return error.message


def _detail(error: Diagnostic) -> Detail:
    place = error.location
    where = f"line {place.line}, column {place.column}" if place.line else place.path
    # A base policy may be another text than the one that was sent.
    return Detail(
        error.code, f"{error.message} {error.help}".strip(), f"{where} of {place.path}" if place.line else where
    )

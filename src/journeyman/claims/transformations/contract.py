"""What a claims transformation is: its method's name, what it takes, and its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import ClaimValue, DataType

Inputs = Mapping[str, list[ClaimValue | None]]
"""Transformation claim type in lower case -> values of the input claims of that name, in document order."""

Parameters = Mapping[str, str]
"""Input parameter id in lower case -> value, in document order."""

Outputs = Mapping[str, ClaimValue | None]
"""Transformation claim type in lower case -> new value; None removes the claim, a missing name leaves it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a method may read beside its inputs.

    Attributes:
        outputs: transformation claim type in lower case -> data type of the output claim mapped to it.
        parameter_types: input parameter id in lower case -> its DataType attribute.
        input_ids: transformation claim type of each input, as written, in document order.
        parameter_ids: id of each input parameter, as written, in document order; keys of generated JSON need it.
        output_claims: transformation claim type in lower case -> the output claim, its options in the language
            of the journey.
        texts: (element type, string id) in lower case -> localized text of the page, or None.
        key_text: policy key id -> the text of its active key.
    """

    now: datetime
    relying_party_tenant_id: str = ""
    trust_framework_tenant_id: str = ""
    technical_profile_id: str = ""
    outputs: Mapping[str, DataType] = field(default_factory=dict)
    parameter_types: Mapping[str, DataType] = field(default_factory=dict)
    input_ids: tuple[str, ...] = ()
    texts: Callable[[str, str], str | None] = field(default=lambda _element_type, _string_id: None)
    key_text: Callable[[str], str | None] = field(default=lambda _key_id: None)
    parameter_ids: tuple[str, ...] = ()
    output_claims: Mapping[str, ClaimType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """One transformation method.

    Attributes:
        name: the documented spelling.
        inputs, outputs: documented transformation claim types in lower case; None means any name.
        parameters: documented input parameter ids in lower case; None means any id.
        required_parameters: those without which the method cannot run.
        function: pure; raises ClaimsTransformationError.
        checks: input parameter id in lower case -> a reader of its text that raises ValueError, so that the
            compiler finds what is wrong (``transformations.problems``).
    """

    name: str
    function: Callable[[Inputs, Parameters, Surroundings], Outputs]
    inputs: frozenset[str] | None = frozenset()
    parameters: frozenset[str] | None = frozenset()
    required_parameters: frozenset[str] = frozenset()
    outputs: frozenset[str] | None = frozenset()
    checks: Mapping[str, Callable[[str], object]] = field(default_factory=dict)

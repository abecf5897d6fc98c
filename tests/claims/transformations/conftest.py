"""Runs a transformation method as the pipeline does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.claims.transformations import METHODS, Outputs, Surroundings, run
from journeyman.claims.values import ClaimValue, DataType

NOW = datetime(2031, 4, 2, 10, tzinfo=UTC)
Transform = Callable[..., Outputs]


@pytest.fixture
def transform() -> Transform:
    """Return ``transform(method, inputs, parameters, outputs, **surroundings)`` with names as a policy writes them."""

    def apply(
        method: str,
        inputs: Mapping[str, ClaimValue | None] | None = None,
        parameters: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
        **surroundings: object,
    ) -> Outputs:
        inputs, parameters = inputs or {}, parameters or {}
        around = Surroundings(
            now=NOW,
            relying_party_tenant_id="fab.onmicrosoft.com",
            trust_framework_tenant_id="base.onmicrosoft.com",
            technical_profile_id="Create-Names",
            outputs={name.lower(): DataType(kind) for name, kind in (outputs or {}).items()},
            input_ids=tuple(inputs),
            parameter_ids=tuple(parameters),
        )
        return run(
            METHODS[method.lower()],
            {name.lower(): [value] for name, value in inputs.items()},
            {name.lower(): value for name, value in parameters.items()},
            replace(around, **surroundings),
        )

    return apply

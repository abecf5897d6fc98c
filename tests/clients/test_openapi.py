"""Generated requests against the published document: no defect of ours, and no answer that it does not describe.

The short form sends a few requests to each operation; the long form many, and with each role alone as well.
"""

from __future__ import annotations

import itertools
import os

import pytest
import schemathesis
from clients_caller import ask, hire
from clients_canaries import plant
from hypothesis import HealthCheck, Phase, given, seed, settings
from openapi_objects import make_objects, real_parameters
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from journeyman.management.caller import ROLES

LONG = bool(os.environ.get("JOURNEYMAN_SOAK"))
EXAMPLES = 25 if LONG else 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
TWINS = ("/identity/b2xUserFlows", "/identityProviders")
"""They lead to the handlers of b2cUserFlows and of identity/identityProviders; the long form tries them too."""
ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def operations(origin):
    """Return the operations of the published document, those that delete at the end."""
    document = ask("GET", f"{origin}/v1.0/openapi.json").json
    everything = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]
    found = [one for one in everything if LONG or not one.path.startswith(TWINS)]
    return sorted(found, key=lambda one: ORDER.index(one.method.upper()))


def modes(operation):
    """Return how requests are generated: any text is a good path and a good policy, so JSON alone can be wrong."""
    if any(one.media_type == "application/json" for one in operation.body):
        return (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return (GenerationMode.POSITIVE,)


def try_out(operation, caller, objects, *, examples=EXAMPLES):
    """Send generated requests; every other one names a real object."""
    real, turns = real_parameters(objects, operation.path), itertools.count()

    for mode in modes(operation):

        @seed(7)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case):
            if real and next(turns) % 2 == 0:
                case.path_parameters = {**case.path_parameters, **real}
            headers = {"Authorization": f"Bearer {caller.token}"}
            case.call_and_validate(base_url=f"{caller.origin}/v1.0", headers=headers, checks=CHECKS, timeout=20)

        send()


def test_generated_requests_meet_no_defect_and_nothing_that_is_not_described(home, master):
    plant(master)
    objects = make_objects(master)
    found = operations(master.origin)
    for operation in found:
        try_out(operation, master, objects)

    assert len(found) > 80
    assert "Traceback" not in home.started[-1].log


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="JOURNEYMAN_SOAK=1 runs it: many requests for each role")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_alone_meets_no_defect(home, master, role):
    objects, caller = make_objects(master), hire(home, role)
    for operation in operations(master.origin):
        try_out(operation, caller, objects, examples=3)

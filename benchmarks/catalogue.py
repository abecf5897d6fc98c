"""The benchmarks by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from benchmarks.figure import Figure
from benchmarks.guard import guard
from benchmarks.journey_steps import journey_steps
from benchmarks.measure import Effort
from benchmarks.policy_load import policy_load
from benchmarks.policy_sets import policy_sets
from benchmarks.rest_call import rest_at_once, rest_call, rest_cold, rest_modes
from benchmarks.rest_certificates import rest_certificates
from benchmarks.rest_record import rest_record
from benchmarks.sign_in import sign_in
from benchmarks.start_up import start_up
from benchmarks.token_endpoint import token_endpoint

BENCHMARKS: Mapping[str, Callable[[Effort], Awaitable[list[Figure]]]] = {
    "rest_call": rest_call,
    "rest_modes": rest_modes,
    "rest_at_once": rest_at_once,
    "rest_cold": rest_cold,
    "rest_certificates": rest_certificates,
    "rest_record": rest_record,
    "policy_load": policy_load,
    "policy_sets": policy_sets,
    "journey_steps": journey_steps,
    "token_endpoint": token_endpoint,
    "sign_in": sign_in,
    "start_up": start_up,
    "guard": guard,
}

"""The benchmarks by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from benchmarks.figure import Figure
from benchmarks.measure import Effort
from benchmarks.policy_load import policy_load
from benchmarks.rest_call import rest_call
from benchmarks.sign_in import sign_in
from benchmarks.start_up import start_up
from benchmarks.token_endpoint import token_endpoint

BENCHMARKS: Mapping[str, Callable[[Effort], Awaitable[list[Figure]]]] = {
    "rest_call": rest_call,
    "policy_load": policy_load,
    "token_endpoint": token_endpoint,
    "sign_in": sign_in,
    "start_up": start_up,
}

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from journeyman.connector.circuit import Circuit
from journeyman.connector.errors import CircuitOpenError


@dataclass
class HandClock:
    seconds: float = 0.0

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic_s(self):
        return self.seconds


@pytest.fixture
def clock():
    return HandClock()


def failed(circuit, times):
    for _ in range(times):
        circuit.check("api")
        circuit.failed("api")


def test_four_failures_leave_it_closed(clock):
    circuit = Circuit(clock)
    failed(circuit, 4)
    circuit.check("api")
    circuit.succeeded("api")
    failed(circuit, 4)

    assert circuit.check("api") is None


def test_five_failures_in_a_row_open_it_for_thirty_seconds_for_that_host(clock):
    circuit = Circuit(clock)
    failed(circuit, 5)
    clock.seconds = 29.9
    circuit.check("other")

    with pytest.raises(CircuitOpenError, match="api failed 5 times in a row"):
        circuit.check("api")


def test_after_thirty_seconds_one_call_may_probe(clock):
    circuit = Circuit(clock)
    failed(circuit, 5)
    clock.seconds = 30.0
    circuit.check("api")

    with pytest.raises(CircuitOpenError):
        circuit.check("api")


def test_a_probe_that_succeeds_closes_it_and_one_that_fails_opens_it_again(clock):
    circuit = Circuit(clock)
    failed(circuit, 5)
    clock.seconds = 30.0
    circuit.check("api")
    circuit.failed("api")
    clock.seconds = 59.9
    with pytest.raises(CircuitOpenError):
        circuit.check("api")
    clock.seconds = 60.0
    circuit.check("api")
    circuit.succeeded("api")

    assert circuit.check("api") is None


def test_it_can_be_turned_off(clock):
    circuit = Circuit(clock, enabled=False)
    failed(circuit, 50)

    assert circuit.check("api") is None


def test_it_remembers_a_bounded_number_of_hosts(clock):
    circuit = Circuit(clock)
    failed(circuit, 5)
    for number in range(10_000):
        circuit.failed(f"host-{number}")

    assert circuit.check("api") is None
